// How far a float32 kernel may lie from its float64 definition: derived from the arithmetic, op by op, never tuned to pass.
//
// A sum of K terms computed in float32 makes K roundings, each uniform within eps of the partial sum, which the sum of the terms' magnitudes
// bounds: four standard deviations are 4 sqrt(K / 3) eps * magnitude. Division, square root and transcendental functions err as the WGSL
// specification (section 15.7.4, "Accuracy of built-in functions") allows, where a unit in the last place is at most 2 eps.
import { mapPorts, type Array64, type Op, type TensorType } from "../graph/op.ts";
import type { KernelName } from "../kernels/index.ts";
import { ops } from "../ops/index.ts";
import { scaleOf, type LrnAttributes } from "../ops/lrn.ts";
import { lrnOf } from "../ops/lrn-max-pool.ts";
import { toWinners } from "../ops/max-pool-winners.ts";
import { forEachWindow, type PoolAttributes } from "../ops/pool-window.ts";
import { softmaxOf } from "../ops/softmax.ts";
import { sizeOf, type Shape } from "../tensor/shape.ts";

/** Half a unit in the last place of 1: the relative error of one float32 rounding. */
const EPS = 2 ** -24;
/** Anything smaller than the least normal float32 may be flushed to 0. */
const FLUSH = 2 ** -126;
const DIVISION = 5;

/** One run of an op, as its bound sees it. */
export interface Run {
  readonly inputs: Readonly<Record<string, Array64>>;
  readonly attributes: any;
  readonly outputs: Readonly<Record<string, TensorType>>;
  /** What the definition gives. */
  readonly exact: Readonly<Record<string, Float64Array>>;
}

/** Largest allowed errors, element by element, by output. */
export type Bound = (run: Run) => Record<string, Float64Array>;

/** Roundings that a sum of `terms` products amounts to, with a few for each term's own. */
export const sumOf = (terms: number): number => 3 + 4 * Math.sqrt(terms / 3);

/** `count` roundings of a magnitude. Second-order terms are below 1 / 1000 of the first for any count met here. */
export const roundings = (count: number, magnitude: Float64Array): Float64Array =>
  magnitude.map((value) => 1.001 * count * EPS * Math.abs(value) + (count > 0 ? FLUSH : 0));

/** Values are moved or compared, never computed with. */
const exactly: Bound = ({ exact }) => mapPorts(exact, (values) => new Float64Array(values.length));

/** Every element is made by `count` roundings in a row, with no cancellation that would magnify them. */
const relative =
  (count: number): Bound =>
  ({ exact }) =>
    mapPorts(exact, (values) => roundings(count, values));

/** The op is a sum of products: its magnitude is its own definition on absolute values. `terms` is the length of the longest sum. */
const sumOfProducts =
  (op: Op, terms: (run: Run) => number, more = 0): Bound =>
  (run) =>
    mapPorts(onMagnitudes(op, run), (magnitude) => roundings(sumOf(terms(run)) + more, magnitude));

/** Parameters of the ops that update, with what becomes of them and of their momenta. */
const LAYER_STATES = [
  ["w", "nextW", "nextV"],
  ["bias", "nextBias", "nextBiasV"],
] as const;
const MODULE_STATES = [0, 1, 2].flatMap((i) =>
  ["Filter", "Bias"].map((kind) => [`${kind.toLowerCase()}${i}`, `next${kind}${i}`, `next${kind}${i}V`] as const),
);

