// Images that look alike though their pixels differ: copies that were compressed, resized, windowed, mirrored, turned a little or cropped, and
// neighbouring slices of one head. A suspicion for a person to look into, never a reason to refuse.
import { headView, likeness, type HeadView } from "./alignment.ts";
import { squash, type Picture } from "./image.ts";

/** What an image is compared by. */
export interface Signature {
  /** Means of a grid of blocks of the whole frame, as bytes would be, [GRID, GRID]. */
  readonly frame: Float32Array;
  /** The picture around its head. */
  readonly head: HeadView;
}

const GRID = 16;
/**
 * Grey levels of 256 by which two whole frames may differ on average: lossy copies and neighbouring slices, whose heads lie at one place. docs/own-cases.md has
 * what was measured on synthetic heads.
 */
const ALIKE = 5.5;
/** Correlation of the insides of two heads, one laid over the other, from which they are taken for one: copies in another frame. */
const ONE_HEAD = 0.92;
/** Spread below which a picture is too uniform to be compared. */
const FLAT = 8;

/** The signature of a picture of any size. */
export const signatureOf = (picture: Picture): Signature => ({ frame: frameOf(picture), head: headView(picture) });

function frameOf(picture: Picture): Float32Array {
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

/** Two cases, and of each the image that looks like one of the other. */
export interface LookAlike {
  readonly first: number;
  readonly second: number;
  readonly images: readonly [ofFirst: number, ofSecond: number];
}

/** Pairs of cases in different groups of which some two images look alike, mirrored or not; each later case once, with the first such one. */
export function lookAlikes(signatures: readonly (readonly Signature[])[], groups: readonly string[]): LookAlike[] {
  const pairs: LookAlike[] = [];
  const telling = signatures.map((own) => own.map(({ frame }) => isTelling(frame)));
  const pairOf = (first: number, second: number): LookAlike | null => {
    for (const [i, one] of signatures[first].entries())
      for (const [j, other] of signatures[second].entries())
        if (telling[first][i] && telling[second][j] && areAlike(one, other)) return { first, second, images: [i, j] };
    return null;
  };
  for (let second = 0; second < signatures.length; second++)
    for (let first = 0; first < second; first++) {
      const pair = groups[first] === groups[second] ? null : pairOf(first, second);
      if (!pair) continue;
      pairs.push(pair);
      break;
    }
  return pairs;
}

function isTelling(frame: Float32Array): boolean {
  const mean = frame.reduce((sum, value) => sum + value, 0) / frame.length;
  return Math.sqrt(frame.reduce((sum, value) => sum + (value - mean) ** 2, 0) / frame.length) > FLAT;
}

export const areAlike = (a: Signature, b: Signature): boolean =>
  distance(a.frame, b.frame, false) < ALIKE || distance(a.frame, b.frame, true) < ALIKE || likeness(a.head, b.head) > ONE_HEAD;

/** Mean absolute difference, or something larger than ALIKE. */
function distance(a: Float32Array, b: Float32Array, mirrored: boolean): number {
  let sum = 0;
  for (let i = 0; i < a.length && sum < ALIKE * a.length; i++) {
    const column = i % GRID;
    sum += Math.abs(a[i] - b[mirrored ? i - column + GRID - 1 - column : i]);
  }
  return sum / a.length;
}
