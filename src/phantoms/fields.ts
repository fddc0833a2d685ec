// Three periodic fields of smooth noise in space, zero mean and unit variance, [64, 64, 64], looked up by trilinear interpolation.
// They are made once per process from a fixed key: what differs from patient to patient is where and at what scale they are read.
import { fillGaussian } from "./random.ts";

const SIZE = 64;
const MASK = SIZE - 1;

export type Field = Float32Array;

export interface Fields {
  /** Correlated over about 1.7 voxels: bone texture, flecks of calcium. */
  readonly fine: Field;
  /** Band-passed: its zero surfaces fold like a cortex, about 5 voxels apart. */
  readonly folds: Field;
  /** Correlated over about 5 voxels: slow variation of everything. */
  readonly slow: Field;
}

let made: Fields | null = null;

/** The fields; the first call takes about 0.2 s. */
export function fields(): Fields {
  made ??= make();
  return made;
}

/** The value at a point given in voxels; any real numbers. */
export function sample(field: Field, x: number, y: number, z: number): number {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const z0 = Math.floor(z);
  const fx = x - x0;
  const fy = y - y0;
  const fz = z - z0;
  const west = x0 & MASK;
  const east = (x0 + 1) & MASK;
  const north = (y0 & MASK) * SIZE;
  const south = ((y0 + 1) & MASK) * SIZE;
  const low = (z0 & MASK) * SIZE * SIZE;
  const high = ((z0 + 1) & MASK) * SIZE * SIZE;
  const a = field[low + north + west];
  const b = field[low + south + west];
  const c = field[high + north + west];
  const d = field[high + south + west];
  const ab = a + (field[low + north + east] - a) * fx;
  const bb = b + (field[low + south + east] - b) * fx;
  const cb = c + (field[high + north + east] - c) * fx;
  const db = d + (field[high + south + east] - d) * fx;
  const bottom = ab + (bb - ab) * fy;
  return bottom + (cb + (db - cb) * fy - bottom) * fz;
}

function make(): Fields {
  const at: Record<number, Float32Array> = {};
  const field = fillGaussian(new Float32Array(SIZE ** 3), [0x70686e74, 3]);
  const scratch = new Float32Array(SIZE ** 3);
  for (let pass = 1; pass <= 24; pass++) {
    blur(field, scratch);
    if (pass === 3 || pass === 5 || pass === 14) at[pass] = field.slice();
  }
  return {
    fine: standardize(at[3]),
    folds: standardize(at[5].map((value, i) => value - at[14][i])),
    slow: standardize(field),
  };
}

/** Binomial [1 2 1]/4 along the three axes, periodic, in place. */
function blur(field: Float32Array, scratch: Float32Array): void {
  for (const step of [1, SIZE, SIZE * SIZE]) {
    scratch.set(field);
    // Lines along the axis lie side by side in blocks of `step`, which repeat every SIZE * step.
    for (let block = 0; block < field.length; block += SIZE * step)
      for (let place = 0; place < SIZE; place++) {
        const here = block + place * step;
        const before = block + ((place - 1) & MASK) * step;
        const after = block + ((place + 1) & MASK) * step;
        for (let i = 0; i < step; i++) field[here + i] = 0.25 * scratch[before + i] + 0.5 * scratch[here + i] + 0.25 * scratch[after + i];
      }
  }
}

function standardize(field: Float32Array): Float32Array {
  let sum = 0;
  let squares = 0;
  for (const value of field) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / field.length;
  const deviation = Math.sqrt(squares / field.length - mean * mean);
  return field.map((value) => (value - mean) / deviation);
}
