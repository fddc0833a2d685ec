// Local response normalisation across channels: what it means. Arrays are [..., channels]; what lies before is a list of pixels.
import { op, type Array64, type Port } from "../graph/op.ts";
import { EPS, FLUSH, magnitudeOf, roundings } from "./bounds.ts";
import { requireEpilogue, withEpilogue, type EpiloguePorts } from "./gradient-epilogue.ts";

export interface LrnAttributes {
  /** Channels in the window, odd. AlexNet and GoogLeNet: 5. */
  size: number;
  alpha: number;
  beta: number;
  k: number;
}

/** y = x * scale^-beta, scale = k + alpha / size * (sum of squares over the window). Krizhevsky et al. 2012, section 3.3; alpha / size as in Caffe. */
export const lrn = op<{ x: Port }, { y: Port }, LrnAttributes>({
  name: "lrn",
  infer({ x }, { size }, label) {
    if (size % 2 === 0) throw new Error(`lrn "${label}": size must be odd (the window is centred on a channel), got ${size}`);
    return { y: x };
  },
  reference({ x }, attributes) {
    const scale = scaleOf(x, attributes);
    return { y: x.data.map((value, i) => value * scale[i] ** -attributes.beta) };
  },
  bound: ({ inputs: { x }, attributes, exact: { y } }) => ({ y: lrnErrors(x, attributes, y) }),
  gradient: ({ graph, inputs, dy, attributes, label }) => ({
    x: dy.y && graph.add(lrnBackward, { x: inputs.x, dy: dy.y }, attributes, `${label}.dx`).dx,
  }),
});

/** The gradient of `lrn` with respect to x; scale is recomputed, so that nothing but x need be kept. */
export const lrnBackward = op<{ x: Port; dy: Port } & Pick<EpiloguePorts, "gate">, { dx: Port }, LrnAttributes>({
  name: "lrnBackward",
  infer({ x, gate }, _attributes, label) {
    requireEpilogue("lrnBackward", label, { gate }, x);
    return { dx: x };
  },
  reference({ x, dy, ...epilogue }, attributes) {
    const { size, alpha, beta } = attributes;
    const scale = scaleOf(x, attributes);
    const dx = new Float64Array(x.data.length);
    forEachWindow(x, size, (i, first, last) => {
      let through = 0; // what reaches x through its neighbours' scales
      for (let j = first; j <= last; j++) through += dy.data[j] * x.data[j] * scale[j] ** (-beta - 1);
      dx[i] = dy.data[i] * scale[i] ** -beta - ((2 * alpha * beta) / size) * x.data[i] * through;
    });
    return { dx: withEpilogue(dx, epilogue) };
  },
  bound: ({ inputs: { x, dy }, attributes }) => ({ dx: lrnBackwardErrors(x, dy, attributes) }),
});

/** k + alpha / size * the sum of squares over each element's window. */
function scaleOf(x: Array64, { size, alpha, k }: LrnAttributes): Float64Array {
  const scale = new Float64Array(x.data.length);
  forEachWindow(x, size, (i, first, last) => {
    let squares = 0;
    for (let j = first; j <= last; j++) squares += x.data[j] ** 2;
    scale[i] = k + (alpha / size) * squares;
  });
  return scale;
}

/** Visits every element with the indices of the first and last channel of its window, clipped to its pixel. */
function forEachWindow(x: Array64, size: number, visit: (i: number, first: number, last: number) => void): void {
  const channels = x.shape[x.shape.length - 1];
  const reach = (size - 1) / 2;
  for (let row = 0; row < x.data.length; row += channels) {
    for (let c = 0; c < channels; c++) visit(row + c, row + Math.max(c - reach, 0), row + Math.min(c + reach, channels - 1));
  }
}

/** Largest errors of y. */
export const lrnErrors = (x: Array64, attributes: LrnAttributes, y: Float64Array): Float64Array => {
  const scale = scaleOf(x, attributes);
  return y.map((value, i) => powerOfScale(scale[i], attributes.beta, attributes) * EPS * Math.abs(value) + FLUSH);
};

/** `before` are the roundings in dy. dx = direct - through; what matters is the sum of their magnitudes, and of all scales in reach the one that errs most. */
export function lrnBackwardErrors(x: Array64, dy: Array64, attributes: LrnAttributes, before = 0): Float64Array {
  const scale = scaleOf(x, attributes);
  const worst = scale.reduce((most, value) => Math.max(most, powerOfScale(value, attributes.beta + 1, attributes)), 0);
  const direct = dy.data.map((value, i) => Math.abs(value) * scale[i] ** -attributes.beta);
  const magnitudes = { x: magnitudeOf(x), dy: magnitudeOf(dy) };
  const difference = lrnBackward.reference(magnitudes, attributes, { dx: { shape: x.shape, dtype: "f32" } }).dx;
  return roundings(
    worst + 2 * attributes.size + 8 + before,
    direct.map((value, i) => 2 * value - difference[i]),
  );
}

/** Roundings in scale^-exponent: those of scale, raised; those of pow as exp2(-exponent log2 scale); three products around it. */
function powerOfScale(scale: number, exponent: number, { size }: LrnAttributes): number {
  const power = exponent * Math.abs(Math.log2(scale));
  const log2 = Math.max(8, 6 * Math.abs(Math.log2(scale))); // 2^-21 absolute between 1/2 and 2, 3 units in the last place elsewhere
  const exp2 = 2 * (3 + 2 * power);
  return exponent * (size + 4) + Math.LN2 * (exponent * log2 + power) + exp2 + 3;
}
