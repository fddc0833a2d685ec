// Cases to hold a step's kernels against float64 at the step's own shapes: the shapes of a node, filled as the op's own cases fill them.
import { cases } from "../src/kernels/cases/index.ts";
import type { Case, CaseInput } from "../src/kernels/cases/case.ts";
import type { KernelName } from "../src/kernels/index.ts";
import type { Node } from "../src/graph/graph.ts";
import { sizeOf, type Shape } from "../src/tensor/shape.ts";

/** The definition takes a second or so for this many elements. */
const MOST_ELEMENTS = 2 ** 20;

/** The cases that an op is tested by everywhere. */
export const casesOf = (op: KernelName): Case[] => Object.values<Case>(cases[op]).filter(({ target }) => !target);

/**
 * A node's own problem, or, if it is too large for the definition, the same with fewer images: a shorter first axis. Null where its inputs cannot be
 * filled for other shapes than those of the op's cases, or where the first axis is not one that all its tensors share.
 */
export function caseAt({ op, inputs, outputs, attributes }: Node): { readonly by: "whole" | "fewer images"; readonly tested: Case } | null {
  const ports = Object.entries(inputs);
  const own: Case = { inputs: {}, attributes };
  for (const like of casesOf(op.name as KernelName)) {
    const filled = ports.map(([port, { shape }]) => [port, filledLike(like.inputs[port] as CaseInput | undefined, shape)] as const);
    if (Object.keys(like.inputs).length === ports.length && filled.every(([, input]) => input !== null))
      Object.assign(own, { inputs: Object.fromEntries(filled) });
  }
  if (Object.keys(own.inputs as object).length !== ports.length) return null;
  const elements = [...Object.values(inputs), ...Object.values(outputs)].reduce((total, { shape }) => total + sizeOf(shape), 0);
  if (elements <= MOST_ELEMENTS) return { by: "whole", tested: own };
  return fewerImages(own, Object.values(outputs), MOST_ELEMENTS / elements);
}

function filledLike(like: CaseInput | undefined, shape: Shape): CaseInput | null {
  if (!like) return null;
  return "values" in like.fill && like.fill.values.length !== sizeOf(shape) ? null : { ...like, shape };
}

/** Shapes with at least two axes share their first one: it becomes as short as `share` of it, at least 1. */
function fewerImages({ inputs, attributes }: Case, outputs: readonly { shape: Shape }[], share: number) {
  const given = Object.entries(inputs as Record<string, CaseInput>);
  const firsts = new Set([...given.map(([, { shape }]) => shape), ...outputs.map(({ shape }) => shape)].map((shape) => shape[0]));
  if (firsts.size !== 1 || given.some(([, { fill }]) => "values" in fill)) return null;
  const [images] = firsts;
  const fewer = Math.max(1, Math.floor(images * share));
  const shorter = given.map(([port, input]) => [port, { ...input, shape: [fewer, ...input.shape.slice(1)] }] as const);
  return { by: "fewer images" as const, tested: { inputs: Object.fromEntries(shorter), attributes } };
}
