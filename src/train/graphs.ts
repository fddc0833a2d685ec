// The graphs of inference: a scoring pass of stored images, inference on prepared images; and the parts that training-graphs.ts shares with them.
// Pixels arrive as 8-bit BGR and are cropped, mirrored and mean-subtracted on the GPU.
import { Graph, type Value } from "../graph/graph.ts";
import { build, type Built, type BuildOptions, type Init, type Network, type Parameter } from "../models/network.ts";
import { channelsLast } from "../ops/channels.ts";
import { cropImages } from "../ops/crop-images.ts";
import { softmax } from "../ops/softmax.ts";
import type { Shape } from "../tensor/shape.ts";

export interface GraphOptions {
  readonly network: Network;
  readonly classes: number;
  /** Share of the paper's channels. Default 1. */
  readonly width?: number;
  /** Side of the network's crop. Default: the paper's. */
  readonly size?: number;
  /** Images per step. */
  readonly batch: number;
  /** Multiplies the pixels once their mean is subtracted. Default 1, the reference models'. */
  readonly pixelScale?: number;
  /** How weights start. Default: as the reference models' do. */
  readonly init?: Init;
  /** Multiplies the ratios of all dropout layers, in training. Default 1. */
  readonly dropout?: number;
  readonly frozen?: (layer: string) => boolean;
  /** Multiplies the learning rate of a layer. Default 1. */
  readonly layerRate?: (layer: string) => number;
}

export interface NetworkGraph {
  readonly graph: Graph;
  readonly parameters: readonly Parameter[];
  readonly built: Built;
}

export const MEAN = "mean";
/** Name of the state that holds a parameter's momentum. */
export const momentumOf = (parameter: string): string => `momentum/${parameter}`;
/** Side of the stored images that crops of `size` are taken from: 256 for the papers' 227 and 224. */
export const storedSize = (network: Network, size = network.size): number => Math.round((size * (network.stored ?? 256)) / network.size);

export const buildOptions = (
  { classes, width = 1, init = "reference", dropout, frozen, layerRate }: GraphOptions,
  training: boolean,
): BuildOptions => ({
  classes,
  width,
  init,
  training,
  ...(dropout !== undefined && { dropout }),
  ...(frozen && { frozen }),
  ...(layerRate && { layerRate }),
});

/** Inputs `pixels`, `placement`; state `mean`. */
export function croppedImages(graph: Graph, { network, size = network.size, batch, pixelScale = 1 }: GraphOptions): Value {
  const stored = storedSize(network, size);
  const pixels = graph.input("pixels", [batch, stored, stored], "u32");
  const placement = graph.input("placement", [batch, 4], "u32");
  const mean = graph.state(MEAN, meanShape(network, stored));
  return graph.add(cropImages, { pixels, placement, mean }, { size, scale: pixelScale }, "data").y;
}

/** Shape of the mean that a network subtracts: an image or one pixel. */
export const meanShape = ({ mean }: Network, stored: number): Shape => (mean === "image" ? [stored, stored, 4] : [1, 1, 4]);

/** Probabilities `p` [batch, classes] of stored images. Inputs: `pixels`, `placement`. */
export function scoringGraph(options: GraphOptions): NetworkGraph {
  const graph = new Graph();
  const built = build(options.network, graph, croppedImages(graph, options), buildOptions(options, false));
  graph.output("p", graph.add(softmax, { x: built.heads[0].logits }, {}, "prob").y);
  return { graph, parameters: built.parameters, built };
}

/** Probabilities `p` of prepared images. Input: `image` [batch, 3, size, size], BGR minus the mean. */
export function inferenceGraph(options: GraphOptions): NetworkGraph {
  const { network, size = network.size, batch } = options;
  const graph = new Graph();
  const image = graph.input("image", [batch, 3, size, size]);
  const x = graph.add(channelsLast, { x: image }, { channels: 4 }, "data").y;
  const built = build(network, graph, x, buildOptions(options, false));
  graph.output("p", graph.add(softmax, { x: built.heads[0].logits }, {}, "prob").y);
  return { graph, parameters: built.parameters, built };
}
