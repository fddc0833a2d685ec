// Element-wise product: what it means. Any shape.
import { op, type Op, type Port } from "../graph/op.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { relative } from "./bounds.ts";

/** y = a b. */
export const multiply: Op<{ a: Port; b: Port }, { y: Port }, object> = op({
  name: "multiply",
  infer({ a, b }, _attributes, label) {
    if (!sameShape(a.shape, b.shape))
      throw new Error(`multiply "${label}": a is ${formatShape(a.shape)}, b must be the same, got ${formatShape(b.shape)}`);
    return { y: a };
  },
  reference: ({ a, b }) => ({ y: a.data.map((value, i) => value * b.data[i]) }),
  bound: relative(1),
  gradient: ({ graph, inputs: { a, b }, dy: { y: dy }, needs, label }) => ({
    a: dy && needs("a") ? graph.add(multiply, { a: dy, b }, {}, `${label}.da`).y : undefined,
    b: dy && needs("b") ? graph.add(multiply, { a: dy, b: a }, {}, `${label}.db`).y : undefined,
  }),
});
