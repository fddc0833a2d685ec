// For tests: ops on lists of numbers, small enough to read at a glance. The real ones lie to the right of this module.
import { op, type Bound, type Op, type Port } from "./op.ts";

/** No kernel computes these ops, so nothing may err. */
const bound: Bound = () => ({});

/** y = a b, element by element. */
export const multiply: Op<{ a: Port; b: Port }, { y: Port }, object> = op({
  name: "multiply",
  bound,
  infer: ({ a }) => ({ y: a }),
  reference: ({ a, b }) => ({ y: a.data.map((value, i) => value * b.data[i]) }),
  gradient: ({ graph, inputs: { a, b }, dy: { y: dy }, needs, label }) => ({
    a: dy && needs("a") ? graph.add(multiply, { a: dy, b }, {}, `${label}.da`).y : undefined,
    b: dy && needs("b") ? graph.add(multiply, { a: dy, b: a }, {}, `${label}.db`).y : undefined,
  }),
});

/** y = a + b. */
export const plus: Op<{ a: Port; b: Port }, { y: Port }, object> = op({
  name: "plus",
  bound,
  infer: ({ a }) => ({ y: a }),
  reference: ({ a, b }) => ({ y: a.data.map((value, i) => value + b.data[i]) }),
  gradient: ({ dy: { y: dy } }) => ({ a: dy, b: dy }),
});

/** y = value everywhere. */
export const fill = op<object, { y: Port }, { value: number; shape: readonly number[] }>({
  name: "fill",
  bound,
  infer: (_inputs, { shape }) => ({ y: { shape, dtype: "f32" } }),
  reference: (_inputs, { value }, { y: { shape } }) => ({ y: new Float64Array(shape[0]).fill(value) }),
});

/** high = x where it is over `limit`, low = x elsewhere; the others 0. Has two outputs and no gradient. */
export const split = op<{ x: Port }, { high: Port; low: Port }, { limit: number }>({
  name: "split",
  bound,
  infer: ({ x }) => ({ high: x, low: x }),
  reference: ({ x }, { limit }) => ({
    high: x.data.map((value) => (value > limit ? value : 0)),
    low: x.data.map((value) => (value > limit ? 0 : value)),
  }),
});

/** next = total + x, written over total. */
export const gather = op<{ total: Port; x: Port }, { next: Port }, object>({
  name: "gather",
  bound,
  inPlace: [["total", "next"]],
  infer: ({ total }) => ({ next: total }),
  reference: ({ total, x }) => ({ next: total.data.map((value, i) => value + x.data[i]) }),
});
