// The files of a workload, from the driver to the engines: weights as safetensors, the network for inference as ONNX.
import { join } from "node:path";
import { nodeFiles } from "../../src/platform/node-files.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { inferenceGraph } from "../../src/train/graphs.ts";
import { readSafetensors, writeSafetensors } from "../../src/weights/safetensors.ts";
import { onnxModel } from "../../src/onnx/write.ts";
import { graphOptions, ONNX_FILE, seededWeights, trainingForward, WEIGHTS_FILE, type Workload } from "./workload.ts";

/** Writes both files into the workload's folder. AlexNet's have 244 MB each. */
export async function writeWorkload(workload: Workload): Promise<void> {
  const weights = new Map(seededWeights(trainingForward(workload).parameters));
  await nodeFiles.write(join(workload.folder, WEIGHTS_FILE), writeSafetensors(weights));
  const inference = inferenceGraph(graphOptions(workload));
  await nodeFiles.write(join(workload.folder, ONNX_FILE), onnxModel(inference, weights));
}

/** By parameter name, in Caffe's order. */
export async function readWeights({ folder }: Workload): Promise<ReadonlyMap<string, Tensor>> {
  return readSafetensors(await nodeFiles.read(join(folder, WEIGHTS_FILE)), WEIGHTS_FILE).tensors;
}
