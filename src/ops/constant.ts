// A constant of a given shape: what it means. The seed of every gradient.
import { op, type Port } from "../graph/op.ts";
import { sizeOf, type Shape } from "../tensor/shape.ts";
import { relative } from "./bounds.ts";

export interface ConstantAttributes {
  value: number;
  shape: Shape;
}

/** y = value, everywhere. */
export const constant = op<object, { y: Port }, ConstantAttributes>({
  name: "constant",
  infer: (_inputs, { shape }) => ({ y: { shape, dtype: "f32" } }),
  reference: (_inputs, { value, shape }) => ({ y: new Float64Array(sizeOf(shape)).fill(value) }),
  bound: relative(1),
});
