// Writes a network for inference as an ONNX model: node by node from our own graph, so that no second description of it can differ.
// ONNX is NCHW with filters [out, in/group, kh, kw], as Caffe. https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
import type { Graph, Node, Value } from "../graph/graph.ts";
import type { Parameter } from "../models/network.ts";
import type { Conv2dAttributes } from "../ops/conv2d.ts";
import { inOrder } from "../ops/concat.ts";
import type { LrnAttributes } from "../ops/lrn.ts";
import type { PoolAttributes } from "../ops/pool-window.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { bytesField, floatField, floatsField, joinChunks, textField, uintsField, varintField, type Chunks } from "../weights/protobuf.ts";

const IR_VERSION = 8;
const OPSET = 13;
/** TensorProto.DataType.FLOAT */
const FLOAT = 1;

/** Field numbers of onnx.proto. */
const MODEL = { irVersion: 1, producer: 2, graph: 7, opsets: 8 } as const;
const OPSET_ID = { version: 2 } as const;
const GRAPH = { node: 1, name: 2, initializer: 5, input: 11, output: 12 } as const;
const NODE = { input: 1, output: 2, name: 3, operator: 4, attribute: 5 } as const;
const ATTRIBUTE = { name: 1, float: 2, int: 3, ints: 8, type: 20 } as const;
const ATTRIBUTE_TYPE = { float: 1, int: 2, ints: 7 } as const;
const TENSOR = { dims: 1, type: 2, name: 8, rawData: 9 } as const;
const VALUE_INFO = { name: 1, type: 2 } as const;
const TYPE = { tensor: 1 } as const;
const TENSOR_TYPE = { element: 1, shape: 2 } as const;
const SHAPE = { dim: 1 } as const;
const DIM = { value: 1 } as const;

type Attributes = Readonly<Record<string, number | { readonly float: number } | readonly number[]>>;

interface Operator {
  readonly type: string;
  readonly inputs: readonly Value[];
  readonly attributes?: Attributes;
}

/** How each op of ours is said in ONNX. `null`: the layout is ONNX's already. */
const OPERATORS: Readonly<Record<string, (node: Node) => Operator | null>> = {
  channelsLast: () => null,
  conv2d: ({ inputs: { x, filter, bias }, attributes }) => {
    const { stride, pad } = attributes as unknown as Conv2dAttributes;
    const [groups, kernelH, kernelW] = filter.shape;
    return {
      type: "Conv",
      inputs: [x, filter, bias],
      attributes: { group: groups, kernel_shape: [kernelH, kernelW], pads: [pad, pad, pad, pad], strides: [stride, stride] },
    };
  },
  innerProduct: ({ inputs: { x, weight, bias } }) => ({ type: "Gemm", inputs: [x, weight, bias], attributes: { transB: 1 } }),
  relu: ({ inputs: { x } }) => ({ type: "Relu", inputs: [x] }),
  lrn: ({ inputs: { x }, attributes }) => {
    const { size, alpha, beta, k } = attributes as unknown as LrnAttributes;
    return { type: "LRN", inputs: [x], attributes: { size, alpha: { float: alpha }, beta: { float: beta }, bias: { float: k } } };
  },
  maxPool: (node) => pool("MaxPool", node),
  averagePool: (node) => pool("AveragePool", node),
  concat: ({ inputs }) => ({ type: "Concat", inputs: inOrder(inputs), attributes: { axis: 1 } }),
  reshape: ({ inputs: { x } }) => ({ type: "Flatten", inputs: [x], attributes: { axis: 1 } }),
  softmax: ({ inputs: { x } }) => ({ type: "Softmax", inputs: [x], attributes: { axis: 1 } }),
};

/** Rows and columns by which windows reach over an image's far edge: Caffe rounds the number of windows up. */
export const overhang = (extent: number, windows: number, { size, stride, pad }: PoolAttributes): number =>
  Math.max(0, (windows - 1) * stride + size - extent - pad);

function pool(type: string, { inputs: { x }, outputs: { y }, attributes }: Node): Operator {
  const pooling = attributes as unknown as PoolAttributes;
  const { size, stride, pad } = pooling;
  const bottom = overhang(x.shape[1], y.shape[1], pooling);
  const right = overhang(x.shape[2], y.shape[2], pooling);
  if (type === "AveragePool" && pad + bottom + right > 0)
    throw new Error(`onnx: "${y.name}" averages windows that cross the edge, for which ONNX has another divisor`);
  return { type, inputs: [x], attributes: { kernel_shape: [size, size], pads: [pad, pad, bottom, right], strides: [stride, stride] } };
}

