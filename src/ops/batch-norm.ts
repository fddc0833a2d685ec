// Batch normalisation (Ioffe and Szegedy 2015, arXiv 1502.03167): what it means. x, y: [..., channels]; all else: [channels].
// https://onnx.ai/onnx/operators/onnx__BatchNormalization.html
import type { Value } from "../graph/graph.ts";
import { op, type Array64, type Op, type Port } from "../graph/op.ts";
import { formatShape, sameShape, sizeOf } from "../tensor/shape.ts";
import { add } from "./add.ts";
import { DIVISION, EPS, FLUSH, roundings, sumOf } from "./bounds.ts";
import { constant } from "./constant.ts";
import { multiply } from "./multiply.ts";
import { rectified, type Rectifier } from "./rectifier.ts";
import { requireChannels, scaleShift } from "./scale-shift.ts";

export interface NormAttributes {
  /** Added to the variance. */
  epsilon: number;
}

export interface BatchNormAttributes extends NormAttributes, Rectifier {}

/**
 * mean[c] and variance[c] over all pixels of x, the variance divided by their number; y[..., c] = (x[..., c] - mean[c]) / sqrt(variance[c] +
 * epsilon) scale[c] + shift[c] + addend[..., c]. The addend, of x's shape, is a residual; a pass connects it.
 */
export const batchNorm = op<
  { x: Port; scale: Port; shift: Port; addend?: Port },
  { y: Port; mean: Port; variance: Port },
  BatchNormAttributes
>({
  name: "batchNorm",
  infer({ x, scale, shift, addend }, _attributes, label) {
    const channels = x.shape[x.shape.length - 1];
    for (const [port, type] of Object.entries({ scale, shift })) requireChannels("batchNorm", label, port, type, channels);
    if (addend && !sameShape(addend.shape, x.shape))
      throw new Error(`batchNorm "${label}": addend must be ${formatShape(x.shape)} as x is, got ${formatShape(addend.shape)}`);
    const moment = { shape: [channels], dtype: "f32" } as const;
    return { y: x, mean: moment, variance: moment };
  },
  reference({ x, scale, shift, addend }, { epsilon, ...rectifier }) {
    const { mean, variance } = momentsOf(x);
    const channels = mean.length;
    const y = x.data.map((value, i) => {
      const c = i % channels;
      const sum = ((value - mean[c]) / Math.sqrt(variance[c] + epsilon)) * scale.data[c] + shift.data[c] + (addend ? addend.data[i] : 0);
      return rectified(sum, rectifier);
    });
    return { y, mean, variance };
  },
  bound: ({ inputs: { x, scale, shift, addend }, attributes: { epsilon } }) => {
    const { mean, variance, meanError, varianceError } = momentErrors(x);
    const channels = mean.length;
    const y = x.data.map((value, i) => {
      const c = i % channels;
      const spread = variance[c] + epsilon;
      const centred = Math.abs(value - mean[c]);
      // Half the variance's relative error is the square root's; eight roundings are the square root, the division and the products.
      const errors = meanError[c] + EPS * centred + centred * ((0.5 * varianceError[c]) / spread + (4 + DIVISION + 3) * EPS);
      const normal = (centred / Math.sqrt(spread)) * Math.abs(scale.data[c]) + Math.abs(shift.data[c]);
      // The sum with the addend is one rounding more.
      const joined = addend ? EPS * (normal + Math.abs(addend.data[i])) : 0;
      return 1.001 * ((errors / Math.sqrt(spread)) * Math.abs(scale.data[c]) + EPS * Math.abs(shift.data[c]) + joined) + FLUSH;
    });
    return { y, mean: meanError.map((error) => error + FLUSH), variance: varianceError.map((error) => error + FLUSH) };
  },
  gradient({ graph, inputs: { x, scale, shift, addend }, outputs: { mean, variance }, dy: { y: dy }, attributes, needs, label }) {
    const { epsilon, relu } = attributes;
    if (relu || addend) throw new Error(`internal: batchNorm "${label}" was fused with its neighbours before gradients were made`);
    if (!dy) return {};
    const { dx, dscale, dshift } = graph.add(batchNormBackward, { x, dy, scale, mean, variance }, { epsilon }, `${label}.dx`);
    return {
      x: needs("x") ? dx : undefined,
      scale: needs("scale") ? dscale : undefined,
      shift: needs("shift") && shift ? dshift : undefined,
    };
  },
});

