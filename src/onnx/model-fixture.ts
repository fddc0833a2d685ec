// ONNX models for tests: written from plain data, and run in float64.
import { interpret } from "../graph/interpret.ts";
import type { Parameter } from "../models/network.ts";
import { sizeOf, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { filterToEngine, innerProductToEngine, type Flattened } from "../weights/layout.ts";
import { joinChunks } from "../weights/protobuf.ts";
import { encodeModel } from "./encode.ts";
import { onnxGraph, type ImportedGraph } from "./graph.ts";
import { parseModel, type Attribute, type OnnxModel, type OnnxNode, type OnnxValue } from "./parse.ts";
import type { HostTensor } from "./tensor.ts";
import { DATA_TYPE } from "./wire.ts";

/** An attribute as a test says it: whole numbers are ints, { float } a float. */
export type Said = number | string | readonly number[] | { readonly float: number } | { readonly floats: readonly number[] } | HostTensor;

export interface SaidNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Said>>;
  readonly name?: string;
}

export interface SaidModel {
  readonly nodes: readonly SaidNode[];
  readonly inputs: Readonly<Record<string, readonly (number | string)[]>>;
  readonly outputs: readonly string[];
  readonly initializers?: Readonly<Record<string, HostTensor>>;
  readonly opset?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

function attributeOf(said: Said): Attribute {
  if (typeof said === "number") return { kind: "int", value: said };
  if (typeof said === "string") return { kind: "text", value: said };
  if (Array.isArray(said)) return { kind: "ints", value: said as readonly number[] };
  if ("float" in said) return { kind: "float", value: said.float };
  if ("floats" in said) return { kind: "floats", value: said.floats };
  return { kind: "tensor", value: said as HostTensor };
}

/** The model as the parser would give it. */
export function modelOf({ nodes, inputs, outputs, initializers = {}, opset = 13, metadata = {} }: SaidModel): OnnxModel {
  const value = (name: string, dims: OnnxValue["dims"]): OnnxValue => ({ name, type: DATA_TYPE.float, dims });
  return {
    file: "test.onnx",
    irVersion: 8,
    opset,
    producer: "test",
    metadata: new Map(Object.entries(metadata)),
    name: "test",
    nodes: nodes.map(({ operator, inputs, outputs, attributes = {}, name = "" }): OnnxNode => ({
      name,
      operator,
      domain: "",
      inputs,
      outputs,
      attributes: new Map(Object.entries(attributes).map(([key, said]) => [key, attributeOf(said)])),
    })),
    initializers: new Map(Object.entries(initializers)),
    inputs: Object.entries(inputs).map(([name, dims]) => value(name, dims)),
    outputs: outputs.map((name) => value(name, null)),
  };
}

/** A model's bytes. */
export const bytesOf = (model: OnnxModel): Uint8Array => joinChunks(encodeModel(model));

/** A parameter's value as the graph has it. */
export function inEngineOrder({ order, value }: Parameter, caffe: Tensor): Float32Array {
  if (order.kind === "filter") return filterToEngine(caffe, order.groups, value.shape[3]).data;
  if (order.kind === "innerProduct") return innerProductToEngine(caffe, (order.flattened ?? undefined) as Flattened | undefined).data;
  return caffe.data;
}

/** States of an imported graph by name. */
export const statesOf = ({ parameters, weights }: Pick<ImportedGraph, "parameters" | "weights">): Record<string, Float32Array> =>
  Object.fromEntries(parameters.map((parameter) => [parameter.name, inEngineOrder(parameter, weights.get(parameter.name) as Tensor)]));

export interface Ran {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** The model's outputs in float64; written to bytes and read back first. */
export function run64(
  model: OnnxModel,
  feeds: Readonly<Record<string, ArrayLike<number>>>,
  shapes: Readonly<Record<string, Shape>> = {},
): Map<string, Ran> {
  const imported = onnxGraph(parseModel(bytesOf(model), model.file), shapes);
  const values = interpret(imported.graph, feeds, statesOf(imported));
  return new Map([...imported.graph.outputs].map(([name, value]) => [name, { shape: value.shape, data: values.of(value) }]));
}

/** The model with initializers in the place of its ConstantOfShape nodes: uniform, scaled so that values keep their size; variances positive. */
export function withRandomWeights(model: OnnxModel, seed = 1): OnnxModel {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const initializers = new Map(model.initializers);
  const variances = new Set(model.nodes.filter(({ operator }) => operator === "BatchNormalization").map(({ inputs }) => inputs[4]));
  const nodes = model.nodes.filter((node) => {
    if (node.operator !== "ConstantOfShape") return true;
    const dims = [...(model.initializers.get(node.inputs[0])?.data ?? [])];
    const size = sizeOf(dims);
    const fanIn = dims.length > 1 ? size / dims[0] : 4;
    const scale = Math.sqrt(6 / fanIn);
    const positive = variances.has(node.outputs[0]);
    const data = new Float32Array(size);
    const spread = dims.length > 1 ? scale : 0.2 * scale;
    for (let i = 0; i < size; i++) data[i] = positive ? 0.5 + random() : spread * (2 * random() - 1);
    initializers.set(node.outputs[0], { dims, kind: "float", data });
    return false;
  });
  return { ...model, nodes, initializers };
}

export const floats = (dims: readonly number[], ...values: number[]): HostTensor => ({
  dims,
  kind: "float",
  data: Float32Array.from(values),
});
export const ints = (...values: number[]): HostTensor => ({ dims: [values.length], kind: "int", data: Float64Array.from(values) });
