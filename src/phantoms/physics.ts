// What a scanner does to a perfect slice: headrest, cupping, streaks, motion, blur, noise. In place, HU, [matrix, matrix].
// Noise has the spectrum of filtered back-projection: near zero at low frequency, a peak, then the kernel's fall (Metheany 2008, SPIE 6510).
import { fillGaussian, type Draw } from "./random.ts";
import type { Scanner } from "./scanner.ts";
import { inside } from "./shapes.ts";

export interface Artifacts {
  readonly streaks: readonly Streak[];
  /** Shift and turn of the second position in which the head was seen, or null. */
  readonly motion: { readonly shiftMm: readonly [number, number]; readonly turn: number } | null;
}

/** A bright or dark line through a point: x cos a + y sin a = offset, mm from the middle of the picture. */
interface Streak {
  readonly angle: number;
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
      angle,
      offsetMm: centre[0] * Math.cos(angle) + centre[1] * Math.sin(angle),
      widthMm: draw.uniform(1.5, 6),
      hu: draw.normal(0, amplitude),
    };
  });
  const turn = (draw.uniform(0.5, 2) * Math.PI) / 180;
  const motion = kinds.motion ? ({ shiftMm: [draw.uniform(-2, 2), draw.uniform(-2, 2)], turn } as const) : null;
  return { streaks, motion };
}

/** Applies everything in the order of acquisition. `draw` is the stream of this slice's noise. */
export function scan(image: Float32Array, scanner: Scanner, artifacts: Artifacts, draw: Draw): void {
  const { matrix, pixelMm, blurMm, sharp } = scanner;
  if (artifacts.motion) smear(image, matrix, pixelMm, artifacts.motion.shiftMm, artifacts.motion.turn);
  const bone = coarseBone(image, matrix, pixelMm);
  addHeadrest(image, scanner);
  blur(image, matrix, blurMm / pixelMm);
  if (sharp) sharpen(image, matrix, 0.8 / pixelMm);
  finish(image, scanner, artifacts, bone, draw);
}

/** A shell of plastic around foam, where there is air. */
function addHeadrest(image: Float32Array, { matrix, pixelMm, centreMm, headrestMm }: Scanner): void {
  if (!headrestMm) return;
  const [halfWidth, bottom] = headrestMm;
  const shoulder = bottom - 46;
  const half = ((matrix - 1) / 2) * pixelMm;
  for (let row = 0; row < matrix; row++) {
    const y = centreMm[1] - half + row * pixelMm;
    if (y < shoulder - 50) continue;
    for (let column = 0; column < matrix; column++) {
      const at = row * matrix + column;
      if (image[at] > -900) continue;
      const x = centreMm[0] - half + column * pixelMm;
      const v = Math.max(0, y - shoulder) / 46;
      const edge = (Math.abs(x / halfWidth) ** 4 + v ** 4) ** 0.25;
      const distance = (edge - 1) * halfWidth;
      if (distance > 3) continue;
      image[at] = distance > -1 ? -1000 + 1300 * inside(Math.abs(distance - 1) - 1.3, 1) : y > shoulder ? -930 : image[at];
    }
  }
}

const CELL = 8;

/** Share of bone in cells of 8 x 8 pixels, blurred by 8 mm: where a beam has been hardened. [matrix / 8, matrix / 8] */
function coarseBone(image: Float32Array, matrix: number, pixelMm: number): Float32Array {
  const size = matrix / CELL;
  const cells = new Float32Array(size * size);
  for (let row = 0; row < matrix; row += 2)
    for (let column = 0; column < matrix; column += 2)
      if (image[row * matrix + column] > 300) cells[Math.floor(row / CELL) * size + Math.floor(column / CELL)] += 4 / CELL ** 2;
  blur(cells, size, 8 / (CELL * pixelMm));
  return cells;
}

