// Softmax followed by multinomial logistic loss: what it means. x: [rows, classes]; labels: u32 [rows]; loss: [1].
import { op, type Array64, type Port, type Run, type TensorType } from "../graph/op.ts";
import { formatShape } from "../tensor/shape.ts";
import { EPS, FLUSH, logarithm, roundings, sumOf } from "./bounds.ts";
import { requireRows, softmaxErrors, softmaxOf } from "./softmax.ts";

export interface SoftmaxLossAttributes {
  /** What the mean is multiplied by: 1, or 0.3 for GoogLeNet's auxiliary heads. */
  weight: number;
}

/** The least normal float32 (FLT_MIN): no probability is taken to be less, so that the loss stays finite. */
const LEAST = 1.1754943508222875e-38;

/**
 * loss = weight * mean over rows of -log(max(softmax(x)[r, labels[r]], FLT_MIN)). A label that is not a class, and a score that is not finite, make the
 * loss NaN.
 */
export const softmaxLoss = op<{ x: Port; labels: Port }, { loss: Port }, SoftmaxLossAttributes>({
  name: "softmaxLoss",
  infer({ x, labels }, _attributes, label) {
    requireLabels("softmaxLoss", label, x, labels);
    return { loss: { shape: [1], dtype: "f32" } };
  },
  reference({ x, labels }, { weight }) {
    const [rows, classes] = x.shape;
    const p = softmaxOf(x);
    let sum = 0;
    labels.data.forEach((label, row) => {
      const known = label < classes && isFiniteRow(x, row);
      sum -= known ? Math.log(Math.max(p[row * classes + label], LEAST)) : NaN;
    });
    return { loss: Float64Array.of((weight * sum) / rows) };
  },
  bound: (run) => ({ loss: softmaxLossErrors(run) }),
  gradient: ({ graph, inputs: { x, labels }, dy, attributes, label }) => ({
    x: dy.loss && graph.add(softmaxLossBackward, { x, labels, dloss: dy.loss }, attributes, `${label}.dx`).dx,
  }),
});

/** dx[r, c] = dloss * weight / rows * (softmax(x)[r, c] - (1 if c is the row's label, else 0)). */
export const softmaxLossBackward = op<{ x: Port; labels: Port; dloss: Port }, { dx: Port }, SoftmaxLossAttributes>({
  name: "softmaxLossBackward",
  infer({ x, labels }, _attributes, label) {
    requireLabels("softmaxLossBackward", label, x, labels);
    return { dx: x };
  },
  reference({ x, labels, dloss }, { weight }) {
    const [rows, classes] = x.shape;
    const scale = (dloss.data[0] * weight) / rows;
    const p = softmaxOf(x);
    return { dx: p.map((value, i) => scale * (value - (i % classes === labels.data[Math.floor(i / classes)] ? 1 : 0))) };
  },
  bound: (run) => ({ dx: softmaxGradientErrors(run, run.inputs["dloss"].data[0]) }),
});

/** Throws unless x is [rows, classes] and labels are u32 [rows]. */
export function requireLabels(op: string, label: string, x: TensorType, labels: TensorType): void {
  requireRows(op, label, x);
  if (labels.dtype !== "u32" || labels.shape.length !== 1 || labels.shape[0] !== x.shape[0]) {
    throw new Error(`${op} "${label}": labels must be u32[${x.shape[0]}], one per row, got ${labels.dtype}${formatShape(labels.shape)}`);
  }
}

/** Whether a network that scores like this can be believed: a row of scores without NaN and infinity. */
export const isFiniteRow = ({ shape: [, classes], data }: Array64, row: number): boolean =>
  data.subarray(row * classes, (row + 1) * classes).every(Number.isFinite);

/** Largest error of the loss. */
export function softmaxLossErrors({ inputs: { x, labels }, attributes: { weight }, exact: { loss } }: Run): Float64Array {
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

/** Largest errors of the gradient of the scores. */
export function softmaxGradientErrors({ inputs: { x, labels }, attributes: { weight } }: Run, dloss: number): Float64Array {
  const [rows, classes] = x.shape;
  const { p, error } = softmaxErrors(x);
  const scale = Math.abs((dloss * weight) / rows);
  return p.map((value, i) => {
    const oneHot = i % classes === labels.data[Math.floor(i / classes)] ? 1 : 0;
    return scale * (value * error[i] + 4 * (value + oneHot)) * EPS + FLUSH;
  });
}
