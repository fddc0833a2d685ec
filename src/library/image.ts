// Pictures for the networks. Decoders are loaded on first use.
import type { Picture } from "../dataset/image.ts";
import { hostPlatform, readSource, type Source } from "./host.ts";

/**
 * Decodes a PNG or a JPEG to 8-bit grey or colour, the right way up (EXIF), to the same pixels on every host. What is transparent is laid on white, and
 * 16-bit values are divided by 257: Hounsfield units in a PNG need a window and belong in a folder whose list has a column rescale. Throws an error that names the source where it cannot be had, is
 * neither PNG nor JPEG, is damaged, or has more than 10,000 pixels a side; a JPEG of over 2^24 pixels is refused, too.
 */
export async function loadImage(source: Source): Promise<Picture> {
  const [platform, { readPicture }] = await Promise.all([hostPlatform(), import("../dataset/picture.ts")]);
  const { bytes, file } = await readSource(platform, source);
  return readPicture(bytes, file, platform);
}

/** Throws a TypeError unless `image` is a picture whose pixels are as many as its size says. */
export function expectPicture(image: Picture): void {
  const { width, height, channels, data } = Object(image) as Partial<Picture>;
  if (!(data instanceof Uint8Array && (channels === 1 || channels === 3)))
    throw new TypeError("expected a picture: width, height, channels 1 or 3, and bytes in a Uint8Array, as loadImage() returns it");
  if (
    !(Number.isInteger(width) && Number.isInteger(height) && data.length > 0 && data.length === Number(width) * Number(height) * channels)
  )
    throw new TypeError(`expected ${width} x ${height} x ${channels} bytes of a picture, got ${data.length}`);
}
