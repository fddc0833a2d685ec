// The same values in the same order under another shape: what it means. Nothing is launched: the output is the input's memory.
import type { Op, Port } from "../graph/op.ts";
import { exactly } from "./bounds.ts";
import { formatShape, sizeOf, type Shape } from "../tensor/shape.ts";

export interface ReshapeAttributes {
  shape: Shape;
}

/** y = x, read with `shape`. */
export const reshape: Op<{ x: Port }, { y: Port }, ReshapeAttributes> & { alias: true } = {
  name: "reshape",
  infer({ x }, { shape }, label) {
    if (sizeOf(shape) !== sizeOf(x.shape))
      throw new Error(`reshape "${label}": ${formatShape(x.shape)} has ${sizeOf(x.shape)} values, ${formatShape(shape)} ${sizeOf(shape)}`);
    return { y: { shape, dtype: x.dtype } };
  },
  reference: ({ x }) => ({ y: x.data }),
  bound: exactly,
  gradient: ({ graph, inputs: { x }, dy, label }) => ({
    x: dy.y && graph.add(reshape, { x: dy.y }, { shape: x.shape }, `${label}.dx`).y,
  }),
  alias: true,
};
