// An ONNX file as a network: it infers, trains and is explained as those of models/ do. Pictures come in as blue, green, red from 0 to 255 less a mean;
// what else the file's network expects of its input is done in the graph.
import { Graph, type Value } from "../graph/graph.ts";
import { derivedLayers, storedFor } from "../models/define.ts";
import { FurtherLayers } from "../models/further-layers.ts";
import type { BuildOptions, Network } from "../models/network.ts";
import { concat, slice } from "../ops/concat.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { fileError } from "../weights/file-error.ts";
import { channelsBehind, isKnown, type Live } from "./live.ts";
import { readMetadata, type Preprocessing } from "./metadata.ts";
import { OPERATORS } from "./operators/index.ts";
import { reshapedLive } from "./operators/shapes.ts";
import { parseModel, type OnnxModel, type OnnxNode } from "./parse.ts";
import { Replay, type Head } from "./replay.ts";
import { INPUT_SCALE } from "./translate.ts";

/** Options of `readOnnx`. */
export interface OnnxOptions {
  /** The file's name, for messages. Default "model.onnx". */
  readonly file?: string;
  /** Name of the network. Default: the file's name without its ending. */
  readonly name?: string;
  /** What the network expects of its input, where the file does not say so itself. */
  readonly preprocessing?: Preprocessing;
  /** Side of the square input, where the file leaves it open. Default 224. */
  readonly size?: number;
  /** The output whose values, or whose softmax's inputs, are the classes' scores. Default: the first. */
  readonly output?: string;
}

/** A network of an ONNX file. */
export interface OnnxNetwork extends Network {
  /** The file's parameters in Caffe's order, by the names that the network has them under. */
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly classes: number;
  /** Names of the classes; null where the file does not say. */
  readonly labels: readonly string[] | null;
  readonly preprocessing: Preprocessing;
}

const DEFAULT_SIZE = 224;
const MAX_SIZE = 2 ** 14;

/**
 * Reads an ONNX file, of operator sets 1 to 26, of a network that classifies colour pictures. Throws an Error that names the file and the byte where it is
 * damaged; the node, its operator and the reason where one is not read; what is missing where the file does not say how pictures are prepared.
 */
export function readOnnx(bytes: Uint8Array, options: OnnxOptions = {}): OnnxNetwork {
  const { file = "model.onnx" } = options;
  return networkOf(parseModel(bytes, file), options);
}

function networkOf(model: OnnxModel, { name, preprocessing: given, size: wantedSize, output }: OnnxOptions): OnnxNetwork {
  const { file } = model;
  const said = readMetadata(model);
  const preprocessing = given ?? said.preprocessing;
  if (!preprocessing)
    throw fileError(
      file,
      "it does not say how pictures are prepared: pass preprocessing, { channels, mean, deviation } (torchvision's: TORCHVISION)",
    );
  const { input, size } = pictureInput(model, wantedSize);
  const logits = logitsOf(model, output);
  const nodes = headNodes(model, logits);

  const replayed = (layers: FurtherLayers, image: Value, classes: number, head: Head | null): { scores: Value; replay: Replay } => {
    const [images] = input.dims ?? [];
    const fileBatch = typeof images === "number" ? images : null;
    const replay = new Replay(layers, model, { operators: OPERATORS, fileBatch, head, classes });
    replay.set(input.name, prepared(replay, image, preprocessing));
    replay.run([logits]);
    const item = replay.get(logits);
    if (!item || isKnown(item)) throw fileError(file, `"${logits}" is a constant`);
    const rows = replay.plain(reshapedLive(replay, item, [item.shape[0], sizeOf(item.shape.slice(1))]));
    return { scores: rows.value, replay };
  };

  const first = new Graph();
  const image = first.input("x", [1, size, size, 4]);
  const network: Omit<OnnxNetwork, "weights" | "classes" | "lastLayers"> = {
    name: name ?? file.replace(/^.*[/\\]/, "").replace(/\.onnx$/i, ""),
    title: name ?? (model.name || file),
    size,
    stored: storedFor(size),
    auxiliary: [],
    mean: meanOf(preprocessing),
    weightDecay: 5e-4,
    vocabulary: FurtherLayers,
    labels: said.labels,
    preprocessing,
    build(layers, x, classes) {
      if (classes !== trained && !nodes)
        throw fileError(file, `its ${trained} classes cannot become ${classes}: its scores do not come from one convolution or product`);
      const { scores } = replayed(layers as FurtherLayers, x, classes, nodes && { nodes, classes: trained });
      return [{ name: "loss", logits: scores, lossWeight: 1 }];
    },
  };
  const asBuilt: BuildOptions = { classes: 0 };
  const { scores, replay } = replayed(new FurtherLayers(first, { ...network, lastLayers: [] }, image, asBuilt), image, 0, null);
  const [, trained] = scores.shape;
  if (said.labels && said.labels.length !== trained) throw fileError(file, `it has ${said.labels.length} labels for ${trained} classes`);
  const { lastLayers } = nodes ? derivedLayers({ ...network, lastLayers: [] }, size, trained) : { lastLayers: [] };
  return { ...network, weights: replay.weights, classes: trained, lastLayers };
}

