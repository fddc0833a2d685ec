// A model as the bytes of an ONNX file. Values are written as they lie in memory and not copied.
import {
  bytesField,
  floatField,
  floatsField,
  intField,
  intsField,
  textField,
  uintsField,
  varintField,
  type Chunks,
} from "../weights/protobuf.ts";
import type { Attribute, OnnxModel, OnnxNode, OnnxValue } from "./parse.ts";
import type { HostTensor } from "./tensor.ts";
import {
  ATTRIBUTE,
  ATTRIBUTE_TYPE,
  DATA_TYPE,
  DIM,
  ENTRY,
  GRAPH,
  MODEL,
  NODE,
  OPSET_ID,
  SHAPE,
  TENSOR,
  TENSOR_TYPE,
  TYPE,
  VALUE_INFO,
} from "./wire.ts";

/** The file's bytes in order. */
export function encodeModel(model: Omit<OnnxModel, "file">): Chunks {
  const graph = [
    ...model.nodes.map((node) => bytesField(GRAPH.node, encodeNode(node))),
    textField(GRAPH.name, model.name),
    ...[...model.initializers].map(([name, tensor]) => bytesField(GRAPH.initializer, encodeTensor(tensor, name))),
    ...model.inputs.map((input) => bytesField(GRAPH.input, encodeValue(input))),
    ...model.outputs.map((output) => bytesField(GRAPH.output, encodeValue(output))),
  ];
  return [
    varintField(MODEL.irVersion, model.irVersion),
    textField(MODEL.producer, model.producer),
    bytesField(MODEL.graph, graph.flat()),
    bytesField(MODEL.opsets, varintField(OPSET_ID.version, model.opset)),
    ...[...model.metadata].map(([key, value]) =>
      bytesField(MODEL.metadata, [...textField(ENTRY.key, key), ...textField(ENTRY.value, value)]),
    ),
  ].flat();
}

function encodeNode({ name, operator, domain, inputs, outputs, attributes }: OnnxNode): Chunks {
  return [
    ...inputs.map((input) => textField(NODE.input, input)),
    ...outputs.map((output) => textField(NODE.output, output)),
    textField(NODE.name, name),
    textField(NODE.operator, operator),
    ...(domain === "" ? [] : [textField(NODE.domain, domain)]),
    ...[...attributes].map(([key, attribute]) => bytesField(NODE.attribute, encodeAttribute(key, attribute))),
  ].flat();
}

function encodeAttribute(name: string, attribute: Attribute): Chunks {
  if (attribute.kind === "other") throw new Error(`internal: attribute "${name}" is of a kind that is not written`);
  return [
    ...textField(ATTRIBUTE.name, name),
    ...encodeAttributeValue(attribute),
    ...varintField(ATTRIBUTE.type, ATTRIBUTE_TYPE[attribute.kind]),
  ];
}

function encodeAttributeValue(attribute: Exclude<Attribute, { readonly kind: "other" }>): Chunks {
  const { kind, value } = attribute;
  if (kind === "int") return intField(ATTRIBUTE.int, value);
  if (kind === "float") return floatField(ATTRIBUTE.float, Float32Array.of(value));
  if (kind === "text") return textField(ATTRIBUTE.text, value);
  if (kind === "tensor") return bytesField(ATTRIBUTE.tensor, encodeTensor(value, ""));
  if (kind === "floats") return floatsField(ATTRIBUTE.floats, Float32Array.from(value));
  return intsField(ATTRIBUTE.ints, value);
}

function encodeTensor({ dims, kind, data }: HostTensor, name: string): Chunks {
  const [type, values] =
    kind === "float"
      ? [DATA_TYPE.float, floatsField(TENSOR.raw, data)]
      : [DATA_TYPE.int64, floatsField(TENSOR.raw, new Float64Array(BigInt64Array.from(data, BigInt).buffer))];
  return [...uintsField(TENSOR.dims, dims), ...varintField(TENSOR.type, type), ...textField(TENSOR.name, name), ...values];
}

function encodeValue({ name, type, dims }: OnnxValue): Chunks {
  const extents = (dims ?? []).flatMap((extent) =>
    bytesField(SHAPE.dim, typeof extent === "number" ? varintField(DIM.value, extent) : textField(DIM.parameter, extent)),
  );
  const shape = dims ? bytesField(TENSOR_TYPE.shape, extents) : [];
  const tensor = [...varintField(TENSOR_TYPE.element, type), ...shape];
  return [...textField(VALUE_INFO.name, name), ...bytesField(VALUE_INFO.type, bytesField(TYPE.tensor, tensor))];
}
