// The shader files that scoring links: a browser's first load (vite.config.ts). They are computed from the kernels that are chosen for all
// networks of models/ on adapters of several kinds. A session that links any other file fetches the others first (Engine.withShaders).
import { link, variantName, type Variant } from "../engine/linker.ts";
import { problemsOf } from "../engine/lowering.ts";
import { ADAPTERS } from "../kernels/adapters.ts";
import { choose, familiesFor } from "../kernels/choose.ts";
import { kernels } from "../kernels/index.ts";
import { joinedSums } from "../kernels/joined-sums.ts";
import type { Launch, Target } from "../kernels/kernel.ts";
import { networks } from "../models/index.ts";
import { optimise } from "../passes/index.ts";
import { inferenceGraph, scoringGraph } from "./graphs.ts";

/** A shader file and its variant. */
export interface LinkedVariant {
  readonly shader: string;
  readonly variant: Variant;
}

export interface ScoringSettings {
  readonly targets: readonly Target[];
  /** Shares of the papers' channels. */
  readonly widths: readonly number[];
  /** Images per pass. */
  readonly batches: readonly number[];
  readonly classes: readonly number[];
}

/** GPUs: a page on a software adapter, where a pass takes seconds, fetches further files before its first. */
const GPUS = Object.values(ADAPTERS).filter(({ cpu }) => !cpu);

/** Few settings that link every file which any setting links; scoring-shaders.test.ts compares them with all. */
const SAMPLE: ScoringSettings = { targets: GPUS, widths: [1, 1 / 8], batches: [1, 32], classes: [3, 10, 1000] };

/** Launches of scoring the networks of models/ with the default kernels, each variant once. */
export function scoringVariants({ targets, widths, batches, classes }: ScoringSettings): LinkedVariant[] {
  const found = new Map<string, LinkedVariant>();
  for (const network of Object.values(networks))
    for (const width of widths)
      for (const batch of batches)
        for (const count of classes)
          for (const make of [scoringGraph, inferenceGraph]) {
            const problems = problemsOf(optimise(make({ network, width, batch, classes: count }).graph));
            for (const target of targets)
              for (const problem of problems)
                for (const launch of choose(problem, { kernels, families: familiesFor(target), target }).lowering.launches) {
                  const joined = launch.joins ? [joinedSums([{ launch, partialAt: 0, bias: "bias" }], target)] : [];
                  for (const linked of [launch, ...joined].map(variantOf)) found.set(variantName(linked.shader, linked.variant), linked);
                }
          }
  return [...found.values()];
}

/** A launch's shader file and variant. */
export const variantOf = ({ shader, slots, params }: Launch): LinkedVariant => ({
  shader,
  variant: { ...(slots && { slots }), ...(params && { params }) },
});

/** Names of the files of shaders/ that scoring links, sorted. `read` gives a file's text. */
export function scoringShaders(read: (name: string) => string): string[] {
  const names = new Set<string>();
  for (const { shader, variant } of scoringVariants(SAMPLE))
    link(shader, variant, (name) => {
      names.add(name);
      return read(name);
    });
  return [...names].toSorted();
}
