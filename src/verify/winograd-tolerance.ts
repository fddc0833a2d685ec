// Error bound of a convolution by Winograd's tiles: it computes other sums, so its bound is derived from those.
//
//   y = A^T [ sum over c of (G g G^T) .* (B^T d B) ] A
//
// Every rounding has an error of at most eps times the magnitude of the sum so far. The rest is linear, so the error reaches y
// multiplied by at most the absolute values of the remaining matrices. Together the roundings of one stage reach y as one rounding of
// |A^T| [ sum over c of (|G| |g| |G^T|) .* (|B^T| |d| |B|) ] |A|, and there are as many stages as the longest chain of operations is long.
// (Higham, "Accuracy and Stability of Numerical Algorithms", chapters 3 and 23, on bilinear algorithms.)
import type { Array64, Bound } from "../graph/op.ts";
import type { KernelName } from "../kernels/index.ts";
import type { Tile } from "../kernels/winograd.ts";
import { roundings, sumOf } from "../ops/bounds.ts";
import { withEpilogue } from "../ops/gradient-epilogue.ts";
import { ceilDiv, type Shape } from "../tensor/shape.ts";

type Matrix = readonly (readonly number[])[];

/** One of Winograd's minimal algorithms, as shaders/lib/winograd-2.wgsl and winograd-4.wgsl compute it. */
export interface Algorithm {
  readonly tile: Tile;
  readonly bt: Matrix;
  readonly g: Matrix;
  readonly at: Matrix;
  /** Roundings in the longest chain of one pass of each transform, a constant's own included. */
  readonly chains: { readonly filter: number; readonly input: number; readonly output: number };
}

/** Lavin and Gray 2015, arXiv:1509.09308, equations 8 and 10, and section 4.3. */
export const ALGORITHMS: Readonly<Record<Tile, Algorithm>> = {
  2: {
    tile: 2,
    bt: [
      [1, 0, -1, 0],
      [0, 1, 1, 0],
      [0, -1, 1, 0],
      [0, 1, 0, -1],
    ],
    g: [
      [1, 0, 0],
      [1 / 2, 1 / 2, 1 / 2],
      [1 / 2, -1 / 2, 1 / 2],
      [0, 0, 1],
    ],
    at: [
      [1, 1, 1, 0],
      [0, 1, -1, -1],
    ],
    chains: { filter: 2, input: 1, output: 2 },
  },
  4: {
    tile: 4,
    bt: [
      [4, 0, -5, 0, 1, 0],
      [0, -4, -4, 1, 1, 0],
      [0, 4, -4, -1, 1, 0],
      [0, -2, -1, 2, 1, 0],
      [0, 2, -1, -2, 1, 0],
      [0, 4, 0, -5, 0, 1],
    ],
    g: [
      [1 / 4, 0, 0],
      [-1 / 6, -1 / 6, -1 / 6],
      [-1 / 6, 1 / 6, -1 / 6],
      [1 / 24, 1 / 12, 1 / 6],
      [1 / 24, -1 / 12, 1 / 6],
      [0, 0, 1],
    ],
    at: [
      [1, 1, 1, 1, 1, 0],
      [0, 1, -1, 2, -2, 0],
      [0, 1, 1, 4, 4, 0],
      [0, 1, -1, 8, -8, 1],
    ],
    chains: { filter: 4, input: 3, output: 3 },
  },
};

/** By tile, so that a bound is one function however often it is asked for. */
export const THROUGH_TILES: Readonly<Record<Tile, { readonly [N in KernelName]?: Bound }>> = {
  2: through(ALGORITHMS[2]),
  4: through(ALGORITHMS[4]),
};

function through(algorithm: Algorithm): { readonly [N in KernelName]?: Bound } {
  const { filter, input, output } = algorithm.chains;
  /** Two passes of each transform, the products' sum, and what is added to it. */
  const count = (terms: number): number => sumOf(2 * (filter + input + output) + terms + 1);
  return {
    conv2d: ({ inputs: { x, filter, bias }, attributes: { pad }, outputs: { y } }) => {
      const magnitude = throughTiles(absolute(algorithm), { x: magnitudeOf(x), filter: magnitudeOf(filter), pad, y: y.shape });
      const sum = bias ? magnitude.map((value, i) => value + Math.abs(bias.data[i % bias.data.length])) : magnitude;
      return { y: roundings(count(filter.shape[3]), sum) };
    },
    conv2dBackwardData: ({ inputs: { dy, filter, gate, addend }, attributes: { pad }, outputs: { dx } }) => {
      const convolution = { x: magnitudeOf(dy), filter: turned(magnitudeOf(filter)), pad: 2 - pad, y: dx.shape };
      const epilogue = { ...(gate && { gate }), ...(addend && { addend: magnitudeOf(addend) }) };
      return { dx: roundings(count(filter.shape[4]), withEpilogue(throughTiles(absolute(algorithm), convolution), epilogue)) };
    },
  };
}

