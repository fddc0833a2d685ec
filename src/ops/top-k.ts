// Counting correct answers: what it means. x: [rows, classes]; labels: u32 [rows]; correct: [1].
import { op, type Port } from "../graph/op.ts";
import { exactly } from "./bounds.ts";
import { isFiniteRow, requireLabels } from "./softmax-loss.ts";

export interface TopKAttributes {
  /** A row counts as right where its true class is among the k best. */
  k: number;
}

/**
 * Rows whose true class is beaten or equalled by fewer than k others (Caffe's accuracy layer: a tie counts against the row).
 * A label that is not a class is never right, and neither is one in a row with a score that is not finite.
 */
export const topK = op<{ x: Port; labels: Port }, { correct: Port }, TopKAttributes>({
  name: "topK",
  infer({ x, labels }, { k }, label) {
    requireLabels("topK", label, x, labels);
    if (!(Number.isInteger(k) && k >= 1)) throw new Error(`topK "${label}": k must be a whole number of at least 1, got ${k}`);
    return { correct: { shape: [1], dtype: "f32" } };
  },
  reference({ x, labels }, { k }) {
    const [, classes] = x.shape;
    let correct = 0;
    labels.data.forEach((label, row) => {
      const scores = x.data.subarray(row * classes, (row + 1) * classes);
      if (label < classes && isFiniteRow(x, row) && scores.filter((score) => score >= scores[label]).length <= k) correct++;
    });
    return { correct: Float64Array.of(correct) };
  },
  bound: exactly,
});
