// Networks as data, and the vocabulary of their files: layers that append to a graph and remember their parameters.
// Activations are [images, height, width, channels]; layers carry Caffe's names, so that files of weights need no translation.
import type { Graph, Value } from "../graph/graph.ts";
import { averagePool } from "../ops/average-pool.ts";
import { concat } from "../ops/concat.ts";
import { conv2d } from "../ops/conv2d.ts";
import { dropout } from "../ops/dropout.ts";
import { innerProduct } from "../ops/inner-product.ts";
import { lrn } from "../ops/lrn.ts";
import { maxPool } from "../ops/max-pool.ts";
import { relu } from "../ops/relu.ts";
import { reshape } from "../ops/reshape.ts";
import { sha256 } from "../tensor/sha256.ts";
import type { Shape } from "../tensor/shape.ts";

/**
 * How a parameter starts, as Caffe's fillers: gaussian with mean 0; xavier, uniform within sqrt(3 / fan in) (Glorot and Bengio 2010); msra,
 * gaussian with deviation sqrt(2 / fan in) (He et al. 2015), which keeps the signal's variance through layers of ReLU.
 */
export type Filler =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "gaussian"; readonly std: number }
  | { readonly kind: "xavier" }
  | { readonly kind: "msra" };

/** `reference`: the fillers of the reference models. `msra` for all weights: small networks and short runs leave the start sooner. */
export const INITS = ["reference", "msra"] as const;
export type Init = (typeof INITS)[number];

export interface Parameter {
  /** Caffe's layer name and "/weight" or "/bias". */
  readonly name: string;
  readonly layer: string;
  readonly value: Value;
  readonly filler: Filler;
  /** Inputs that reach one output: what xavier divides by. */
  readonly fanIn: number;
  /** Multipliers of the learning rate and of the weight decay; a rate multiplier of 0 freezes the parameter. */
  readonly rateMultiplier: number;
  readonly decayMultiplier: number;
  /** How Caffe's order becomes the engine's. */
  readonly order:
    | { readonly kind: "filter"; readonly groups: number; readonly channels: number }
    | { readonly kind: "innerProduct"; readonly flattened: Shape | null }
    | { readonly kind: "bias" };
  /** In Caffe's order: [outputs, channels / groups, kh, kw], [outputs, inputs] or [outputs]. */
  readonly caffeShape: Shape;
}

/** Where a network is scored: the classifier, and auxiliary ones if training has any. */
export interface Head {
  readonly name: string;
  readonly logits: Value;
  readonly lossWeight: number;
}

export interface Built {
  /** The main classifier first. */
  readonly heads: readonly [Head, ...Head[]];
  readonly parameters: readonly Parameter[];
  /** What becomes of parameters that no gradient changes, such as running means, at the end of a training step. */
  readonly updates: Layers["updates"];
}

export interface BuildOptions {
  readonly classes: number;
  /** Share of the paper's channels, for tests and quick runs: 1, 1/2, 1/4 ... */
  readonly width?: number;
  /** With dropout and auxiliary heads. Needs `random`. */
  readonly training?: boolean;
  /** u32[4]: seed low, seed high, step, 0. */
  readonly random?: Value;
  /** Default: reference. */
  readonly init?: Init;
  /** Multiplies the ratios of all dropout layers: a narrow network has less to spare. Default 1. */
  readonly dropout?: number;
  /** Layers that do not learn. */
  readonly frozen?: (layer: string) => boolean;
  /** Multiplies the learning rate of a layer: 10 for new layers when a pretrained network is fine-tuned, as in Caffe's example. Default 1. */
  readonly layerRate?: (layer: string) => number;
}

