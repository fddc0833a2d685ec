// The words that a network of one's own is written in, as its `build` sees them: what the package declares of the layers.
import type { Filler, Outputs } from "./network.ts";

/** One number for both axes, or one each: down, across. */
export type Pair = number | readonly [number, number];
/** One number for all edges, or one each: top, left, bottom, right. */
export type Edges = number | readonly [number, number, number, number];

/** Options of a convolution. */
export interface ConvolutionOptions {
  /** Default 1. */
  readonly stride?: Pair;
  /** Default 0. */
  readonly pad?: Edges;
  /** Pixels from one tap to the next. Default 1. */
  readonly dilation?: Pair;
  /** As many as channels and outputs: a depthwise convolution. Default 1. */
  readonly groups?: number;
  /** How weights start. */
  readonly filler: Filler;
  /** How the bias starts; null: there is none, as where batch normalisation follows. */
  readonly bias: number | null;
  /** Name of the ReLU that follows. Default: none follows. */
  readonly relu?: string;
}

/** Options of `pool`. */
export interface PoolOptions {
  /** Rows and columns of a window. */
  readonly kernel: Pair;
  /** Default 1. */
  readonly stride?: Pair;
  /** Default 0. */
  readonly pad?: Edges;
  /** Pixels from one tap to the next. Default 1. */
  readonly dilation?: Pair;
  /** Whether a last window may reach beyond the padding. Default "floor". */
  readonly rounding?: "floor" | "ceil";
  /** Whether taps in the padding count in the divisor of a mean. Default false. */
  readonly countPad?: boolean;
}

/** Options of `batchNorm`. */
export interface BatchNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** Share of the running mean and variance that a training step keeps. Default 0.9. */
  readonly keep?: number;
}

/** Activations besides ReLU. */
export type ActivationName = "leakyRelu" | "elu" | "sigmoid" | "silu" | "tanh" | "clip" | "hardSigmoid" | "hardSwish" | "affine";

/** What a layer gives and the next one takes. */
export interface NetworkValue {
  /** Images first: [n, h, w, c], or [n, values] once flattened. */
  readonly shape: readonly number[];
}

/** Where a network is scored: the classifier, and auxiliary ones if training has any. */
export interface NetworkHead {
  /** What losses of this head are called. */
  readonly name: string;
  /** [n, classes] */
  readonly logits: NetworkValue;
  /** Weight of its loss in the objective. */
  readonly lossWeight: number;
}

/** Layers that append to a network. Each takes its name first; files of weights know a layer's parameters by NAME/weight, NAME/bias and so on. */
export interface NetworkLayers {
  /** Whether the network is built for training: append auxiliary heads only then. */
  readonly training: boolean;
  /** Channels at the wanted width: `full` times it, rounded to a multiple of 8. */
  channels(full: number): number;
  /**
   * Convolution, then ReLU where `relu` names one. [n, h, w, c] to [n, h', w', outputs]; h' is floor((h + padding - dilation (kernel - 1) - 1) / stride) + 1.
   */
  conv(name: string, x: NetworkValue, outputs: Outputs, kernel: Pair, options: ConvolutionOptions): NetworkValue;
  /** Depthwise convolution: one filter for each channel. [n, h, w, c] to [n, h', w', c]. */
  depthwise(name: string, x: NetworkValue, kernel: Pair, options: Omit<ConvolutionOptions, "groups">): NetworkValue;
  /** Inner product with all values of an image. `outputs` is taken as it is. To [n, outputs]. */
  innerProduct(name: string, x: NetworkValue, outputs: number, filler: Filler, bias: number): NetworkValue;
  /** The values of each image in a row. [n, h, w, c] to [n, h w c]. */
  flatten(name: string, x: NetworkValue): NetworkValue;
  /** The maximum of each element and 0. */
  relu(name: string, x: NetworkValue): NetworkValue;
  /**
   * An activation other than ReLU, element by element. `alpha` and `beta` are the bounds of "clip" (0 and 6: ReLU6), the slope below 0 of "leakyRelu", the factor
   * of "elu", and factor and offset of "affine" and "hardSigmoid".
   */
  activation(name: string, x: NetworkValue, kind: ActivationName, alpha?: number, beta?: number): NetworkValue;
  /**
   * Batch normalisation over all but the channels (Ioffe and Szegedy 2015): in training by the batch's mean and variance, of which running averages are kept; in
   * scoring by these, as part of the convolution before it if there is one.
   */
  batchNorm(name: string, x: NetworkValue, options?: BatchNormOptions): NetworkValue;
  /** Normalises over 5 channels with alpha 1e-4, beta 0.75, k 1, as AlexNet and GoogLeNet do. */
  lrn(name: string, x: NetworkValue): NetworkValue;
  /** The maximum over square windows by Caffe's rule: the last window may reach beyond the edge. */
  maxPool(name: string, x: NetworkValue, size: number, stride: number, pad?: number): NetworkValue;
  /** The mean over square windows by Caffe's rule. */
  averagePool(name: string, x: NetworkValue, size: number, stride: number): NetworkValue;
  /** The maximum or the mean over windows by ONNX's rule, which is PyTorch's. [n, h, w, c] to [n, h', w', c]. */
  pool(name: string, x: NetworkValue, kind: "max" | "mean", options: PoolOptions): NetworkValue;
  /** The mean of each channel. [n, h, w, c] to [n, 1, 1, c]. */
  globalAveragePool(name: string, x: NetworkValue): NetworkValue;
  /** Inverted dropout while training, nothing else. */
  dropout(name: string, x: NetworkValue, ratio: number): NetworkValue;
  /** Channels one after the other. */
  concat(name: string, branches: readonly NetworkValue[]): NetworkValue;
  /** a + b, of one shape: the residual sum. */
  add(name: string, a: NetworkValue, b: NetworkValue): NetworkValue;
  /** a b, element by element. */
  multiply(name: string, a: NetworkValue, b: NetworkValue): NetworkValue;
  /** Zeros, or `value`, around the image. [n, h, w, c] to [n, top + h + bottom, left + w + right, c]. */
  pad(name: string, x: NetworkValue, edges: Edges, value?: number): NetworkValue;
  /** Channels in another order: the first of each of `groups` groups, the second of each, and so on (Zhang et al. 2018, arXiv 1707.01083). */
  channelShuffle(name: string, x: NetworkValue, groups: number): NetworkValue;
}
