// What a scanner does to a perfect slice: headrest, cupping, streaks, motion, blur, noise. In place, HU, [matrix, matrix].
// Noise has the spectrum of filtered back-projection: near zero at low frequency, a peak, then the kernel's fall (Metheany 2008, SPIE 6510).
import { AIR_HU } from "../dicom/window.ts";
import { blur, blurPeriodic } from "./blur.ts";
import { fillGaussian, type Draw } from "./random.ts";
import type { Scanner } from "./scanner.ts";
import { inside } from "./shapes.ts";

export interface Artifacts {
  readonly streaks: readonly Streak[];
  /** Shift and turn of the second position in which the head was seen, or null. */
  readonly motion: { readonly shiftMm: readonly [number, number]; readonly turn: number } | null;
}

const FOAM_HU = -930;

/** A bright or dark line: x cos + y sin = offset, mm from the middle of the picture. */
interface Streak {
  readonly cos: number;
  readonly sin: number;
  readonly offsetMm: number;
  readonly widthMm: number;
  readonly hu: number;
}

export function drawArtifacts(draw: Draw, kinds: { readonly streaks: "none" | "some" | "strong"; readonly motion: boolean }): Artifacts {
  const count = kinds.streaks === "none" ? 0 : kinds.streaks === "some" ? Math.floor(draw.uniform(2, 5)) : 5;
  const amplitude = kinds.streaks === "strong" ? 12 : draw.uniform(3, 9);
  const centre = [draw.uniform(-60, 60), draw.uniform(-70, 70)];
  const streaks = Array.from({ length: count }, (): Streak => {
    const angle = draw.uniform(0, Math.PI);
    return {
      cos: Math.cos(angle),
      sin: Math.sin(angle),
      offsetMm: centre[0] * Math.cos(angle) + centre[1] * Math.sin(angle),
      widthMm: draw.uniform(1.5, 6),
      hu: draw.normal(0, amplitude),
    };
  });
  const turn = (draw.uniform(0.5, 2) * Math.PI) / 180;
  const motion = kinds.motion ? ({ shiftMm: [draw.uniform(-2, 2), draw.uniform(-2, 2)], turn } as const) : null;
  return { streaks, motion };
}

/**
 * Everything a scanner does to a case's slices, in the order of acquisition. What is the same on every slice is made once.
 * The result changes a picture in place; `draw` is the stream of that slice's noise.
 */
export function makeScan(scanner: Scanner, artifacts: Artifacts): (image: Float32Array, thicknessMm: number, draw: Draw) => void {
  const { matrix, pixelMm, blurMm, sharp } = scanner;
  const headrest = makeHeadrest(scanner);
  return (image, thicknessMm, draw) => {
    if (artifacts.motion) smear(image, matrix, pixelMm, artifacts.motion.shiftMm, artifacts.motion.turn);
    const bone = coarseBone(image, matrix, pixelMm);
    for (let i = 0; i < image.length; i++) if (image[i] < -900 && headrest[i] > image[i]) image[i] = headrest[i];
    blur(image, matrix, blurMm / pixelMm);
    if (sharp) sharpen(image, matrix, 0.8 / pixelMm);
    finish(image, scanner, artifacts, bone, thicknessMm, draw);
  };
}

/** A shell of plastic around foam, and air everywhere else. [matrix, matrix] */
function makeHeadrest({ matrix, pixelMm, centreMm, headrestMm }: Scanner): Float32Array {
  const hu = new Float32Array(matrix * matrix).fill(AIR_HU);
  if (!headrestMm) return hu;
  const [halfWidth, bottom] = headrestMm;
  const shoulder = bottom - 46;
  const half = ((matrix - 1) / 2) * pixelMm;
  for (let row = 0; row < matrix; row++) {
    const y = centreMm[1] - half + row * pixelMm;
    if (y < shoulder - 50) continue;
    const v = (Math.max(0, y - shoulder) / 46) ** 4;
    for (let column = 0; column < matrix; column++) {
      const x = (centreMm[0] - half + column * pixelMm) / halfWidth;
      const distance = (Math.sqrt(Math.sqrt(x * x * x * x + v)) - 1) * halfWidth;
      if (Math.abs(distance - 1) < 2) hu[row * matrix + column] += 1300 * inside(Math.abs(distance - 1) - 1.3, 1);
      else if (distance < 0 && y > shoulder) hu[row * matrix + column] = FOAM_HU;
    }
  }
  return hu;
}