export interface Network {
  readonly name: string;
  readonly title: string;
  /** Side of the square input in the paper; any size that the layers accept will do. */
  readonly size: number;
  /** Side of the pictures that crops of that size are taken from. Default 256. */
  readonly stored?: number;
  /** Layers whose size follows the number of classes. */
  readonly lastLayers: readonly string[];
  /** Layers that only training has, such as auxiliary heads: files of weights may lack them, and scoring passes them over. */
  readonly auxiliary: readonly string[];
  /**
   * What is subtracted from the pixels: a mean image (AlexNet), or a mean pixel (GoogLeNet), BGR. A run subtracts its training images' own; these numbers
   * are for weights that come without a mean.
   */
  readonly mean: "image" | readonly [number, number, number];
  /** The reference solver's weight decay. */
  readonly weightDecay: number;
  /** x: [images, size, size, 4], BGR and a zero channel. */
  build(layers: Layers, x: Value, classes: number): [Head, ...Head[]];
  /** The layers that `build` is given. Default: those that AlexNet and GoogLeNet need. */
  readonly vocabulary?: typeof Layers;
}

/** Appends a network to a graph; returns its heads and parameters. */
export function build(network: Network, graph: Graph, x: Value, options: BuildOptions): Built {
  const layers = new (network.vocabulary ?? Layers)(graph, network, x, options);
  const heads = network.build(layers, x, options.classes);
  return { heads, parameters: layers.parameters, updates: layers.updates };
}

export interface ConvOptions {
  readonly stride?: number;
  readonly pad?: number;
  readonly groups?: number;
  readonly filler: Filler;
  readonly bias: number;
  /** Name of the ReLU that follows. Default: none follows. */
  readonly relu?: string;
}

/** Output channels: a number is of the full width, scaled and rounded by `Layers.channels`; `exactly` is taken as it is, as a classifier needs. */
export type Outputs = number | { readonly exactly: number };

/** Starts weights from a normal distribution of mean 0. */
export const gaussian = (std: number): Filler => ({ kind: "gaussian", std });
/** Starts weights uniformly within sqrt(3 / fan in) of 0 (Glorot and Bengio 2010). */
export const xavier: Filler = { kind: "xavier" };

/** Layers that append to one graph. A network's file reads as a list of calls to them. */
export class Layers {
  readonly parameters: Parameter[] = [];
  readonly updates: { readonly state: Value; readonly next: Value }[] = [];
  readonly training: boolean;
  readonly graph: Graph;
  readonly options: BuildOptions;
  readonly image: Value;
  readonly #network: Network;
  /** [channels, height, width] behind each flattened value: the order in which Caffe's inner products read it. */
  readonly #flattened = new Map<Value, Shape>();

  constructor(graph: Graph, network: Network, image: Value, options: BuildOptions) {
    this.graph = graph;
    this.#network = network;
    this.image = image;
    this.options = options;
    this.training = options.training ?? false;
  }

  /** Channels at the wanted width, a multiple of 8 so that groups and vectors of four always divide them. */
  channels(full: number): number {
    return Math.max(8, Math.round((full * (this.options.width ?? 1)) / 8) * 8);
  }

