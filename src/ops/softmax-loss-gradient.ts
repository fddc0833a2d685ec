// Softmax loss and its gradient at once, and what a training step counts: what it means. x, dx: [rows, classes]; labels: u32 [rows]; loss and the
// running sums: [1].
import { op, type Port, type Run } from "../graph/op.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { roundings } from "./bounds.ts";
import {
  requireLabels,
  softmaxLoss,
  softmaxLossBackward,
  type SoftmaxLossAttributes,
  softmaxGradientErrors,
  softmaxLossErrors,
} from "./softmax-loss.ts";
import { topK } from "./top-k.ts";

export interface SoftmaxLossGradientAttributes extends SoftmaxLossAttributes {
  /** With `correctTotal`: a row counts as right where its true class is among the k best. */
  k?: number;
}

export interface Inputs {
  x: Port;
  labels: Port;
  lossTotal?: Port;
  correctTotal?: Port;
}

export interface Outputs {
  loss: Port;
  dx: Port;
  nextLossTotal?: Port;
  nextCorrectTotal?: Port;
}

/** loss as softmaxLoss; dx = dloss / dx; with lossTotal, the loss is added to it; with correctTotal, what topK counts. */
export const softmaxLossGradient = op<Inputs, Outputs, SoftmaxLossGradientAttributes>({
  name: "softmaxLossGradient",
  inPlace: [
    ["lossTotal", "nextLossTotal"],
    ["correctTotal", "nextCorrectTotal"],
  ],
  infer({ x, labels, lossTotal, correctTotal }, { k }, label) {
    requireLabels("softmaxLossGradient", label, x, labels);
    const loss = { shape: [1], dtype: "f32" } as const;
    for (const [port, total] of Object.entries({ lossTotal, correctTotal })) {
      if (total && !sameShape(total.shape, loss.shape))
        throw new Error(`softmaxLossGradient "${label}": ${port} must be [1], got ${formatShape(total.shape)}`);
    }
    if (correctTotal && k === undefined)
      throw new Error(`softmaxLossGradient "${label}": correctTotal counts the k best, but k is not given`);
    return { loss, dx: x, ...(lossTotal && { nextLossTotal: loss }), ...(correctTotal && { nextCorrectTotal: loss }) };
  },
  reference({ x, labels, lossTotal, correctTotal }, { weight, k = 1 }, { loss, dx }) {
    const one = { shape: [1], data: Float64Array.of(1) };
    const sum = softmaxLoss.reference({ x, labels }, { weight }, { loss }).loss;
    return {
      loss: sum,
      ...softmaxLossBackward.reference({ x, labels, dloss: one }, { weight }, { dx }),
      ...(lossTotal && { nextLossTotal: Float64Array.of(lossTotal.data[0] + sum[0]) }),
      ...(correctTotal && {
        nextCorrectTotal: Float64Array.of(correctTotal.data[0] + topK.reference({ x, labels }, { k }, { correct: loss }).correct[0]),
      }),
    };
  },
  bound: (run) => {
    const { nextLossTotal, nextCorrectTotal } = run.exact as Partial<Run["exact"]>;
    const loss = softmaxLossErrors(run);
    return {
      loss,
      dx: softmaxGradientErrors(run, 1),
      ...(nextLossTotal && { nextLossTotal: roundings(1, nextLossTotal).map((own) => own + loss[0]) }),
      ...(nextCorrectTotal && { nextCorrectTotal: roundings(1, nextCorrectTotal) }),
    };
  },
});
