// A kernel family against the float64 definition. Loaded when it is asked for.
import type { Engine } from "../engine/engine.ts";
import type { Node } from "../graph/graph.ts";
import type { Case } from "../kernels/cases/case.ts";
import { cases } from "../kernels/cases/index.ts";
import type { KernelName } from "../kernels/index.ts";
import { caseOf } from "../verify/fill.ts";
import { compareWithReference } from "../verify/judge.ts";
import type { KernelFamily } from "./device.ts";

/** A kernel family against the definition, on random values of a launch's sizes. */
export interface VerifyReport {
  /** Elements that were compared. */
  readonly elements: number;
  /** Output that has the worst one, and its position there. */
  readonly output: string;
  /** Position of the worst element in the engine's order. */
  readonly index: number;
  /** Its error. */
  readonly error: number;
  /** Error that was allowed there. */
  readonly bound: number;
  /** Error over bound: at most 1 where the kernel is right. */
  readonly ratio: number;
}

/** Compares on random values of the sizes of a node. Null where the family cannot compute it. */
export async function verifyNode(engine: Engine, node: Node, family: KernelFamily): Promise<VerifyReport | null> {
  const [{ states }]: Case[] = Object.values<Case>(cases[node.op.name as KernelName]);
  const tested: Case = { ...caseOf(node), ...(states && { states }) };
  const verdict = await compareWithReference(engine, node.op.name as KernelName, tested, family);
  if (!verdict) return null;
  const { elements, output, index, worstError: error, bound, ratio } = verdict;
  return { elements, output, index, error, bound, ratio };
}
