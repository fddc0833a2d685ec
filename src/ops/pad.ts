// A tensor of four axes with elements put around it or taken off: what it means.
import { op, type Op, type Port } from "../graph/op.ts";
import { formatShape, sizeOf } from "../tensor/shape.ts";
import { exactly } from "./bounds.ts";

export interface PadAttributes {
  /** Elements before and after, by axis; negative ones are taken off. */
  before: readonly number[];
  after: readonly number[];
  /** What is put there. */
  value: number;
}

/** y[i, j, k, l] = x[i - before[0], ...] where that is in x, else `value`. */
export const pad: Op<{ x: Port }, { y: Port }, PadAttributes> = op({
  name: "pad",
  infer({ x }, { before, after }, label) {
    const shape = x.shape.map((extent, axis) => extent + before[axis] + after[axis]);
    if (x.shape.length !== 4 || before.length !== 4 || after.length !== 4 || shape.some((extent) => !(extent >= 1)))
      throw new Error(
        `pad "${label}": x must have four axes and an element must be left on each, got ${formatShape(x.shape)}, ` +
          `before ${before.join(", ")}, after ${after.join(", ")}`,
      );
    return { y: { shape, dtype: "f32" } };
  },
  reference({ x }, { before, value }, { y: { shape } }) {
    const y = new Float64Array(sizeOf(shape)).fill(value);
    y.forEach((_, i) => {
      let [rest, from, step, inside] = [i, 0, 1, true];
      for (let axis = 3; axis >= 0; axis--) {
        const at = (rest % shape[axis]) - before[axis];
        rest = Math.floor(rest / shape[axis]);
        inside &&= at >= 0 && at < x.shape[axis];
        from += at * step;
        step *= x.shape[axis];
      }
      if (inside) y[i] = x.data[from];
    });
    return { y };
  },
  bound: exactly,
  gradient: ({ graph, dy, attributes: { before, after }, label }) => ({
    x:
      dy.y &&
      graph.add(
        pad,
        { x: dy.y },
        { before: before.map((count) => 0 - count), after: after.map((count) => 0 - count), value: 0 },
        `${label}.dx`,
      ).y,
  }),
});
