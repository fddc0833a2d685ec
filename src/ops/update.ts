// The gradient of a layer's weight and bias and the step of gradient descent that takes it, as one op: what it means. The gradient is never a tensor.
// Passes make these ops of their parts; the arrays are those of conv2d and innerProduct, v and biasV the momenta of w and bias.
import { op, type Array64, type Bound, type Op, type Port, type TensorType } from "../graph/op.ts";
import { formatShape, sameShape, sizeOf } from "../tensor/shape.ts";
import { onMagnitudes, sumOf } from "./bounds.ts";
import { conv2dBackwardFilter, sumPixels, type Conv2dAttributes } from "./conv2d.ts";
import { innerProductBackwardWeight } from "./inner-product.ts";
import { sgd, stepErrors } from "./sgd.ts";

export interface UpdateAttributes {
  momentum: number;
  /** Weight decay and rate multiplier of the weight, as in sgd. */
  decay: number;
  rateMultiplier: number;
  /** Weight decay and rate multiplier of the bias. */
  biasDecay: number;
  biasRateMultiplier: number;
}

export interface Inputs {
  x: Port;
  dy: Port;
  w: Port;
  v: Port;
  bias: Port;
  biasV: Port;
  rate: Port;
}

export interface Outputs {
  nextW: Port;
  nextV: Port;
  nextBias: Port;
  nextBiasV: Port;
}

const IN_PLACE = [
  ["w", "nextW"],
  ["v", "nextV"],
  ["bias", "nextBias"],
  ["biasV", "nextBiasV"],
] as const;

/** Ports of each parameter: its value, its next value and its next momentum. */
const LAYER_STATES = [
  ["w", "nextW", "nextV"],
  ["bias", "nextBias", "nextBiasV"],
] as const;

/** What sgd makes of w with conv2dBackwardFilter(x, dy) and of bias with sumPixels(dy). */
export const conv2dUpdate: Op<Inputs, Outputs, UpdateAttributes & Conv2dAttributes> = op({
  name: "conv2dUpdate",
  inPlace: IN_PLACE,
  strided: ["x", "dy"],
  infer: (inputs, _attributes, label) => nextTypes("conv2dUpdate", label, inputs),
  reference({ x, dy, w, ...states }, { stride, pad, ...update }) {
    const [groups, kh, kw] = w.shape;
    const { dfilter } = conv2dBackwardFilter.reference({ x, dy }, { stride, pad, groups, kh, kw }, { dfilter: f32(w) });
    return steps({ dy, w, ...states }, dfilter, update);
  },
  bound: updateBound(LAYER_STATES),
});

/** What sgd makes of w with innerProductBackwardWeight(x, dy) and of bias with sumPixels(dy). */
export const innerProductUpdate: Op<Inputs, Outputs, UpdateAttributes> = op({
  name: "innerProductUpdate",
  inPlace: IN_PLACE,
  infer: (inputs, _attributes, label) => nextTypes("innerProductUpdate", label, inputs),
  reference({ x, dy, w, ...states }, update) {
    const { dweight } = innerProductBackwardWeight.reference({ x, dy }, {}, { dweight: f32(w) });
    return steps({ dy, w, ...states }, dweight, update);
  },
  bound: updateBound(LAYER_STATES),
});

const f32 = ({ shape }: Array64): TensorType => ({ shape, dtype: "f32" });

function nextTypes(
  name: string,
  label: string,
  { dy, w, v, bias, biasV, rate }: Record<keyof Inputs, TensorType>,
): Record<keyof Outputs, TensorType> {
  const wanted = { v: w.shape, biasV: bias.shape, bias: [dy.shape[dy.shape.length - 1]], rate: [2] };
  for (const [port, { shape }] of Object.entries({ v, biasV, bias, rate })) {
    const shouldBe = wanted[port as keyof typeof wanted];
    if (!sameShape(shape, shouldBe))
      throw new Error(`${name} "${label}": ${port} must be ${formatShape(shouldBe)}, got ${formatShape(shape)}`);
  }
  return { nextW: w, nextV: v, nextBias: bias, nextBiasV: biasV };
}

/** The two updates of a layer, whose weight's gradient is dw and whose bias's is the sum of dy. */
function steps(
  { dy, w, v, bias, biasV, rate }: Record<Exclude<keyof Inputs, "x">, Array64>,
  dw: Float64Array,
  { momentum, decay, rateMultiplier, biasDecay, biasRateMultiplier }: UpdateAttributes,
): Record<keyof Outputs, Float64Array> {
  const db = sumPixels.reference({ x: dy }, {}, { y: f32(bias) }).y;
  const types = { nextW: f32(w), nextV: f32(w) };
  const weight = sgd.reference({ w, v, dw: { shape: w.shape, data: dw }, rate }, { momentum, decay, rateMultiplier }, types);
  const offset = sgd.reference(
    { w: bias, v: biasV, dw: { shape: bias.shape, data: db }, rate },
    { momentum, decay: biasDecay, rateMultiplier: biasRateMultiplier },
    types,
  );
  return { nextW: weight.nextW, nextV: weight.nextV, nextBias: offset.nextW, nextBiasV: offset.nextV };
}

/** Bound of the gradients' sums over all pixels (or rows) and of the steps after them. `states` lists each parameter with its next value and next momentum. */
export function updateBound(states: readonly (readonly [parameter: string, next: string, nextMomentum: string])[]): Bound {
  return (run) => {
    const magnitudes = onMagnitudes(run);
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
