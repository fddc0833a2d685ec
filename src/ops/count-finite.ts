// Counting steps whose result is a number: what it means. Both: [1].
import { op, type Port } from "../graph/op.ts";
import { accumulate } from "./add.ts";
import { relative } from "./bounds.ts";

/**
 * next = total + 1 where x is finite, else total; written over total. Where x is a running sum, which stays NaN or infinite once it is, total ends as the
 * number of steps before that.
 */
export const countFinite = op<{ total: Port; x: Port }, { next: Port }, object>({
  name: "countFinite",
  inPlace: [["total", "next"]],
  infer: (inputs, attributes, label) => accumulate.infer(inputs, attributes, label),
  reference: ({ total, x }) => ({ next: Float64Array.of(total.data[0] + (Number.isFinite(x.data[0]) ? 1 : 0)) }),
  bound: relative(1),
});
