// The workload of every engine: one network, one batch, one set of weights, all functions of a seed, so that each process makes its own
// copy or reads the same file. Weights are in Caffe's order; images are [images, 3, size, size].
import type { TuningOptions } from "../../src/cli/tuning.ts";
import { Graph } from "../../src/graph/graph.ts";
import type { MathMode } from "../../src/kernels/kernel.ts";
import { networkNamed } from "../../src/models/index.ts";
import { build, streamOf, type Built, type Network, type Parameter } from "../../src/models/network.ts";
import { channelsLast } from "../../src/ops/channels.ts";
import { philox } from "../../src/tensor/philox.ts";
import { sizeOf } from "../../src/tensor/shape.ts";
import { tensor, type Tensor } from "../../src/tensor/tensor.ts";
import { storedSize, type GraphOptions } from "../../src/train/graphs.ts";
import { type TrainingOptions } from "../../src/train/training-graphs.ts";
import type { Batch } from "../../src/train/trainer.ts";

/** Passed to each process as JSON. */
export interface Workload {
  readonly net: string;
  /** Images. */
  readonly batch: number;
  /** Share of the paper's channels. */
  readonly width: number;
  /** Side of the images. */
  readonly size: number;
  /** Where the driver wrote WEIGHTS_FILE and ONNX_FILE. */
  readonly folder: string;
  /** How ours chooses its kernels. */
  readonly ours: OurChoice;
}

export interface OurChoice extends TuningOptions {
  readonly math: MathMode;
}

export const WEIGHTS_FILE = "weights.safetensors";
export const ONNX_FILE = "network.onnx";

export const CLASSES = 1000;
export const MOMENTUM = 0.9;
/** Small enough that the loss of these networks falls with each step. */
export const RATE = 1e-4;
/** A pixel enters a network as (pixel - MEAN) * PIXEL_SCALE: exact in float32, and about as large as its weights expect. */
export const MEAN = 127.5;
const PIXEL_SCALE = 1 / 64;

const SEED = 1;

/**
 * The network as a framework trains it by default: no dropout (every engine would draw its own), no weight decay, one learning
 * rate for weights and biases. What is left is comparable number by number.
 */
export function plain(network: Network): Network {
  return {
    ...network,
    build(layers, x, classes) {
      layers.dropout = (_name, y) => y;
      const heads = network.build(layers, x, classes);
      layers.parameters.forEach((parameter, i) => (layers.parameters[i] = { ...parameter, rateMultiplier: 1, decayMultiplier: 0 }));
      return heads;
    },
  };
}

/** What the graphs of both halves of a workload have in common. */
export const graphOptions = ({ net, batch, width, size }: Workload): GraphOptions => ({
  network: networkNamed(net),
  classes: CLASSES,
  width,
  size,
  batch,
});

/** A training step of ours. */
export function trainingOptions(workload: Workload): TrainingOptions {
  const options = graphOptions(workload);
  return { ...options, network: plain(options.network), pixelScale: PIXEL_SCALE, momentum: MOMENTUM, weightDecay: 0 };
}

/** The forward half of a training step, for engines that differentiate it themselves. Input: `image` [batch, 3, size, size]. */
export function trainingForward({ net, batch, width, size }: Workload): { readonly graph: Graph } & Built {
  const graph = new Graph();
  const image = graph.input("image", [batch, 3, size, size]);
  const x = graph.add(channelsLast, { x: image }, { channels: 4 }, "data").y;
  return { graph, ...build(plain(networkNamed(net)), graph, x, { classes: CLASSES, width, training: true }) };
}

/**
 * Seeded values for every parameter. Weights are uniform with variance 2 / fan in (He et al. 2015), so that the signal survives all layers
 * and a wrong one shows in the answer; biases are uniform within 0.1.
 */
export function* seededWeights(parameters: readonly Parameter[]): Generator<readonly [string, Tensor]> {
  for (const { name, caffeShape, fanIn, order } of parameters) {
    const bound = order.kind === "bias" ? 0.1 : Math.sqrt(6 / fanIn);
    yield [name, tensor(caffeShape, uniform(streamOf(name), sizeOf(caffeShape), bound))];
  }
}

/** Values in (-bound, bound) of 16 random bits each. */
function uniform(stream: number, count: number, bound: number): Float32Array {
  const values = new Float32Array(count);
  const step = (2 * bound) / 2 ** 16;
  for (let block = 0; block < count; block += 8) {
    const words = philox([SEED, stream], [block / 8, 0, 0, 0]);
    const end = Math.min(8, count - block);
    for (let i = 0; i < end; i++) values[block + i] = (((words[i >> 1] >>> (16 * (i & 1))) & 0xffff) + 0.5) * step - bound;
  }
  return values;
}

/** Stored images as Striatum takes them: a wave of its own for each channel of each image, under noise, so that images differ. */
export function seededBatch({ net, batch, size }: Workload): Batch {
  const stored = storedSize(networkNamed(net), size);
  const area = stored * stored;
  const pixels = new Uint32Array(batch * area);
  for (let plane = 0; plane < 3 * batch; plane++) {
    const [shape, start] = philox([SEED, streamOf("images")], [plane, 0, 0, 0]);
    const across = 1 + (shape & 7);
    const down = 1 + ((shape >>> 3) & 7);
    const phase = (start / 2 ** 32) * 2 * Math.PI;
    const noise = uniform(streamOf(`images/noise ${plane}`), area, 40);
    const image = Math.floor(plane / 3);
    for (let i = 0; i < area; i++) {
      const turns = (across * (i % stored) + down * Math.floor(i / stored)) / stored;
      const value = Math.round(MEAN + 80 * Math.sin(2 * Math.PI * turns + phase) + noise[i]);
      pixels[image * area + i] |= value << (8 * (plane % 3));
    }
  }
  const offset = Math.floor((stored - size) / 2);
  const placement = Uint32Array.from({ length: 4 * batch }, (_, i) => (i % 4 < 2 ? offset : 0));
  const labels = Uint32Array.from({ length: batch }, (_, i) => (i * 37 + 1) % CLASSES);
  return { pixels, placement, labels };
}

/** The same images as every other engine takes them: [batch, 3, size, size], cropped, mean-subtracted, scaled. */
export function seededImages(workload: Workload): Tensor {
  const { net, batch, size } = workload;
  const stored = storedSize(networkNamed(net), size);
  const { pixels, placement } = seededBatch(workload);
  const shape = [batch, 3, size, size];
  const data = new Float32Array(sizeOf(shape));
  for (let i = 0; i < data.length; i++) {
    const x = i % size;
    const y = Math.floor(i / size) % size;
    const channel = Math.floor(i / (size * size)) % 3;
    const image = Math.floor(i / (3 * size * size));
    const [top, left] = placement.subarray(4 * image);
    const pixel = pixels[(image * stored + y + top) * stored + x + left];
    data[i] = (((pixel >>> (8 * channel)) & 0xff) - MEAN) * PIXEL_SCALE;
  }
  return tensor(shape, data);
}
