// Training in the public API: a folder of cases, a model, a solver; the run is an iteration over its events and a folder of files.
// The code for cases and training is loaded on first use, so that a page that only classifies does not load it.
import type { SplitPlan } from "../dataset/split.ts";
import { internalsOf, type Device } from "./device.ts";
import { hostPlatform, withoutSlash } from "./host.ts";
import type { Folder, Rate, Solver, TrainEvent, TrainingRun, TrainRequest } from "./training-types.ts";

export interface FolderOptions {
  /** In the order of their indices. Default: the labels that occur, "none" first. */
  readonly classes?: readonly string[];
  /**
   * Patients for training and validation: whole numbers, or parts that add up to 1 at most; the others are the test. Required if and only if the
   * manifest has no split column.
   */
  readonly split?: { readonly train: number; readonly val: number };
  /** Seed of the split. Default 0. */
  readonly seed?: number;
}

/** A folder with manifest.csv or manifest.jsonl (path, label, side, patient, split). Throws, naming file and line, if it is wrong. */
export async function folder(dir: string, { classes, split, seed = 0 }: FolderOptions = {}): Promise<Folder> {
  const { readManifest } = await import("../dataset/manifest-file.ts");
  const path = withoutSlash(dir);
  const { file, cases } = await readManifest((await hostPlatform()).files, path);
  const patients = new Set(cases.map(({ patient }) => patient)).size;
  return { dir: path, classes: classes ?? null, split: split ? planOf(split, { seed, patients, file }) : null };
}

function planOf(
  { train, val }: { train: number; val: number },
  { seed, patients, file }: { seed: number; patients: number; file: string },
): SplitPlan {
  if (train + val <= 1) return { seed, fractions: { train, val, test: 1 - train - val } };
  const test = patients - train - val;
  if (test < 0) throw new Error(`${file}: has ${patients} patients, the split needs ${train} for training and ${val} for validation`);
  return { seed, patients: { train, val, test } };
}

/** Stochastic gradient descent as in Caffe. Weight decay defaults to the reference solver's of the network. */
export const sgd = ({ momentum = 0.9, weightDecay }: { momentum?: number; weightDecay?: number } = {}): Solver => ({
  momentum,
  weightDecay: weightDecay ?? null,
});

/** `rate` multiplied by `gamma` after every `every` epochs. */
export const stepLr = (rate: number, { every, gamma = 0.1 }: { every: number; gamma?: number }): Rate => ({
  rate,
  policy: "step",
  stepping: { everyEpochs: every, gamma },
});

export const fixedLr = (rate: number): Rate => ({ rate, policy: "fixed" });

/** Falls to zero as the square root of the remaining part of the run. */
export const polyLr = (rate: number): Rate => ({ rate, policy: "poly" });

/** Trains a model on a folder of cases during the iteration over the returned run. */
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
      if (path === null) throw new Error("the run has not started: iterate over it first");
      const { BEST_WEIGHTS } = await import("../train/fit.ts");
      const from = `${path}/${BEST_WEIGHTS}`;
      if (!(await files.exists(from))) throw new Error(`${path}: no epoch is complete yet, so there are no best weights`);
      return { path: from, save: async (to) => files.write(to, [await files.read(from)]) };
    },
  };
}
