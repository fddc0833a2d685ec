// What a network subtracts from its input: the mean over a split's images, pixel by pixel or over all pixels, summed in float64.
import type { ImageSet } from "./image-set.ts";

export interface Mean {
  /** Mean over all pixels: blue, green, red. */
  readonly pixel: readonly [blue: number, green: number, red: number];
  /** [size, size, 4]: blue, green, red and 0, as cropImages takes it. */
  readonly image: Float32Array;
}

/** The mean of a split; take the training split's. Throws for one without images. */
export async function meanOf(set: ImageSet): Promise<Mean> {
  if (set.length === 0) throw new Error("mean: the split has no images");
  const count = set.size * set.size;
  const sums = new Float64Array(count * 3);
  const greys = new Float64Array(count);
  for (let image = 0; image < set.length; image++) {
    const { channels, data } = await set.read(image);
    if (channels === 1) for (let i = 0; i < count; i++) greys[i] += data[i];
    else for (let i = 0; i < count; i++) for (let c = 0; c < 3; c++) sums[3 * i + c] += data[3 * i + 2 - c];
  }
  for (let i = 0; i < count; i++) for (let c = 0; c < 3; c++) sums[3 * i + c] += greys[i];
  const image = new Float32Array(count * 4);
  const totals: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 3; c++) {
      image[4 * i + c] = sums[3 * i + c] / set.length;
      totals[c] += sums[3 * i + c];
    }
  }
  const [blue, green, red] = totals.map((total) => total / (count * set.length));
  return { pixel: [blue, green, red], image };
}
