// Joining and cutting along channels: what they mean. Arrays are [..., channels]; what lies before is a list of pixels.
import { op, type Op, type Port } from "../graph/op.ts";
import { formatShape, sameShape, sizeOf } from "../tensor/shape.ts";
import { exactly } from "./bounds.ts";
import { constant } from "./constant.ts";

/** Inputs x0, x1, ... side by side: y[p] = (x0[p], x1[p], ...). */
export const concat: Op<Record<string, Port>, { y: Port }, object> = op({
  name: "concat",
  infer(inputs, _attributes, label) {
    const shapes = inOrder(inputs).map(({ shape }) => shape);
    if (shapes.length === 0 || shapes.length !== Object.keys(inputs).length) {
      throw new Error(`concat "${label}": inputs must be x0, x1, ... without a gap, got ${Object.keys(inputs).join(", ") || "none"}`);
    }
    const pixels = shapes[0].slice(0, -1);
    for (const [i, shape] of shapes.entries()) {
      if (!sameShape(shape.slice(0, -1), pixels)) {
        throw new Error(
          `concat "${label}": all but the channels must agree, x0 is ${formatShape(shapes[0])}, x${i} is ${formatShape(shape)}`,
        );
      }
    }
    return { y: { shape: [...pixels, shapes.reduce((sum, shape) => sum + shape[shape.length - 1], 0)], dtype: "f32" } };
  },
  reference(inputs, _attributes, outputs) {
    const wide = outputs.y.shape[outputs.y.shape.length - 1];
    const y = new Float64Array(sizeOf(outputs.y.shape));
    let first = 0;
    for (const { shape, data } of inOrder(inputs)) {
      const channels = shape[shape.length - 1];
      data.forEach((value, i) => (y[Math.floor(i / channels) * wide + first + (i % channels)] = value));
      first += channels;
    }
    return { y };
  },
  bound: exactly,
  gradient({ graph, inputs, dy: { y: dy }, needs, label }) {
    let first = 0;
    const gradients = inOrder(inputs).map(({ shape }, i) => {
      const part = { first, count: shape[shape.length - 1] };
      first += part.count;
      const port = `x${i}`;
      return [port, dy && needs(port) ? graph.add(slice, { x: dy }, part, `${label}.d${port}`).y : undefined] as const;
    });
    return Object.fromEntries(gradients);
  },
});

/** The ports x0, x1, ... as a list, however they were written down. */
export const inOrder = <T>(inputs: Readonly<Record<string, T>>): T[] => {
  const values: T[] = [];
  while (`x${values.length}` in inputs) values.push(inputs[`x${values.length}`]);
  return values;
};

export interface SliceAttributes {
  /** Channel of x that becomes channel 0. */
  first: number;
  /** Channels of y. */
  count: number;
}

/** y[p, c] = x[p, first + c]. */
export const slice: Op<{ x: Port }, { y: Port }, SliceAttributes> = op({
  name: "slice",
  infer({ x }, { first, count }, label) {
    const channels = x.shape[x.shape.length - 1];
    if (!(first >= 0 && count >= 1 && first + count <= channels)) {
      throw new Error(`slice "${label}": channels ${first} to ${first + count - 1} were requested, x is ${formatShape(x.shape)}`);
    }
    return { y: { shape: [...x.shape.slice(0, -1), count], dtype: x.dtype } };
  },
  reference({ x }, { first, count }, outputs) {
    const channels = x.shape[x.shape.length - 1];
    const y = new Float64Array(sizeOf(outputs.y.shape)).map((_, i) => x.data[Math.floor(i / count) * channels + first + (i % count)]);
    return { y };
  },
  bound: exactly,
  gradient({ graph, inputs: { x }, dy: { y: dy }, attributes: { first, count }, label }) {
    if (!dy) return {};
    const zeros = (channels: number, side: string) =>
      channels > 0 ? [graph.add(constant, {}, { value: 0, shape: [...dy.shape.slice(0, -1), channels] }, `${label}.${side}`).y] : [];
    const parts = [...zeros(first, "before"), dy, ...zeros(x.shape[x.shape.length - 1] - first - count, "after")];
    return { x: graph.add(concat, Object.fromEntries(parts.map((part, i) => [`x${i}`, part])), {}, `${label}.dx`).y };
  },
});