const CELL = 8;

/** Share of bone in cells of 8 x 8 pixels, blurred by 8 mm: where a beam has been hardened. [matrix / 8, matrix / 8] */
function coarseBone(image: Float32Array, matrix: number, pixelMm: number): Float32Array {
  const size = matrix / CELL;
  const cells = new Float32Array(size * size);
  for (let row = 0; row < matrix; row += 2) countBone(image, row * matrix, matrix, cells, Math.floor(row / CELL) * size);
  blur(cells, size, 8 / (CELL * pixelMm));
  return cells;
}

function countBone(image: Float32Array, start: number, matrix: number, cells: Float32Array, cellStart: number): void {
  for (let column = 0; column < matrix; column += 2)
    if (image[start + column] > 300) cells[cellStart + Math.floor(column / CELL)] += 4 / CELL ** 2;
}

/** Bone along the rows of a head without a base, mm. */
const BAR_FROM_MM = 45;

/** Bone that a ray from side to side crosses, mm, for each row of cells. */
function bonePaths(bone: Float32Array, size: number, cellMm: number): Float32Array {
  const paths = new Float32Array(size);
  for (let j = 0; j < size; j++) for (let i = 0; i < size; i++) paths[j] += bone[j * size + i] * cellMm;
  return paths;
}

/** Cupping, streaks and noise, inside the head and out. */
function finish(image: Float32Array, scanner: Scanner, { streaks }: Artifacts, bone: Float32Array, thicknessMm: number, draw: Draw): void {
  const { matrix, pixelMm, noiseHu, noiseGrainMm, cuppingHu, barHu } = scanner;
  const tile = noiseTile(noiseGrainMm / pixelMm, 1.8 / pixelMm);
  const [down1, down2, across1, across2] = [0, 1, 2, 3].map(() => Math.floor(draw.uniform(0, TILE)));
  const size = matrix / CELL;
  const half = (matrix - 1) / 2;
  const deviation = (noiseHu * (5 / thicknessMm) ** 0.4) / Math.SQRT2;
  const hardening = new Float32Array(size);
  const pathMm = bonePaths(bone, size, CELL * pixelMm);
  for (let row = 0; row < matrix; row++) {
    // Bone cells between two rows of cells, then between columns.
    const v = Math.min(size - 1.001, Math.max(0, (row + 0.5) / CELL - 0.5));
    const j = Math.floor(v);
    // Rays that cross much bone are hardened and starved: a dark bar between the petrous bones, and streaks in it.
    const excess = Math.min(1, Math.max(0, (pathMm[j] + (pathMm[j + 1] - pathMm[j]) * (v - j) - BAR_FROM_MM) / 40));
    const bar = excess === 0 ? 0 : excess * (draw.normal(0, 0.9 * noiseHu) - barHu);
    for (let i = 0; i < size; i++) {
      const cell = j * size + i;
      const here = bone[cell] + (bone[cell + size] - bone[cell]) * (v - j);
      hardening[i] = cuppingHu * here + bar * Math.max(0, 1 - 2 * here);
    }
    const start = row * matrix;
    // The second copy is mirrored, so that the sum never repeats.
    addNoise(
      image,
      start,
      scanner,
      row - half,
      deviation,
      tile,
      ((row + down1) & TILE_MASK) * TILE + across1,
      ((down2 - row) & TILE_MASK) * TILE + across2,
    );
    addHardening(image, start, matrix, hardening);
    for (const streak of streaks) addStreak(image, start, scanner, row - half, streak);
  }
}

