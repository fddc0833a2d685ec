// Element-wise sum: what it means. Any shape. Autodiff uses it where a value has several readers.
import { op, type Port } from "../graph/op.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { relative } from "./bounds.ts";

/** y = a + b. */
export const add = op<{ a: Port; b: Port }, { y: Port }, object>({
  name: "add",
  infer({ a, b }, _attributes, label) {
    if (!sameShape(a.shape, b.shape))
      throw new Error(`add "${label}": a is ${formatShape(a.shape)}, b must be the same, got ${formatShape(b.shape)}`);
    return { y: a };
  },
  reference: ({ a, b }) => ({ y: a.data.map((value, i) => value + b.data[i]) }),
  bound: relative(1),
  gradient: ({ dy }) => ({ a: dy.y, b: dy.y }),
});

/** next = total + x, written over total: running sums that live from step to step. */
export const accumulate = op<{ total: Port; x: Port }, { next: Port }, object>({
  name: "accumulate",
  inPlace: [["total", "next"]],
  infer: ({ total, x }, attributes, label) => ({ next: add.infer({ a: total, b: x }, attributes, label).y }),
  reference: ({ total, x }) => ({ next: total.data.map((value, i) => value + x.data[i]) }),
  bound: relative(1),
});
