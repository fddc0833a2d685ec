// ONNX Runtime as a peer: onnxruntime-node on its CPU provider or on its WebGPU provider, which includes its own Dawn.
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import type { Runtime, Inference } from "./runtime.ts";
import { load, versionOf } from "./installed.ts";
import { matrixProductModel } from "../../src/onnx/write.ts";
import { ONNX_FILE, seededImages, type Workload } from "./workload.ts";

/** The used part of onnxruntime-common, which onnxruntime-node and -web share. */
export interface OnnxRuntime {
  readonly Tensor: new (type: "float32", data: Float32Array, shape: readonly number[]) => OrtTensor;
  readonly InferenceSession: { create(model: string | Uint8Array, options: object): Promise<OrtSession> };
  readonly env: { readonly wasm: { numThreads?: number; wasmPaths?: string } };
}

interface OrtTensor {
  readonly data: Float32Array;
}

interface OrtSession {
  run(feeds: Readonly<Record<string, OrtTensor>>): Promise<Readonly<Record<string, OrtTensor>>>;
}

/** 3: errors alone. */
const LOG_SEVERITY = 3;

export async function openOrtNode(workload: Workload, provider: "cpu" | "webgpu"): Promise<Runtime> {
  const ort = load("onnxruntime-node") as OnnxRuntime;
  const options = { executionProviders: [provider], intraOpNumThreads: availableParallelism(), logSeverityLevel: LOG_SEVERITY };
  const open = (): Promise<OrtSession> => ort.InferenceSession.create(join(workload.folder, ONNX_FILE), options);
  const processor = cpus()[0]?.model ?? "unknown processor";
  return {
    async describe() {
      return {
        versions: { "onnxruntime-node": versionOf("onnxruntime-node") },
        adapter:
          provider === "cpu" ? `${processor}, ${availableParallelism()} threads` : "chosen by the Dawn that onnxruntime-node carries",
        ...(provider === "cpu" && { processorGflops: await productGflops(ort, options) }),
      };
    },
    infer: inferenceBy(ort, workload, open),
  };
}

/** Times one pass from host to host; the session is opened at the first. `wait` is how a promise of the runtime is waited for. */
export function inferenceBy(
  ort: OnnxRuntime,
  workload: Workload,
  open: () => Promise<OrtSession>,
  wait: <T>(promise: Promise<T>) => Promise<T> = (promise) => promise,
): () => Promise<Inference> {
  let session: Promise<OrtSession> | undefined;
  let image: OrtTensor | undefined;
  return async () => {
    const opened = await (session ??= wait(open()));
    if (!image) {
      const { data, shape } = seededImages(workload);
      image = new ort.Tensor("float32", data, shape);
    }
    const before = performance.now();
    const { p } = await wait(opened.run({ image }));
    return { ms: performance.now() - before, probabilities: [...p.data] };
  };
}

const PRODUCT_SIDE = 1024;
const PRODUCT_REPEATS = 20;

/** The best rate of a square fp32 matrix product: the processor's current speed. */
async function productGflops(ort: OnnxRuntime, options: object): Promise<number> {
  const session = await ort.InferenceSession.create(matrixProductModel(PRODUCT_SIDE), options);
  const a = new ort.Tensor("float32", new Float32Array(PRODUCT_SIDE ** 2).fill(1), [PRODUCT_SIDE, PRODUCT_SIDE]);
  let best = Infinity;
  for (let i = 0; i < PRODUCT_REPEATS; i++) {
    const before = performance.now();
    await session.run({ a, b: a });
    best = Math.min(best, performance.now() - before);
  }
  return (2 * PRODUCT_SIDE ** 3) / best / 1e6;
}
