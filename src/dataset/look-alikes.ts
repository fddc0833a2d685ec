// Images that look alike though their pixels differ: copies that went through lossy compression, another size, or a mirror, and neighbouring
// slices of one head. A suspicion for a person to look into, never a reason to refuse.
import { squash, type Picture } from "./image.ts";

/** Means of a grid of blocks, as bytes would be, [GRID, GRID]. */
export type Signature = Float32Array;

const GRID = 16;
/**
 * Grey levels of 256 by which two signatures may differ on average. Measured on synthetic heads: JPEG copies and copies of half the size differ
 * by 0.9 to 2.4, neighbouring slices of one head by 2.3 to 3.4, different heads by 9.8 and more.
 */
const ALIKE = 4;
/** Spread below which a picture is too uniform to be compared. */
const FLAT = 8;

export function signatureOf(picture: Picture): Signature {
  const { channels } = picture;
  const whole = GRID * Math.max(1, Math.floor(Math.min(picture.width, picture.height) / GRID));
  const even = picture.width === whole && picture.height === whole ? picture.data : squash(picture, whole);
  const block = whole / GRID;
  const means = new Float32Array(GRID * GRID);
  for (let y = 0; y < whole; y++)
    for (let x = 0; x < whole; x++) {
      const at = (y * whole + x) * channels;
      const grey = channels === 1 ? even[at] : (even[at] + even[at + 1] + even[at + 2]) / 3;
      means[Math.floor(y / block) * GRID + Math.floor(x / block)] += grey / (block * block);
    }
  return means;
}

/** Pairs of cases in different groups of which some two images look alike, mirrored or not; each later case once, with the first such one. */
export function lookAlikes(signatures: readonly (readonly Signature[])[], groups: readonly string[]): [first: number, second: number][] {
  const pairs: [number, number][] = [];
  const telling = signatures.map((own) => own.filter(isTelling));
  telling.forEach((own, b) => {
    const a = telling.findIndex(
      (others, i) => i < b && groups[i] !== groups[b] && others.some((one) => own.some((other) => areAlike(one, other))),
    );
    if (a >= 0) pairs.push([a, b]);
  });
  return pairs;
}

function isTelling(signature: Signature): boolean {
  const mean = signature.reduce((sum, value) => sum + value, 0) / signature.length;
  return Math.sqrt(signature.reduce((sum, value) => sum + (value - mean) ** 2, 0) / signature.length) > FLAT;
}

function areAlike(a: Signature, b: Signature): boolean {
  return distance(a, b, false) < ALIKE || distance(a, b, true) < ALIKE;
}

/** Mean absolute difference, or something larger than ALIKE. */
function distance(a: Signature, b: Signature, mirrored: boolean): number {
  let sum = 0;
  for (let i = 0; i < a.length && sum < ALIKE * a.length; i++) {
    const column = i % GRID;
    sum += Math.abs(a[i] - b[mirrored ? i - column + GRID - 1 - column : i]);
  }
  return sum / a.length;
}
