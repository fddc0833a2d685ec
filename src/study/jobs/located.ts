// Where a slice and its blood lie on what a network saw of it: the dataset's crop around the head, its resize and the network's middle crop, step by
// step.
import type { FileOptions } from "../../dataset/case-files.ts";
import { cropToHead, headSquare } from "../../dataset/head-crop.ts";
import { inBytes, type Image, type Picture } from "../../dataset/image.ts";
import { readPlaced } from "../../dataset/sources.ts";
import type { ClotOfCase } from "../../phantoms/clot-mask.ts";
import type { TrainedNetwork } from "../../train/pretrained.ts";
import type { Outline, WholeSlice } from "../report/input.ts";
import { outlineOf, placed, placedOutline, type Placing } from "./outline.ts";

/** The head and a little around it. */
const SLICE_CROP = 1.08;

export type Place = readonly [x: number, y: number];

export interface Located {
  readonly slice: WholeSlice | null;
  /** On what the network saw; null where nobody knows. */
  readonly outline: Outline | null;
  /** Centres of the clot's pixels there. */
  readonly clotPixels: readonly Place[];
}

/** The place in a picture without a file. */
export const NOWHERE: Located = { slice: null, outline: null, clotPixels: [] };

interface Placed {
  readonly trained: Pick<TrainedNetwork, "size" | "images">;
  readonly files: FileOptions;
  readonly clot: ClotOfCase | null;
  readonly stored: Picture;
}

/** The slice's own pixels, and where on them and on the network's input the clot lies. */
export async function locate(path: string, { trained: { size, images }, files, clot, stored }: Placed): Promise<Located> {
  const { image, right } = await readPlaced(path, files);
  const shares = clot && sharesOn(clot, image, path);
  const outline = shares && outlineOf(shares, image.width, image.height);
  const around = headSquare(image, SLICE_CROP);
  const seen = headSquare(image, images.headCrop) ?? { left: 0, top: 0, side: null };
  const margin = Math.floor((stored.width - size) / 2);
  const [scaleX, scaleY] = [stored.width / (seen.side ?? image.width), stored.height / (seen.side ?? image.height)];
  const placing: Placing = { left: seen.left + margin / scaleX, top: seen.top + margin / scaleY, scaleX, scaleY };
  const clotted = shares ? [...shares.keys()].filter((i) => shares[i] >= 0.5) : [];
  return {
    slice: {
      picture: inBytes(cropToHead(image, SLICE_CROP), images.windowHu),
      outline: outline && placedOutline({ left: around?.left ?? 0, top: around?.top ?? 0, scaleX: 1, scaleY: 1 }, outline),
      right,
    },
    outline: outline && placedOutline(placing, outline),
    clotPixels: clotted
      .map((i) => placed(placing, (i % image.width) + 0.5, Math.floor(i / image.width) + 0.5))
      .filter(([x, y]) => x >= 0 && y >= 0 && x <= size && y <= size),
  };
}

/** The clot on the slice of a file, which counts from 1; null where file and clot do not fit together. */
function sharesOn(clot: ClotOfCase, { width, height }: Image, path: string): Float32Array | null {
  const slice = Number(/(\d+)\.dcm$/.exec(path)?.[1]) - 1;
  return slice >= 0 && slice < clot.slices && width === clot.matrix && height === clot.matrix ? clot.shares(slice) : null;
}

/** The middle crop: what the network is shown of a stored picture. */
export function middleOf({ width, channels, data }: Picture, size: number): Picture {
  const margin = Math.floor((width - size) / 2);
  const middle = new Uint8Array(size * size * channels);
  for (let row = 0; row < size; row++) {
    const from = ((row + margin) * width + margin) * channels;
    middle.set(data.subarray(from, from + size * channels), row * size * channels);
  }
  return { width: size, height: size, channels, data: middle };
}
