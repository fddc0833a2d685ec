// Training as a user of the library writes it: a folder of cases, a model, a solver; the run is an iteration over its events and a folder of files.
// What reads cases and what trains is loaded when it is asked for: a page that only looks at pictures does not carry it.
import type { SplitPlan } from "../dataset/split.ts";
import type { ProgressEvent } from "../platform/progress.ts";
import type { JobSettings } from "../train/job.ts";
import type { Device } from "./device.ts";
import { hostPlatform } from "./host.ts";
import type { Model } from "./model.ts";

export interface FolderOptions {
  /** In the order of their indices. Default: the labels that occur, "none" first. */
  readonly classes?: readonly string[];
  /**
   * Patients for training and validation: whole numbers, or parts that add up to 1 at most; the others are the test. Wanted exactly where the
   * manifest has no column split.
   */
  readonly split?: { readonly train: number; readonly val: number };
  /** Of the split. Default 0. */
  readonly seed?: number;
}

/** A folder of cases whose manifest is in order; its images are not yet read. */
export interface Folder {
  readonly dir: string;
  readonly classes: readonly string[] | null;
  readonly split: SplitPlan | null;
}

/** A folder with manifest.csv or manifest.jsonl (path, label, side, patient, split). Throws, naming file and line, where that is wrong. */
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
  if (test < 0) throw new Error(`${file}: has ${patients} patients, the split wants ${train} for training and ${val} for validation`);
  return { seed, patients: { train, val, test } };
}

export const withoutSlash = (path: string): string => path.replace(/(?<=.)\/+$/, "");

export type Solver = Pick<JobSettings, "momentum"> & { readonly weightDecay: number | null };
export type Rate = Pick<JobSettings, "rate" | "policy" | "stepping">;

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

/** Falls to zero as the square root of what is left of the run. */
export const polyLr = (rate: number): Rate => ({ rate, policy: "poly" });

export interface TrainRequest {
  readonly model: Model;
  readonly data: Folder;
  /** Images a step. Default 32. */
  readonly batch?: number;
  /** Default 30. */
  readonly epochs?: number;
  /** Of starting values, order, crops and dropout. Default 0. */
  readonly seed?: number;
  /** Default: sgd(). */
  readonly solver?: Solver;
  /** Default: 0.01, or 0.001 where the model has weights to start from; divided by 10 after each third of the run. */
  readonly rate?: Rate;
  /** Mirrors images at random, and sides with them. Default true. */
  readonly mirror?: boolean;
  /** The run gets a folder of its own in here, named after what decides its numbers; a run that was stopped goes on there. */
  readonly out: string;
  /** Once aborted, the run writes a checkpoint and ends; the same call goes on with it. */
  readonly signal?: AbortSignal;
}

/** What a run tells: notes, steps and checkpoints as they are, and each epoch. Validation is absent where no case is for it. */
export type TrainEvent =
  | Exclude<ProgressEvent, { kind: "epoch" }>
  | {
      readonly kind: "epoch";
      /** 1 for the first. */
      readonly epoch: number;
      readonly of: number;
      readonly loss: number;
      readonly accuracy: number;
      readonly valLoss?: number;
      readonly valAccuracy?: number;
      /** Of "not class 0". */
      readonly valAuc?: number;
    };

/** The weights of the epoch with the lowest validation loss; of the last one where there is no validation. */
export interface Best {
  readonly path: string;
  /** Writes them, with class names and mean, as safetensors that `load` of the model reads. */
  save(path: string): Promise<void>;
}

export interface TrainingRun extends AsyncIterable<TrainEvent> {
  /** Throws before the first epoch is done. */
  best(): Promise<Best>;
}

/** Trains a model on a folder of cases while what it returns is iterated over. */
export function train(device: Device, request: TrainRequest): TrainingRun {
  const { files } = device.engine.platform;
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
