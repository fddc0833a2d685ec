// The graph's passes, in the order in which they run. Each is a rewrite that leaves the meaning alone; each can be turned off.
import type { Graph } from "../graph/graph.ts";
import { concatInPlace } from "./concat-in-place.ts";
import { dropoutEpilogue } from "./dropout-epilogue.ts";
import { gradientSum } from "./gradient-sum.ts";
import { inceptionBranches } from "./inception.ts";
import { lossGradient } from "./loss-gradient.ts";
import { lrnPool } from "./lrn-pool.ts";
import { normEpilogue } from "./norm-epilogue.ts";
import { poolWinners } from "./pool-winners.ts";
import { reluEpilogue } from "./relu-epilogue.ts";
import { reluGate } from "./relu-gate.ts";
import { residualSum } from "./residual-sum.ts";
import type { Pass } from "./rewrite.ts";
import { update } from "./update.ts";

export const passes = {
  "residual-sum": residualSum,
  "norm-epilogue": normEpilogue,
  "relu-epilogue": reluEpilogue,
  "dropout-epilogue": dropoutEpilogue,
  "gradient-sum": gradientSum,
  "relu-gate": reluGate,
  "pool-winners": poolWinners,
  "lrn-pool": lrnPool,
  "loss-gradient": lossGradient,
  update,
  inception: inceptionBranches,
  "concat-in-place": concatInPlace,
} as const satisfies Readonly<Record<string, Pass>>;

export type PassName = keyof typeof passes;
export const PASSES = Object.keys(passes) as PassName[];

/** The graph after those passes, in their own order. */
export const optimise = (graph: Graph, names: readonly PassName[] = PASSES): Graph =>
  PASSES.filter((name) => names.includes(name)).reduce((before, name) => passes[name].apply(before), graph);