/**
 * With n = (x - mean) / sqrt(variance + epsilon): dshift[c] = sum of dy, dscale[c] = sum of dy n, and dx = scale / sqrt(variance + epsilon) (dy -
 * mean of dy - n mean of dy n).
 */
export const batchNormBackward = op<
  { x: Port; dy: Port; scale: Port; mean: Port; variance: Port },
  { dx: Port; dscale: Port; dshift: Port },
  NormAttributes
>({
  name: "batchNormBackward",
  infer({ x, scale }) {
    const moment = { shape: scale.shape, dtype: "f32" } as const;
    return { dx: x, dscale: moment, dshift: moment };
  },
  reference({ x, dy, scale, mean, variance }, { epsilon }) {
    const channels = mean.data.length;
    const pixels = x.data.length / channels;
    const inverse = variance.data.map((value) => 1 / Math.sqrt(value + epsilon));
    const normal = x.data.map((value, i) => (value - mean.data[i % channels]) * inverse[i % channels]);
    const dscale = new Float64Array(channels);
    const dshift = new Float64Array(channels);
    dy.data.forEach((value, i) => {
      dshift[i % channels] += value;
      dscale[i % channels] += value * normal[i];
    });
    const dx = dy.data.map((value, i) => {
      const c = i % channels;
      return scale.data[c] * inverse[c] * (value - dshift[c] / pixels - (normal[i] * dscale[c]) / pixels);
    });
    return { dx, dscale, dshift };
  },
  bound: ({ inputs: { x, dy, scale, mean, variance }, attributes: { epsilon } }) => {
    const channels = mean.data.length;
    const pixels = x.data.length / channels;
    const inverse = variance.data.map((value) => 1 / Math.sqrt(value + epsilon));
    const normal = x.data.map((value, i) => Math.abs(value - mean.data[i % channels]) * inverse[i % channels]);
    const shifts = new Float64Array(channels);
    const scales = new Float64Array(channels);
    dy.data.forEach((value, i) => {
      shifts[i % channels] += Math.abs(value);
      scales[i % channels] += Math.abs(value) * normal[i];
    });
    const roots = 4 + DIVISION + 2;
    const sums = sumOf(pixels);
    const dx = dy.data.map((value, i) => {
      const c = i % channels;
      const terms = Math.abs(value) + ((sums + 2) * shifts[c]) / pixels + (normal[i] * (sums + 3 * roots) * scales[c]) / pixels;
      return (
        1.001 *
          EPS *
          Math.abs(scale.data[c]) *
          inverse[c] *
          (terms + (roots + 4) * (Math.abs(value) + (shifts[c] + normal[i] * scales[c]) / pixels)) +
        FLUSH
      );
    });
    return { dx, dscale: roundings(sums + roots, scales), dshift: roundings(sums, shifts) };
  },
});

/** factor = scale / sqrt(variance + epsilon), offset = shift - mean factor: what normalisation by known moments is, for each channel. */
export const normFactors: Op<
  { scale: Port; shift: Port; mean: Port; variance: Port; bias?: Port },
  { factor: Port; offset: Port },
  NormAttributes
