// The effect of each pass and each kernel family on a network's training step: src/train/ablation.ts under this bench's conditions.
import { trainingOptions } from "../src/cli/step-runner.ts";
import { planFor } from "../src/engine/session.ts";
import { ablate, type AblationRow } from "../src/train/ablation.ts";
import { trainingGraph } from "../src/train/training-graphs.ts";
import { networkConditions, settingOf, underConditions, type Bench } from "./conditions.ts";
import type { Ablation } from "./results.ts";
import { rounded, timingOf } from "./statistics.ts";

/** All configurations are in memory at once, and timed in rounds. An interrupted ablation has no result. */
export async function benchAblation(bench: Bench, net: string, batch: number): Promise<Ablation> {
  const { engine, sessionOptions, rounds, say } = bench;
  const setting = settingOf(bench, net);
  const options = trainingOptions({ ...setting, batch });
  const { conditions, result } = await underConditions(bench, () =>
    ablate(engine, options, { ...sessionOptions, rounds, onProgress: (text) => say(`${net}: ${text}`) }),
  );
  const plan = planFor(engine, trainingGraph(options).graph, sessionOptions);
  return { conditions, network: networkConditions(bench, setting, [plan]), batch, rows: result.rows.map(rowOf) };
}

function rowOf({ name, launches, peakBytes, times, ratio, lossDifference, weights }: AblationRow): Ablation["rows"][number] {
  if (!Number.isFinite(lossDifference) || !Number.isFinite(weights.relative))
    throw new Error(`a training step "${name}" gives a value that is not a number: run  npx striatum verify`);
  return { name, launches, peakBytes, time: timingOf(times), ratio: rounded(ratio), lossDifference, weightDifference: weights.relative };
}
