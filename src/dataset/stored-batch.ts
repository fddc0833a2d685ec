// The arrays of one batch as the GPU takes them, and how stored pictures are put into them.
import type { Picture } from "./image.ts";

/** One batch. */
export interface BatchArrays {
  /** [batch, size, size], each B | G << 8 | R << 16 */
  readonly pixels: Uint32Array;
  /** Class index [batch] */
  readonly labels: Uint32Array;
  /** [batch, 4]: offset y, offset x, mirror, 0 */
  readonly placement: Uint32Array;
}

export function allocateBatch(batch: number, size: number): BatchArrays {
  return { pixels: new Uint32Array(batch * size * size), labels: new Uint32Array(batch), placement: new Uint32Array(batch * 4) };
}

/** Crops every image of a batch in the middle. `size`: side of the stored images. */
export function cropInMiddle({ placement }: BatchArrays, size: number, crop: number): void {
  const margin = Math.floor((size - crop) / 2);
  for (let slot = 0; slot < placement.length / 4; slot++) placement.set([margin, margin, 0, 0], 4 * slot);
}

/** Puts a picture of the stored size into a batch. */
export function packPicture({ width, height, channels, data }: Picture, { pixels }: BatchArrays, slot: number): void {
  const count = width * height;
  const start = slot * count;
  if (channels === 1) for (let i = 0; i < count; i++) pixels[start + i] = data[i] * 0x010101;
  else for (let i = 0; i < count; i++) pixels[start + i] = data[3 * i + 2] | (data[3 * i + 1] << 8) | (data[3 * i] << 16);
}
