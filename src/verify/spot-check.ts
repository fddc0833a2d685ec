// Checks the matrix products of a step at the step's own sizes. Every shader variant of every op runs its largest problem on random values,
// and some outputs are compared with the definition in float64, restricted to what they need: one image, one channel, one output.
import type { Engine } from "../engine/engine.ts";
import { caseOf, fill } from "./fill.ts";
import { graphOf } from "./judge.ts";
import type { Plan, PlannedLaunch } from "../engine/planner.ts";
import { isCheckable, sampler, withoutDropout, type Samples, type SampleVerdict } from "./samples.ts";
import { Session, type SessionOptions } from "../engine/session.ts";
import { boundOf } from "./launch-tolerance.ts";
import type { Node } from "../graph/graph.ts";
import type { Case } from "../kernels/cases/case.ts";
import { cases } from "../kernels/cases/index.ts";
import type { KernelName } from "../kernels/index.ts";

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
  if (largest.size === 0) throw new Error("internal: the plan has no convolution or inner product to check");
  const checks: SpotCheck[] = [];
  for (const node of new Set([...largest.values()].map((planned) => planned.node)))
    checks.push(await spotCheckNode(engine, withoutDropout(node), options));
  return checks;
}

/** Checks one node of those that are checkable, as a graph of its own: its first output. */
export async function spotCheckNode(engine: Engine, node: Node, options: Omit<SessionOptions, "states">): Promise<SpotCheck> {
  const { op, attributes, label } = node;
  // Where a kernel counts on parameters that lie together, its first case says which.
  const [{ states }]: Case[] = Object.values<Case>(cases[op.name as KernelName]);
  const tested: Case = { ...caseOf(node), ...(states && { states }) };
  const { graph, outputs } = graphOf(op, tested);
  const [[port, output]] = Object.entries(outputs);
  const session = await Session.open(engine, graph, options);
  try {
    const arrays: Record<string, Samples> = {};
    for (const [name, data] of Object.entries(fill(tested))) {
      arrays[name] = { shape: tested.inputs[name].shape, data: data as Float32Array };
      if (graph.states.some((state) => state.name === name)) session.writeState(name, arrays[name].data);
      else session.feed(name, data);
    }
    session.run();
    const launches = session.plan.launches.filter((planned) => planned.node.op === op);
    const bound = boundOf(
      op.name as KernelName,
      launches.map(({ launch }) => launch),
    );
    const { elements, ratio } = sampler({ op, attributes, outputs: { [port]: output } }, arrays, { bound })(await session.read(port));
    const kernels = [...new Set(launches.map(({ shader }) => shader.name))];
    return { layer: label, op: op.name, kernels, elements, ratio };
  } finally {
    session.dispose();
  }
}
