// What each engine of the comparison is asked to do. Each runs in a process of its own (runtime-main.ts) and speaks by protocol.ts.
import type { Adapter } from "../results.ts";

export interface Description {
  /** Versions of what computes: package to version. */
  readonly versions: Readonly<Record<string, string>>;
  /** How kernels were chosen: from us alone. */
  readonly kernels?: string;
  /** What it computes on, in words. */
  readonly adapter: string;
  /** The same as WebGPU gives it, driver included: from us alone. */
  readonly details?: Adapter;
  /** What that adapter can do at most, measured by our roofline kernels just now. */
  readonly peak?: { readonly gflops: number; readonly gigabytesPerSecond: number };
  /** Best rate of a large fp32 matrix product on this processor, GFLOPS. */
  readonly processorGflops?: number;
}

export interface Inference {
  /** From images in the host's memory to probabilities in the host's memory. */
  readonly ms: number;
  /** [batch, classes] */
  readonly probabilities: readonly number[];
}

export interface TrainingStep {
  /** From images and labels in the host's memory to updated weights and the loss. */
  readonly ms: number;
  /** All heads, weighted, before the update. */
  readonly loss: number;
}

/** What the driver may ask for, and the answer. */
export interface Tasks {
  readonly describe: Description;
  readonly infer: Inference;
  readonly train: TrainingStep;
}

/** One engine with the workload's weights. The first call of a task also prepares it. */
export interface Runtime {
  describe(): Promise<Description>;
  infer(): Promise<Inference>;
  /** Absent where the engine cannot train. */
  train?(): Promise<TrainingStep>;
}