/** The mean pixel, blue first. */
function meanOf({ channels, mean: [a, b, c] }: Preprocessing): [number, number, number] {
  return channels === "rgb" ? [c, b, a] : [a, b, c];
}

/** The one input, which must be colour pictures. */
function pictureInput({ file, inputs }: OnnxModel, wanted: number | undefined) {
  const [input] = inputs;
  if (inputs.length !== 1 || !input?.dims || input.dims.length !== 4)
    throw fileError(
      file,
      `it has the inputs ${inputs.map(({ name, dims }) => `"${name}" [${dims?.join(", ") ?? "?"}]`).join(", ")}; expected one of images`,
    );
  const [, channels, height, width] = input.dims;
  if (typeof channels === "number" && channels > 0 && channels !== 3)
    throw fileError(file, `its images have ${channels} channels, expected 3`);
  const sides = [height, width].filter((extent): extent is number => typeof extent === "number" && extent > 0);
  if (new Set(sides).size > 1) throw fileError(file, `its images are ${height} x ${width}, expected squares`);
  const size = wanted ?? sides[0] ?? DEFAULT_SIZE;
  if (!(Number.isInteger(size) && size >= 1 && size <= MAX_SIZE))
    throw fileError(file, `its images have a side of ${size}, expected 1 to ${MAX_SIZE}`);
  return { input, size };
}

/** The value before the softmax, if the output is one, else the output. */
function logitsOf(model: OnnxModel, wanted: string | undefined): string {
  const output = wanted ?? model.outputs[0]?.name;
  if (output === undefined) throw fileError(model.file, "it has no output");
  const makers = makersOf(model);
  for (let name = output; ;) {
    const node = makers.get(name);
    if (node && (node.operator === "Softmax" || node.operator === "LogSoftmax")) return node.inputs[0] ?? output;
    if (!node || !["Reshape", "Flatten", "Squeeze", "Identity", "Cast"].includes(node.operator)) return output;
    [name] = node.inputs;
  }
}

const makersOf = ({ nodes }: OnnxModel): Map<string, OnnxNode> =>
  new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));

const PASSES_CLASSES = new Set([
  "Add",
  "AveragePool",
  "BatchNormalization",
  "Cast",
  "Dropout",
  "Flatten",
  "GlobalAveragePool",
  "Identity",
  "MaxPool",
  "Mul",
  "ReduceMean",
  "Relu",
  "Reshape",
  "Squeeze",
]);

/** The nodes from the last one with a weight to the scores; null where something between them makes more of the classes. */
function headNodes(model: OnnxModel, logits: string): ReadonlySet<OnnxNode> | null {
  const makers = makersOf(model);
  const nodes = new Set<OnnxNode>();
  for (let name = logits; ;) {
    const node = makers.get(name);
    if (!node) return null;
    nodes.add(node);
    if (node.operator === "Conv" || node.operator === "Gemm" || node.operator === "MatMul") return nodes;
    if (!PASSES_CLASSES.has(node.operator)) return null;
    const next = node.inputs.find(
      (input) => makers.has(input) && !["Constant", "ConstantOfShape"].includes(makers.get(input)?.operator ?? ""),
    );
    if (next === undefined) return null;
    name = next;
  }
}

/** The image as the file's network wants it: its channels in order, divided by the deviations. */
function prepared(replay: Replay, x: Value, { channels, deviation = [1, 1, 1] }: Preprocessing): Live {
  const { layers } = replay;
  const channel = (first: number): Value => layers.op(slice, { x }, { first, count: 1 }, `input.${first}`).y;
  const ordered =
    channels === "bgr" ? x : layers.op(concat, { x0: channel(2), x1: channel(1), x2: channel(0), x3: channel(3) }, {}, "input").y;
  const factors = Float32Array.from([...deviation.map((value) => 1 / value), 0]);
  const value = deviation.every((each) => each === 1)
    ? ordered
    : layers.scaled("input.scaled", ordered, replay.vector(...INPUT_SCALE, factors, { rate: 0, start: 1 }), null);
  const [images, height, width] = value.shape;
  return { value, shape: [images, 3, height, width], order: channelsBehind(4), padded: true };
}