/**
 * The model's bytes as chunks, weights not copied. Inputs are images [batch, 3, height, width], outputs keep their names.
 * Throws if an op has no ONNX twin here or a weight is missing.
 */
export function onnxModel(
  { graph, parameters }: { readonly graph: Graph; readonly parameters: readonly Parameter[] },
  weights: ReadonlyMap<string, Tensor>,
): Chunks {
  // Values that are another's memory in another layout go by its name, outputs by the name they have outside.
  const names = new Map<Value, string>([...graph.outputs].map(([name, value]) => [value, name]));
  const nameOf = (value: Value): string => names.get(value) ?? value.name;
  const nodes: Chunks[] = [];
  for (const node of graph.nodes) {
    const toOperator = OPERATORS[node.op.name];
    if (!toOperator)
      throw new Error(`onnx: op "${node.op.name}" of "${node.label}" has no ONNX operator here: ${Object.keys(OPERATORS).join(", ")}`);
    const operator = toOperator(node);
    if (operator) nodes.push(bytesField(GRAPH.node, encodeNode(operator, nameOf, node)));
    else names.set(node.outputs.y, nameOf(node.inputs.x));
  }
  const initializers = parameters.map(({ name }) => {
    const weight = weights.get(name);
    if (!weight) throw new Error(`onnx: there is no weight "${name}"`);
    return bytesField(GRAPH.initializer, encodeTensor(name, weight));
  });
  const encoded = [
    ...nodes,
    textField(GRAPH.name, "network"),
    ...initializers,
    ...graph.inputs.map(({ name, shape }) => bytesField(GRAPH.input, encodeValueInfo(name, shape))),
    ...[...graph.outputs].map(([name, { shape }]) => bytesField(GRAPH.output, encodeValueInfo(name, shape))),
  ].flat();
  return encodeModel(encoded);
}

function encodeNode({ type, inputs, attributes = {} }: Operator, nameOf: (value: Value) => string, { label, outputs }: Node): Chunks {
  return [
    ...inputs.map((value) => textField(NODE.input, nameOf(value))),
    textField(NODE.output, nameOf(outputs.y)),
    textField(NODE.name, label),
    textField(NODE.operator, type),
    ...Object.entries(attributes).map(([name, value]) => bytesField(NODE.attribute, encodeAttribute(name, value))),
  ].flat();
}

function encodeAttribute(name: string, value: Attributes[string]): Chunks {
  const [type, field] =
    typeof value === "number"
      ? [ATTRIBUTE_TYPE.int, varintField(ATTRIBUTE.int, value)]
      : "float" in value
        ? [ATTRIBUTE_TYPE.float, floatField(ATTRIBUTE.float, Float32Array.of(value.float))]
        : [ATTRIBUTE_TYPE.ints, uintsField(ATTRIBUTE.ints, value)];
  return [...textField(ATTRIBUTE.name, name), ...field, ...varintField(ATTRIBUTE.type, type)];
}

const encodeTensor = (name: string, { shape, data }: Tensor): Chunks => [
  ...uintsField(TENSOR.dims, shape),
  ...varintField(TENSOR.type, FLOAT),
  ...textField(TENSOR.name, name),
  ...floatsField(TENSOR.rawData, data),
];

function encodeValueInfo(name: string, shape: Shape): Chunks {
  const dims = shape.flatMap((extent) => bytesField(SHAPE.dim, varintField(DIM.value, extent)));
  const type = [...varintField(TENSOR_TYPE.element, FLOAT), ...bytesField(TENSOR_TYPE.shape, dims)];
  return [...textField(VALUE_INFO.name, name), ...bytesField(VALUE_INFO.type, bytesField(TYPE.tensor, type))];
}

/** c = a b for square matrices, to see what a processor can do. */
export function matrixProductModel(side: number): Uint8Array {
  const node = [textField(NODE.input, "a"), textField(NODE.input, "b"), textField(NODE.output, "c"), textField(NODE.operator, "MatMul")];
  return joinChunks(
    encodeModel([
      ...bytesField(GRAPH.node, node.flat()),
      ...textField(GRAPH.name, "product"),
      ...["a", "b"].flatMap((name) => bytesField(GRAPH.input, encodeValueInfo(name, [side, side]))),
      ...bytesField(GRAPH.output, encodeValueInfo("c", [side, side])),
    ]),
  );
}

const encodeModel = (graph: Chunks): Chunks => [
  ...varintField(MODEL.irVersion, IR_VERSION),
  ...textField(MODEL.producer, "striatum"),
  ...bytesField(MODEL.graph, graph),
  ...bytesField(MODEL.opsets, varintField(OPSET_ID.version, OPSET)),
];
