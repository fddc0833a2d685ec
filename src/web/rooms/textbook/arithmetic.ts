// The pages' arithmetic in float64, as the formulas beside it say.

/** Values with their extents: [1, channels, rows, columns], [outputs, inputs, rows, columns] or [1, features]. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** One product of a sum. */
export interface Product {
  readonly channel: number;
  readonly row: number;
  readonly column: number;
  readonly value: number;
  readonly weight: number;
  readonly product: number;
}

/** How a window is laid. */
export interface Laying {
  readonly stride: number;
  readonly pad: number;
}

export const valueAt = ({ shape: [, , rows, columns], data }: Values, channel: number, row: number, column: number): number =>
  data[(channel * rows + row) * columns + column];

/** Products of one output of a convolution; what lies in the padding is 0 and has none. Filters of a group see the channels of their group. */
export function productsOf(
  x: Values,
  filter: Values,
  { output, row, column, stride, pad }: Laying & { readonly output: number; readonly row: number; readonly column: number },
): { readonly products: Product[]; readonly padding: number } {
  const [outputs, inputs, height, width] = filter.shape;
  const [, channels, rows, columns] = x.shape;
  const groups = Math.max(1, Math.floor(channels / inputs));
  const first = Math.floor(output / (outputs / groups)) * inputs;
  const products: Product[] = [];
  let padding = 0;
  for (let c = 0; c < inputs; c++)
    for (let r = 0; r < height; r++)
      for (let t = 0; t < width; t++) {
        const [y, z] = [row * stride - pad + r, column * stride - pad + t];
        if (y < 0 || z < 0 || y >= rows || z >= columns) {
          padding++;
          continue;
        }
        const value = valueAt(x, first + c, y, z);
        const weight = filter.data[((output * inputs + c) * height + r) * width + t];
        products.push({ channel: first + c, row: y, column: z, value, weight, product: value * weight });
      }
  return { products, padding };
}

/** The largest products, and what the others add up to. */
export function largest<T extends { readonly product: number }>(
  products: readonly T[],
  count: number,
): { readonly shown: readonly T[]; readonly others: number; readonly rest: number } {
  const ordered = products.toSorted((a, b) => Math.abs(b.product) - Math.abs(a.product));
  return { shown: ordered.slice(0, count), others: Math.max(0, ordered.length - count), rest: total(ordered.slice(count)) };
}

export const total = (products: readonly { readonly product: number }[]): number => products.reduce((sum, { product }) => sum + product, 0);

/** Windows of a convolution along one axis. */
export const convolved = (extent: number, size: number, { stride, pad }: Laying): number =>
  Math.max(0, Math.floor((extent + 2 * pad - size) / stride) + 1);

/** Windows of pooling along one axis, by Caffe's rule: rounded up, without a window that would begin beyond the map. */
export function pooled(extent: number, size: number, { stride, pad }: Laying): number {
  if (extent + 2 * pad < size) return 0;
  const count = Math.ceil((extent + 2 * pad - size) / stride) + 1;
  return pad > 0 && (count - 1) * stride >= extent + pad ? count - 1 : count;
}

/** Probabilities of scores. */
export function softmax(scores: ArrayLike<number>): number[] {
  const values = Array.from(scores);
  const most = Math.max(...values);
  const exponentials = values.map((value) => Math.exp(value - most));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map((value) => value / sum);
}

/** Root of the mean square. */
export const rootMeanSquare = (data: ArrayLike<number>): number =>
  Math.sqrt(Array.from(data).reduce((sum, value) => sum + value * value, 0) / data.length);

/** Share of values that are not above 0. */
export const shareOfZeros = (data: ArrayLike<number>): number => Array.from(data).filter((value) => value <= 0).length / data.length;

/** Share of channels of [1, channels, ...] with no value above 0. */
export function shareOfSilent({ shape, data }: Values): number {
  const channels = shape[1];
  const area = data.length / channels;
  let silent = 0;
  for (let c = 0; c < channels; c++) {
    let some = false;
    for (let i = 0; i < area; i++) some ||= data[c * area + i] > 0;
    if (!some) silent++;
  }
  return silent / channels;
}

/** One step of gradient descent on one value. */
export function step(
  { value, velocity }: { readonly value: number; readonly velocity: number },
  gradient: number,
  { momentum, rate, decay }: { readonly momentum: number; readonly rate: number; readonly decay: number },
): { readonly value: number; readonly velocity: number } {
  const next = momentum * velocity + rate * (gradient + decay * value);
  return { value: value - next, velocity: next };
}

/** Numbers of the normal distribution, the same ones each time: Box and Muller's transform of a linear congruential generator. */
function normals(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Size of the signal after each layer of a stack of fully connected layers with ReLU, all of one width: the root of the mean square of a layer's outputs. */
export function signalThrough(layers: number, width: number, deviation: number, rectifies: boolean): number[] {
  const normal = normals(1);
  let signal = Float64Array.from({ length: width }, normal);
  return Array.from({ length: layers }, () => {
    const before = signal;
    signal = Float64Array.from({ length: width }, () => {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += before[i] * normal() * deviation;
      return rectifies ? Math.max(0, sum) : sum;
    });
    return rootMeanSquare(signal);
  });
}
