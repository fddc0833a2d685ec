// A system's attractor as a grey picture: random iteration ("chaos game", Barnsley 1988), points counted pixel by pixel, counts to grey by a curve.
// Pictures are [size, size], 8 bits.
import { between, direction, slant, type Draw } from "./draws.ts";
import { turned, type FractalSystem } from "./system.ts";

/** Points for each pixel of the picture: about where more would no longer change what an eye, or a filter, sees. */
const POINTS_PER_PIXEL = 1.5;

/** Points left out at the start: the walk begins at 0, beside the attractor. */
const SETTLING = 20;

/**
 * How much the pictures of a category differ beside one map's scale, place and greys. `any`: turned to any side, mirrored, brighter or darker than
 * the background. `upright`: turned by less than 17 degrees, not mirrored, always brighter: small networks learn something of it in a few hundred steps, where
 * with `any` they are still guessing (docs/pretraining.md).
 */
export const POSES = ["any", "upright"] as const;
export type Poses = (typeof POSES)[number];

/** Buffers that pictures of one size share. */
export interface Canvas {
  readonly size: number;
  /** x and y of each point. */
  readonly points: Float64Array;
  readonly counts: Uint16Array;
}

export function canvasOf(size: number): Canvas {
  return { size, points: new Float64Array(2 * Math.round(POINTS_PER_PIXEL * size * size)), counts: new Uint16Array(size * size) };
}

/** One picture of a system: turned, mirrored, framed and shaded as `poses` allows and `draw` says. */
export function renderFractal(system: FractalSystem, canvas: Canvas, { poses, draw }: { poses: Poses; draw: Draw }): Uint8Array {
  const posed = poses === "any" ? turned(system, direction(draw), draw() < 0.5) : turned(system, slant(draw), false);
  const box = iterate(posed, canvas.points, Math.floor(2 ** 24 * draw()) + 1);
  count(canvas, frame(box, draw));
  return shade(canvas, greysOf(poses, draw), draw);
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * Walks through the attractor: each step applies a map that is chosen in proportion to its determinant, the area it fills. The choice is
 * made by a byte of Marsaglia's xorshift32 (2003, "Xorshift RNGs"), which is cheap; it decides which points are visited, not what is drawn.
 */
function iterate(system: FractalSystem, points: Float64Array, seed: number): Box {
  const choice = choices(system);
  const maps = Float64Array.from(system.flatMap(({ a, b, c, d, e, f }) => [a, b, c, d, e, f]));
  let [x, y, state] = [0, 0, seed];
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let at = -2 * SETTLING; at < points.length; at += 2) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const map = choice[(state >>> 8) & 0xff];
    const before = x;
    x = maps[map] * before + maps[map + 1] * y + maps[map + 4];
    y = maps[map + 2] * before + maps[map + 3] * y + maps[map + 5];
    if (at < 0) continue;
    points[at] = x;
    points[at + 1] = y;
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < top) top = y;
    if (y > bottom) bottom = y;
  }
  return { left, top, right, bottom };
}

/** For each byte the place of a map's first coefficient; every map has one byte at least. */
function choices(system: FractalSystem): Uint8Array {
  const weights = system.map(({ a, b, c, d }) => Math.abs(a * d - b * c) + 1 / 256);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const result = new Uint8Array(256);
  let [from, reached] = [0, 0];
  for (const [i, weight] of weights.entries()) {
    reached += weight;
    const to = i === weights.length - 1 ? 256 : Math.max(from + 1, Math.round((256 * reached) / total));
    result.fill(6 * i, from, to);
    from = to;
  }
  return result;
}

/** A square window on the attractor: 0.9 to 1.6 times its longer side, off its middle by up to an eighth of that. */
function frame({ left, top, right, bottom }: Box, draw: Draw): { readonly left: number; readonly top: number; readonly side: number } {
  const longer = Math.max(right - left, bottom - top, 1e-6);
  const side = longer * between(draw, 0.9, 1.6);
  const [x, y] = [between(draw, -0.125, 0.125), between(draw, -0.125, 0.125)];
  return { left: (left + right - side) / 2 + x * longer, top: (top + bottom - side) / 2 + y * longer, side };
}

function count({ size, points, counts }: Canvas, { left, top, side }: { left: number; top: number; side: number }): void {
  const scale = size / side;
  counts.fill(0);
  for (let at = 0; at < points.length; at += 2) {
    const column = Math.floor((points[at] - left) * scale);
    const row = Math.floor((points[at + 1] - top) * scale);
    if (column >= 0 && column < size && row >= 0 && row < size) counts[row * size + column]++;
  }
}

interface Greys {
  /** Grey of the background. */
  readonly base: number;
  /** The figure's, above it or below. */
  readonly reach: number;
}

/** Background and contrast are drawn alike for all categories, so that the mean grey of an image does not reveal its category. */
function greysOf(poses: Poses, draw: Draw): Greys {
  if (poses === "upright") return { base: between(draw, 20, 110), reach: between(draw, 80, 160) };
  const base = between(draw, 30, 225);
  return { base, reach: between(draw, 60, 160) * (draw() * 195 < base - 30 ? -1 : 1) };
}

/** Cells of the background's lattice along a side. */
const CELLS = 4;

/**
 * Grey = background + contrast * n / (n + half), n the points of a pixel: a density's tail is long, and this curve shows both ends. The background
 * wanders between random greys of a coarse lattice (bilinear).
 */
function shade({ size, counts }: Canvas, { base, reach }: Greys, draw: Draw): Uint8Array {
  const half = between(draw, 0.5, 4);
  const wander = between(draw, 0, 40);
  const lattice = Float64Array.from({ length: (CELLS + 1) ** 2 }, () => base + wander * (draw() - 0.5));
  const ink = Float64Array.from({ length: 256 }, (_, n) => (reach * n) / (n + half));
  const result = new Uint8Array(size * size);
  for (let row = 0, at = 0; row < size; row++) {
    const y = ((row + 0.5) * CELLS) / size;
    const low = Math.floor(y);
    const above = low * (CELLS + 1);
    for (let column = 0; column < size; column++, at++) {
      const x = ((column + 0.5) * CELLS) / size;
      const cell = above + Math.floor(x);
      const [u, v] = [x - Math.floor(x), y - low];
      const top = lattice[cell] + u * (lattice[cell + 1] - lattice[cell]);
      const bottom = lattice[cell + CELLS + 1] + u * (lattice[cell + CELLS + 2] - lattice[cell + CELLS + 1]);
      const grey = top + v * (bottom - top) + ink[Math.min(counts[at], 255)];
      result[at] = Math.max(0, Math.min(255, Math.round(grey)));
    }
  }
  return result;
}
