// Cases for the check of gradients: small, since every input element is moved twice. Kinks are excluded by construction: inputs of maxima and
// of ReLU lie further apart, and further from 0, than a difference reaches.
import { philox, unitFloat } from "../tensor/philox.ts";
import { sizeOf, type DType, type Shape } from "../tensor/shape.ts";
import type { OpName } from "./index.ts";

export interface GradientInput {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly data: readonly number[];
}

export interface GradientCase {
  readonly inputs: Readonly<Record<string, GradientInput>>;
  readonly attributes?: object;
  /** Outputs that the loss is a sum over. Default: the first alone. */
  readonly outputs?: readonly string[];
}

const uniform = (i: number, stream: number): number => unitFloat(philox([stream, 0], [i, 0, 0, 0])[0]);

/** Values in [-1, 1). */
export const noise = (...shape: number[]): GradientInput => {
  const data = Array.from({ length: sizeOf(shape) }, (_, i) => 2 * uniform(i, sizeOf(shape)) - 1);
  return { shape, dtype: "f32", data };
};

/** Values in random order, 0.1 from each other and at least 0.025 from 0. */
const apart = (...shape: number[]): GradientInput => {
  const length = sizeOf(shape);
  const order = Array.from({ length }, (_, i) => i).sort((a, b) => uniform(a, length) - uniform(b, length));
  return { shape, dtype: "f32", data: order.map((rank) => 0.1 * (rank - Math.floor(length / 2) + 0.25)) };
};

const words = (...data: number[]): GradientInput => ({ shape: [data.length], dtype: "u32", data });

/** Rows that differ from one another. */
const row = (i: number): GradientInput => ({ shape: [4], dtype: "f32", data: noise(5, 4).data.slice(4 * i, 4 * i + 4) });
/** The smallest variance is above -1. */
const known = { attributes: { epsilon: 1.5 }, outputs: ["factor", "offset"] };

const lrn = { size: 5, alpha: 1, beta: 0.75, k: 1 };

const windows = { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], dilations: [1, 1] };
/** No two numbers along an axis, or of two axes, are alike. */
const uneven = { kernel: [3, 2], strides: [2, 1], pads: [2, 0, 1, 1], dilations: [1, 3] };