export const bounds: { readonly [N in KernelName]: Bound } = {
  accumulate: relative(1),
  add: relative(1),
  averagePool: sumOfProducts(ops.averagePool, ({ attributes: { size } }) => size ** 2, DIVISION),
  averagePoolBackward: sumOfProducts(ops.averagePoolBackward, (run) => windowsOfAPixel(run.attributes) + addends(run), DIVISION),
  channelsFirst: exactly,
  channelsLast: exactly,
  concat: exactly,
  constant: relative(1),
  conv2d: sumOfProducts(ops.conv2d, ({ inputs: { filter } }) => filter.shape[1] * filter.shape[2] * filter.shape[3] + 1),
  conv2dBackwardData: sumOfProducts(
    ops.conv2dBackwardData,
    ({ inputs: { filter } }) => filter.shape[1] * filter.shape[2] * filter.shape[4] + 1,
  ),
  conv2dBackwardFilter: sumOfProducts(ops.conv2dBackwardFilter, ({ inputs: { dy } }) => sizeOf(dy.shape.slice(0, 3))),
  conv2dUpdate: updateOf(ops.conv2dUpdate, LAYER_STATES),
  // The difference; with a scale also the scale's own rounding and the product.
  cropImages: (run) => relative(run.attributes.scale === 1 ? 1 : 3)(run),
  dropout: relative(2), // the scale, and the product with it
  inception: sumOfProducts(ops.inception, ({ inputs: { x } }) => x.shape[3] + 1),
  inceptionBackwardData: sumOfProducts(ops.inceptionBackwardData, ({ inputs: { dy, dreduced } }) => dy.shape[3] + dreduced.shape[3] + 1),
  inceptionUpdate: updateOf(ops.inceptionUpdate, MODULE_STATES),
  // With the scale of a dropout and the product with it.
  innerProduct: sumOfProducts(ops.innerProduct, ({ inputs: { weight } }) => weight.shape[0] + 1, 2),
  innerProductBackwardData: sumOfProducts(ops.innerProductBackwardData, ({ inputs: { weight } }) => weight.shape[1] + 1, 2),
  innerProductBackwardWeight: sumOfProducts(ops.innerProductBackwardWeight, ({ inputs: { x } }) => x.shape[0]),
  innerProductUpdate: updateOf(ops.innerProductUpdate, LAYER_STATES),
  lossScale: exactly,
  lrn: ({ inputs: { x }, attributes, exact: { y } }) => ({ y: lrnErrors(x, attributes, y) }),
  lrnBackward: ({ inputs: { x, dy }, attributes }) => ({ dx: lrnBackwardErrors(x, dy, attributes) }),
  lrnMaxPool: ({ inputs: { x }, attributes, outputs }) => {
    const normed = { shape: x.shape, data: ops.lrn.reference({ x }, lrnOf(attributes), { y: outputs["y"] }).y };
    const errors = { shape: x.shape, data: lrnErrors(x, lrnOf(attributes), normed.data) };
    const { y } = ops.maxPool.reference({ x: errors }, attributes, { y: outputs["y"] });
    return { y, winners: closeCalls(normed, errors, attributes, outputs["y"].shape) };
  },
  lrnMaxPoolBackward: ({ inputs: { x, winners, dy }, attributes, outputs: { dx } }) => {
    const slopes = { shape: x.shape, data: toWinners(magnitudeOf(dy), winners, dx, attributes) };
    return { dx: lrnBackwardErrors(x, slopes, lrnOf(attributes), windowsOfAPixel(attributes) - 1) };
  },
  maxPool: exactly,
  maxPoolBackward: (run) => {
    const places = { x: run.inputs["x"], y: run.inputs["y"] };
    const { dx } = onMagnitudes(ops.maxPoolBackward, run, places);
    return { dx: roundings(windowsOfAPixel(run.attributes) - 1 + addends(run), dx) };
  },
  maxPoolBackwardWinners: (run) => {
    const { dx } = onMagnitudes(ops.maxPoolBackwardWinners, run);
    return { dx: roundings(windowsOfAPixel(run.attributes) - 1 + addends(run), dx) };
  },
  maxPoolWinners: exactly,
  // A gaussian's radius: 30 for the logarithm, half of it after the root, which errs by 9; the angle's cosine: 8; three products.
  randomFill: relative(40),
  nextLossScale: exactly,
  peak: exactly,
  relu: exactly,
  reluBackward: (run) => (run.attributes.scale === undefined ? exactly(run) : relative(2)(run)),
  sgd: (run) => {
    const { nextV } = onMagnitudes(ops.sgd, run);
    const { v, w } = stepErrors(nextV, run.inputs["w"], 0);
    return { nextV: v, nextW: w };
  },
  scaledRate: exactly,
  slice: exactly,
  softmax: ({ inputs: { x } }) => {
    const { p, error } = softmaxErrors(x);
    return { y: p.map((value, i) => value * error[i] * EPS + FLUSH) };
  },
  softmaxBackward: ({ inputs: { y, dy } }) => {
    const [, classes] = y.shape;
    const dx = y.data.map((value, i) => {
      const row = i - (i % classes);
      let through = 0;
      for (let j = row; j < row + classes; j++) through += Math.abs(dy.data[j] * y.data[j]);
      return Math.abs(value) * (Math.abs(dy.data[i]) + through);
    });
    return { dx: roundings(sumOf(classes) + 2, dx) };
  },
  softmaxLoss: (run) => ({ loss: softmaxLossErrors(run) }),
  softmaxLossBackward: (run) => ({ dx: softmaxGradientErrors(run, run.inputs["dloss"].data[0]) }),
  softmaxLossGradient: (run) => {
    const { nextLossTotal, nextCorrectTotal } = run.exact as Partial<Run["exact"]>;
    const loss = softmaxLossErrors(run);
    return {
      loss,
      dx: softmaxGradientErrors(run, 1),
      ...(nextLossTotal && { nextLossTotal: roundings(1, nextLossTotal).map((own) => own + loss[0]) }),
      ...(nextCorrectTotal && { nextCorrectTotal: roundings(1, nextCorrectTotal) }),
    };
  },
  sumPixels: sumOfProducts(ops.sumPixels, ({ inputs: { x } }) => sizeOf(x.shape.slice(0, -1))),
  topK: exactly,
};

