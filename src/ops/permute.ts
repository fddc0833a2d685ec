// A tensor with its axes in another order: what it means. At most six axes.
import { op, type Op, type Port } from "../graph/op.ts";
import { formatShape, sizeOf, type Shape } from "../tensor/shape.ts";
import { exactly } from "./bounds.ts";

export const MAX_AXES = 6;

export interface PermuteAttributes {
  /** For each axis of y, the axis of x that it is. */
  axes: readonly number[];
}

/** y[i0, i1, ...] = x with axes[0] at i0, axes[1] at i1 and so on. */
export const permute: Op<{ x: Port }, { y: Port }, PermuteAttributes> = op({
  name: "permute",
  infer({ x }, { axes }, label) {
    const sorted = axes.toSorted((a, b) => a - b);
    if (x.shape.length > MAX_AXES || axes.length !== x.shape.length || sorted.some((axis, i) => axis !== i))
      throw new Error(
        `permute "${label}": axes must be those of x, each once, and at most ${MAX_AXES}, got ${axes.join(", ")} for ${formatShape(x.shape)}`,
      );
    return { y: { shape: axes.map((axis) => x.shape[axis]), dtype: "f32" } };
  },
  reference({ x }, { axes }, { y: { shape } }) {
    const strides = stridesFor(x.shape, axes);
    const y = new Float64Array(sizeOf(shape)).map((_, i) => {
      let [rest, from] = [i, 0];
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        from += (rest % shape[axis]) * strides[axis];
        rest = Math.floor(rest / shape[axis]);
      }
      return x.data[from];
    });
    return { y };
  },
  bound: exactly,
  gradient: ({ graph, dy, attributes: { axes }, label }) => ({
    x: dy.y && graph.add(permute, { x: dy.y }, { axes: axes.map((_, i) => axes.indexOf(i)) }, `${label}.dx`).y,
  }),
});

/** Elements of x from one index to the next, by axis of y. */
export function stridesFor(shape: Shape, axes: readonly number[]): number[] {
  return axes.map((axis) => sizeOf(shape.slice(axis + 1)));
}
