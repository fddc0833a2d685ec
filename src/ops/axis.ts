// The sum over one axis, and an axis of one repeated: what they mean. Each is the other's gradient. Any shape.
import { op, type Op, type Port } from "../graph/op.ts";
import { formatShape, sizeOf, type Shape } from "../tensor/shape.ts";
import { relative, sumOfProducts } from "./bounds.ts";

export interface SumAxisAttributes {
  /** Axis of x that is summed; y has extent 1 there. */
  axis: number;
  /** Factor of the sum: 1 over the extent makes a mean. */
  scale: number;
}

/** y = scale times the sum of x along the axis. */
export const sumAxis: Op<{ x: Port }, { y: Port }, SumAxisAttributes> = op({
  name: "sumAxis",
  infer({ x }, { axis }, label) {
    requireAxis("sumAxis", label, x.shape, axis);
    return { y: { shape: x.shape.with(axis, 1), dtype: "f32" } };
  },
  reference({ x }, { axis, scale }, { y: { shape } }) {
    const { extent, inner } = around(x.shape, axis);
    const y = new Float64Array(sizeOf(shape));
    x.data.forEach((value, i) => (y[Math.floor(i / (extent * inner)) * inner + (i % inner)] += scale * value));
    return { y };
  },
  bound: sumOfProducts(({ inputs: { x }, attributes: { axis } }) => x.shape[axis], 2),
  gradient: ({ graph, inputs: { x }, dy, attributes: { axis, scale }, label }) => ({
    x: dy.y && graph.add(repeat, { x: dy.y }, { axis, count: x.shape[axis], scale }, `${label}.dx`).y,
  }),
});

export interface RepeatAttributes {
  /** Axis of x, whose extent is 1. */
  axis: number;
  /** Extent of y there. */
  count: number;
  scale: number;
}

/** y = scale x, at every index of the axis. */
export const repeat: Op<{ x: Port }, { y: Port }, RepeatAttributes> = op({
  name: "repeat",
  infer({ x }, { axis, count }, label) {
    requireAxis("repeat", label, x.shape, axis);
    if (x.shape[axis] !== 1 || !(count >= 1))
      throw new Error(`repeat "${label}": axis ${axis} of ${formatShape(x.shape)} must have extent 1`);
    return { y: { shape: x.shape.with(axis, count), dtype: "f32" } };
  },
  reference({ x }, { axis, scale }, { y: { shape } }) {
    const { extent, inner } = around(shape, axis);
    const y = new Float64Array(sizeOf(shape)).map((_, i) => scale * x.data[Math.floor(i / (extent * inner)) * inner + (i % inner)]);
    return { y };
  },
  bound: relative(2),
  gradient: ({ graph, dy, attributes: { axis, scale }, label }) => ({
    x: dy.y && graph.add(sumAxis, { x: dy.y }, { axis, scale }, `${label}.dx`).y,
  }),
});

/** Extent of an axis, and elements of the axes after it. */
export const around = (shape: Shape, axis: number): { extent: number; inner: number } => ({
  extent: shape[axis],
  inner: sizeOf(shape.slice(axis + 1)),
});

function requireAxis(op: string, label: string, shape: Shape, axis: number): void {
  if (!(Number.isInteger(axis) && axis >= 0 && axis < shape.length))
    throw new Error(`${op} "${label}": there is no axis ${axis} in ${formatShape(shape)}`);
}
