// The gradient of the loss with respect to one value of a parameter as a central difference, in float64, with what is known of its error.
import type { Node, Value } from "../graph/graph.ts";
import type { Array64 } from "../graph/op.ts";
import { byDefinition } from "../graph/interpret.ts";
import { forEachWindow, type PoolAttributes } from "../ops/pool-window.ts";
import { sizeOf } from "../tensor/shape.ts";
import { expectElement } from "./other-value.ts";
import type { Opened } from "./opened.ts";
import { caffePositions } from "./parameter-values.ts";

/** A central difference of the loss of a look, computed on the host in float64, from the pixels on. */
export interface Difference {
  /** (4 D(h / 2) - D(h)) / 3 of D(h) = (L(w + h) - L(w - h)) / 2 h, whose error is of the order h^4 where the loss is smooth. */
  readonly value: number;
  /** Estimate of its error: |D(h / 2) - D(h)|, and float64's rounding of the losses. It holds where `kinks` is 0. */
  readonly error: number;
  /** The step h, a power of two, so that the values on both sides are exact. */
  readonly step: number;
  /** L(w + h): the sum of the losses of all heads, weighted as in training. */
  readonly up: number;
  /** L(w - h). */
  readonly down: number;
  /** ReLUs and windows of maximum pooling that are on another side, or have another winner, at w + h than at w - h: the loss has a kink there. */
  readonly kinks: number;
  /**
   * ReLUs and windows of maximum pooling that lie within 2^-20 of their layer's largest value of the other side: float32's roundings may put a kernel there, and its gradient is
   * then the one beyond the kink.
   */
  readonly near: number;
}

/** Steps, the largest first: a smaller one is taken while kinks lie inside. */
const STEPS = [2 ** -16, 2 ** -20, 2 ** -24];
/** Roundings of a loss near 1, all that lead to it together, as a share: some forty of float64's. */
const ROUNDING = 2 ** -47;
/** Share of a layer's largest value by which float32's roundings may move a value. */
const NEAR = 2 ** -20;
/** Ops that are smooth in pieces, whose pieces this file does not distinguish. */
const UNCOUNTED = ["activation", "maxWindows"];
/** Milliseconds of work before other tasks have a turn. */
const TURN = 30;

/** Reads what the loss is computed from, and computes it for some values of one element. Throws a TypeError for an element that is not there, and without a loss. */
export async function differenceOf(opened: Opened, name: string, index: number): Promise<Difference> {
  const { made, subject } = opened;
  const parameter = expectElement("difference", subject.parameters, { parameter: name, index });
  if (made.losses.size === 0) throw new TypeError("difference: is of a look whose target is a loss");
  const losses = [...made.losses.values()];
  const nodes = leadingTo(made.graph.nodes, losses);
  const uncounted = nodes.find(({ op }) => UNCOUNTED.includes(op.name));
  if (uncounted) throw new TypeError(`difference: kinks of ${uncounted.op.name}, as in "${uncounted.label}", are not counted`);
  const known = new Map<Value, Array64>();
  for (const value of made.graph.inputs) {
    const data = opened.fed.get(value.name);
    if (data) known.set(value, { shape: value.shape, data: Float64Array.from(data) });
  }
  const reached = new Set(nodes.flatMap(({ inputs }) => Object.values(inputs)));
  const states = made.graph.states.filter(({ value }) => reached.has(value));
  const read = await subject.states.readAll(states.map((state) => state.name));
  for (const { name: state, value } of states)
    known.set(value, { shape: value.shape, data: Float64Array.from(read.get(state) as Float32Array) });

  const changed = (made.graph.states.find((state) => state.name === name) as { readonly value: Value }).value;
  const before = known.get(changed);
  if (!before) throw new TypeError(`difference: the loss does not depend on ${name}`);
  const position = caffePositions(parameter, sizeOf(before.shape))[index];
  await evaluate(nodes, known);
  const after = nodesAfter(nodes, changed);
  const near = after.reduce((sum, node) => sum + nearKinks(node, known), 0);
  const at = async (offset: number): Promise<{ readonly loss: number; readonly sides: Int32Array[] }> => {
    const data = before.data.slice();
    data[position] += offset;
    const values = new Map(known).set(changed, { shape: before.shape, data });
    await evaluate(after, values);
    return {
      loss: losses.reduce((sum, value) => sum + (values.get(value) as Array64).data[0], 0),
      sides: after.flatMap((node) => sidesOf(node, values)),
    };
  };
  for (const step of STEPS) {
    const [up, down] = [await at(step), await at(-step)];
    const kinks = up.sides.reduce((sum, sides, i) => sum + sides.filter((side, j) => side !== down.sides[i][j]).length, 0);
    if (kinks > 0 && step !== STEPS[STEPS.length - 1]) continue;
    const [halfUp, halfDown] = [await at(step / 2), await at(-step / 2)];
    const [whole, half] = [(up.loss - down.loss) / (2 * step), (halfUp.loss - halfDown.loss) / step];
    return {
      value: (4 * half - whole) / 3,
      error: Math.abs(half - whole) + (ROUNDING * Math.max(1, Math.abs(up.loss))) / step,
      step,
      up: up.loss,
      down: down.loss,
      kinks,
      near,
    };
  }
  throw new Error("internal: no step of a difference");
}

