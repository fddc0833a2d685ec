// Stochastic gradient descent with momentum and weight decay, as Caffe's solver does it: what it means. Any shape, written over w and v.
import { op, type Array64, type Port } from "../graph/op.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { EPS, onMagnitudes, roundings } from "./bounds.ts";

export interface SgdAttributes {
  momentum: number;
  /** Weight decay times the parameter's own multiplier (0 for biases): L2, added to the gradient. */
  decay: number;
  /** The parameter's own multiplier of the learning rate: 1 for weights, 2 for biases. */
  rateMultiplier: number;
}

/**
 * nextV = momentum v + rateMultiplier rate (dw / scale + decay w); nextW = w - nextV. The learning rate lies inside v, so that v keeps the rates of
 * the steps that made it. rate: f32 [2], (rate / scale, scale), data and no attribute, because it changes from step to step; scale is that of the loss
 * whose gradient dw is: 1, unless gradients are stored in 16 bits (loss-scale.ts).
 */
export const sgd = op<{ w: Port; v: Port; dw: Port; rate: Port }, { nextW: Port; nextV: Port }, SgdAttributes>({
  name: "sgd",
  inPlace: [
    ["w", "nextW"],
    ["v", "nextV"],
  ],
  infer({ w, v, dw, rate }, _attributes, label) {
    for (const [port, { shape }] of Object.entries({ v, dw })) {
      if (!sameShape(shape, w.shape))
        throw new Error(`sgd "${label}": w is ${formatShape(w.shape)}, ${port} must be the same, got ${formatShape(shape)}`);
    }
    if (!sameShape(rate.shape, [2])) throw new Error(`sgd "${label}": rate must be [2], got ${formatShape(rate.shape)}`);
    return { nextW: w, nextV: v };
  },
  reference({ w, v, dw, rate }, { momentum, decay, rateMultiplier }) {
    const step = rateMultiplier * rate.data[0];
    const scaledDecay = decay * rate.data[1];
    const nextV = v.data.map((value, i) => momentum * value + step * (dw.data[i] + scaledDecay * w.data[i]));
    return { nextW: w.data.map((value, i) => value - nextV[i]), nextV };
  },
  bound: (run) => {
    const { nextV } = onMagnitudes(run);
    const { v, w } = stepErrors(nextV, run.inputs["w"], 0);
    return { nextV: v, nextW: w };
  },
});

/**
 * The rate's product and the constants' own roundings: six in the longest chain; the last difference adds one. `gradient` are the roundings of the
 * gradient, whose magnitude is part of nextV's.
 */
export const stepErrors = (nextV: Float64Array, w: Array64, gradient: number): { v: Float64Array; w: Float64Array } => ({
  v: roundings(7 + gradient, nextV),
  w: roundings(8 + gradient, nextV).map((value, i) => value + 1.001 * 8 * EPS * Math.abs(w.data[i])),
});
