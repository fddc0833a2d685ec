// A start that depends on data: layer-sequential unit variance (LSUV; Mishkin and Matas 2016, arXiv 1511.06422), with centring (Kraehenbuehl et
// al. 2016, arXiv 1511.06856). For each output channel k of a convolution or inner product, over the images and pixels of one batch,
//
//   w[.., k] <- w[.., k] gain / sd[k],   b[k] <- (b[k] - mean[k]) gain / sd[k]
//
// so that what enters the ReLU has mean 0 and standard deviation 1 (gain 1), and logits are small (gain 0.1). A layer is measured once the layers
// before it are done; layers that do not depend on each other share a forward pass.
import type { States } from "../engine/buffers.ts";
import { Graph, type Node, type Value } from "../graph/graph.ts";
import { build, type Parameter } from "../models/network.ts";
import { conv2d } from "../ops/conv2d.ts";
import { innerProduct } from "../ops/inner-product.ts";
import { relu } from "../ops/relu.ts";
import type { Shape } from "../tensor/shape.ts";
import { buildOptions, croppedImages, type GraphOptions } from "./graphs.ts";

/** Images that a start is measured on. */
export const START_IMAGES = 24;
/** Standard deviation of the logits: a softmax of them is near uniform, so the loss starts at chance. */
const LOGITS_DEVIATION = 0.1;
/** Deviations below this belong to channels that see a constant: their weights would explode. */
const SMALLEST_DEVIATION = 1e-6;

/** A layer with weights, as a forward pass of a graph shows it. */
export interface MeasuredLayer {
  readonly name: string;
  /** Shape of its output before any ReLU, channels last: [images, .., channels]. The graph has an output of the layer's name. */
  readonly shape: Shape;
  /** Layers with weights on the longest way from the image to this one: layers of one depth do not depend on each other. */
  readonly depth: number;
  /** A ReLU follows. */
  readonly rectified: boolean;
  /** A head's logits come of its outputs without another layer of weights between. */
  readonly last: boolean;
}

export interface MeasuringGraph {
  readonly graph: Graph;
  readonly parameters: readonly Parameter[];
  /** In forward order. */
  readonly layers: readonly MeasuredLayer[];
}

/** The graph's output of the main head's logits. */
const LOGITS = "logits of the main head";

/** The forward pass of training, every layer's output before its ReLU being an output, and the main head's logits. Inputs: `pixels`, `placement`, `random`. */
export function measuringGraph(options: GraphOptions): MeasuringGraph {
  const { network } = options;
  const graph = new Graph();
  const random = graph.input("random", [4], "u32");
  const built = build(network, graph, croppedImages(graph, options), { ...buildOptions(options, true), random });
  const rectified = new Set(graph.nodes.filter(({ op }) => op === relu).map(({ inputs: { x } }) => x));
  const last = new Set(built.heads.map(({ logits }) => layerBefore(graph, logits)));
  const depths = new Map<object, number>();
  const layers: MeasuredLayer[] = [];
  for (const node of graph.nodes) {
    const before = Math.max(0, ...Object.values(node.inputs).map((value) => depths.get(value) ?? 0));
    const depth = hasWeights(node) ? before + 1 : before;
    for (const value of Object.values(node.outputs)) depths.set(value, depth);
    if (!hasWeights(node)) continue;
    const { y } = node.outputs;
    graph.output(node.label, y);
    layers.push({ name: node.label, shape: y.shape, depth, rectified: rectified.has(y), last: last.has(node) });
  }
  graph.output(LOGITS, built.heads[0].logits);
  return { graph, parameters: built.parameters, layers };
}

/** The layer with weights that a value comes of, through what has none: pooling, ReLU, flattening. */
function layerBefore(graph: Graph, value: Value): Node | undefined {
  const node = graph.producer(value);
  return node && !hasWeights(node) ? layerBefore(graph, node.inputs["x"]) : node;
}

const hasWeights = ({ op }: Node): boolean => op === conv2d || op === innerProduct;

/** Mean and standard deviation of each channel, and its largest value. */
interface Moments {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
  readonly largest: Float64Array;
}

/** Moments of values [.., channels] over everything but the channels: two passes, in float64. */
function momentsOf(values: Float32Array, channels: number): Moments {
  const rows = values.length / channels;
  const mean = new Float64Array(channels);
  const deviation = new Float64Array(channels);
  const largest = new Float64Array(channels).fill(-Infinity);
  for (let i = 0; i < values.length; i++) mean[i % channels] += values[i] / rows;
  for (let i = 0; i < values.length; i++) {
    const k = i % channels;
    deviation[k] += (values[i] - mean[k]) ** 2 / rows;
    largest[k] = Math.max(largest[k], values[i]);
  }
  for (let k = 0; k < channels; k++) deviation[k] = Math.sqrt(deviation[k]);
  return { mean, deviation, largest };
}