  /** Convolution to `outputs` channels, then ReLU where `relu` names one. [n, h, w, c] to [n, h', w', outputs]. */
  conv(
    name: string,
    x: Value,
    outputs: Outputs,
    kernel: number,
    { stride = 1, pad = 0, groups = 1, filler, bias, relu: reluName }: ConvOptions,
  ): Value {
    const m = typeof outputs === "number" ? this.channels(outputs) : outputs.exactly;
    const channels = x.shape[3];
    // The image has 3 channels and one of padding, which its filters must not count.
    const real = x === this.image ? 3 : channels;
    const filter = this.parameter(name, "weight", [groups, kernel, kernel, channels / groups, m / groups], filler, {
      fanIn: (real / groups) * kernel * kernel,
      order: { kind: "filter", groups, channels: real },
      caffeShape: [m, real / groups, kernel, kernel],
    });
    const y = this.graph.add(conv2d, { x, filter, bias: this.#bias(name, m, bias) }, { stride, pad }, name).y;
    return reluName === undefined ? y : this.relu(reluName, y);
  }

  /** [n, h, w, c] to [n, h * w * c]: the logits [n, classes] of a fully convolutional classifier whose map is one pixel. */
  flatten(name: string, x: Value): Value {
    const [images, height, width, channels] = x.shape;
    const y = this.graph.add(reshape, { x }, { shape: [images, height * width * channels] }, name).y;
    this.#flattened.set(y, [channels, height, width]);
    return y;
  }

  /** Inner product with everything that lies before; `outputs` is taken as it is. */
  innerProduct(name: string, x: Value, outputs: number, filler: Filler, bias: number): Value {
    const flat = x.shape.length > 2 ? this.flatten(`${name}/flatten`, x) : x;
    const inputs = flat.shape[1];
    const weight = this.parameter(name, "weight", [inputs, outputs], filler, {
      fanIn: inputs,
      order: { kind: "innerProduct", flattened: this.#flattened.get(flat) ?? null },
      caffeShape: [outputs, inputs],
    });
    return this.graph.add(innerProduct, { x: flat, weight, bias: this.#bias(name, outputs, bias) }, {}, name).y;
  }

  relu(name: string, x: Value): Value {
    return this.inOrderOf(x, this.graph.add(relu, { x }, {}, name).y);
  }

  /** Normalises over 5 channels with alpha 1e-4, beta 0.75, k 1, as AlexNet and GoogLeNet do. */
  lrn(name: string, x: Value): Value {
    return this.graph.add(lrn, { x }, { size: 5, alpha: 1e-4, beta: 0.75, k: 1 }, name).y;
  }

  maxPool(name: string, x: Value, size: number, stride: number, pad = 0): Value {
    return this.graph.add(maxPool, { x }, { size, stride, pad }, name).y;
  }

  averagePool(name: string, x: Value, size: number, stride: number): Value {
    return this.graph.add(averagePool, { x }, { size, stride, pad: 0 }, name).y;
  }

  /** Inverted dropout while training, nothing else. */
  dropout(name: string, x: Value, ratio: number): Value {
    if (!this.training) return x;
    const { random, dropout: factor = 1 } = this.options;
    if (ratio * factor === 0) return x;
    if (!random) throw new Error(`internal: ${this.#network.name} needs a random input for training`);
    return this.inOrderOf(x, this.graph.add(dropout, { x, random }, { ratio: ratio * factor, stream: streamOf(name) }, name).y);
  }

  concat(name: string, branches: readonly Value[]): Value {
    return this.graph.add(concat, Object.fromEntries(branches.map((branch, i) => [`x${i}`, branch])), {}, name).y;
  }

  /** Remembers that `y` has the elements of `x` in the same order. */
  protected inOrderOf(x: Value, y: Value): Value {
    const order = this.#flattened.get(x);
    if (order) this.#flattened.set(y, order);
    return y;
  }

  #bias(layer: string, outputs: number, value: number): Value {
    return this.parameter(
      layer,
      "bias",
      [outputs],
      { kind: "constant", value },
      { fanIn: 1, order: { kind: "bias" }, caffeShape: [outputs] },
    );
  }

  /**
   * A value that is learnt, saved and loaded as LAYER/ROLE. Caffe's multipliers in its reference models: weights learn at 1 and decay, others learn at
   * 2 and do not.
   */
  parameter(
    layer: string,
    role: string,
    shape: Shape,
    filler: Filler,
    { rate = role === "weight" ? 1 : 2, ...rest }: Pick<Parameter, "fanIn" | "order" | "caffeShape"> & { readonly rate?: number },
  ): Value {
    const name = `${layer}/${role}`;
    const value = this.graph.state(name, shape);
    const { frozen, layerRate, init = "reference" } = this.options;
    const start: Filler = init === "msra" && role === "weight" ? { kind: "msra" } : filler;
    const rateMultiplier = frozen?.(layer) ? 0 : (layerRate?.(layer) ?? 1) * rate;
    this.parameters.push({ name, layer, value, filler: start, rateMultiplier, decayMultiplier: role === "weight" ? 1 : 0, ...rest });
    return value;
  }
}

/** Random stream of a layer: depends on its name alone, not on the rest of the network. */
export const streamOf = (name: string): number => new DataView(sha256(name).buffer).getUint32(0);
