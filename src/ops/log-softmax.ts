// Logarithm of the softmax over classes: what it means. x, y: [rows, classes].
import { op, type Array64, type Port } from "../graph/op.ts";
import { EPS, FLUSH, logarithm, sumOf } from "./bounds.ts";
import { requireRows, softmaxErrors } from "./softmax.ts";

/** y[r, c] = d[r, c] - log(sum over the row of exp(d)), d[r, c] = x[r, c] - max of row r. */
export const logSoftmax = op<{ x: Port }, { y: Port }, object>({
  name: "logSoftmax",
  infer({ x }, _attributes, label) {
    requireRows("logSoftmax", label, x);
    return { y: x };
  },
  reference: ({ x }) => ({ y: logSoftmaxOf(x) }),
  bound: ({ inputs: { x }, exact: { y } }) => {
    const [, classes] = x.shape;
    const { p, error } = softmaxErrors(x);
    const bound = new Float64Array(y.length);
    for (let row = 0; row < y.length; row += classes) {
      const top = x.data.subarray(row, row + classes).reduce((a, b) => Math.max(a, b));
      const total = 1 / p.subarray(row, row + classes).reduce((a, b) => Math.max(a, b));
      // The sum's relative error is the absolute error of its logarithm.
      let relative = 0;
      for (let i = row; i < row + classes; i++) relative += p[i] * error[i];
      for (let i = row; i < row + classes; i++)
        bound[i] = 1.001 * EPS * (relative + logarithm(total) + 2 * (top - x.data[i]) + 2 * Math.log(total)) + FLUSH;
    }
    return { y: bound };
  },
  gradient: ({ graph, outputs, dy, label }) => ({
    x: dy.y && graph.add(logSoftmaxBackward, { y: outputs.y, dy: dy.y }, {}, `${label}.dx`).dx,
  }),
});

/** dx[r, c] = dy[r, c] - exp(y[r, c]) times the sum over the row of dy. */
export const logSoftmaxBackward = op<{ y: Port; dy: Port }, { dx: Port }, object>({
  name: "logSoftmaxBackward",
  infer: ({ y }) => ({ dx: y }),
  reference({ y, dy }) {
    const [, classes] = y.shape;
    const dx = new Float64Array(y.data.length);
    for (let row = 0; row < dx.length; row += classes) {
      let total = 0;
      for (let i = row; i < row + classes; i++) total += dy.data[i];
      for (let i = row; i < row + classes; i++) dx[i] = dy.data[i] - Math.exp(y.data[i]) * total;
    }
    return { dx };
  },
  bound: ({ inputs: { y, dy } }) => {
    const [, classes] = y.shape;
    const dx = new Float64Array(y.data.length);
    for (let row = 0; row < dx.length; row += classes) {
      let total = 0;
      for (let i = row; i < row + classes; i++) total += Math.abs(dy.data[i]);
      for (let i = row; i < row + classes; i++)
        dx[i] = EPS * (Math.abs(dy.data[i]) + Math.exp(y.data[i]) * total * (sumOf(classes) + 8 + 4 * Math.abs(y.data[i]))) * 1.001 + FLUSH;
    }
    return { dx };
  },
});

function logSoftmaxOf({ shape: [, classes], data }: Array64): Float64Array {
  const y = new Float64Array(data.length);
  for (let row = 0; row < data.length; row += classes) {
    const scores = data.subarray(row, row + classes);
    const top = scores.reduce((a, b) => Math.max(a, b));
    const total = Math.log(scores.reduce((sum, score) => sum + Math.exp(score - top), 0));
    for (let c = 0; c < classes; c++) y[row + c] = scores[c] - top - total;
  }
  return y;
}