/** Computes what nodes give, by their definitions. */
async function evaluate(nodes: readonly Node[], values: Map<Value, Array64>): Promise<void> {
  let since = performance.now();
  for (const node of nodes) {
    const inputs = Object.fromEntries(Object.entries(node.inputs).map(([port, value]) => [port, values.get(value) as Array64]));
    const results = byDefinition(node, inputs);
    for (const [port, value] of Object.entries(node.outputs)) values.set(value, { shape: value.shape, data: results[port] });
    if (performance.now() - since < TURN) continue;
    await new Promise((resolve) => void setTimeout(resolve));
    since = performance.now();
  }
}

/** Where the pieces of a piecewise smooth op are: which inputs of a ReLU are positive, which pixel wins each window of a maximum pooling. */
function sidesOf({ op, inputs, outputs, attributes }: Node, values: ReadonlyMap<Value, Array64>): Int32Array[] {
  const valueOf = (value: Value): Array64 => values.get(value) as Array64;
  if (op.name === "relu") return [Int32Array.from(valueOf(inputs["x"]).data, (value) => Number(value > 0))];
  if (op.name !== "maxPool") return [];
  const [x, y] = [valueOf(inputs["x"]), valueOf(outputs["y"])];
  const winners = new Int32Array(y.data.length);
  forEachWindow(x.shape, y.shape, attributes as unknown as PoolAttributes, (pixels, _area, at) => {
    for (let c = 0; c < x.shape[3]; c++) winners[at + c] = pixels.find((pixel) => x.data[pixel + c] === y.data[at + c]) ?? -1;
  });
  return [winners];
}

/** How many pieces of a piecewise smooth op float32 may take for the piece beside it. Equal values of a window do not count: overlapping windows before it give one value twice. */
function nearKinks({ op, inputs, outputs, attributes }: Node, values: ReadonlyMap<Value, Array64>): number {
  if (op.name !== "relu" && op.name !== "maxPool") return 0;
  const x = values.get(inputs["x"]) as Array64;
  const reach = NEAR * x.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (op.name === "relu") return x.data.reduce((count, value) => count + Number(Math.abs(value) <= reach), 0);
  const y = values.get(outputs["y"]) as Array64;
  let near = 0;
  forEachWindow(x.shape, y.shape, attributes as unknown as PoolAttributes, (pixels, _area, at) => {
    for (let c = 0; c < x.shape[3]; c++) {
      const largest = y.data[at + c];
      if (pixels.some((pixel) => x.data[pixel + c] < largest && largest - x.data[pixel + c] <= reach)) near++;
    }
  });
  return near;
}

/** Nodes that some of the values are computed by, in order. */
function leadingTo(nodes: readonly Node[], values: readonly Value[]): Node[] {
  const wanted = new Set(values);
  const leading: Node[] = [];
  for (const node of nodes.toReversed()) {
    if (!Object.values(node.outputs).some((value) => wanted.has(value))) continue;
    leading.push(node);
    for (const value of Object.values(node.inputs)) wanted.add(value);
  }
  return leading.toReversed();
}

/** Nodes that depend on a value. */
function nodesAfter(nodes: readonly Node[], value: Value): Node[] {
  const reached = new Set([value]);
  return nodes.filter(({ inputs, outputs }) => {
    if (!Object.values(inputs).some((input) => reached.has(input))) return false;
    for (const output of Object.values(outputs)) reached.add(output);
    return true;
  });
}
