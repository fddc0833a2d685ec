// ONNX Runtime's web build as a peer: its WebGPU provider, compiled to WebAssembly, on the same Dawn as ours.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { openNodePlatform } from "../../src/platform/node.ts";
import type { Runtime } from "./runtime.ts";
import { fileOf, versionOf } from "./installed.ts";
import { installNavigator } from "./navigator.ts";
import { inferenceBy, type OnnxRuntime } from "./onnx-runtime.ts";
import { ONNX_FILE, type Workload } from "./workload.ts";

export async function openOrtWeb(workload: Workload): Promise<Runtime> {
  const platform = await openNodePlatform();
  installNavigator(platform.gpu);
  copySharedWrites();
  const dist = dirname(fileOf("onnxruntime-web"));
  const ort = (await import(pathToFileURL(join(dist, "ort.webgpu.min.mjs")).href)) as OnnxRuntime;
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = `${pathToFileURL(dist).href}/`;
  const model = (): Uint8Array => readFileSync(join(workload.folder, ONNX_FILE));
  return {
    describe: async () => ({
      versions: { "onnxruntime-web": versionOf("onnxruntime-web"), webgpu: platform.host.webgpu, dawnFlags: platform.host.dawnFlags },
      adapter: "the same Dawn as ours",
    }),
    infer: inferenceBy(
      ort,
      workload,
      () => ort.InferenceSession.create(model(), { executionProviders: ["webgpu"], logSeverityLevel: 3 }),
      (promise) => platform.wait(promise),
    ),
  };
}

/** The runtime's heap is shared memory, which dawn-node's writeBuffer refuses ("Invalid argument") and browsers accept: copy it first. */
function copySharedWrites(): void {
  const queue = (globalThis as unknown as { GPUQueue: { prototype: GPUQueue } }).GPUQueue.prototype;
  const { value: write } = Object.getOwnPropertyDescriptor(queue, "writeBuffer") as { value: GPUQueue["writeBuffer"] };
  queue.writeBuffer = function (buffer, offset, data, ...part) {
    const shared = ArrayBuffer.isView(data) && data.buffer instanceof SharedArrayBuffer;
    return write.call(this, buffer, offset, shared ? (data as Uint8Array).slice() : data, ...part);
  };
}
