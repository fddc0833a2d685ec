// The graph's passes, in the order in which they run. Each is a rewrite that leaves the meaning alone; each can be turned off.
import type { Graph } from "../graph/graph.ts";
import type { Pass } from "./rewrite.ts";
import { poolWinners } from "./pool-winners.ts";
import { reluEpilogue } from "./relu-epilogue.ts";

export const passes = {
  "relu-epilogue": reluEpilogue,
  "pool-winners": poolWinners,
} as const satisfies Readonly<Record<string, Pass>>;

export type PassName = keyof typeof passes;
export const PASSES = Object.keys(passes) as PassName[];

/** The graph after those passes, in their own order. */
export const optimise = (graph: Graph, names: readonly PassName[] = PASSES): Graph =>
  PASSES.filter((name) => names.includes(name)).reduce((before, name) => passes[name].apply(before), graph);
