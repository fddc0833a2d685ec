// Are the matrix products of a step right at the step's own sizes? Every shader variant of every op runs its largest problem on random values,
// and some outputs are held against the definition in float64, restricted to what they need: one image, one channel, one output.
import type { Engine } from "../engine/engine.ts";
import type { Plan, PlannedLaunch } from "../engine/planner.ts";
import { Session, type SessionOptions } from "../engine/session.ts";
import { bounds } from "../engine/tolerance.ts";
import { Graph, type Node } from "../graph/graph.ts";
import type { Array64 } from "../graph/op.ts";
import type { KernelName } from "../kernels/index.ts";
import { philox, unitFloat } from "../tensor/philox.ts";
import { sizeOf, type Shape } from "../tensor/shape.ts";

export interface SpotCheck {
  readonly layer: string;
  readonly op: string;
  readonly kernels: readonly string[];
  /** Outputs compared. */
  readonly elements: number;
  /** Of the worst of them, over the derived bound: at most 1 where the kernel is right. */
  readonly ratio: number;
}

const ENOUGH_ELEMENTS = 64;

/** Checks what a plan's convolutions and inner products launch; `options` as the plan's session was opened with. */
export async function spotCheck(engine: Engine, { launches }: Plan, options: Omit<SessionOptions, "states">): Promise<SpotCheck[]> {
  const largest = new Map<string, PlannedLaunch>();
  for (const planned of launches) {
    const key = `${planned.node.op.name}: ${planned.shader.name}`;
    const known = largest.get(key);
    if (isCheckable(planned.node) && (!known || planned.launch.flops > known.launch.flops)) largest.set(key, planned);
  }
  if (largest.size === 0) throw new Error("internal: the plan has no convolution and no inner product that could be checked");
  const checks: SpotCheck[] = [];
  for (const node of new Set([...largest.values()].map((planned) => planned.node))) checks.push(await spotCheckNode(engine, node, options));
  return checks;
}

export const isCheckable = ({ op }: Node): boolean => op.name in PARTS;

/** Checks one node of those that are checkable, as a graph of its own. */
export async function spotCheckNode(engine: Engine, node: Node, options: Omit<SessionOptions, "states">): Promise<SpotCheck> {
  const { op, attributes, label } = node;
  const name = op.name as Checkable;
  const graph = new Graph();
  const inputs = Object.fromEntries(Object.entries(node.inputs).map(([port, { shape }]) => [port, graph.input(port, shape)]));
  const [[port, output]] = Object.entries<Node["outputs"][string]>(graph.add(op, inputs, attributes, label));
  graph.output(port, output);
  const session = await Session.open(engine, graph, options);
  try {
    const arrays: Record<string, Samples> = {};
    Object.entries(inputs).forEach(([port, { shape }], stream) => {
      arrays[port] = { shape, data: noise(sizeOf(shape), stream) };
      session.feed(port, arrays[port].data);
    });
    session.run();
    arrays[port] = { shape: output.shape, data: await session.read(port) };

    let elements = 0;
    let ratio = 0;
    for (let sample = 0; elements < ENOUGH_ELEMENTS; sample++) {
      const { [port]: got, ...given } = partOf(name, arrays, sample);
      const run = { inputs: given, attributes: "groups" in attributes ? { ...attributes, groups: 1 } : attributes };
      const outputs = { [port]: { shape: got.shape, dtype: "f32" as const } };
      const exact = op.reference(run.inputs, run.attributes, outputs) as Record<string, Float64Array>;
      const allowed = bounds[name]({ ...run, outputs, exact })[port];
      got.data.forEach((value, i) => {
        const error = Math.abs(value - exact[port][i]);
        ratio = Math.max(ratio, Number.isNaN(error) ? Infinity : error / allowed[i]);
      });
      elements += got.data.length;
    }
    const kernels = [...new Set(session.plan.launches.map(({ shader }) => shader.name))];
    return { layer: label, op: name, kernels, elements, ratio };
  } finally {
    session.dispose();
  }
}

interface Samples {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** Ops whose outputs can be checked one by one. */
export type Checkable = keyof typeof PARTS;

/** What a random image, channel or output, drawn for each `sample`, has to do with: that part of every input and output, by port. */
export function partOf(op: Checkable, arrays: Readonly<Record<string, Samples>>, sample: number): Record<string, Array64> {
  const words = philox([sample, 0], [0, 0, 0, 4]);
  const shapes = Object.fromEntries(Object.entries(arrays).map(([port, { shape }]) => [port, shape]));
  const ranges: Readonly<Record<string, Ranges>> = PARTS[op]((extent, which) => words[which] % extent, shapes);
  return Object.fromEntries(Object.entries(arrays).map(([port, array]) => [port, take(array, ranges[port])]));
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
} as const satisfies Partial<Record<KernelName, (draw: Draw, shapes: Record<string, Shape>) => Readonly<Record<string, Ranges>>>>;

/** A box of a tensor, in float64. */
function take({ shape, data }: Samples, ranges: Ranges): Array64 {
  const box = shape.map((extent, axis) => ranges[axis] ?? ([0, extent] as const));
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

/** A prime, so that no extent of a tensor keeps step with it. */
const PERIOD = 65521;

/** Values in [-1, 1), repeating after PERIOD: drawing 38 million for AlexNet's fc6 would take longer than the step. */
function noise(size: number, stream: number): Float32Array {
  const period = Float32Array.from({ length: Math.min(PERIOD, size) }, (_, i) => 2 * unitFloat(philox([stream, 0], [i, 0, 0, 3])[0]) - 1);
  const values = new Float32Array(size);
  for (let at = 0; at < size; at += PERIOD) values.set(period.subarray(0, size - at), at);
  return values;
}