/**
 * The rate's product and the constants' own roundings: six in the longest chain; the last difference adds one. `gradient` are the roundings of the
 * gradient, whose magnitude is part of nextV's.
 */
const stepErrors = (nextV: Float64Array, w: Array64, gradient: number): { v: Float64Array; w: Float64Array } => ({
  v: roundings(7 + gradient, nextV),
  w: roundings(8 + gradient, nextV).map((value, i) => value + 1.001 * 8 * EPS * Math.abs(w.data[i])),
});

/** The gradients' sums over all pixels (or rows), then the steps: `states` pairs each parameter with its momentum, as inputs and as outputs. */
function updateOf(op: Op, states: readonly (readonly [parameter: string, next: string, nextMomentum: string])[]): Bound {
  return (run) => {
    const magnitudes = onMagnitudes(op, run);
    const gradient = sumOf(sizeOf(run.inputs["dy"].shape.slice(0, -1)));
    return Object.fromEntries(
      states.flatMap(([parameter, next, nextMomentum]) => {
        const errors = stepErrors(magnitudes[nextMomentum], run.inputs[parameter], gradient);
        return [
          [next, errors.w],
          [nextMomentum, errors.v],
        ];
      }),
    );
  };
}

/** The definition on absolute values; gates, winners and other inputs that only decide what counts are taken as they are. */
function onMagnitudes(op: Op, { inputs, attributes, outputs }: Run, deciding: Run["inputs"] = {}): Record<string, Float64Array> {
  const gate = inputs["gate"];
  return op.reference({ ...mapPorts(inputs, magnitudeOf), ...(gate && { gate }), ...deciding }, attributes, outputs);
}

/** Terms that a gradient's addend adds to its sum. */
const addends = ({ inputs }: Run): number => ("addend" in inputs ? 1 : 0);

const magnitudeOf = ({ shape, data }: Array64): Array64 => ({ shape, data: data.map(Math.abs) });

const windowsOfAPixel = ({ size, stride }: PoolAttributes): number => Math.ceil(size / stride) ** 2;

const lrnErrors = (x: Array64, attributes: LrnAttributes, y: Float64Array): Float64Array => {
  const scale = scaleOf(x, attributes);
  return y.map((value, i) => powerOfScale(scale[i], attributes.beta, attributes) * EPS * Math.abs(value) + FLUSH);
};

