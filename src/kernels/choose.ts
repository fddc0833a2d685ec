// Which family runs a node: the first of an ordered list that accepts the problem. The textbook family accepts everything.
import type { Node } from "../graph/graph.ts";
import type { Family, Kernel, Lowering, Target } from "./kernel.ts";

export interface Choice {
  readonly family: Family;
  readonly lowering: Lowering;
}

/**
 * What suits an adapter, best first: shuffled register tiles on processors with subgroups, workgroup memory elsewhere. With 4 lanes
 * (SwiftShader, which unrolls nothing) registers are the slower of the two: 0.5 against 0.7 GFLOPS.
 */
export function familiesFor({ cpu, subgroupSize }: Target): Family[] {
  return cpu && subgroupSize > 4 ? ["subgroup", "vector", "workgroup", "textbook"] : ["workgroup", "vector", "textbook"];
}

/** Lowers a node by the first family of `families` that accepts it. `kernels` is the registry of src/kernels/index.ts. */
export function choose(node: Node, kernels: Readonly<Record<string, Kernel>>, families: readonly Family[], target: Target): Choice {
  const kernel = kernels[node.op.name];
  if (!kernel) throw new Error(`internal: op ${node.op.name} has no kernel`);
  const call = { inputs: node.inputs, outputs: node.outputs, attributes: node.attributes, target, label: node.label };
  for (const family of [...families, "textbook" as const]) {
    const lowering = kernel[family]?.(call);
    if (lowering) return { family, lowering };
  }
  throw new Error(`internal: the textbook kernel of ${node.op.name} refused "${node.label}"`);
}
