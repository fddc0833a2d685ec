// PNG and JPEG.
import { encode, type PngDataArray } from "fast-png";
import jpeg from "jpeg-js";
import type { DecodedPicture } from "../../src/dataset/image.ts";
import { decodePicture } from "../../src/dataset/picture.ts";
import type { Mutate } from "./mutate-bytes.ts";
import { mutateJpeg, mutatePng } from "./mutate-picture.ts";
import { seed, target, type Seed, type Target } from "./target.ts";
import { inflate } from "./targets-dicom.ts";

const SIDE = 20;

function pngSeed(channels: 1 | 2 | 3 | 4, depth: 8 | 16): Seed {
  const values = Array.from({ length: SIDE * SIDE * channels }, (_, i) => (i * 911) % 2 ** depth);
  const data: PngDataArray = depth === 16 ? Uint16Array.from(values) : Uint8Array.from(values);
  return seed(`${channels} channels of ${depth} bits`, new Uint8Array(encode({ width: SIDE, height: SIDE, data, channels, depth })));
}

function jpegSeed(quality: number): Seed {
  const data = Buffer.from(Array.from({ length: 4 * 40 * 40 }, (_, i) => (i * 13) % 256));
  return seed(`quality ${quality}`, new Uint8Array(jpeg.encode({ width: 40, height: 40, data }, quality).data));
}

const wrongPicture = ({ picture: { width, height, channels, data } }: DecodedPicture): string | null =>
  data.length === width * height * channels ? null : "another number of values than width by height by channels";

const pictures = (seeds: readonly Seed[], mutate: Mutate): Target =>
  target({ seeds, mutate, read: (bytes, file) => decodePicture(bytes, file, { inflate }), wrong: wrongPicture });

/** By target name. */
export const pictureTargets: Readonly<Record<string, () => Promise<Target>>> = {
  png: async () => pictures([pngSeed(1, 8), pngSeed(2, 8), pngSeed(3, 8), pngSeed(4, 8), pngSeed(1, 16), pngSeed(3, 16)], mutatePng),
  jpeg: async () => pictures([jpegSeed(30), jpegSeed(90)], mutateJpeg),
};