/** `before` are the roundings in dy. dx = direct - through; what matters is the sum of their magnitudes, and of all scales in reach the one that errs most. */
function lrnBackwardErrors(x: Array64, dy: Array64, attributes: LrnAttributes, before = 0): Float64Array {
  const scale = scaleOf(x, attributes);
  const worst = scale.reduce((most, value) => Math.max(most, powerOfScale(value, attributes.beta + 1, attributes)), 0);
  const direct = dy.data.map((value, i) => Math.abs(value) * scale[i] ** -attributes.beta);
  const magnitudes = { x: magnitudeOf(x), dy: magnitudeOf(dy) };
  const difference = ops.lrnBackward.reference(magnitudes, attributes, { dx: { shape: x.shape, dtype: "f32" } }).dx;
  return roundings(
    worst + 2 * attributes.size + 8 + before,
    direct.map((value, i) => 2 * value - difference[i]),
  );
}

/**
 * By word of winners: anything may be there where another pixel of a window comes as near to its maximum as both err, nothing else may elsewhere.
 * Pixels that equal the maximum do so in float32 as well, for they are 0 or made of equal neighbours.
 */
function closeCalls(x: Array64, errors: Array64, attributes: PoolAttributes, pooled: Shape): Float64Array {
  const allowed = new Float64Array(sizeOf(pooled) / 4);
  forEachWindow(x.shape, pooled, attributes, (pixels, _area, at) => {
    for (let c = 0; c < x.shape[3]; c++) {
      const best = Math.max(...pixels.map((pixel) => x.data[pixel + c]));
      const error = Math.max(...pixels.map((pixel) => errors.data[pixel + c]));
      const close = (value: number): boolean => value !== best && value > best - 2 * error;
      if (pixels.some((pixel) => close(x.data[pixel + c]))) allowed[Math.floor((at + c) / 4)] = 2 ** 32;
    }
  });
  return allowed;
}

/** Roundings in scale^-exponent: those of scale, raised; those of pow as exp2(-exponent log2 scale); three products around it. */
function powerOfScale(scale: number, exponent: number, { size }: LrnAttributes): number {
  const power = exponent * Math.abs(Math.log2(scale));
  const log2 = Math.max(8, 6 * Math.abs(Math.log2(scale))); // 2^-21 absolute between 1/2 and 2, 3 units in the last place elsewhere
  const exp2 = 2 * (3 + 2 * power);
  return exponent * (size + 4) + Math.LN2 * (exponent * log2 + power) + exp2 + 3;
}

/** Roundings in log x, absolute: 2^-21 between 1/2 and 2, 3 units in the last place elsewhere. */
const logarithm = (x: number): number => Math.max(8, 6 * Math.abs(Math.log(Math.max(x, FLUSH))));

/** Softmax and the roundings in each of its elements: exp errs by 3 + 2 |d| units in the last place, and d = score - top by one rounding. */
function softmaxErrors(x: Array64): { p: Float64Array; error: Float64Array } {
  const [, classes] = x.shape;
  const p = softmaxOf(x);
  const error = new Float64Array(p.length);
  for (let row = 0; row < p.length; row += classes) {
    const top = x.data.subarray(row, row + classes).reduce((a, b) => Math.max(a, b));
    const power = (i: number): number => 6 + 5 * (top - x.data[i]);
    let total = sumOf(classes) + DIVISION;
    for (let i = row; i < row + classes; i++) total += p[i] * power(i);
    for (let i = row; i < row + classes; i++) error[i] = power(i) + total;
  }
  return { p, error };
}

function softmaxLossErrors({ inputs: { x, labels }, attributes: { weight }, exact: { loss } }: Run): Float64Array {
  const [rows, classes] = x.shape;
  const { p, error } = softmaxErrors(x);
  let sum = 0;
  labels.data.forEach((label, row) => {
    const at = row * classes + label;
    if (label < classes) sum += error[at] + logarithm(p[at]);
  });
  const meanOfRows = ((weight * sum) / rows) * EPS;
  return roundings(sumOf(rows) + 2, loss).map((own) => own + meanOfRows);
}

function softmaxGradientErrors({ inputs: { x, labels }, attributes: { weight } }: Run, dloss: number): Float64Array {
  const [rows, classes] = x.shape;
  const { p, error } = softmaxErrors(x);
  const scale = Math.abs((dloss * weight) / rows);
  return p.map((value, i) => {
    const oneHot = i % classes === labels.data[Math.floor(i / classes)] ? 1 : 0;
    return scale * (value * error[i] + 4 * (value + oneHot)) * EPS + FLUSH;
  });
}
