// A whole ONNX model as a graph of the project's ops, with the inputs and outputs that the file has.
import { Graph } from "../graph/graph.ts";
import { FurtherLayers } from "../models/further-layers.ts";
import type { Network, Parameter } from "../models/network.ts";
import { sizeOf, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { fileError } from "../weights/file-error.ts";
import { isKnown, natural, plainly } from "./live.ts";
import { OPERATORS } from "./operators/index.ts";
import type { OnnxModel, OnnxValue } from "./parse.ts";
import { MAX_VALUES, Replay } from "./replay.ts";
import { DATA_TYPE, dataTypeName } from "./wire.ts";

export interface ImportedGraph {
  /** Inputs and outputs have the file's names, shapes and order of axes. */
  readonly graph: Graph;
  readonly parameters: readonly Parameter[];
  /** In Caffe's order, by the parameters' names. */
  readonly weights: ReadonlyMap<string, Tensor>;
}

const NOWHERE: Network = {
  name: "onnx",
  title: "ONNX",
  size: 1,
  lastLayers: [],
  auxiliary: [],
  mean: [0, 0, 0],
  weightDecay: 0,
  build() {
    throw new Error("internal: a graph of a file is not built by a network");
  },
};

/** The model for inference. `shapes` gives those of inputs that the file leaves open. Throws, naming node and reason, where one is not read. */
export function onnxGraph(model: OnnxModel, shapes: Readonly<Record<string, Shape>> = {}): ImportedGraph {
  const graph = new Graph();
  const inputs = model.inputs.map((input) => ({ input, value: graph.input(input.name, shapeOf(model, input, shapes[input.name])) }));
  const layers = new FurtherLayers(graph, NOWHERE, inputs[0]?.value ?? graph.make("none", [1]), { classes: 0 });
  const replay = new Replay(layers, model, { operators: OPERATORS, fileBatch: null, head: null, classes: 0 });
  for (const { input, value } of inputs) replay.set(input.name, plainly(value, value.shape));
  replay.run(model.outputs.map(({ name }) => name));
  for (const { name } of model.outputs) {
    const item = replay.get(name);
    if (!item || isKnown(item)) throw fileError(model.file, `output "${name}" is a constant, which no graph is needed for`);
    const { value } = replay.plain(item);
    // What is an input's memory, or another output's, is copied: an output has a place of its own.
    const isOthers = !graph.producer(value) || graph.producer(value)?.op.alias === true || [...graph.outputs.values()].includes(value);
    graph.output(name, isOthers ? layers.activation(`${name}.copy`, value, "affine", 1, 0) : value);
  }
  return { graph, parameters: layers.parameters, weights: replay.weights };
}

/** The shape of an input: what was asked for, where the file allows it, else the file's. */
function shapeOf({ file }: OnnxModel, { name, type, dims }: OnnxValue, wanted: Shape | undefined): Shape {
  if (type !== 0 && type !== DATA_TYPE.float) throw fileError(file, `input "${name}" holds ${dataTypeName(type)}, expected float (1)`);
  const shape = wanted ?? dims?.map((extent) => (typeof extent === "number" ? extent : Number.NaN));
  const said = dims ? `[${dims.map((extent) => (extent === "" ? "?" : extent)).join(", ")}]` : "of a shape that the file does not say";
  if (!shape || shape.some((extent) => !Number.isInteger(extent) || extent < 1))
    throw fileError(file, `input "${name}" is ${said}: pass its shape`);
  if (sizeOf(shape) > MAX_VALUES) throw fileError(file, `input "${name}" is ${said}: more than ${MAX_VALUES} values`);
  if (
    dims &&
    (dims.length !== shape.length ||
      natural(dims.length).some(
        (axis) =>
          typeof dims[axis] === "number" && axis > 0 && dims[axis] > 0 && dims[axis] !== shape[axis] && (axis === 1 || dims.length !== 4),
      ))
  )
    throw fileError(file, `input "${name}" is ${said}, got [${shape.join(", ")}]`);
  return shape;
}
