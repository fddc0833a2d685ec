// Writes a network for inference as an ONNX model: IR version 8, operator set 13.
import type { Graph } from "../graph/graph.ts";
import type { Parameter } from "../models/network.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { joinChunks, type Chunks } from "../weights/protobuf.ts";
import { encodeModel } from "./encode.ts";
import { LABELS_KEY, PREPROCESSING_KEY, type Preprocessing } from "./metadata.ts";
import type { OnnxModel, OnnxValue } from "./parse.ts";
import type { HostTensor } from "./tensor.ts";
import { Translation } from "./translate.ts";
import { DATA_TYPE } from "./wire.ts";

const IR_VERSION = 8;
const OPSET = 13;

export interface WriteOptions {
  /** Name of the network. Default "network". */
  readonly name?: string;
  /** Name of the number of images, which the file then leaves open. Default: the graph's number. */
  readonly batch?: string;
  /** Names of the classes. */
  readonly labels?: readonly string[];
  /** How a picture becomes the input. Default: the file does not say. */
  readonly preprocessing?: Preprocessing;
}

/**
 * The model's bytes as chunks, weights not copied. Inputs are images [batch, 3, height, width], outputs keep their names, nodes have those of layers and
 * initializers those of parameters, in Caffe's order. Throws if an op has no ONNX twin here or a weight is missing.
 */
export function onnxModel(
  { graph, parameters }: { readonly graph: Graph; readonly parameters: readonly Parameter[] },
  weights: ReadonlyMap<string, Tensor>,
  { name = "network", batch, labels, preprocessing }: WriteOptions = {},
): Chunks {
  const translation = new Translation(graph);
  for (const value of graph.outputs.values()) translation.name(value);
  const initializers = new Map<string, HostTensor>();
  for (const parameter of parameters) {
    const behind = translation.used.get(parameter.name);
    if (behind === undefined) continue;
    const weight = weights.get(parameter.name);
    if (!weight) throw new Error(`onnx: there is no weight "${parameter.name}"`);
    initializers.set(parameter.name, {
      dims: [...weight.shape, ...Array.from({ length: behind }, () => 1)],
      kind: "float",
      data: weight.data,
    });
  }
  for (const [name, tensor] of translation.constants) initializers.set(name, tensor);
  const metadata = new Map<string, string>();
  if (labels) metadata.set(LABELS_KEY, JSON.stringify(labels));
  if (preprocessing) metadata.set(PREPROCESSING_KEY, JSON.stringify(preprocessing));
  const valueOf = (name: string, [images, ...rest]: Shape): OnnxValue => ({
    name,
    type: DATA_TYPE.float,
    dims: [batch ?? images, ...rest],
  });
  return encodeModel({
    irVersion: IR_VERSION,
    opset: OPSET,
    producer: "striatum",
    metadata,
    name,
    nodes: translation.nodes,
    initializers,
    inputs: graph.inputs.map(({ name, shape }) => valueOf(name, shape)),
    outputs: [...graph.outputs].map(([name, { shape }]) => valueOf(name, shape)),
  });
}

/** c = a b for square matrices, to see what a processor can do. */
export function matrixProductModel(side: number): Uint8Array {
  const value = (name: string): OnnxValue => ({ name, type: DATA_TYPE.float, dims: [side, side] });
  const model: Omit<OnnxModel, "file"> = {
    irVersion: IR_VERSION,
    opset: OPSET,
    producer: "striatum",
    metadata: new Map(),
    name: "product",
    nodes: [{ name: "product", operator: "MatMul", domain: "", inputs: ["a", "b"], outputs: ["c"], attributes: new Map() }],
    initializers: new Map(),
    inputs: ["a", "b"].map(value),
    outputs: [value("c")],
  };
  return joinChunks(encodeModel(model));
}
