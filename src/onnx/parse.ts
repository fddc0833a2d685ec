// An ONNX file's bytes as plain data: nodes, initializers, inputs and outputs. Nothing is interpreted here but the wire.
import { fileError } from "../weights/file-error.ts";
import { fields, floatsOf, intOf, intsOf, messageOf, openMessage, textOf, uintOf, type Field, type Message } from "../weights/protobuf.ts";
import { readTensor, type HostTensor } from "./tensor.ts";
import { ATTRIBUTE, ATTRIBUTE_TYPE, DIM, ENTRY, GRAPH, MODEL, NODE, OPSET_ID, SHAPE, TENSOR_TYPE, TYPE, VALUE_INFO } from "./wire.ts";

export type Attribute =
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "int"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "tensor"; readonly value: HostTensor }
  | { readonly kind: "floats"; readonly value: readonly number[] }
  | { readonly kind: "ints"; readonly value: readonly number[] }
  /** Graphs, lists of tensors or of texts: no operator that is read has any. */
  | { readonly kind: "other" };

export interface OnnxNode {
  /** May be empty. */
  readonly name: string;
  readonly operator: string;
  readonly domain: string;
  /** Names of values; an empty name is an input or output that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

export interface OnnxValue {
  readonly name: string;
  /** TensorProto.DataType; 0 where the file does not say. */
  readonly type: number;
  /** A number, or the name of an extent that is free; null where the file does not say. */
  readonly dims: readonly (number | string)[] | null;
}