/** Standard deviation over the channels together: the variance within them, and that of their means. */
function deviationOf({ mean, deviation }: Moments): number {
  const middle = mean.reduce((sum, value) => sum + value, 0) / mean.length;
  const variance = mean.reduce((sum, value, k) => sum + deviation[k] ** 2 + (value - middle) ** 2, 0) / mean.length;
  return Math.sqrt(variance);
}

/** Runs the graph on the states as they are and reads outputs by name. */
export type Forward = (names: readonly string[]) => Promise<ReadonlyMap<string, Float32Array>>;

/** Scales and centres the layers that `fresh` accepts, in the states' own memory. Layers that it refuses keep their values. */
export async function standardise(
  { layers, parameters }: Pick<MeasuringGraph, "layers" | "parameters">,
  { forward, states, fresh }: { readonly forward: Forward; readonly states: States; readonly fresh: (layer: string) => boolean },
): Promise<void> {
  const depths = [...new Set(layers.map(({ depth }) => depth))].sort((a, b) => a - b);
  for (const depth of depths) {
    const chosen = layers.filter((layer) => layer.depth === depth && fresh(layer.name));
    if (chosen.length === 0) continue;
    const outputs = await forward(chosen.map(({ name }) => name));
    const values = await states.readAll(chosen.flatMap(({ name }) => [`${name}/weight`, `${name}/bias`]));
    for (const { name, shape, last } of chosen) {
      const channels = shape[shape.length - 1];
      const { mean, deviation } = momentsOf(outputs.get(name) as Float32Array, channels);
      const factors = Float64Array.from(deviation, (sd) => (last ? LOGITS_DEVIATION : 1) / Math.max(sd, SMALLEST_DEVIATION));
      const weight = parameters.find((parameter) => parameter.name === `${name}/weight`) as Parameter;
      const groups = weight.order.kind === "filter" ? weight.order.groups : 1;
      states.write(weight.name, scaled(values.get(weight.name) as Float32Array, factors, groups));
      const bias = values.get(`${name}/bias`) as Float32Array;
      states.write(
        `${name}/bias`,
        bias.map((value, k) => (value - mean[k]) * factors[k]),
      );
    }
  }
}

/** Weights [groups, .., channels / groups] times one factor per channel. */
function scaled(weights: Float32Array, factors: Float64Array, groups: number): Float32Array {
  const columns = factors.length / groups;
  const perGroup = weights.length / groups;
  return weights.map((value, i) => value * factors[Math.floor(i / perGroup) * columns + (i % columns)]);
}

/** What a start looks like before the first step. */
export interface StartReport {
  readonly layers: readonly {
    readonly name: string;
    /** Standard deviation of its output before any ReLU, over all images, pixels and channels. */
    readonly deviation: number;
    /** Share of channels that no image of the batch makes positive: they pass nothing on and learn nothing. Null where no ReLU follows. */
    readonly dead: number | null;
  }[];
  /** Mean of -log p of the true class at the main head. */
  readonly loss: number;
  /** The loss of equal probabilities: log(classes). */
  readonly chance: number;
}

/** Measures a start; nothing is changed. `labels` are those of the images that `forward` runs on. */
export async function measureStart({ layers }: MeasuringGraph, forward: Forward, labels: ArrayLike<number>): Promise<StartReport> {
  const outputs = await forward([...layers.map(({ name }) => name), LOGITS]);
  const rows = layers.map(({ name, shape, rectified }) => {
    const values = outputs.get(name) as Float32Array;
    const channels = shape[shape.length - 1];
    const moments = momentsOf(values, channels);
    const dead = moments.largest.filter((largest) => largest <= 0).length / channels;
    return { name, deviation: deviationOf(moments), dead: rectified ? dead : null };
  });
  const z = outputs.get(LOGITS) as Float32Array;
  const classes = z.length / labels.length;
  let loss = 0;
  for (let image = 0; image < labels.length; image++) {
    const row = z.subarray(image * classes, (image + 1) * classes);
    const largest = row.reduce((a, b) => Math.max(a, b));
    const sum = row.reduce((total, value) => total + Math.exp(value - largest), 0);
    loss += (largest + Math.log(sum) - row[labels[image]]) / labels.length;
  }
  return { layers: rows, loss, chance: Math.log(classes) };
}
