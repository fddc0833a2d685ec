// Are the matrix products of a step right at the step's own sizes? Every shader variant of every op runs its largest problem on random values,
// and some outputs are held against the definition in float64, restricted to what they need: one image, one channel, one output.
import type { Engine } from "../engine/engine.ts";
import type { Plan, PlannedLaunch } from "../engine/planner.ts";
import { isCheckable, sampler, withoutDropout, type Samples, type SampleVerdict } from "../engine/samples.ts";
import { Session, type SessionOptions } from "../engine/session.ts";
import { boundOf } from "../engine/winograd-tolerance.ts";
import { Graph, type Node } from "../graph/graph.ts";
import type { KernelName } from "../kernels/index.ts";
import { philox, unitFloat } from "../tensor/philox.ts";
import { sizeOf } from "../tensor/shape.ts";

export interface SpotCheck extends SampleVerdict {
  readonly layer: string;
  readonly op: string;
  readonly kernels: readonly string[];
}

/** Checks what a plan's convolutions and inner products launch; `options` as the plan's session was opened with. */
export async function spotCheck(engine: Engine, { launches }: Plan, options: Omit<SessionOptions, "states">): Promise<SpotCheck[]> {
  const largest = new Map<string, PlannedLaunch>();
  for (const planned of launches) {
    const key = `${planned.node.op.name}: ${planned.shader.name}`;
    const known = largest.get(key);
    if (isCheckable(withoutDropout(planned.node)) && (!known || planned.launch.flops > known.launch.flops)) largest.set(key, planned);
  }
  if (largest.size === 0) throw new Error("internal: the plan has no convolution and no inner product that could be checked");
  const checks: SpotCheck[] = [];
  for (const node of new Set([...largest.values()].map((planned) => planned.node)))
    checks.push(await spotCheckNode(engine, withoutDropout(node), options));
  return checks;
}

/** Checks one node of those that are checkable, as a graph of its own: its first output. */
export async function spotCheckNode(engine: Engine, node: Node, options: Omit<SessionOptions, "states">): Promise<SpotCheck> {
  const { op, attributes, label } = node;
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
    const bound = boundOf(
      op.name as KernelName,
      session.plan.launches.map(({ launch }) => launch),
    );
    const { elements, ratio } = sampler({ op, attributes, outputs: { [port]: output } }, arrays, { bound })(await session.read(port));
    const kernels = [...new Set(session.plan.launches.map(({ shader }) => shader.name))];
    return { layer: label, op: op.name, kernels, elements, ratio };
  } finally {
    session.dispose();
  }
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