export interface OnnxModel {
  readonly file: string;
  readonly irVersion: number;
  /** Version of the operator set of the domain ai.onnx. */
  readonly opset: number;
  readonly producer: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, HostTensor>;
  /** Without those that are initializers. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

const MAX_ATTRIBUTE_VALUES = 2 ** 20;
/** Lists of class names are the longest texts. */
const MAX_METADATA_BYTES = 2 ** 22;

/**
 * The last operator set whose text is known. Those from 22 on differ from 21 in types and wording alone, as far as operators are read here (schemas of onnx
 * 1.23); pooling ignores windows that would start beyond the padding, which 22 says and earlier ones left open.
 */
const LAST_OPSET = 26;

/**
 * Reads a model. Throws an Error that names the file and the byte where it is damaged, no ONNX model, or holds what no tensor of images has, and where its
 * operator set is not known.
 */
export function parseModel(bytes: Uint8Array, file: string): OnnxModel {
  const model = openMessage(bytes, file);
  let irVersion = 0;
  let producer = "";
  let graph: Message | null = null;
  let opset: number | null = null;
  const metadata = new Map<string, string>();
  for (const field of fields(model)) {
    if (field.number === MODEL.irVersion) irVersion = uintOf(model, field, 2 ** 31, "the IR version");
    else if (field.number === MODEL.producer) producer = textOf(model, field, "the producer's name");
    else if (field.number === MODEL.graph) graph = messageOf(model, field, "the graph");
    else if (field.number === MODEL.opsets) opset = defaultOpset(messageOf(model, field, "an operator set")) ?? opset;
    else if (field.number === MODEL.metadata) {
      const [key, value] = readEntry(messageOf(model, field, "an entry of the metadata"));
      metadata.set(key, value);
    }
  }
  if (!graph) throw fileError(file, "no graph: not an ONNX model, or cut off");
  if (opset === 0 || (opset !== null && opset > LAST_OPSET))
    throw fileError(
      file,
      `operator set ${opset}: sets 1 to ${LAST_OPSET} are read. Export it with an earlier one (torch.onnx.export has opset_version), or convert it with onnx.version_converter`,
    );
  return { file, irVersion, opset: opset ?? 1, producer, metadata, ...readGraph(graph) };
}

/** The version, if the set is ONNX's own. */
function defaultOpset(message: Message): number | null {
  let domain = "";
  let version = 1;
  for (const field of fields(message)) {
    if (field.number === OPSET_ID.domain) domain = textOf(message, field, "an operator set's domain");
    else if (field.number === OPSET_ID.version) version = uintOf(message, field, 2 ** 31, "an operator set's version");
  }
  return isOnnxDomain(domain) ? version : null;
}

export const isOnnxDomain = (domain: string): boolean => domain === "" || domain === "ai.onnx";

function readEntry(message: Message): [string, string] {
  let [key, value] = ["", ""];
  for (const field of fields(message)) {
    if (field.number === ENTRY.key) key = textOf(message, field, "a key of the metadata");
    else if (field.number === ENTRY.value) value = textOf(message, field, `"${key}" of the metadata`, MAX_METADATA_BYTES);
  }
  return [key, value];
}

function readGraph(graph: Message): Pick<OnnxModel, "name" | "nodes" | "initializers" | "inputs" | "outputs"> {
  let name = "";
  const nodes: OnnxNode[] = [];
  const initializers = new Map<string, HostTensor>();
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  for (const field of fields(graph)) {
    switch (field.number) {
      case GRAPH.name:
        name = textOf(graph, field, "the graph's name");
        break;
      case GRAPH.node:
        nodes.push(readNode(messageOf(graph, field, "a node")));
        break;
      case GRAPH.initializer: {
        const { name: tensorName, tensor } = readTensor(messageOf(graph, field, "an initializer"));
        if (initializers.has(tensorName)) throw fileError(graph.file, `initializer "${tensorName}" occurs twice`, field.at);
        initializers.set(tensorName, tensor);
        break;
      }
      case GRAPH.input:
        inputs.push(readValue(messageOf(graph, field, "an input")));
        break;
      case GRAPH.output:
        outputs.push(readValue(messageOf(graph, field, "an output")));
        break;
      case GRAPH.sparseInitializer:
        throw fileError(graph.file, "sparse initializers are not read", field.at);
    }
  }
  return { name, nodes, initializers, inputs: inputs.filter((input) => !initializers.has(input.name)), outputs };
}

function readNode(message: Message): OnnxNode {
  let [name, operator, domain] = ["", "", ""];
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, Attribute>();
  for (const field of fields(message)) {
    if (field.number === NODE.input) inputs.push(textOf(message, field, "the name of a node's input"));
    else if (field.number === NODE.output) outputs.push(textOf(message, field, "the name of a node's output"));
    else if (field.number === NODE.name) name = textOf(message, field, "a node's name");
    else if (field.number === NODE.operator) operator = textOf(message, field, "a node's operator");
    else if (field.number === NODE.domain) domain = textOf(message, field, "a node's domain");
    else if (field.number === NODE.attribute) {
      const [key, attribute] = readAttribute(messageOf(message, field, "an attribute"));
      attributes.set(key, attribute);
    }
  }
  return { name, operator, domain, inputs, outputs, attributes };
}

/** An attribute by what it holds: files of IR 1 do not say its type. A list that is empty has no bytes, so that its type decides. */
function readAttribute(message: Message): [string, Attribute] {
  const all = [...fields(message)];
  const one = (number: number): Field | undefined => all.findLast((field) => field.number === number);
  const nameField = one(ATTRIBUTE.name);
  const name = nameField ? textOf(message, nameField, "an attribute's name") : "";
  const what = `attribute "${name}"`;
  const typeField = one(ATTRIBUTE.type);
  const type = typeField ? uintOf(message, typeField, 2 ** 31, what) : 0;
  const [float, int, text, tensor] = [one(ATTRIBUTE.float), one(ATTRIBUTE.int), one(ATTRIBUTE.text), one(ATTRIBUTE.tensor)];
  const is = (code: number, field: Field | undefined): boolean => type === code || (type === 0 && field !== undefined);
  const [floats, ints] = [one(ATTRIBUTE.floats), one(ATTRIBUTE.ints)];
  if (is(ATTRIBUTE_TYPE.float, float)) return [name, { kind: "float", value: floatsOf(message, ATTRIBUTE.float, 4, what)[0] ?? 0 }];
  if (is(ATTRIBUTE_TYPE.int, int)) return [name, { kind: "int", value: int ? intOf(message, int, what) : 0 }];
  if (is(ATTRIBUTE_TYPE.text, text)) return [name, { kind: "text", value: text ? textOf(message, text, what) : "" }];
  if (is(ATTRIBUTE_TYPE.tensor, tensor)) {
    if (!tensor) throw fileError(message.file, `${what} should hold a tensor and holds none`, message.start);
    return [name, { kind: "tensor", value: readTensor(messageOf(message, tensor, what)).tensor }];
  }
  if (is(ATTRIBUTE_TYPE.floats, floats)) return [name, { kind: "floats", value: [...floatsOf(message, ATTRIBUTE.floats, 4, what)] }];
  if (is(ATTRIBUTE_TYPE.ints, ints)) return [name, { kind: "ints", value: intsOf(message, ATTRIBUTE.ints, MAX_ATTRIBUTE_VALUES, what) }];
  return [name, { kind: "other" }];
}

function readValue(message: Message): OnnxValue {
  let name = "";
  let type = 0;
  let dims: (number | string)[] | null = null;
  for (const field of fields(message)) {
    if (field.number === VALUE_INFO.name) name = textOf(message, field, "the name of an input or output");
    else if (field.number === VALUE_INFO.type) {
      const outer = messageOf(message, field, `the type of "${name}"`);
      for (const inner of fields(outer)) {
        if (inner.number !== TYPE.tensor) continue;
        const tensor = messageOf(outer, inner, `the tensor type of "${name}"`);
        for (const part of fields(tensor)) {
          if (part.number === TENSOR_TYPE.element) type = uintOf(tensor, part, 2 ** 31, `the element type of "${name}"`);
          else if (part.number === TENSOR_TYPE.shape) dims = readShape(messageOf(tensor, part, `the shape of "${name}"`), name);
        }
      }
    }
  }
  return { name, type, dims };
}

function readShape(message: Message, name: string): (number | string)[] {
  const dims: (number | string)[] = [];
  for (const field of fields(message)) {
    if (field.number !== SHAPE.dim) continue;
    const dim = messageOf(message, field, `an extent of "${name}"`);
    let extent: number | string = "";
    for (const part of fields(dim)) {
      if (part.number === DIM.value) extent = intOf(dim, part, `an extent of "${name}"`);
      else if (part.number === DIM.parameter) extent = textOf(dim, part, `the name of an extent of "${name}"`);
    }
    dims.push(extent);
  }
  return dims;
}