/** By op and by what sets a case apart. */
export const gradientCases: Readonly<Partial<Record<OpName, Readonly<Record<string, GradientCase>>>>> = {
  activation: Object.fromEntries(
    (["affine", "clip", "leakyRelu", "elu", "sigmoid", "silu", "tanh", "hardSigmoid", "hardSwish"] as const).map((kind) => [
      kind,
      { inputs: { x: apart(3, 5) }, attributes: { kind, alpha: 0.21, beta: 0.51 } },
    ]),
  ),
  add: { control: { inputs: { a: noise(2, 3), b: noise(2, 3) } } },
  averagePool: {
    control: { inputs: { x: noise(2, 5, 5, 2) }, attributes: { size: 3, stride: 2, pad: 0 } },
    "padded and clipped": { inputs: { x: noise(1, 4, 6, 3) }, attributes: { size: 3, stride: 2, pad: 1 } },
    "of everything": { inputs: { x: noise(2, 3, 3, 2) }, attributes: { size: 3, stride: 1, pad: 0 } },
  },
  batchNorm: {
    control: { inputs: { x: noise(3, 2, 2, 3), scale: noise(3), shift: noise(3) }, attributes: { epsilon: 0.1 } },
    rows: { inputs: { x: noise(4, 2), scale: noise(2), shift: noise(2) }, attributes: { epsilon: 0.5 } },
  },
  channelsFirst: { control: { inputs: { x: noise(2, 3, 2, 4) }, attributes: { channels: 3 } } },
  channelsLast: { control: { inputs: { x: noise(2, 3, 3, 2) }, attributes: { channels: 4 } } },
  concat: {
    control: { inputs: { x0: noise(1, 2, 2, 3), x1: noise(1, 2, 2, 1), x2: noise(1, 2, 2, 2) } },
    "one input": { inputs: { x0: noise(2, 3) } },
    "inputs out of order": { inputs: { x1: noise(3, 2), x0: noise(3, 1) } },
  },
  conv2d: {
    control: {
      inputs: { x: noise(2, 4, 5, 3), filter: noise(1, 3, 3, 3, 2), bias: noise(2) },
      attributes: { stride: 1, pad: 0 },
    },
    "padded, no bias": { inputs: { x: noise(1, 4, 3, 2), filter: noise(1, 3, 3, 2, 3) }, attributes: { stride: 1, pad: 1 } },
    "strided, a row left over": { inputs: { x: noise(1, 6, 6, 2), filter: noise(1, 3, 3, 2, 2) }, attributes: { stride: 2, pad: 0 } },
    "in groups": { inputs: { x: noise(1, 4, 4, 4), filter: noise(2, 3, 3, 2, 3), bias: noise(6) }, attributes: { stride: 1, pad: 1 } },
    "1 x 1": { inputs: { x: noise(2, 2, 3, 5), filter: noise(1, 1, 1, 5, 3), bias: noise(3) }, attributes: { stride: 1, pad: 0 } },
  },
  depthwise: {
    control: { inputs: { x: noise(2, 4, 5, 3), filter: noise(9, 3), bias: noise(3) }, attributes: windows },
    "uneven, no bias": { inputs: { x: noise(1, 5, 6, 2), filter: noise(6, 2) }, attributes: uneven },
  },
  dropout: { control: { inputs: { x: noise(3, 7), random: words(1, 2, 3, 0) }, attributes: { ratio: 0.4, stream: 5 } } },
  innerProduct: {
    control: { inputs: { x: noise(3, 5), weight: noise(5, 2), bias: noise(2) } },
    "no bias": { inputs: { x: noise(1, 4), weight: noise(4, 3) } },
  },
  logSoftmax: { control: { inputs: { x: noise(3, 5) } }, "one class": { inputs: { x: noise(2, 1) } } },
  lrn: {
    control: { inputs: { x: noise(3, 7) }, attributes: lrn },
    "fewer channels than the window": { inputs: { x: noise(2, 3) }, attributes: { ...lrn, size: 9 } },
    "window of 1": { inputs: { x: noise(2, 3) }, attributes: { ...lrn, size: 1 } },
    "other constants": { inputs: { x: noise(2, 6) }, attributes: { size: 3, alpha: 0.5, beta: 1.5, k: 2 } },
  },
  maxPool: {
    control: { inputs: { x: apart(2, 5, 5, 2) }, attributes: { size: 3, stride: 2, pad: 0 } },
    "last window clipped": { inputs: { x: apart(1, 6, 4, 3) }, attributes: { size: 3, stride: 2, pad: 0 } },
    padded: { inputs: { x: apart(1, 4, 5, 2) }, attributes: { size: 3, stride: 1, pad: 1 } },
  },
  maxWindows: {
    control: { inputs: { x: apart(2, 4, 5, 2) }, attributes: windows },
    uneven: { inputs: { x: apart(1, 5, 6, 2) }, attributes: uneven },
    "rounded up": { inputs: { x: apart(1, 6, 4, 2) }, attributes: { ...windows, pads: [0, 0, 0, 0], rounding: "ceil" } },
  },
  meanWindows: {
    control: { inputs: { x: noise(2, 4, 5, 2) }, attributes: { ...windows, countPad: false } },
    "padding counts": { inputs: { x: noise(2, 4, 5, 2) }, attributes: { ...windows, countPad: true } },
    uneven: { inputs: { x: noise(1, 5, 6, 2) }, attributes: { ...uneven, countPad: false } },
    "rounded up": { inputs: { x: noise(1, 6, 4, 2) }, attributes: { ...windows, pads: [0, 0, 0, 0], rounding: "ceil", countPad: true } },
  },
  multiply: { control: { inputs: { a: noise(2, 3), b: noise(2, 3) } } },
  normFactors: {
    control: { inputs: { scale: row(0), shift: row(1), mean: row(2), variance: row(3), bias: row(4) }, ...known },
    "no bias": { inputs: { scale: row(0), shift: row(1), mean: row(2), variance: row(3) }, ...known },
  },
  pad: {
    control: { inputs: { x: noise(1, 2, 3, 2) }, attributes: { before: [0, 1, 0, 2], after: [1, 0, 2, 0], value: 3 } },
    "taken off": { inputs: { x: noise(1, 4, 3, 2) }, attributes: { before: [0, -1, 1, 0], after: [0, -1, -1, 0], value: 3 } },
  },
  patches: {
    control: { inputs: { x: noise(2, 4, 5, 2) }, attributes: { ...windows, groups: 1 } },
    "uneven, in groups": { inputs: { x: noise(1, 5, 6, 4) }, attributes: { ...uneven, groups: 2 } },
  },
  permute: {
    control: { inputs: { x: noise(2, 3, 4) }, attributes: { axes: [2, 0, 1] } },
    "two axes": { inputs: { x: noise(2, 3) }, attributes: { axes: [1, 0] } },
  },
  relu: { control: { inputs: { x: apart(3, 5) } } },
  repeat: { control: { inputs: { x: noise(2, 1, 3) }, attributes: { axis: 1, count: 4, scale: 0.5 } } },
  reshape: { control: { inputs: { x: noise(2, 3, 2) }, attributes: { shape: [4, 3] } } },
  scaleFilter: {
    control: { inputs: { filter: noise(1, 2, 3, 2, 4), factor: noise(4) } },
    groups: { inputs: { filter: noise(3, 2, 1, 2, 4), factor: noise(12) } },
  },
  scaleShift: {
    control: { inputs: { x: noise(2, 3, 4), factor: noise(4), offset: noise(4) } },
    "a factor alone": { inputs: { x: noise(5, 2), factor: noise(2) } },
    "an offset alone": { inputs: { x: noise(5, 2), offset: noise(2) } },
  },
  slice: {
    control: { inputs: { x: noise(2, 2, 6) }, attributes: { first: 1, count: 3 } },
    "from the first": { inputs: { x: noise(3, 5) }, attributes: { first: 0, count: 2 } },
    "to the last": { inputs: { x: noise(3, 5) }, attributes: { first: 4, count: 1 } },
  },
  softmax: { control: { inputs: { x: noise(3, 5) } }, "one class": { inputs: { x: noise(2, 1) } } },
  softmaxLoss: {
    control: { inputs: { x: noise(3, 5), labels: words(4, 0, 2) }, attributes: { weight: 1 } },
    weighted: { inputs: { x: noise(2, 3), labels: words(1, 1) }, attributes: { weight: 0.3 } },
  },
  sumAxis: { control: { inputs: { x: noise(2, 4, 3) }, attributes: { axis: 1, scale: 0.25 } } },
};
