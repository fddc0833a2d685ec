// What a scanner does to a perfect slice: headrest, cupping, streaks, motion, blur, noise. In place, HU, [matrix, matrix].
// Noise has the spectrum of filtered back-projection: near zero at low frequency, a peak, then the kernel's fall (Metheany 2008, SPIE 6510).
import { AIR_HU } from "../dicom/window.ts";
import { blur, blurPeriodic } from "./blur.ts";
import { fillGaussian, type Draw } from "./random.ts";
import type { Scanner } from "./scanner.ts";
import { inside } from "./shapes.ts";

export interface Artifacts {
  readonly streaks: readonly Fan[];
  /** Shift and turn of the second position in which the head was seen, or null. */
  readonly motion: { readonly shiftMm: readonly [number, number]; readonly turn: number } | null;
}

const FOAM_HU = -930;

/** Streaks in bright and dark bands that fan out from dense bone. */
interface Fan {
  /** From the middle of the picture, mm. */
  readonly fromMm: readonly [x: number, y: number];
  /** The way it points. */
  readonly cos: number;
  readonly sin: number;
  /** Tangent of the angle to its sides. */
  readonly spread: number;
  /** Radians of a band's wave per unit of the tangent. */
  readonly bands: number;
  readonly phase: number;
  readonly hu: number;
}

/** Where bone is thick and beams are starved: both petrous bones, the inner crests in front and behind. From the middle of the picture, mm. */
const DENSE_BONE: readonly (readonly [x: number, y: number])[] = [
  [-68, 30],
  [68, 30],
  [0, 86],
  [0, -84],
];

