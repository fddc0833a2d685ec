// Whether two pictures of heads are one picture, whatever was cut off, resized or turned a little: one is laid over the other by shift, scale and
// turn (Lucas and Kanade's registration in its inverse compositional form, Baker and Matthews 2004), and their insides are correlated.
import { headBox } from "./head-crop.ts";
import type { Image, Picture } from "./image.ts";

/** Means of blocks around the head, at one resolution. */
interface Level {
  /** Blocks along the side of the head's square. */
  readonly blocks: number;
  /** Along the side of `means`: the square and a margin. */
  readonly side: number;
  /** [side, side]; NaN outside the picture. */
  readonly means: Float32Array;
  /** Values of the square's blocks: the means less their mean, by their deviation; 0 where NaN [blocks, blocks] */
  readonly template: Float32Array;
  /** Gradients of `template` by its four parameters (scale, turn, across, down) [blocks, blocks, 4] */
  readonly descent: Float32Array;
  /** Inverse of the sums of products of those [4, 4]; null where nothing is to be seen. */
  readonly inverse: Float64Array | null;
}

export interface HeadView {
  /** The head's square, its centre and side as shares of the picture's sides. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly coarse: Level;
  readonly fine: Level;
}

const COARSE = 16;
const FINE = 32;
/** Steps at each resolution. */
const STEPS = 6;
/** What is correlated: blocks within this part of the square's half side, inside the skull; and the share of them that must be on both pictures. */
const INSIDE = 0.62;
const SHARED = 0.7;
/** Coarse correlation from which a pair is looked at finely. */
const HOPEFUL = 0.55;

/** Sides up to which a picture is looked at as it is; larger ones are shrunk first. */
const LARGEST = 512;

/** A picture around its head; around its middle where no head is recognised. */
export function headView(whole: Picture): HeadView {
  const picture = shrunk(whole);
  const box = headBox(picture) ?? { left: 0, top: 0, right: picture.width, bottom: picture.height };
  const side = Math.max(box.right - box.left, box.bottom - box.top);
  const centre = { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 };
  return {
    x: centre.x / picture.width,
    y: centre.y / picture.height,
    width: side / picture.width,
    height: side / picture.height,
    coarse: levelOf(picture, centre, side, COARSE),
    fine: levelOf(picture, centre, side, FINE),
  };
}

/** Means of square blocks of pixels, in whole numbers, so that neither side is over LARGEST; the picture itself where it is small. */
function shrunk(picture: Picture): Picture {
  const step = Math.ceil(Math.max(picture.width, picture.height) / LARGEST);
  if (step === 1) return picture;
  const [width, height] = [Math.floor(picture.width / step), Math.floor(picture.height / step)];
  const data = new Uint8Array(width * height);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at++) data[at] = Math.round(meanOf(picture, x * step, y * step, step));
  return { width, height, channels: 1, data };
}

function levelOf(picture: Image, centre: { x: number; y: number }, square: number, blocks: number): Level {
  const margin = blocks / 4;
  const side = blocks + 2 * margin;
  const step = square / blocks;
  const [left, top] = [centre.x - (side * step) / 2, centre.y - (side * step) / 2];
  const means = new Float32Array(side * side);
  for (let j = 0, at = 0; j < side; j++)
    for (let i = 0; i < side; i++, at++) means[at] = meanOf(picture, left + i * step, top + j * step, step);
  const template = new Float32Array(blocks * blocks);
  for (let j = 0; j < blocks; j++)
    template.set(means.subarray((j + margin) * side + margin, (j + margin) * side + margin + blocks), j * blocks);
  normalise(template);
  const descent = descentOf(template, blocks);
  return { blocks, side, means, template, descent, inverse: inverseOf(descent) };
}

/** Mean grey of the square block at (left, top); NaN where most of it lies outside. */
function meanOf({ width, height, channels, data }: Image, left: number, top: number, step: number): number {
  const [x0, x1] = [Math.max(0, Math.round(left)), Math.min(width, Math.max(Math.round(left) + 1, Math.round(left + step)))];
  const [y0, y1] = [Math.max(0, Math.round(top)), Math.min(height, Math.max(Math.round(top) + 1, Math.round(top + step)))];
  const inside = Math.max(0, x1 - x0) * Math.max(0, y1 - y0);
  if (inside * 2 < step * step) return Number.NaN;
  let sum = 0;
  for (let y = y0; y < y1; y++) for (let at = (y * width + x0) * channels; at < (y * width + x1) * channels; at++) sum += data[at];
  return sum / (inside * channels);
}