> = op({
  name: "normFactors",
  infer: ({ scale }) => ({ factor: scale, offset: scale }),
  reference({ scale, shift, mean, variance, bias }, { epsilon }) {
    const factor = scale.data.map((value, c) => value / Math.sqrt(variance.data[c] + epsilon));
    const offset = shift.data.map((value, c) => value + ((bias ? bias.data[c] : 0) - mean.data[c]) * factor[c]);
    return { factor, offset };
  },
  bound: ({ inputs: { scale, shift, mean, variance, bias }, attributes: { epsilon } }) => {
    const factor = scale.data.map((value, c) => Math.abs(value) / Math.sqrt(variance.data[c] + epsilon));
    const roots = 4 + DIVISION + 2;
    const offset = shift.data.map(
      (value, c) => Math.abs(value) + (Math.abs(mean.data[c]) + (bias ? Math.abs(bias.data[c]) : 0)) * factor[c] * (roots + 3),
    );
    return { factor: roundings(roots, factor), offset: roundings(1, offset) };
  },
  // With s = 1 / sqrt(variance + epsilon): dscale = s dfactor + (bias - mean) s doffset, dvariance = -dscale scale s^2 / 2, dbias = doffset scale s = -dmean.
  gradient({ graph, inputs: { scale, shift, mean, variance, bias }, outputs, dy: { factor, offset }, attributes, needs, label }) {
    const named = (name: string): string => `${label}.${name}`;
    const filled = (value: number): Value => graph.add(constant, {}, { value, shape: scale.shape }, named(`constant ${value}`)).y;
    const known = { shift: filled(0), mean, variance, ...(bias && { bias }) };
    /** y s and (bias - mean) y s. */
    const times = (y: Value, name: string): { factor: Value; offset: Value } =>
      graph.add(normFactors, { ...known, scale: y }, attributes, named(name));
    const parts = [...(factor ? [times(factor, "dfactor").factor] : []), ...(offset ? [times(offset, "doffset").offset] : [])];
    if (parts.length === 0) return {};
    const dscale = parts.length === 1 ? parts[0] : graph.add(add, { a: parts[0], b: parts[1] }, {}, named("dscale")).y;
    const dbias = offset && graph.add(multiply, { a: offset, b: outputs.factor }, {}, named("dbias")).y;
    const weighted = (x: Value, by: number, name: string): Value => graph.add(scaleShift, { x, factor: filled(by) }, {}, named(name)).y;
    const dvariance = (): Value => {
      const twice = times(times(dscale, "s").factor, "s^2").factor;
      return weighted(graph.add(multiply, { a: twice, b: scale }, {}, named("s^2 scale")).y, -1 / 2, "dvariance");
    };
    return {
      scale: needs("scale") ? dscale : undefined,
      shift: needs("shift") && shift ? offset : undefined,
      mean: needs("mean") && dbias ? weighted(dbias, -1, "dmean") : undefined,
      variance: needs("variance") ? dvariance() : undefined,
      bias: needs("bias") ? dbias : undefined,
    };
  },
});

export interface MovingAverageAttributes {
  /** Share of the average that is kept. */
  keep: number;
}

/** next = keep average + (1 - keep) x, written over the average. */
export const movingAverage = op<{ average: Port; x: Port }, { next: Port }, MovingAverageAttributes>({
  name: "movingAverage",
  inPlace: [["average", "next"]],
  infer({ average, x }, _attributes, label) {
    requireChannels("movingAverage", label, "x", x, sizeOf(average.shape));
    return { next: average };
  },
  reference: ({ average, x }, { keep }) => ({ next: average.data.map((value, i) => keep * value + (1 - keep) * x.data[i]) }),
  bound: ({ inputs: { average, x }, attributes: { keep } }) => ({
    next: roundings(
      4,
      average.data.map((value, i) => keep * Math.abs(value) + (1 - keep) * Math.abs(x.data[i])),
    ),
  }),
});

function momentsOf({ shape, data }: Array64): { mean: Float64Array; variance: Float64Array } {
  const channels = shape[shape.length - 1];
  const pixels = data.length / channels;
  const mean = new Float64Array(channels);
  data.forEach((value, i) => (mean[i % channels] += value / pixels));
  const variance = new Float64Array(channels);
  data.forEach((value, i) => (variance[i % channels] += (value - mean[i % channels]) ** 2 / pixels));
  return { mean, variance };
}

/** Moments and how far those of a float32 kernel may lie from them, which takes the mean before it takes the variance. */
function momentErrors(x: Array64) {
  const { mean, variance } = momentsOf(x);
  const channels = mean.length;
  const pixels = x.data.length / channels;
  const sums = sumOf(pixels) + DIVISION;
  const magnitude = new Float64Array(channels);
  x.data.forEach((value, i) => (magnitude[i % channels] += Math.abs(value) / pixels));
  const meanError = magnitude.map((value) => 1.001 * sums * EPS * value);
  // The sum of squares around a mean that is off by d is off by d^2; each term is off by a rounding of its difference, twice.
  const varianceError = variance.map(
    (value, c) => 1.001 * (sums + 3) * EPS * value + meanError[c] ** 2 + 2 * EPS * Math.sqrt(value) * meanError[c],
  );
  return { mean, variance, meanError, varianceError };
}
