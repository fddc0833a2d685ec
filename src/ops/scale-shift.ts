// A factor and an offset for each channel, the last axis: what they mean. x, y: [..., channels]; factor, offset: [channels].
import type { Value } from "../graph/graph.ts";
import { mapPorts, op, type Op, type Port, type TensorType } from "../graph/op.ts";
import { formatShape, sameShape, sizeOf } from "../tensor/shape.ts";
import { onMagnitudes, relative, roundings, sumOfProducts } from "./bounds.ts";
import { sumPixels } from "./conv2d.ts";
import { permute } from "./permute.ts";
import { reshape } from "./reshape.ts";

/** y[..., c] = x[..., c] factor[c] + offset[c]. */
export const scaleShift: Op<{ x: Port; factor?: Port; offset?: Port }, { y: Port }, object> = op({
  name: "scaleShift",
  infer({ x, factor, offset }, _attributes, label) {
    const channels = x.shape[x.shape.length - 1];
    for (const [port, type] of Object.entries({ factor, offset })) requireChannels("scaleShift", label, port, type, channels);
    return { y: x };
  },
  reference({ x, factor, offset }) {
    const channels = x.shape[x.shape.length - 1];
    return { y: x.data.map((value, i) => value * (factor ? factor.data[i % channels] : 1) + (offset ? offset.data[i % channels] : 0)) };
  },
  bound: (run) => mapPorts(onMagnitudes(run), (y) => roundings(2, y)),
  gradient({ graph, inputs: { x, factor, offset }, dy: { y: dy }, needs, label }) {
    if (!dy) return {};
    return {
      x: needs("x") ? (factor ? graph.add(scaleShift, { x: dy, factor }, {}, `${label}.dx`).y : dy) : undefined,
      factor: factor && needs("factor") ? graph.add(sumProducts, { a: x, b: dy }, {}, `${label}.dfactor`).y : undefined,
      offset: offset && needs("offset") ? graph.add(sumPixels, { x: dy }, {}, `${label}.doffset`).y : undefined,
    };
  },
});

/** y[c] = sum over all pixels of a[..., c] b[..., c]. */
export const sumProducts = op<{ a: Port; b: Port }, { y: Port }, object>({
  name: "sumProducts",
  infer({ a, b }, _attributes, label) {
    if (!sameShape(a.shape, b.shape))
      throw new Error(`sumProducts "${label}": a is ${formatShape(a.shape)}, b must be the same, got ${formatShape(b.shape)}`);
    return { y: { shape: [a.shape[a.shape.length - 1]], dtype: "f32" } };
  },
  reference({ a, b }, _attributes, { y: { shape } }) {
    const y = new Float64Array(shape[0]);
    a.data.forEach((value, i) => (y[i % shape[0]] += value * b.data[i]));
    return { y };
  },
  bound: sumOfProducts(({ inputs: { a } }) => sizeOf(a.shape.slice(0, -1))),
});

/** scaled[g, r, t, c, m] = filter[g, r, t, c, m] factor[g, m]: the filter of a convolution whose outputs are multiplied. */
export const scaleFilter: Op<{ filter: Port; factor: Port }, { scaled: Port }, object> = op({
  name: "scaleFilter",
  infer({ filter, factor }, _attributes, label) {
    if (filter.shape.length !== 5)
      throw new Error(`scaleFilter "${label}": filter must be [groups, kh, kw, channels, outputs], got ${formatShape(filter.shape)}`);
    requireChannels("scaleFilter", label, "factor", factor, filter.shape[0] * filter.shape[4]);
    return { scaled: filter };
  },
  reference({ filter, factor }) {
    const [groups, , , , outputs] = filter.shape;
    const each = filter.data.length / groups;
    return { scaled: filter.data.map((value, i) => value * factor.data[Math.floor(i / each) * outputs + (i % outputs)]) };
  },
  bound: relative(1),
  gradient({ graph, inputs: { filter, factor }, dy: { scaled: dy }, needs, label }) {
    if (!dy) return {};
    // The groups' outputs side by side, as those of one group.
    const [groups, , , , outputs] = filter.shape;
    const inColumns = (x: Value, name: string): Value => {
      if (groups === 1) return x;
      const last = graph.add(permute, { x }, { axes: [1, 2, 3, 0, 4] }, `${label}.${name}`).y;
      return graph.add(reshape, { x: last }, { shape: [...last.shape.slice(0, 3), groups * outputs] }, `${label}.${name}.columns`).y;
    };
    return {
      filter: needs("filter") ? graph.add(scaleFilter, { filter: dy, factor }, {}, `${label}.dfilter`).scaled : undefined,
      factor: needs("factor")
        ? graph.add(sumProducts, { a: inColumns(filter, "filter"), b: inColumns(dy, "dscaled") }, {}, `${label}.dfactor`).y
        : undefined,
    };
  },
});

/** Throws unless a port that is there has a value for each channel. */
export function requireChannels(op: string, label: string, port: string, type: TensorType | undefined, channels: number): void {
  if (type && sizeOf(type.shape) !== channels)
    throw new Error(`${op} "${label}": ${port} must have ${channels} values, got ${formatShape(type.shape)}`);
}
