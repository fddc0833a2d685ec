// Training as a user of the library writes it: a folder of cases, a model, a solver; the run is an iteration over its events and a folder of files.
// What reads cases and what trains is loaded when it is asked for: a page that only looks at pictures does not carry it.
import { internalsOf, type Device } from "./device.ts";
import type { Rate, Solver, TrainEvent, TrainingRun, TrainRequest } from "./training-types.ts";

/** Options of `sgd`. */
export interface SgdOptions {
  /** Share of the last update that the next one keeps, from 0 up to but not including 1. Default 0.9. */
  readonly momentum?: number;
  /** Factor of the L2 penalty on weights, biases excepted. Default: the reference solver's, 0.0005 for AlexNet and 0.0002 for GoogLeNet. */
  readonly weightDecay?: number;
}

/** Stochastic gradient descent with momentum, as in Caffe. */
export function sgd(options: SgdOptions = {}): Solver {
  const { momentum = 0.9, weightDecay } = options;
  return { momentum, weightDecay: weightDecay ?? null };
}

/** Options of `stepLr`. */
export interface StepLrOptions {
  /** Epochs between two steps. */
  readonly every: number;
  /** Factor of each step. Default 0.1. */
  readonly gamma?: number;
}

/** A learning rate of `rate` that is multiplied by `gamma` after every `every` epochs. */
export function stepLr(rate: number, options: StepLrOptions): Rate {
  const { every, gamma = 0.1 } = options;
  return { rate, policy: "step", stepping: { everyEpochs: every, gamma } };
}

/** A learning rate of `rate` that stays the same. */
export function fixedLr(rate: number): Rate {
  return { rate, policy: "fixed" };
}

/** A learning rate of `rate` that falls to zero as the square root of what is left of the run. */
export function polyLr(rate: number): Rate {
  return { rate, policy: "poly" };
}

/**
 * Trains a model on a folder of cases while what it returns is iterated over. The run is written to a folder below `out`; the same request later goes on where
 * it stopped, with the same bits as a run that never stopped. Iterating throws an error that says what is wrong with files, cases, classes or settings.
 */
export function train(device: Device, request: TrainRequest): TrainingRun {
  const { files } = internalsOf(device).engine.platform;
  let path: string | null = null;
  async function* events(): AsyncGenerator<TrainEvent> {
    const { openRun } = await import("./training-run.ts");
    const run = await openRun(device, request);
    path = run.path;
    yield* run.events();
  }
  return {
    [Symbol.asyncIterator]: events,
    async best() {
      if (path === null) throw new Error("the run has not begun: iterate over it first");
      const { BEST_WEIGHTS } = await import("../train/fit.ts");
      const from = `${path}/${BEST_WEIGHTS}`;
      if (!(await files.exists(from))) throw new Error(`${path}: no epoch is done yet, so there are no best weights`);
      return { path: from, save: async (to) => files.write(to, [await files.read(from)]) };
    },
  };
}
