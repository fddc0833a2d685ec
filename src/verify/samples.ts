// Some outputs of a matrix product against its definition in float64, restricted to what they need: one image, one channel, one output. A
// check that takes minutes for a whole layer takes milliseconds at the layer's own size.
import type { Node } from "../graph/graph.ts";
import type { Array64, Bound } from "../graph/op.ts";
import type { KernelName } from "../kernels/index.ts";
import { philox } from "../tensor/philox.ts";
import { type Shape } from "../tensor/shape.ts";

export interface Samples {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** Ops whose outputs can be checked one by one. */
export type Checkable = keyof typeof PARTS;

/** Whether a node's outputs can be checked one by one. Dropout depends on the place in the whole tensor: check such a node `withoutDropout`. */
export const isCheckable = ({ op, attributes }: Pick<Node, "op" | "attributes">): boolean => op.name in PARTS && !attributes["dropout"];

/** The node without the dropout in its epilogue. */
export function withoutDropout(node: Node): Node {
  const { dropout, ...attributes } = node.attributes;
  const { random: _, ...inputs } = node.inputs;
  return dropout ? { ...node, inputs, attributes } : node;
}

export interface SampleVerdict {
  /** Outputs compared. */
  readonly elements: number;
  /** Largest error over its derived bound: at most 1 if the kernel is right. */
  readonly ratio: number;
}

const ENOUGH_ELEMENTS = 64;

/** Draws outputs of a node and computes them from its inputs: `atLeast` draws, each of one image, channel or output. Checks a kernel's output against them. */
export function sampler(
  { op, attributes, outputs }: Pick<Node, "op" | "attributes" | "outputs">,
  inputs: Readonly<Record<string, Samples>>,
  { atLeast = 1, bound = op.bound }: { readonly atLeast?: number; readonly bound?: Bound } = {},
): (data: Float32Array) => SampleVerdict {
  const name = op.name as Checkable;
  const [[port, { shape }]] = Object.entries(outputs);
  const shapes = { ...Object.fromEntries(Object.entries(inputs).map(([known, { shape }]) => [known, shape])), [port]: shape };
  const restricted = "groups" in attributes ? { ...attributes, groups: 1 } : attributes;
  const samples: { place: Ranges; exact: Float64Array; allowed: Float64Array }[] = [];
  for (let elements = 0; elements < ENOUGH_ELEMENTS || samples.length < atLeast; elements += samples[samples.length - 1].exact.length) {
    const ranges = rangesOf(name, shapes, samples.length);
    const given = Object.fromEntries(Object.entries(inputs).map(([known, array]) => [known, take(array, ranges[known])]));
    const types = { [port]: { shape: boxOf(shape, ranges[port]).map(([, count]) => count), dtype: "f32" as const } };
    const exact = op.reference(given, restricted, types) as Record<string, Float64Array>;
    const allowed = bound({ op, inputs: given, attributes: restricted, outputs: types, exact });
    samples.push({ place: ranges[port], exact: exact[port], allowed: allowed[port] });
  }
  return (data) => {
    let elements = 0;
    let ratio = 0;
    for (const { place, exact, allowed } of samples) {
      take({ shape, data }, place).data.forEach((value, i) => {
        const error = Math.abs(value - exact[i]);
        ratio = Math.max(ratio, Number.isNaN(error) ? Infinity : error / allowed[i]);
      });
      elements += exact.length;
    }
    return { elements, ratio };
  };
}

/** What a random image, channel or output, drawn for each `sample`, has to do with: that part of every input and output, by port. */
export function partOf(op: Checkable, arrays: Readonly<Record<string, Samples>>, sample: number): Record<string, Array64> {
  const ranges = rangesOf(op, Object.fromEntries(Object.entries(arrays).map(([port, { shape }]) => [port, shape])), sample);
  return Object.fromEntries(Object.entries(arrays).map(([port, array]) => [port, take(array, ranges[port])]));
}

function rangesOf(op: Checkable, shapes: Record<string, Shape>, sample: number): Readonly<Record<string, Ranges>> {
  const words = philox([sample, 0], [0, 0, 0, 4]);
  const parts: Readonly<Record<string, Ranges>> = PARTS[op]((extent, which) => words[which] % extent, shapes);
  // What the epilogue of a gradient reads has the gradient's shape.
  return "dx" in parts ? { ...parts, gate: parts["dx"], addend: parts["dx"] } : parts;
}

/** First index and count on some axes; the other axes stay whole. */
type Ranges = Readonly<Record<number, readonly [first: number, count: number]>>;

/** Draws a number below an extent; `which` keeps the draws of one sample apart. */
type Draw = (extent: number, which: number) => number;

/** For every op the part of each tensor that one image, one channel and one output of it have to do with. */
const PARTS = {
  conv2d: (draw: Draw, { x, filter }: Record<string, Shape>) => {
    const [groups, , , channels, outputs] = filter;
    const [n, g, m] = [draw(x[0], 0), draw(groups, 1), draw(outputs, 2)];
    const output: Ranges = { 3: [g * outputs + m, 1] };
    const bias: Ranges = { 0: [g * outputs + m, 1] };
    return { x: { 0: [n, 1], 3: [g * channels, channels] }, filter: { 0: [g, 1], 4: [m, 1] }, bias, y: { 0: [n, 1], ...output } };
  },
  conv2dBackwardData: (draw: Draw, { dy, filter }: Record<string, Shape>) => {
    const [groups, , , channels, outputs] = filter;
    const [n, g, c] = [draw(dy[0], 0), draw(groups, 1), draw(channels, 2)];
    return {
      dy: { 0: [n, 1], 3: [g * outputs, outputs] },
      filter: { 0: [g, 1], 3: [c, 1] },
      dx: { 0: [n, 1], 3: [g * channels + c, 1] },
    };
  },
  conv2dBackwardFilter: (draw: Draw, { dfilter }: Record<string, Shape>) => {
    const [groups, , , channels, outputs] = dfilter;
    const [g, c, m] = [draw(groups, 0), draw(channels, 1), draw(outputs, 2)];
    return { x: { 3: [g * channels + c, 1] }, dy: { 3: [g * outputs + m, 1] }, dfilter: { 0: [g, 1], 3: [c, 1], 4: [m, 1] } };
  },
  conv2dUpdate: (draw: Draw, { w: [groups, , , channels, outputs] }: Record<string, Shape>) => {
    const [g, c, m] = [draw(groups, 0), draw(channels, 1), draw(outputs, 2)];
    const weight: Ranges = { 0: [g, 1], 3: [c, 1], 4: [m, 1] };
    const bias: Ranges = { 0: [g * outputs + m, 1] };
    const products = { x: { 3: [g * channels + c, 1] }, dy: { 3: [g * outputs + m, 1] } } as const;
    return { ...products, w: weight, v: weight, nextW: weight, bias, biasV: bias, rate: {} };
  },
  inception: (draw: Draw, { x: [images], filter0, filter1, filter2 }: Record<string, Shape>) => {
    const [m0, m1, m2] = [filter0, filter1, filter2].map((filter, i) => draw(filter[4], 1 + i));
    const filters = { filter0: { 4: [m0, 1] }, filter1: { 4: [m1, 1] }, filter2: { 4: [m2, 1] } } as const;
    const biases = { bias0: { 0: [m0, 1] }, bias1: { 0: [m1, 1] }, bias2: { 0: [m2, 1] } } as const;
    const n: Ranges = { 0: [draw(images, 0), 1] };
    return { x: n, ...filters, ...biases, y: { ...n, 3: [m0, 1] } };
  },
  inceptionBackwardData: (draw: Draw, { dy: [images], filter0 }: Record<string, Shape>) => {
    const n: Ranges = { 0: [draw(images, 0), 1] };
    const c = draw(filter0[3], 1);
    const filter: Ranges = { 3: [c, 1] };
    return { dy: n, dreduced: n, filter0: filter, filter1: filter, filter2: filter, dx: { ...n, 3: [c, 1] } };
  },
  innerProduct: (draw: Draw, { y: [rows, outputs] }: Record<string, Shape>) => {
    const [n, m] = [draw(rows, 0), draw(outputs, 1)];
    return { x: { 0: [n, 1] }, weight: { 1: [m, 1] }, bias: { 0: [m, 1] }, y: { 0: [n, 1], 1: [m, 1] } };
  },
  innerProductBackwardData: (draw: Draw, { dx: [rows, inputs] }: Record<string, Shape>) => {
    const [n, i] = [draw(rows, 0), draw(inputs, 1)];
    return { dy: { 0: [n, 1] }, weight: { 0: [i, 1] }, dx: { 0: [n, 1], 1: [i, 1] } };
  },
  innerProductBackwardWeight: (draw: Draw, { dweight: [inputs, outputs] }: Record<string, Shape>) => {
    const [i, m] = [draw(inputs, 0), draw(outputs, 1)];
    return { x: { 1: [i, 1] }, dy: { 1: [m, 1] }, dweight: { 0: [i, 1], 1: [m, 1] } };
  },
  innerProductUpdate: (draw: Draw, { w: [inputs, outputs] }: Record<string, Shape>) => {
    const [i, m] = [draw(inputs, 0), draw(outputs, 1)];
    const weight: Ranges = { 0: [i, 1], 1: [m, 1] };
    const bias: Ranges = { 0: [m, 1] };
    return { x: { 1: [i, 1] }, dy: { 1: [m, 1] }, w: weight, v: weight, nextW: weight, bias, biasV: bias, rate: {} };
  },
} as const satisfies Partial<Record<KernelName, (draw: Draw, shapes: Record<string, Shape>) => Readonly<Record<string, Ranges>>>>;

/** A box of a tensor, in float64. */
function take({ shape, data }: Samples, ranges: Ranges): Array64 {
  const box = boxOf(shape, ranges);
  const taken: number[] = [];
  const walk = (axis: number, at: number): void => {
    if (axis === shape.length) {
      taken.push(data[at]);
      return;
    }
    const [first, count] = box[axis];
    for (let i = first; i < first + count; i++) walk(axis + 1, at * shape[axis] + i);
  };
  walk(0, 0);
  return { shape: box.map(([, count]) => count), data: Float64Array.from(taken) };
}

const boxOf = (shape: Shape, ranges: Ranges): (readonly [first: number, count: number])[] =>
  shape.map((extent, axis) => ranges[axis] ?? [0, extent]);
