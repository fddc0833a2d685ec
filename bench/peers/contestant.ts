// Who takes part, and what each is asked to do. Everyone lives in a process of its own (contestant-main.ts) and speaks by protocol.ts.
import type { Adapter } from "../results.ts";
import type { Workload } from "./workload.ts";

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
export interface Contestant {
  describe(): Promise<Description>;
  infer(): Promise<Inference>;
  /** Absent where the engine cannot train. */
  train?(): Promise<TrainingStep>;
}

export const OURS = "ours";

interface Entry {
  /** Packages of bench/peers/package.json that it stands on. */
  readonly packages: readonly string[];
  readonly trains: boolean;
  /** Left out unless asked for, and why. */
  readonly onRequest?: string;
  readonly open: (workload: Workload) => Promise<Contestant>;
}

export const PEERS: Readonly<Record<string, Entry>> = {
  "tfjs-webgpu": {
    packages: ["@tensorflow/tfjs", "@tensorflow/tfjs-backend-webgpu"],
    trains: true,
    open: async (workload) => (await import("./tfjs.ts")).openTfjs(workload),
  },
  "ort-webgpu": {
    packages: ["onnxruntime-node"],
    trains: false,
    open: async (workload) => (await import("./onnx-runtime.ts")).openOrtNode(workload, "webgpu"),
  },
  "ort-web-webgpu": {
    packages: ["onnxruntime-web"],
    trains: false,
    onRequest: "its session takes half a minute to open on a software adapter",
    open: async (workload) => (await import("./onnx-runtime-web.ts")).openOrtWeb(workload),
  },
  "ort-cpu": {
    packages: ["onnxruntime-node"],
    trains: false,
    open: async (workload) => (await import("./onnx-runtime.ts")).openOrtNode(workload, "cpu"),
  },
};