/** Cupping, streaks and noise, inside the head and out. */
function finish(image: Float32Array, scanner: Scanner, { streaks }: Artifacts, bone: Float32Array, draw: Draw): void {
  const { matrix, pixelMm, noiseHu, noiseGrainMm, thicknessMm, cuppingHu } = scanner;
  const tile = noiseTile(noiseGrainMm / pixelMm, 1.8 / pixelMm);
  const shifts = [0, 1, 2, 3].map(() => Math.floor(draw.uniform(0, TILE)));
  const size = matrix / CELL;
  const half = (matrix - 1) / 2;
  const deviation = (noiseHu * (5 / thicknessMm) ** 0.4) / Math.SQRT2;
  for (let row = 0; row < matrix; row++) {
    const v = Math.min(size - 1.001, Math.max(0, (row + 0.5) / CELL - 0.5));
    const j = Math.floor(v);
    const first = ((row + shifts[0]) & TILE_MASK) * TILE;
    // The second copy is mirrored, so that the sum never repeats.
    const second = ((shifts[1] - row) & TILE_MASK) * TILE;
    const y = (row - half) * pixelMm;
    for (let column = 0; column < matrix; column++) {
      const at = row * matrix + column;
      const u = Math.min(size - 1.001, Math.max(0, (column + 0.5) / CELL - 0.5));
      const i = Math.floor(u);
      const cell = j * size + i;
      const top = bone[cell] + (bone[cell + 1] - bone[cell]) * (u - i);
      const low = bone[cell + size] + (bone[cell + size + 1] - bone[cell + size]) * (u - i);
      const x = (column - half) * pixelMm;
      const grain = tile[first + ((column + shifts[2]) & TILE_MASK)] + tile[second + ((column + shifts[3]) & TILE_MASK)];
      const fall = 1.15 - Math.min(0.75, (0.35 * (x * x + y * y)) / 8100);
      let hu = image[at];
      if (hu > -300) hu += cuppingHu * (top + (low - top) * (v - j));
      for (const { angle, offsetMm, widthMm, hu: height } of streaks) {
        const across = (x * Math.cos(angle) + y * Math.sin(angle) - offsetMm) / widthMm;
        if (across * across < 9 && hu > -300) hu += height * Math.exp(-across * across);
      }
      image[at] = hu + deviation * fall * grain;
    }
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

/** Gaussian blur of a square picture, in place; edges are extended. */
function blur(image: Float32Array, size: number, sigma: number): void {
  const radius = Math.max(1, Math.ceil(3 * sigma));
  const kernel = gaussian(sigma, radius);
  const padded = new Float32Array(size + 2 * radius);
  for (let row = 0; row < size; row++) {
    for (let i = 0; i < padded.length; i++) padded[i] = image[row * size + Math.min(size - 1, Math.max(0, i - radius))];
    for (let column = 0; column < size; column++) {
      let sum = 0;
      for (let k = 0; k < kernel.length; k++) sum += kernel[k] * padded[column + k];
      image[row * size + column] = sum;
    }
  }
  // Down the columns by whole rows, which memory likes; rows already written are kept in a ring.
  const source = image.slice();
  image.fill(0);
  for (let row = 0; row < size; row++)
    for (let k = 0; k < kernel.length; k++) {
      const from = Math.min(size - 1, Math.max(0, row + k - radius)) * size;
      const weight = kernel[k];
      for (let column = 0; column < size; column++) image[row * size + column] += weight * source[from + column];
    }
}

function gaussian(sigma: number, radius: number): Float64Array {
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-0.5 * ((i - radius) / sigma) ** 2));
  const sum = kernel.reduce((a, b) => a + b, 0);
  return kernel.map((value) => value / sum);
}

const TILE = 512;
const TILE_MASK = TILE - 1;
const tiles = new Map<string, Float32Array>();
let white: Float32Array | null = null;

/** A periodic tile of scanner noise of unit variance, [512, 512]; scales in pixels, rounded so that few tiles serve all patients. */
function noiseTile(grain: number, trend: number): Float32Array {
  const fine = Math.round(grain * 8) / 8;
  const coarse = Math.round(trend * 4) / 4;
  const name = `${fine}/${coarse}`;
  const known = tiles.get(name);
  if (known) return known;
  white ??= fillGaussian(new Float32Array(TILE * TILE), [0x6e6f6973, 5]);
  const tile = white.slice();
  blurPeriodic(tile, fine);
  const trendOf = tile.slice();
  blurPeriodic(trendOf, coarse);
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

function blurPeriodic(tile: Float32Array, sigma: number): void {
  const radius = Math.max(1, Math.ceil(3.5 * sigma));
  const kernel = gaussian(sigma, radius);
  for (const step of [1, TILE]) {
    const source = tile.slice();
    const line = step === 1 ? TILE : 1;
    for (let j = 0; j < TILE; j++)
      for (let i = 0; i < TILE; i++) {
        let sum = 0;
        for (let k = 0; k < kernel.length; k++) sum += kernel[k] * source[j * line + ((i + k - radius) & TILE_MASK) * step];
        tile[j * line + i * step] = sum;
      }
  }
}
