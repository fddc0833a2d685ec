// A few training steps of a small network on seeded random pixels: the same numbers in Node and in a page, which the browser test compares.
import type { Engine } from "../../src/engine/engine.ts";
import { networkNamed } from "../../src/models/index.ts";
import { meanShape, storedSize } from "../../src/train/graphs.ts";
import { sizeOf } from "../../src/tensor/shape.ts";
import { noiseBatch } from "../../src/train/noise-batch.ts";
import { NO_SUMS, Trainer } from "../../src/train/trainer.ts";

const SEED = 5;
const SIZE = 64;
const BATCH = 2;
const CLASSES = 2;

export interface QuickSteps {
  /** Loss of each step. */
  readonly losses: number[];
  /** Values of the first layer's bias after the last step. */
  readonly bias: number[];
}

/** Trains `steps` steps at an eighth of the channels, on 64 pixels. */
export async function quickSteps(engine: Engine, name: string, steps: number): Promise<QuickSteps> {
  const network = networkNamed(name);
  const trainer = await Trainer.open(engine, {
    network,
    classes: CLASSES,
    width: 1 / 8,
    size: SIZE,
    batch: BATCH,
    momentum: 0.9,
    weightDecay: network.weightDecay,
  });
  try {
    await trainer.start(SEED);
    const stored = storedSize(network, SIZE);
    trainer.setMean(new Float32Array(sizeOf(meanShape(network, stored))).fill(128));
    const losses: number[] = [];
    for (let step = 0; step < steps; step++) {
      trainer.setSums(NO_SUMS);
      trainer.train(noiseBatch({ seed: SEED + step, images: BATCH, stored, classes: CLASSES }), { seed: SEED, step, rate: 0.01 });
      losses.push((await trainer.sums()).loss);
    }
    const { parameters } = await trainer.snapshot();
    const first = trainer.parameters[1].name;
    return { losses, bias: [...(parameters.get(first)?.data ?? [])] };
  } finally {
    trainer.dispose();
  }
}
