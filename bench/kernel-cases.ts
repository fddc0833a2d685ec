// Cases for comparing a step's kernels with float64 at the step's own shapes, if the definition is fast enough.
import { caseOf } from "../src/verify/fill.ts";
import type { Node } from "../src/graph/graph.ts";
import { cases } from "../src/kernels/cases/index.ts";
import type { Case, CaseInput } from "../src/kernels/cases/case.ts";
import type { KernelName } from "../src/kernels/index.ts";
import { sizeOf } from "../src/tensor/shape.ts";

/** The definition takes a second or so for this many elements. */
const MOST_ELEMENTS = 2 ** 20;

/** The cases that an op is tested by everywhere, those for other machines left out. */
export const casesOf = (op: KernelName): Case[] => Object.values<Case>(cases[op]).filter(({ target }) => !target);

/**
 * A node's own problem, or, if it is too large for the definition, the same with fewer images: a shorter first axis of all its tensors but vectors. Null
 * where they do not share that axis.
 */
export function caseAt(node: Node): { readonly by: "whole" | "fewer images"; readonly tested: Case } | null {
  const own = caseOf(node);
  const values = [...Object.values(node.inputs), ...Object.values(node.outputs)];
  const elements = values.reduce((total, { shape }) => total + sizeOf(shape), 0);
  if (elements <= MOST_ELEMENTS) return { by: "whole", tested: own };
  const firsts = new Set(values.filter(({ shape }) => shape.length > 1).map(({ shape }) => shape[0]));
  if (firsts.size !== 1) return null;
  const [images] = firsts;
  const fewer = Math.max(1, Math.floor((images * MOST_ELEMENTS) / elements));
  const shorter = Object.entries(own.inputs as Record<string, CaseInput>).map(([port, input]): [string, CaseInput] => [
    port,
    input.shape.length > 1 ? { ...input, shape: [fewer, ...input.shape.slice(1)] } : input,
  ]);
  return { by: "fewer images", tested: { inputs: Object.fromEntries(shorter), attributes: own.attributes } };
}
