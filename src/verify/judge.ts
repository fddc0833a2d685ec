// Compares a kernel with its op's float64 definition, for the tests, `npx striatum verify` and the self-test of
// `npx striatum doctor`.
import { Graph, overwrites, type Value } from "../graph/graph.ts";
import { mapPorts, type Array64, type Op } from "../graph/op.ts";
import type { Case } from "../kernels/cases/case.ts";
import { furtherKernels } from "../kernels/further.ts";
import type { KernelName } from "../kernels/index.ts";
import type { Family, Tuning } from "../kernels/kernel.ts";
import { addKernels } from "../kernels/loaded.ts";
import { ops } from "../ops/index.ts";
import type { Engine } from "../engine/engine.ts";
import { fill } from "./fill.ts";
import { planFor, Session } from "../engine/session.ts";
import { boundOf } from "./launch-tolerance.ts";

export interface Verdict {
  readonly family: Family;
  /** Number of launches, and of those on a window of a tensor. */
  readonly launches: number;
  readonly windows: number;
  /** Elements compared. */
  readonly elements: number;
  /** The element whose error is largest relative to its bound: its output and index, its error, its bound, and their ratio. */
  readonly output: string;
  readonly index: number;
  readonly worstError: number;
  readonly bound: number;
  /** At most 1 if the kernel is right. */
  readonly ratio: number;
}

/** Runs one case of an op by one family on the GPU, by default or with these tunables. Null if the family cannot run the problem. */
export async function compareWithReference(
  engine: Engine,
  name: KernelName,
  tested: Case,
  family: Family,
  tuning?: Tuning,
): Promise<Verdict | null> {
  const op: Op = ops[name];
  const inputs = fill(tested);
  const { graph, outputs } = graphOf(op, tested);
  const options = {
    families: [family],
    ...(tuning && { tuned: () => ({ family, tuning }) }),
    ...(tested.target && { target: tested.target }),
  };
  const planned = planFor(engine, graph, options).launches.filter(({ node }) => node.op === op);
  if (planned.some((launch) => launch.family !== family || launch.tuning !== tuning)) return null;

  const arrays = mapPorts(inputs, (data, port) => ({ shape: tested.inputs[port].shape, data: Float64Array.from(data) }) satisfies Array64);
  const exact: Record<string, Float64Array> = op.reference(arrays, tested.attributes, outputs);
  const bound = boundOf(
    name,
    planned.map(({ launch }) => launch),
  );
  const allowed = bound({ op, inputs: arrays, attributes: tested.attributes, outputs, exact });

  const session = await Session.open(engine, graph, options);
  try {
    for (const [port, data] of Object.entries(inputs)) {
      if (graph.states.some((state) => state.name === port)) session.writeState(port, Float32Array.from(data));
      else session.feed(port, data);
    }
    session.run();
    const { launches } = session.plan;
    const compared: (Worst & { output: string; elements: number })[] = [];
    for (const output of Object.keys(outputs)) {
      const read = await session.read(output);
      const got = outputs[output].dtype === "u32" ? new Uint32Array(read.buffer) : read;
      compared.push({ output, elements: got.length, ...worstOf(got, exact[output], allowed[output]) });
    }
    const worst = compared.reduce((a, b) => (b.ratio > a.ratio ? b : a));
    return {
      ...worst,
      family,
      launches: launches.length,
      windows: launches.filter(({ launch }) => launch.slices).length,
      elements: compared.reduce((sum, { elements }) => sum + elements, 0),
    };
  } finally {
    session.dispose();
  }
}

/** A case as a graph of one node. What the op overwrites are states, all else are inputs. */
export function graphOf(op: Op, { inputs, attributes, states = [] }: Case): { graph: Graph; outputs: Record<string, Value> } {
  const graph = new Graph();
  addKernels(furtherKernels);
  const overwritten = new Map(overwrites({ op, inputs: inputs as Record<string, never> }));
  const values = mapPorts(inputs, ({ shape, dtype }, port) => {
    if (states.includes(port) || (overwritten.has(port) && states.length === 0)) return graph.state(port, shape, dtype);
    const value = graph.input(port, shape, dtype);
    // Beside other states, what is overwritten is a copy in the step's own memory: one launch may not read and write one buffer.
    if (!overwritten.has(port)) return value;
    return graph.add(ops.add, { a: value, b: graph.add(ops.constant, {}, { value: 0, shape }, "zero").y }, {}, `copy of ${port}`).y;
  });
  const outputs: Record<string, Value> = graph.add(op, values, attributes, op.name);
  for (const [input, output] of overwritten) if (states.length === 0) graph.update(values[input], outputs[output]);
  for (const [port, value] of Object.entries(outputs)) graph.output(port, value);
  return { graph, outputs };
}

export type Worst = Pick<Verdict, "index" | "worstError" | "bound" | "ratio">;

/** The element with the largest error over bound. NaN and infinity must agree. */
export function worstOf(got: ArrayLike<number>, exact: Float64Array, allowed: Float64Array): Worst {
  const worst = { index: 0, worstError: 0, bound: allowed[0], ratio: 0 };
  exact.forEach((value, index) => {
    if (got[index] === value || (Number.isNaN(got[index]) && Number.isNaN(value))) return;
    const worstError = Math.abs(got[index] - value);
    const bound = allowed[index];
    const ratio = Number.isFinite(worstError) && bound > 0 ? worstError / bound : Infinity;
    if (ratio > worst.ratio) Object.assign(worst, { index, worstError, bound, ratio });
  });
  return worst;
}