/** To mean 0 and deviation 1 of what is not NaN; NaN becomes 0. */
function normalise(values: Float32Array): void {
  let [count, sum, squares] = [0, 0, 0];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    count++;
    sum += value;
    squares += value * value;
  }
  const mean = sum / Math.max(1, count);
  const deviation = Math.sqrt(Math.max(squares / Math.max(1, count) - mean * mean, 1e-6));
  for (let i = 0; i < values.length; i++) values[i] = Number.isNaN(values[i]) ? 0 : (values[i] - mean) / deviation;
}

function descentOf(template: Float32Array, blocks: number): Float32Array {
  const descent = new Float32Array(4 * blocks * blocks);
  const at = (i: number, j: number): number =>
    template[Math.min(Math.max(j, 0), blocks - 1) * blocks + Math.min(Math.max(i, 0), blocks - 1)];
  for (let j = 0; j < blocks; j++)
    for (let i = 0; i < blocks; i++) {
      // By a unit of half the square's side.
      const across = ((at(i + 1, j) - at(i - 1, j)) * blocks) / 4;
      const down = ((at(i, j + 1) - at(i, j - 1)) * blocks) / 4;
      const [x, y] = [placeOf(i, blocks), placeOf(j, blocks)];
      descent.set([across * x + down * y, down * x - across * y, across, down], 4 * (j * blocks + i));
    }
  return descent;
}

/** Middle of block i, from -1 to 1. */
function placeOf(i: number, blocks: number): number {
  return (2 * i + 1) / blocks - 1;
}

/** From the square of one head to that of another: z -> scale z + shift, as complex numbers. */
interface Similarity {
  readonly scale: readonly [re: number, im: number];
  readonly shift: readonly [x: number, y: number];
}

/**
 * The correlation of the insides of two heads once one is laid over the other, or over its mirror image; something low where they do not fit. 1 for
 * one picture, whatever its brightness and contrast.
 */
export function likeness(a: HeadView, b: HeadView): number {
  let best = -1;
  for (const mirrored of [false, true])
    for (const start of [ON_THE_HEAD, inTheFrame(a, b, mirrored)]) {
      const coarse = lay(a.coarse, b.coarse, start, mirrored);
      if (!(coarse.correlation > HOPEFUL)) continue;
      best = Math.max(best, lay(a.fine, b.fine, coarse.found, mirrored).correlation);
    }
  return best;
}

const ON_THE_HEAD: Similarity = { scale: [1, 0], shift: [0, 0] };

/** As if both pictures had the same frame. */
function inTheFrame(a: HeadView, b: HeadView, mirrored: boolean): Similarity {
  const x = mirrored ? 1 - b.x : b.x;
  return { scale: [a.width / b.width, 0], shift: [(2 * (a.x - x)) / b.width, (2 * (a.y - b.y)) / b.height] };
}

/** Where plausible shifts, turns and changes of size end. */
const FARTHEST = 0.5;
const STEEPEST = 0.2;
const SCALES = [0.6, 1.7] as const;

/** Correlation after two coarse steps below which the rest are spared. */
const HOPELESS = 0.25;

function lay(a: Level, b: Level, start: Similarity, mirrored: boolean): { readonly correlation: number; readonly found: Similarity } {
  let found = start;
  const warped = new Float32Array(a.template.length);
  for (let step = 0; step < STEPS; step++) {
    sample(b, found, mirrored, warped);
    if (step === 2 && insideCorrelation(a, warped) < HOPELESS) return { correlation: -1, found };
    const moved = improved(a, warped, found);
    if (!moved) return { correlation: -1, found };
    found = moved;
  }
  sample(b, found, mirrored, warped);
  return { correlation: insideCorrelation(a, warped), found };
}

/** The other head's blocks under those of the square; NaN outside. */
function sample(
  { means, side, blocks }: Level,
  { scale: [re, im], shift: [tx, ty] }: Similarity,
  mirrored: boolean,
  into: Float32Array,
): void {
  const [half, middle] = [blocks / 2, side / 2 - 0.5];
  const sign = mirrored ? -half : half;
  // A block further across is a step further on the other picture.
  const [stepU, stepV] = [re * (sign / half), im];
  for (let j = 0, at = 0; j < blocks; j++) {
    const [x, y] = [placeOf(0, blocks), placeOf(j, blocks)];
    let u = (re * x - im * y + tx) * sign + middle;
    let v = (im * x + re * y + ty) * half + middle;
    for (let i = 0; i < blocks; i++, at++, u += stepU, v += stepV) {
      const left = Math.floor(u);
      const top = Math.floor(v);
      if (!(left >= 0 && top >= 0 && left < side - 1 && top < side - 1)) {
        into[at] = Number.NaN;
        continue;
      }
      const fu = u - left;
      const from = top * side + left;
      const above = means[from] + fu * (means[from + 1] - means[from]);
      const below = means[from + side] + fu * (means[from + side + 1] - means[from + side]);
      into[at] = above + (v - top) * (below - above);
    }
  }
}

