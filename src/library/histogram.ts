// How the values of a layer or of a parameter are distributed.
import type { Engine } from "../engine/engine.ts";
import { distributionOf, type Strided } from "../engine/histogram.ts";
import type { Parameter } from "../models/network.ts";
import { sizeOf, type Shape } from "../tensor/shape.ts";

/** Options of `histogram`. */
export interface HistogramOptions {
  /** One channel, from 0. Default: all. */
  readonly channel?: number;
}

/** The distribution of values. What is said of the values is said of the finite ones; it is NaN where there is none. */
export interface Histogram {
  /** Number of values. */
  readonly count: number;
  /** Least value. */
  readonly least: number;
  /** Largest value. */
  readonly largest: number;
  /** Their mean. */
  readonly mean: number;
  /** Their standard deviation, that of all values and not of a sample. */
  readonly deviation: number;
  /** Share of values that are 0, among all. */
  readonly zeros: number;
  /** Number of values that are not a number. */
  readonly nans: number;
  /** Number of infinite values. */
  readonly infinite: number;
  /** Values in each of 64 intervals of one width, from the least to the largest. */
  readonly bins: Uint32Array;
}

/** The distribution of values on the device. */
export async function histogramOf(engine: Engine, values: Strided, ready: () => void): Promise<Histogram> {
  const { zeros, count, ...found } = await distributionOf(engine, values, ready);
  return { ...found, count, zeros: zeros / count };
}

/** Where the values of an activation lie, or those of one channel. */
export function channelStrides(shape: Shape, channel: number | undefined): Omit<Strided, "range"> {
  const count = sizeOf(shape);
  if (channel === undefined) return { count, first: 0, inner: count, outerStride: 0, innerStride: 1 };
  const channels = shape.at(-1) as number;
  return { count: count / channels, first: channel, inner: count / channels, outerStride: 0, innerStride: channels };
}

/** Where the values of a parameter lie: the filters of the image have a fourth channel of zeros between them. */
export function parameterStrides({ order, value: { shape } }: Parameter): Omit<Strided, "range"> {
  const whole = channelStrides(shape, undefined);
  if (order.kind !== "filter") return whole;
  const [groups, , , channels, outputs] = shape;
  const inner = (order.channels / groups) * outputs;
  return { ...whole, count: (whole.count / (channels * outputs)) * inner, inner, outerStride: channels * outputs };
}
