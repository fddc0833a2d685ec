// Softmax over classes: what it means. x, y: [rows, classes].
import { op, type Array64, type Port, type TensorType } from "../graph/op.ts";
import { formatShape } from "../tensor/shape.ts";
import { DIVISION, EPS, FLUSH, roundings, sumOf } from "./bounds.ts";

/** y[r, c] = exp(x[r, c] - max of row r) / (sum of the same over the row). The maximum is subtracted so that nothing overflows. */
export const softmax = op<{ x: Port }, { y: Port }, object>({
  name: "softmax",
  infer({ x }, _attributes, label) {
    requireRows("softmax", label, x);
    return { y: x };
  },
  reference: ({ x }) => ({ y: softmaxOf(x) }),
  bound: ({ inputs: { x } }) => {
    const { p, error } = softmaxErrors(x);
    return { y: p.map((value, i) => value * error[i] * EPS + FLUSH) };
  },
  gradient: ({ graph, outputs, dy, label }) => ({
    x: dy.y && graph.add(softmaxBackward, { y: outputs.y, dy: dy.y }, {}, `${label}.dx`).dx,
  }),
});

/** dx[r, c] = y[r, c] (dy[r, c] - sum over the row of dy y). */
export const softmaxBackward = op<{ y: Port; dy: Port }, { dx: Port }, object>({
  name: "softmaxBackward",
  infer: ({ y }) => ({ dx: y }),
  reference({ y, dy }) {
    const [, classes] = y.shape;
    const dx = new Float64Array(y.data.length);
    for (let row = 0; row < dx.length; row += classes) {
      let through = 0; // what reaches x through the row's common divisor
      for (let i = row; i < row + classes; i++) through += dy.data[i] * y.data[i];
      for (let i = row; i < row + classes; i++) dx[i] = y.data[i] * (dy.data[i] - through);
    }
    return { dx };
  },
  bound: ({ inputs: { y, dy } }) => {
    const [, classes] = y.shape;
    const dx = y.data.map((value, i) => {
      const row = i - (i % classes);
      let through = 0;
      for (let j = row; j < row + classes; j++) through += Math.abs(dy.data[j] * y.data[j]);
      return Math.abs(value) * (Math.abs(dy.data[i]) + through);
    });
    return { dx: roundings(sumOf(classes) + 2, dx) };
  },
});

/** The softmax of every row, in float64. */
export function softmaxOf({ shape: [, classes], data }: Array64): Float64Array {
  const y = new Float64Array(data.length);
  for (let row = 0; row < data.length; row += classes) {
    const scores = data.subarray(row, row + classes);
    const top = scores.reduce((a, b) => Math.max(a, b));
    const powers = scores.map((score) => Math.exp(score - top));
    const total = powers.reduce((a, b) => a + b);
    for (let c = 0; c < classes; c++) y[row + c] = powers[c] / total;
  }
  return y;
}

/** Throws unless x is [rows, classes]. */
export function requireRows(op: string, label: string, x: TensorType): void {
  if (x.shape.length !== 2) throw new Error(`${op} "${label}": x must be [rows, classes], got ${formatShape(x.shape)}`);
}

/** Softmax and the roundings in each of its elements: exp errs by 3 + 2 |d| units in the last place, and d = score - top by one rounding. */
export function softmaxErrors(x: Array64): { p: Float64Array; error: Float64Array } {
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
