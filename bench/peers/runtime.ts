// The interface of each engine of the comparison. Each runs in its own process (runtime-main.ts) and communicates by protocol.ts.
import type { Adapter } from "../results.ts";

export interface Description {
  /** Versions by package. */
  readonly versions: Readonly<Record<string, string>>;
  /** How kernels were chosen: Striatum only. */
  readonly kernels?: string;
  /** Description of the adapter or processor. */
  readonly adapter: string;
  /** The same from WebGPU, driver included: Striatum only. */
  readonly details?: Adapter;
  /** The adapter's peak, just measured by the roofline kernels. */
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

/** Tasks of the driver, and their results. */
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
