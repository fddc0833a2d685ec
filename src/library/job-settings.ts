// Settings of a training that a program asks for.
import { defaultSettings, type JobSettings } from "../train/job.ts";
import { isForClasses } from "../train/pretrained.ts";
import type { DeviceInternals } from "./device.ts";
import { networkOf, type Model } from "./model.ts";
import { readSource } from "./read-source.ts";
import type { TrainRequest } from "./training-types.ts";

/** Settings with the weights that the model starts from; what is left open has the network's default. */
export async function settingsFor(
  { engine, sessionOptions }: DeviceInternals,
  model: Model,
  { batch, seed, solver }: Pick<TrainRequest, "batch" | "seed" | "solver">,
): Promise<JobSettings> {
  const network = networkOf(model);
  const weights = model.init === null ? null : await readSource(engine.platform, model.init);
  const defaults = defaultSettings(network, weights);
  return {
    ...defaults,
    width: model.width,
    size: model.size,
    batch: batch ?? defaults.batch,
    seed: seed ?? defaults.seed,
    families: sessionOptions.families ?? null,
    ...(solver && { momentum: solver.momentum, weightDecay: solver.weightDecay ?? defaults.weightDecay }),
  };
}

/** Whether the last layers are new: the weights are for other classes. */
export const renamesLast = ({ network, weights }: Pick<JobSettings, "network" | "weights">, classes: readonly string[]): boolean =>
  weights !== null && !isForClasses(network, weights, classes);