/** Noise falls from the middle outwards. `first` and `second` are where the row starts in a tile's rows. */
function addNoise(
  image: Float32Array,
  start: number,
  { matrix, pixelMm }: Scanner,
  fromMiddle: number,
  deviation: number,
  tile: Float32Array,
  first: number,
  second: number,
): void {
  const half = (matrix - 1) / 2;
  const firstRow = first & ~TILE_MASK;
  const secondRow = second & ~TILE_MASK;
  const y = fromMiddle * pixelMm;
  for (let column = 0; column < matrix; column++) {
    const x = (column - half) * pixelMm;
    const grain = tile[firstRow + ((column + first) & TILE_MASK)] + tile[secondRow + ((column + second) & TILE_MASK)];
    image[start + column] += deviation * (1.15 - Math.min(0.75, (0.35 * (x * x + y * y)) / 8100)) * grain;
  }
}

/** Between the columns of cells; not in air. */
function addHardening(image: Float32Array, start: number, matrix: number, hardening: Float32Array): void {
  const last = hardening.length - 1.001;
  for (let column = 0; column < matrix; column++) {
    if (image[start + column] < -300) continue;
    const u = Math.min(last, Math.max(0, (column + 0.5) / CELL - 0.5));
    const i = Math.floor(u);
    image[start + column] += hardening[i] + (hardening[i + 1] - hardening[i]) * (u - i);
  }
}

function addStreak(image: Float32Array, start: number, { matrix, pixelMm }: Scanner, fromMiddle: number, streak: Streak): void {
  const half = (matrix - 1) / 2;
  for (let column = 0; column < matrix; column++) {
    if (image[start + column] < -300) continue;
    const across = ((column - half) * pixelMm * streak.cos + fromMiddle * pixelMm * streak.sin - streak.offsetMm) / streak.widthMm;
    if (across * across < 9) image[start + column] += streak.hu * Math.exp(-across * across);
  }
}

/** Average with a copy seen a moment later. */
function smear(image: Float32Array, matrix: number, pixelMm: number, shiftMm: readonly [number, number], turn: number): void {
  const still = image.slice();
  const half = (matrix - 1) / 2;
  const cos = Math.cos(turn);
  const sin = Math.sin(turn);
  for (let row = 0; row < matrix; row++)
    for (let column = 0; column < matrix; column++) {
      const dx = column - half;
      const dy = row - half;
      const u = Math.min(matrix - 1.001, Math.max(0, half + cos * dx - sin * dy + shiftMm[0] / pixelMm));
      const v = Math.min(matrix - 1.001, Math.max(0, half + sin * dx + cos * dy + shiftMm[1] / pixelMm));
      const i = Math.floor(u);
      const j = Math.floor(v);
      const at = j * matrix + i;
      const top = still[at] + (still[at + 1] - still[at]) * (u - i);
      const low = still[at + matrix] + (still[at + matrix + 1] - still[at + matrix]) * (u - i);
      image[row * matrix + column] = 0.6 * still[row * matrix + column] + 0.4 * (top + (low - top) * (v - j));
    }
}

/** Overshoot of a sharp kernel. */
function sharpen(image: Float32Array, size: number, sigma: number): void {
  const soft = image.slice();
  blur(soft, size, sigma);
  for (let i = 0; i < image.length; i++) image[i] += 0.4 * (image[i] - soft[i]);
}

const TILE = 512;
const TILE_MASK = TILE - 1;
const tiles = new Map<string, Float32Array>();
let white: Float32Array | null = null;

/** A periodic tile of scanner noise of unit variance, [512, 512]; scales in pixels, rounded so that few tiles serve all patients. */
function noiseTile(grain: number, trend: number): Float32Array {
  const fine = Math.round(grain * 5) / 5;
  const coarse = Math.round(trend * 2) / 2;
  const name = `${fine}/${coarse}`;
  const known = tiles.get(name);
  if (known) return known;
  white ??= fillGaussian(new Float32Array(TILE * TILE), [0x6e6f6973, 5]);
  const tile = white.slice();
  blurPeriodic(tile, TILE, fine);
  const trendOf = tile.slice();
  blurPeriodic(trendOf, TILE, coarse);
  let squares = 0;
  for (let i = 0; i < tile.length; i++) {
    tile[i] -= 0.75 * trendOf[i];
    squares += tile[i] ** 2;
  }
  const scale = 1 / Math.sqrt(squares / tile.length);
  for (let i = 0; i < tile.length; i++) tile[i] *= scale;
  tiles.set(name, tile);
  return tile;
}
