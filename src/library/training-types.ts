// What training takes and gives, as a user of the library writes it.
import type { Folder } from "./folder.ts";
import type { Model } from "./model.ts";

/** How weights are updated, as `sgd` returns it: stochastic gradient descent as in Caffe. */
export interface Solver {
  /** Share of the last update that the next one keeps, from 0 up to but not including 1. */
  readonly momentum: number;
  /** Factor of the L2 penalty on weights, biases excepted; null for the reference solver's of the network. */
  readonly weightDecay: number | null;
}

/** Learning rate over a run, as `fixedLr`, `stepLr` or `polyLr` returns it. */
export interface Rate {
  /** Rate of the first step. */
  readonly rate: number;
  /** "fixed": the same throughout. "step": lower by steps. "poly": falls to zero as the square root of what is left of the run. */
  readonly policy: "fixed" | "step" | "poly";
  /** The steps of the policy "step". Default: divided by 10 after each third of the run. */
  readonly stepping?: RateSteps;
}

/** Steps of a learning rate. */
export interface RateSteps {
  /** Epochs between two steps. */
  readonly everyEpochs: number;
  /** Factor of each step. */
  readonly gamma: number;
}

/** What `train` trains, on what, and where the run is written. */
export interface TrainRequest {
  /** The network to train, with its starting weights. */
  readonly model: Model;
  /** The cases to learn from and to validate on. Those of the test stay unread. */
  readonly data: Folder;
  /** Images per step. Default 32. */
  readonly batch?: number;
  /** Times that all training images are shown. Default 30. */
  readonly epochs?: number;
  /** Seed of starting values, order, crops and dropout, a whole number. Default 0. */
  readonly seed?: number;
  /** How weights are updated. Default: sgd(). */
  readonly solver?: Solver;
  /** Learning rate. Default: 0.01, or 0.001 where the model has weights to start from; divided by 10 after each third of the run. */
  readonly rate?: Rate;
  /** Whether images, and sides with them, are mirrored at random. Default true. */
  readonly mirror?: boolean;
  /**
   * Folder that runs are written to. Each gets a folder of its own, named after what decides its numbers; a run that was stopped goes on there.
   * In a browser it lies in the origin's private file system.
   */
  readonly out: string;
  /** Once aborted, the run writes a checkpoint and ends; the same call goes on with it. Default: none. */
  readonly signal?: AbortSignal;
}

/** A remark for people, such as that a run is complete already. */
export interface NoteEvent {
  /** Which event it is. */
  readonly kind: "note";
  /** The remark. */
  readonly text: string;
}

/** Kernels of the first step that have run for the first time: where a driver compiles late, that takes the time. */
export interface CompileEvent {
  /** Which event it is. */
  readonly kind: "compile";
  /** Number of kernels that have run. */
  readonly kernels: number;
  /** Number of kernels of the step. */
  readonly of: number;
}

/** A step is done. */
export interface StepEvent {
  /** Which event it is. */
  readonly kind: "step";
  /** Number of the step, 1 for the first. */
  readonly step: number;
  /** Number of steps of the run. */
  readonly of: number;
  /** Mean loss of the step's images. */
  readonly loss: number;
  /** Images per second. */
  readonly imagesPerSecond: number;
  /** Seconds to the end of the run, estimated. */
  readonly etaS: number;
}

/** An epoch is done. What is said of validation is absent where no case is for it. */
export interface EpochEvent {
  /** Which event it is. */
  readonly kind: "epoch";
  /** Number of the epoch, 1 for the first. */
  readonly epoch: number;
  /** Number of epochs of the run. */
  readonly of: number;
  /** Mean loss of the epoch's training images. */
  readonly loss: number;
  /** Share of the epoch's training images whose class was found, 0 to 1. */
  readonly accuracy: number;
  /** Mean of -log of the true class's probability over the cases for validation. */
  readonly valLoss?: number;
  /** Share of the cases for validation whose class was found, 0 to 1. */
  readonly valAccuracy?: number;
  /** Area under the ROC curve of "not class 0" over the cases for validation, 0 to 1; absent where only one side of it occurs. */
  readonly valAuc?: number;
}

/** A checkpoint is written, from which the run can go on. */
export interface CheckpointEvent {
  /** Which event it is. */
  readonly kind: "checkpoint";
  /** Step after which it was written. */
  readonly step: number;
  /** Path of its file. */
  readonly path: string;
}

/** What a run reports; its `kind` says which event it is. */
export type TrainEvent = NoteEvent | CompileEvent | StepEvent | EpochEvent | CheckpointEvent;

/** The weights of the epoch with the lowest validation loss; of the last one where there is no validation. */
export interface Best {
  /** Path of the file that holds them, in the run's folder. */
  readonly path: string;
  /** Writes them, with class names and mean, as safetensors that `load` of the network reads. Throws where the file cannot be written. */
  save(path: string): Promise<void>;
}

/** A run of `train`. It trains while it is iterated over. */
export interface TrainingRun extends AsyncIterable<TrainEvent> {
  /** The best weights so far. Throws before the first epoch is done. */
  best(): Promise<Best>;
}
