// Small networks after some steps on fractals, for tests that look into them.
import { alexnet, googlenet, type Device } from "../../src/index.ts";
import { openTrainer, type Trainer, type TrainerOptions } from "../../src/trainer.ts";

/** A network of an eighth of the channels on 64 pixels, started from the data, after `steps` steps on the samples. */
export async function trained(
  device: Device,
  net: "alexnet" | "googlenet",
  { steps, labels, ...options }: Pick<TrainerOptions, "samples" | "batch"> & { readonly labels: readonly string[]; readonly steps: number },
): Promise<Trainer> {
  const model = { alexnet, googlenet }[net]({ classes: labels.length, width: 1 / 8, size: 64 });
  const trainer = await openTrainer(device, model, { ...options, labels, rate: 0.002, pixelScale: 1 / 64, init: "lsuv" });
  await trainer.step({ count: steps });
  return trainer;
}
