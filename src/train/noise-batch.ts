// Random batches, for measuring and checking steps: seeded noise as pixels, every second image mirrored, seeded labels.
import { philox } from "../tensor/philox.ts";
import type { Batch } from "./trainer.ts";

export interface NoiseOptions {
  readonly seed: number;
  readonly images: number;
  /** Side of the stored images. */
  readonly stored: number;
  readonly classes: number;
}

export function noiseBatch({ seed, images, stored, classes }: NoiseOptions): Batch {
  const words = (count: number, stream: number): Uint32Array =>
    Uint32Array.from({ length: count }, (_, i) => philox([seed, stream], [i >>> 2, 0, 0, 5])[i & 3]);
  const offset = Math.floor(stored / 16);
  return {
    pixels: words(images * stored * stored, 0).map((word) => word & 0xffffff),
    placement: Uint32Array.from({ length: 4 * images }, (_, i) => [offset, offset, Math.floor(i / 4) % 2, 0][i % 4]),
    labels: words(images, 1).map((word) => word % classes),
  };
}
