// A network's training step and scoring pass on seeded noise, one at a time and timed by the host's clock: from the first byte fed to the last launch
// done, or the last probability read. Results are checked every time, and the matrix products can be compared with float64. Times are milliseconds.
import type { Engine } from "../engine/engine.ts";
import type { Plan } from "../engine/planner.ts";
import { isCheckable } from "../verify/samples.ts";
import type { SessionOptions } from "../engine/session.ts";
import type { Network } from "../models/network.ts";
import { sizeOf } from "../tensor/shape.ts";
import { meanShape, storedSize } from "../train/graphs.ts";
import { noiseBatch } from "../train/noise-batch.ts";
import { NO_SUMS, Trainer, type Batch } from "../train/trainer.ts";
import { spotCheck, type SpotCheck } from "../verify/spot-check.ts";

export interface StepSettings {
  readonly network: Network;
  readonly classes: number;
  /** Share of the paper's channels. */
  readonly width: number;
  /** Side of the network's input. */
  readonly size: number;
  /** Images per step. */
  readonly batch: number;
}

const SEED = 1;
/** Small enough that a few steps on noise do not diverge; the time of a step does not depend on it. */
const RATE = 1e-4;

export const trainingOptions = (settings: StepSettings) => ({ ...settings, momentum: 0.9, weightDecay: settings.network.weightDecay });

export class StepRunner {
  readonly trainer: Trainer;
  /** Time to open the session (plan, compile, memory), and to initialize the parameters. */
  readonly openMs: number;
  readonly fillMs: number;
  /** Loss of every step so far. */
  readonly losses: number[] = [];
  readonly #engine: Engine;
  readonly #sessionOptions: SessionOptions;
  readonly #batch: Batch;

  static async open(engine: Engine, settings: StepSettings, sessionOptions: Omit<SessionOptions, "states">): Promise<StepRunner> {
    const { network, classes, size, batch: images } = settings;
    const stored = storedSize(network, size);
    const batch = noiseBatch({ seed: SEED, images, stored, classes });
    const start = engine.platform.now();
    const trainer = await Trainer.open(engine, trainingOptions(settings), sessionOptions);
    const opened = engine.platform.now();
    try {
      trainer.setMean(new Float32Array(sizeOf(meanShape(network, stored))).fill(127.5));
      await trainer.start(SEED);
    } catch (error) {
      trainer.dispose();
      throw error;
    }
    const times = { openMs: opened - start, fillMs: engine.platform.now() - opened };
    return new StepRunner(engine, trainer, batch, sessionOptions, times);
  }

  private constructor(
    engine: Engine,
    trainer: Trainer,
    batch: Batch,
    sessionOptions: SessionOptions,
    { openMs, fillMs }: { openMs: number; fillMs: number },
  ) {
    this.#engine = engine;
    this.trainer = trainer;
    this.#batch = batch;
    this.#sessionOptions = sessionOptions;
    this.openMs = openMs;
    this.fillMs = fillMs;
  }

  get plan(): Plan {
    return this.trainer.step.plan;
  }

  /** One training step; throws if its loss is not finite. */
  async train(): Promise<number> {
    const { trainer, losses } = this;
    trainer.setSums(NO_SUMS);
    const before = this.#engine.platform.now();
    trainer.train(this.#batch, { seed: SEED, step: losses.length, rate: RATE });
    await trainer.idle();
    const took = this.#engine.platform.now() - before;
    const { loss } = await trainer.sums();
    if (!Number.isFinite(loss))
      throw new Error(`the loss of step ${losses.length} is ${loss}: this adapter computes wrongly; run  npx striatum verify`);
    losses.push(loss);
    return took;
  }

  /** One scoring pass, its probabilities read; throws if those of an image do not add up to 1. The first call opens the session. */
  async score(): Promise<number> {
    const { classes } = this.trainer.options;
    const before = this.#engine.platform.now();
    const p = await this.trainer.score(this.#batch);
    const took = this.#engine.platform.now() - before;
    for (let row = 0; row < p.length; row += classes) {
      const sum = p.subarray(row, row + classes).reduce((a, b) => a + b, 0);
      if (!(Math.abs(sum - 1) < 1e-4))
        throw new Error(`the probabilities of image ${row / classes} add up to ${sum}: run  npx striatum verify`);
    }
    return took;
  }

  /** Compares the step's matrix products with float64, except those of shaders in `known`; throws if one is wrong. Adds to `known`. */
  async check(known = new Set<string>()): Promise<SpotCheck[]> {
    const launches = this.plan.launches.filter(({ shader }) => !known.has(shader.name));
    if (known.size > 0 && !launches.some(({ node }) => isCheckable(node))) return [];
    const checks = await spotCheck(this.#engine, { ...this.plan, launches }, this.#sessionOptions);
    requireRight(checks);
    for (const { shader } of launches) known.add(shader.name);
    return checks;
  }

  /** Frees the GPU's memory. */
  dispose(): void {
    this.trainer.dispose();
  }
}

/** Throws, naming the wrong ones, unless all are within their bounds. */
export function requireRight(checks: readonly SpotCheck[]): void {
  const wrong = checks.filter(({ ratio }) => !(ratio <= 1));
  if (wrong.length === 0) return;
  const told = wrong.map(
    ({ layer, op, kernels, ratio }) => `\n  ${op} "${layer}" by ${kernels.join(", ")}: ${ratio.toPrecision(3)} of its bound`,
  );
  throw new Error(`nothing was timed, because results are wrong:${told.join("")}\nrun  npx striatum verify  for every kernel's error`);
}
