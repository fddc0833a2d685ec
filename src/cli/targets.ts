// Machines that a plan can be made for: this adapter, or one by its documented limits, without an adapter.
import * as halves from "../engine/halves.ts";
import { link, type LinkedShader } from "../engine/linker.ts";
import { openEngine } from "../engine/engine.ts";
import { plan, type Plan, type PlanOptions, type Storage } from "../engine/planner.ts";
import type { Graph } from "../graph/graph.ts";
import { ADAPTERS, DEFAULT_LIMITS } from "../kernels/adapters.ts";
import { familiesFor } from "../kernels/choose.ts";
import type { Family, Launch, Target } from "../kernels/kernel.ts";
import { openNodePlatform, shaderText } from "../platform/node.ts";
import { say } from "./output.ts";

export interface Machine {
  readonly name: string;
  readonly target: Target;
  readonly maxBufferBytes: number;
}

/** By limits alone: what WebGPU guarantees everywhere (its specification's default limits), and the two software adapters that are available to everyone. */
const MACHINES: Readonly<Record<string, Machine>> = {
  "webgpu-defaults": { name: "WebGPU's default limits", target: DEFAULT_LIMITS, maxBufferBytes: 2 ** 28 },
  lavapipe: {
    name: "lavapipe (Mesa 25)",
    target: { ...ADAPTERS["lavapipe"], offsetAlignment: DEFAULT_LIMITS.offsetAlignment },
    maxBufferBytes: 2 ** 32 - 1,
  },
  swiftshader: {
    name: "SwiftShader",
    target: ADAPTERS["SwiftShader"],
    maxBufferBytes: 2 ** 30,
  },
};

/** Values of `--for`. */
export const MACHINE_NAMES: readonly string[] = ["this", ...Object.keys(MACHINES)];

/** The machine of that name; without a name this one if it has an adapter, else WebGPU's default limits. Prints on stderr which. */
export async function machineNamed(name: string | undefined): Promise<Machine> {
  if (name !== undefined && name !== "this") return MACHINES[name];
  try {
    const engine = await openEngine(await openNodePlatform());
    const machine = { name: engine.adapterName, target: engine.target, maxBufferBytes: engine.device.limits.maxBufferSize };
    engine.dispose();
    say(`planned for this adapter: ${machine.name}`);
    return machine;
  } catch (error) {
    if (name !== undefined) throw error;
    say("planned for WebGPU's default limits, as no adapter was found; --for selects another machine");
    return MACHINES["webgpu-defaults"];
  }
}

/** A launch's shader, linked from the text in shaders/. */
export const linkLaunch = (launch: Launch, packed?: readonly string[]): LinkedShader =>
  link(launch.shader, { ...launch, ...(packed && { halves: packed }) }, shaderText, halves);

/** The plan of a graph on a machine, with the families chosen for it, or one that is preferred. */
export function planOn({ target, maxBufferBytes }: Machine, graph: Graph, family: Family | undefined, storage: Storage = "f32"): Plan {
  const linked = new Map<string, LinkedShader>();
  const options: PlanOptions = {
    target,
    maxBufferBytes,
    ...(storage === "f16" && { halves }),
    families: family ? [family] : familiesFor(target),
    // Launches of one variant share one linked shader, as they do in the engine.
    link(launch, packed) {
      const made = linkLaunch(launch, packed);
      const known = linked.get(made.name) ?? made;
      linked.set(made.name, known);
      return known;
    },
  };
  return plan(graph, options);
}
