// The entry striatum/onnx: networks of ONNX files. Loaded only where it is wanted.
export { readOnnx, type OnnxModel } from "./library/onnx-model.ts";
export type { OnnxOptions } from "./onnx/read.ts";
export { TORCHVISION, type Preprocessing } from "./onnx/metadata.ts";