export interface Convolution {
  /** [images, height, width, groups * channels] */
  readonly x: Array64;
  /** [groups, 3, 3, channels, outputs] */
  readonly filter: Array64;
  readonly pad: number;
  /** [images, oh, ow, groups * outputs] */
  readonly y: Shape;
}

/** The algorithm in float64: with its own matrices a convolution, with their absolute values and those of x and filter its magnitude. */
export function throughTiles({ tile, bt, g, at }: Algorithm, { x, filter, pad, y: [images, oh, ow, outputs] }: Convolution): Float64Array {
  const [, height, width, channels] = x.shape;
  const [groups, , , perGroup, outputsPerGroup] = filter.shape;
  const points = tile + 2;
  const inputs = (n: number, top: number, left: number, c: number): Matrix =>
    range(points, (i) =>
      range(points, (j) => {
        const [iy, ix] = [top + i, left + j];
        const inside = iy >= 0 && iy < height && ix >= 0 && ix < width;
        return inside ? x.data[((n * height + iy) * width + ix) * channels + c] : 0;
      }),
    );
  const filters = range(groups * perGroup * outputsPerGroup, (i) => {
    const [group, rest] = [Math.floor(i / (perGroup * outputsPerGroup)), i % (perGroup * outputsPerGroup)];
    return both(
      g,
      range(3, (r) => range(3, (t) => filter.data[(group * 9 + 3 * r + t) * perGroup * outputsPerGroup + rest])),
    );
  });
  const y = new Float64Array(images * oh * ow * outputs);
  for (let n = 0; n < images; n++) {
    for (let ty = 0; ty < ceilDiv(oh, tile); ty++) {
      for (let tx = 0; tx < ceilDiv(ow, tile); tx++) {
        const transformed = range(channels, (c) => both(bt, inputs(n, ty * tile - pad, tx * tile - pad, c)));
        for (let m = 0; m < outputs; m++) {
          const group = Math.floor(m / outputsPerGroup);
          const sums = range(points, () => range(points, () => 0));
          for (let c = 0; c < perGroup; c++) {
            const u = filters[(group * perGroup + c) * outputsPerGroup + (m % outputsPerGroup)];
            const v = transformed[group * perGroup + c];
            for (let p = 0; p < points; p++) for (let q = 0; q < points; q++) sums[p][q] += u[p][q] * v[p][q];
          }
          both(at, sums).forEach((line, i) =>
            line.forEach((value, j) => {
              const [oy, ox] = [ty * tile + i, tx * tile + j];
              if (oy < oh && ox < ow) y[((n * oh + oy) * ow + ox) * outputs + m] = value;
            }),
          );
        }
      }
    }
  }
  return y;
}

/** A filter turned by 180 degrees, channels and outputs exchanged: the gradient of the input is a convolution with it. */
export function turned({ shape: [groups, , , channels, outputs], data }: Array64): Array64 {
  const size = channels * outputs;
  const turnedData = data.map((_, i) => {
    const [group, tap, m, c] = [Math.floor(i / (9 * size)), Math.floor(i / size) % 9, Math.floor(i / channels) % outputs, i % channels];
    return data[(group * 9 + 8 - tap) * size + c * outputs + m];
  });
  return { shape: [groups, 3, 3, outputs, channels], data: turnedData };
}

/** m s m^T */
const both = (m: Matrix, s: Matrix): Matrix => times(m, transposed(times(m, transposed(s))));
const times = (a: Matrix, b: Matrix): Matrix => a.map((row) => b[0].map((_, j) => row.reduce((sum, value, k) => sum + value * b[k][j], 0)));
const transposed = (a: Matrix): Matrix => a[0].map((_, j) => a.map((row) => row[j]));
const range = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

const absolute = ({ bt, g, at, ...rest }: Algorithm): Algorithm => ({ ...rest, bt: magnitudes(bt), g: magnitudes(g), at: magnitudes(at) });
const magnitudes = (matrix: Matrix): Matrix => matrix.map((row) => row.map(Math.abs));
const magnitudeOf = ({ shape, data }: Array64): Array64 => ({ shape, data: data.map(Math.abs) });
