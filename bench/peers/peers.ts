// The engines of the comparison: the packages that each needs, and how it is opened.
import type { Runtime } from "./runtime.ts";
import type { Workload } from "./workload.ts";

export const OURS = "ours";

interface Entry {
  /** Its packages in bench/peers/package.json. */
  readonly packages: readonly string[];
  readonly trains: boolean;
  /** Reason why it is omitted by default. */
  readonly onRequest?: string;
  readonly open: (workload: Workload) => Promise<Runtime>;
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