/** One step of the registration; null where nothing is to be seen, or where it runs away. */
function improved({ template, descent, inverse }: Level, warped: Float32Array, { scale, shift }: Similarity): Similarity | null {
  let [count, sum, squares] = [0, 0, 0];
  for (let k = 0; k < warped.length; k++) {
    const value = warped[k];
    if (value !== value) continue;
    count++;
    sum += value;
    squares += value * value;
  }
  if (!inverse || count * 2 < warped.length) return null;
  const mean = sum / count;
  const factor = 1 / Math.sqrt(Math.max(squares / count - mean * mean, 1e-6));
  let [a, b, x, y] = [0, 0, 0, 0];
  for (let k = 0, at = 0; k < warped.length; k++, at += 4) {
    const value = warped[k];
    if (value !== value) continue;
    const error = (value - mean) * factor - template[k];
    a += descent[at] * error;
    b += descent[at + 1] * error;
    x += descent[at + 2] * error;
    y += descent[at + 3] * error;
  }
  const by = (row: number): number => inverse[row] * a + inverse[row + 1] * b + inverse[row + 2] * x + inverse[row + 3] * y;
  // Composition with the inverse of the step: z -> scale (z - d) / (1 + by) + shift.
  const [da, db, dx, dy] = [by(0), by(4), by(8), by(12)];
  const length = (1 + da) ** 2 + db ** 2;
  const re = (scale[0] * (1 + da) + scale[1] * db) / length;
  const im = (scale[1] * (1 + da) - scale[0] * db) / length;
  const next: Similarity = { scale: [re, im], shift: [shift[0] - (re * dx - im * dy), shift[1] - (im * dx + re * dy)] };
  const size = Math.hypot(re, im);
  const plausible = size > SCALES[0] && size < SCALES[1] && Math.abs(im) < STEEPEST && Math.hypot(...next.shift) < FARTHEST;
  return plausible ? next : null;
}

/** The inverse of the matrix of the sums of products of the gradients, by Gauss and Jordan. */
function inverseOf(descent: Float32Array): Float64Array | null {
  const rows = Array.from({ length: 4 }, (_, r) => Array.from({ length: 8 }, (_, c): number => (c === r + 4 ? 1 : 0)));
  for (let at = 0; at < descent.length; at += 4)
    for (let r = 0; r < 4; r++) for (let c = 0; c < 4; c++) rows[r][c] += descent[at + r] * descent[at + c];
  for (let r = 0; r < 4; r++) {
    const pivot = rows[r][r];
    if (!(pivot > 1e-6)) return null;
    rows[r] = rows[r].map((value) => value / pivot);
    for (let other = 0; other < 4; other++)
      if (other !== r) {
        const factor = rows[other][r];
        rows[other] = rows[other].map((value, c) => value - factor * rows[r][c]);
      }
  }
  return Float64Array.from(rows.flatMap((row) => row.slice(4)));
}

function insideCorrelation({ template, blocks }: Level, warped: Float32Array): number {
  const inside = INSIDES[blocks];
  let [count, sa, sb, saa, sbb, sab] = [0, 0, 0, 0, 0, 0];
  for (const k of inside) {
    const b = warped[k];
    if (b !== b) continue;
    const a = template[k];
    count++;
    sa += a;
    sb += b;
    saa += a * a;
    sbb += b * b;
    sab += a * b;
  }
  if (count < SHARED * inside.length) return -1;
  const variance = (saa - (sa * sa) / count) * (sbb - (sb * sb) / count);
  return variance > 1e-9 ? (sab - (sa * sb) / count) / Math.sqrt(variance) : -1;
}

/** By number of blocks: those that are correlated. */
const INSIDES: Readonly<Record<number, Uint32Array>> = Object.fromEntries(
  [COARSE, FINE].map((blocks) => [
    blocks,
    Uint32Array.from(
      [...Array(blocks * blocks).keys()].filter(
        (k) => placeOf(k % blocks, blocks) ** 2 + placeOf(Math.floor(k / blocks), blocks) ** 2 <= INSIDE ** 2,
      ),
    ),
  ]),
);
