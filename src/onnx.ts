// The entry striatum/onnx: ONNX files in and out.
export { readOnnx, type OnnxNetwork, type ReadOptions } from "./onnx/read.ts";
export { TORCHVISION, type Preprocessing } from "./onnx/metadata.ts";
export { writeOnnx, type WriteNetworkOptions } from "./onnx/write-network.ts";
