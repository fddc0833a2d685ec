// Options, events and results of training in the public API.
import type { SplitPlan } from "../dataset/split.ts";
import type { ProgressEvent } from "../platform/progress.ts";
import type { JobSettings } from "../train/job.ts";
import type { Model } from "./model.ts";

/** A folder of cases whose manifest is in order; its images are not yet read. */
export interface Folder {
  readonly dir: string;
  readonly classes: readonly string[] | null;
  readonly split: SplitPlan | null;
}

export type Solver = Pick<JobSettings, "momentum"> & { readonly weightDecay: number | null };
export type Rate = Pick<JobSettings, "rate" | "policy" | "stepping">;

export interface TrainRequest {
  readonly model: Model;
  readonly data: Folder;
  /** Images per step. Default 32. */
  readonly batch?: number;
  /** Default 30. */
  readonly epochs?: number;
  /** Seed of starting values, order, crops and dropout. Default 0. */
  readonly seed?: number;
  /** Default: sgd(). */
  readonly solver?: Solver;
  /** Default: 0.01, or 0.001 where the model has weights to start from; divided by 10 after each third of the run. */
  readonly rate?: Rate;
  /** Mirrors images and their sides at random. Default true. */
  readonly mirror?: boolean;
  /** The run gets a folder of its own in here, named after its settings; a stopped run resumes there. */
  readonly out: string;
  /** Once aborted, the run writes a checkpoint and ends; the same call continues with it. */
  readonly signal?: AbortSignal;
}

/** Events of a run: notes, steps, checkpoints, and each epoch. Validation is absent if it has no cases. */
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
      /** Area under the ROC curve of "not class 0". */
      readonly valAuc?: number;
    };

/** The weights of the epoch with the lowest validation loss; of the last one without validation. */
export interface Best {
  readonly path: string;
  /** Writes them, with class names and mean, as safetensors that `load` of the model reads. */
  save(path: string): Promise<void>;
}

export interface TrainingRun extends AsyncIterable<TrainEvent> {
  /** Throws before the first epoch is done. */
  best(): Promise<Best>;
}