export function drawArtifacts(draw: Draw, kinds: { readonly streaks: "none" | "some" | "strong"; readonly motion: boolean }): Artifacts {
  const amplitude = draw.uniform(4, 9);
  const first = Math.floor(draw.uniform(0, DENSE_BONE.length));
  const two = draw.chance(0.5);
  // Drawn whether used or not.
  const fans = [0, 1].map((k): Fan => {
    const [x, y] = DENSE_BONE[(first + k) % DENSE_BONE.length];
    // Across the brain, past its middle.
    const angle = Math.atan2(draw.normal(0, 20) - y, draw.normal(0, 20) - x);
    return {
      fromMm: [x + draw.normal(0, 5), y + draw.normal(0, 5)],
      cos: Math.cos(angle),
      sin: Math.sin(angle),
      spread: draw.uniform(0.4, 0.9),
      bands: draw.uniform(9, 22),
      phase: draw.uniform(0, 2 * Math.PI),
      hu: kinds.streaks === "strong" ? 14 : amplitude,
    };
  });
  const count = kinds.streaks === "none" ? 0 : kinds.streaks === "strong" || two ? 2 : 1;
  const turn = (draw.uniform(0.5, 2) * Math.PI) / 180;
  const motion = kinds.motion ? ({ shiftMm: [draw.uniform(-2, 2), draw.uniform(-2, 2)], turn } as const) : null;
  return { streaks: fans.slice(0, count), motion };
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
    finish({ image, bone, thicknessMm }, scanner, artifacts, draw);
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

/** A slice on its way, with the share of bone in its cells. */
interface Exposure {
  readonly image: Float32Array;
  readonly bone: Float32Array;
  readonly thicknessMm: number;
}

/** A row of a picture. */
interface Row {
  readonly image: Float32Array;
  readonly start: number;
  /** Rows from the middle. */
  readonly fromMiddle: number;
}

/** Noise of one slice: the sum of a tile and of its mirror image, each read from a place of its own, so that it never repeats. */
interface Noise {
  readonly tile: Float32Array;
  readonly deviation: number;
  readonly down: readonly [number, number];
  readonly across: readonly [number, number];
}

/** Bias, cupping, streaks and noise, inside the head and out. */
function finish({ image, bone, thicknessMm }: Exposure, scanner: Scanner, { streaks }: Artifacts, draw: Draw): void {
  const { matrix, pixelMm, noiseHu, noiseGrainMm, cuppingHu, biasHu, barHu } = scanner;
  const [down1, down2, across1, across2] = [0, 1, 2, 3].map(() => Math.floor(draw.uniform(0, TILE)));
  const noise: Noise = {
    tile: noiseTile(noiseGrainMm / pixelMm, 1.8 / pixelMm),
    deviation: (noiseHu * (5 / thicknessMm) ** 0.4) / Math.SQRT2,
    down: [down1, down2],
    across: [across1, across2],
  };
  const size = matrix / CELL;
  const half = (matrix - 1) / 2;
  const hardening = new Float32Array(size);
  const pathMm = bonePaths(bone, size, CELL * pixelMm);
  // Each slice cuts the bone elsewhere.
  const fans = streaks.map((fan): Fan => ({ ...fan, phase: fan.phase + draw.uniform(-1, 1), hu: fan.hu * draw.uniform(0.5, 1.1) }));
  for (let j = 0; j < matrix; j++) {
    // Bone cells between two rows of cells, then between columns.
    const v = Math.min(size - 1.001, Math.max(0, (j + 0.5) / CELL - 0.5));
    const above = Math.floor(v);
    // Rays that cross much bone are hardened and starved: a dark bar between the petrous bones, and streaks in it.
    const excess = Math.min(1, Math.max(0, (pathMm[above] + (pathMm[above + 1] - pathMm[above]) * (v - above) - BAR_FROM_MM) / 40));
    const bar = excess === 0 ? 0 : excess * (draw.normal(0, 0.9 * noiseHu) - barHu);
    for (let i = 0; i < size; i++) {
      const cell = above * size + i;
      const here = bone[cell] + (bone[cell + size] - bone[cell]) * (v - above);
      hardening[i] = biasHu + cuppingHu * here + bar * Math.max(0, 1 - 2 * here);
    }
    const row: Row = { image, start: j * matrix, fromMiddle: j - half };
    addNoise(row, scanner, noise);
    addHardening(row, matrix, hardening);
    for (const fan of fans) addFan(row, scanner, fan);
  }
}

/** Noise falls from the middle outwards. */
function addNoise({ image, start, fromMiddle }: Row, { matrix, pixelMm }: Scanner, { tile, deviation, down, across }: Noise): void {
  const half = (matrix - 1) / 2;
  const j = fromMiddle + half;
  const firstRow = ((j + down[0]) & TILE_MASK) * TILE;
  const secondRow = ((down[1] - j) & TILE_MASK) * TILE;
  const [first, second] = across;
  const y = fromMiddle * pixelMm;
  for (let column = 0; column < matrix; column++) {
    const x = (column - half) * pixelMm;
    const grain = tile[firstRow + ((column + first) & TILE_MASK)] + tile[secondRow + ((column + second) & TILE_MASK)];
    image[start + column] += deviation * (1.15 - Math.min(0.75, (0.35 * (x * x + y * y)) / 8100)) * grain;
  }
}

/** Between the columns of cells; not in air. */
function addHardening({ image, start }: Row, matrix: number, hardening: Float32Array): void {
  const last = hardening.length - 1.001;
  for (let column = 0; column < matrix; column++) {
    if (image[start + column] < -300) continue;
    const u = Math.min(last, Math.max(0, (column + 0.5) / CELL - 0.5));
    const i = Math.floor(u);
    image[start + column] += hardening[i] + (hardening[i + 1] - hardening[i]) * (u - i);
  }
}

/** Bands of two widths, so that they are not even; they fade towards the sides and far from the bone. */
function addFan({ image, start, fromMiddle }: Row, { matrix, pixelMm }: Scanner, fan: Fan): void {
  const half = (matrix - 1) / 2;
  const dy = fromMiddle * pixelMm - fan.fromMm[1];
  for (let column = 0; column < matrix; column++) {
    const dx = (column - half) * pixelMm - fan.fromMm[0];
    const along = dx * fan.cos + dy * fan.sin;
    if (along < 4 || image[start + column] < -300) continue;
    const tangent = (dy * fan.cos - dx * fan.sin) / along;
    const side = tangent / fan.spread;
    if (side * side > 1) continue;
    const wave = 0.65 * Math.sin(fan.bands * tangent + fan.phase) + 0.45 * Math.sin(2.7 * fan.bands * tangent + 2 * fan.phase);
    image[start + column] += fan.hu * wave * (1 - side * side) * Math.min(1, along / 40) * Math.exp(-along / 90);
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
