// Layers beyond those of AlexNet and GoogLeNet: batch normalisation, depthwise and dilated convolution, other activations, residual sums, pooling by
// ONNX's rule. A network asks for them by its `vocabulary`.
import type { Graph, Value } from "../graph/graph.ts";
import type { Op, Ports } from "../graph/op.ts";
import { furtherKernels } from "../kernels/further.ts";
import { addKernels } from "../kernels/loaded.ts";
import { activation, type ActivationKind } from "../ops/activation.ts";
import { add } from "../ops/add.ts";
import { averagePool } from "../ops/average-pool.ts";
import { batchNorm, movingAverage, normFactors } from "../ops/batch-norm.ts";
import { slice } from "../ops/concat.ts";
import { conv2d } from "../ops/conv2d.ts";
import { depthwise } from "../ops/depthwise.ts";
import { maxPool } from "../ops/max-pool.ts";
import { maxWindows } from "../ops/max-windows.ts";
import { meanWindows } from "../ops/mean-windows.ts";
import { multiply } from "../ops/multiply.ts";
import { pad } from "../ops/pad.ts";
import { patches } from "../ops/patches.ts";
import { permute } from "../ops/permute.ts";
import { pooledExtent } from "../ops/pool-window.ts";
import { reshape } from "../ops/reshape.ts";
import { scaleFilter, scaleShift } from "../ops/scale-shift.ts";
import { windowCount, type WindowAttributes } from "../ops/windows.ts";
import { Layers, type BuildOptions, type ConvOptions, type Filler, type Network, type Outputs } from "./network.ts";
import type { BatchNormOptions, ConvolutionOptions, Edges, NetworkLayers, Pair, PoolOptions } from "./vocabulary.ts";

/** The layers of vocabulary.ts, documented there, and what readers of files append besides. */
export class FurtherLayers extends Layers implements NetworkLayers {
  constructor(graph: Graph, network: Network, image: Value, options: BuildOptions) {
    super(graph, network, image, options);
    addKernels(furtherKernels);
  }

  /** Appends a node of any op. */
  op<P, Q, A>(op: Op<P, Q, A>, inputs: Ports<P, Value>, attributes: A, name: string): Ports<Q, Value> {
    return this.graph.add(op, inputs, attributes, name);
  }

  override conv(name: string, x: Value, outputs: Outputs, kernel: Pair, options: ConvOptions | ConvolutionOptions): Value {
    const { filler, bias, groups = 1, relu } = options;
    const { dilation = 1 } = options as ConvolutionOptions;
    const windows = windowsOf({ kernel, stride: options.stride ?? 1, pad: options.pad ?? 0, dilation });
    const m = typeof outputs === "number" ? this.channels(outputs) : outputs.exactly;
    const image = x === this.image;
    const real = image ? 3 : x.shape[3];
    // The image's channel of padding belongs to no group.
    const from = image && groups > 1 ? this.op(slice, { x }, { first: 0, count: real }, `${name}.image`).y : x;
    const isDepthwise = groups > 1 && groups === real && m === real;
    const [kh, kw] = windows.kernel;
    const shape = isDepthwise ? [1, kh, kw, 1, m] : [groups, kh, kw, from.shape[3] / groups, m / groups];
    const filter = this.parameter(name, "weight", shape, filler, {
      fanIn: (real / groups) * kh * kw,
      // A filter for each channel lies in memory as one group of filters of one channel.
      order: isDepthwise ? { kind: "filter", groups: 1, channels: 1 } : { kind: "filter", groups, channels: real },
      caffeShape: [m, real / groups, kh, kw],
    });
    const biases =
      bias === null
        ? undefined
        : this.parameter(name, "bias", [m], { kind: "constant", value: bias }, { fanIn: 1, order: { kind: "bias" }, caffeShape: [m] });
    const y = this.convolve(name, { x: from, filter, ...(biases && { bias: biases }) }, windows);
    return relu === undefined ? y : this.relu(relu, y);
  }

  /** The convolution of given values by the ops that suit its windows. A filter [1, kh, kw, 1, c] is one for each of the c channels of x. */
  convolve(name: string, { x, filter, bias }: { x: Value; filter: Value; bias?: Value }, windows: WindowAttributes): Value {
    const { kernel, strides, pads, dilations } = windows;
    const [groups, kh, kw, channels, outputs] = filter.shape;
    const biased = bias ? { bias } : {};
    if (channels === 1 && groups === 1 && outputs === x.shape[3] && outputs > 1) {
      const taps = this.op(reshape, { x: filter }, { shape: [kh * kw, outputs] }, `${name}.filter`).y;
      return this.op(depthwise, { x, filter: taps, ...biased }, windows, name).y;
    }
    const [top, left, bottom, right] = pads;
    if (strides[0] === strides[1] && dilations.every((step) => step === 1)) {
      const even = pads.every((edge) => edge === top);
      const padded = even ? x : this.op(pad, { x }, { before: [0, top, left, 0], after: [0, bottom, right, 0], value: 0 }, `${name}.pad`).y;
      return this.op(conv2d, { x: padded, filter, ...biased }, { stride: strides[0], pad: even ? top : 0 }, name).y;
    }
    const taps = this.op(patches, { x }, { kernel, strides, pads, dilations, groups }, `${name}.patches`).y;
    const flat = this.op(reshape, { x: filter }, { shape: [groups, 1, 1, kh * kw * channels, outputs] }, `${name}.filter`).y;
    return this.op(conv2d, { x: taps, filter: flat, ...biased }, { stride: 1, pad: 0 }, name).y;
  }

  depthwise(name: string, x: Value, kernel: Pair, options: Omit<ConvolutionOptions, "groups">): Value {
    const channels = x === this.image ? 3 : x.shape[3];
    return this.conv(name, x, { exactly: channels }, kernel, { ...options, groups: channels });
  }

  /**
   * Running averages are in NAME/mean and NAME/variance; a frozen layer uses them in training, too. Scale and shift, NAME/scale and NAME/shift, learn at the
   * network's rate and do not decay.
   */
  batchNorm(name: string, x: Value, { epsilon = 1e-5, keep = 0.9 }: BatchNormOptions = {}): Value {
    const channels = x.shape[x.shape.length - 1];
    const [one, zero] = [1, 0].map((value): Filler => ({ kind: "constant", value }));
    const vector = (role: string, filler: Filler, rate: number): Value =>
      this.parameter(name, role, [channels], filler, { fanIn: 1, order: { kind: "bias" }, caffeShape: [channels], rate });
    const scale = vector("scale", one, 1);
    const shift = vector("shift", zero, 1);
    const mean = vector("mean", zero, 0);
    const variance = vector("variance", one, 0);
    if (!this.training || this.options.frozen?.(name)) return this.normalised(name, x, { scale, shift, mean, variance }, epsilon);
    const moments = this.op(batchNorm, { x, scale, shift }, { epsilon }, name);
    for (const [role, state, moment] of [
      ["mean", mean, moments.mean],
      ["variance", variance, moments.variance],
    ] as const)
      this.updates.push({ state, next: this.op(movingAverage, { average: state, x: moment }, { keep }, `${name}.${role}`).next });
    return this.inOrderOf(x, moments.y);
  }

  /** Normalisation by known moments. */
  protected normalised(
    name: string,
    x: Value,
    moments: { readonly scale: Value; readonly shift: Value; readonly mean: Value; readonly variance: Value },
    epsilon: number,
  ): Value {
    const node = this.graph.producer(x);
    const fused = node && (node.op === conv2d || node.op === depthwise) ? node : null;
    const bias = fused?.inputs["bias"];
    const { factor, offset } = this.op(normFactors, { ...moments, ...(bias && { bias }) }, { epsilon }, `${name}.factors`);
    if (!fused) return this.scaled(name, x, factor, offset);
    const { x: before, filter } = fused.inputs;
    if (fused.op === depthwise) {
      const scaled = this.op(scaleShift, { x: filter, factor }, {}, `${name}.filter`).y;
      return this.op(depthwise, { x: before, filter: scaled, bias: offset }, fused.attributes as unknown as WindowAttributes, name).y;
    }
    const { scaled } = this.op(scaleFilter, { filter, factor }, {}, `${name}.filter`);
    return this.op(conv2d, { x: before, filter: scaled, bias: offset }, fused.attributes as { stride: number; pad: number }, name).y;
  }

  /** y[..., c] = x[..., c] factor[c] + offset[c]. */
  scaled(name: string, x: Value, factor: Value | null, offset: Value | null): Value {
    return this.inOrderOf(x, this.op(scaleShift, { x, ...(factor && { factor }), ...(offset && { offset }) }, {}, name).y);
  }

  activation(name: string, x: Value, kind: ActivationKind, alpha = 0, beta = 0): Value {
    return this.inOrderOf(x, this.op(activation, { x }, { kind, alpha, beta }, name).y);
  }

  add(name: string, a: Value, b: Value): Value {
    return this.op(add, { a, b }, {}, name).y;
  }

  multiply(name: string, a: Value, b: Value): Value {
    return this.op(multiply, { a, b }, {}, name).y;
  }

  pool(name: string, x: Value, kind: "max" | "mean", options: PoolOptions): Value {
    const windows = windowsOf({ ...options, stride: options.stride ?? 1, pad: options.pad ?? 0, dilation: options.dilation ?? 1 });
    const caffe = asCaffe(x.shape, windows);
    if (kind === "max") return caffe ? this.op(maxPool, { x }, caffe, name).y : this.op(maxWindows, { x }, windows, name).y;
    const inside =
      caffe &&
      caffe.pad === 0 &&
      [1, 2].every((axis) => (pooledExtent(x.shape[axis], caffe) - 1) * caffe.stride + caffe.size <= x.shape[axis]);
    return inside
      ? this.op(averagePool, { x }, caffe, name).y
      : this.op(meanWindows, { x }, { ...windows, countPad: options.countPad ?? false }, name).y;
  }

  globalAveragePool(name: string, x: Value): Value {
    return this.pool(name, x, "mean", { kernel: [x.shape[1], x.shape[2]] });
  }

  pad(name: string, x: Value, edges: Edges, value = 0): Value {
    const [top, left, bottom, right] = edgesOf(edges);
    return this.op(pad, { x }, { before: [0, top, left, 0], after: [0, bottom, right, 0], value }, name).y;
  }

  channelShuffle(name: string, x: Value, groups: number): Value {
    const channels = x.shape[x.shape.length - 1];
    const pixels = x.shape.slice(0, -1);
    const grouped = this.op(reshape, { x }, { shape: [...pixels, groups, channels / groups] }, `${name}.groups`).y;
    const axes = [...pixels.keys(), pixels.length + 1, pixels.length];
    const shuffled = this.op(permute, { x: grouped }, { axes }, name).y;
    return this.op(reshape, { x: shuffled }, { shape: x.shape }, `${name}.channels`).y;
  }
}

const pairOf = (pair: Pair): readonly [number, number] => (typeof pair === "number" ? [pair, pair] : pair);
const edgesOf = (edges: Edges): readonly [number, number, number, number] =>
  typeof edges === "number" ? [edges, edges, edges, edges] : edges;

interface Geometry {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly pad: Edges;
  readonly dilation: Pair;
  readonly rounding?: "floor" | "ceil";
}

const windowsOf = ({ kernel, stride, pad: edges, dilation, rounding }: Geometry): WindowAttributes => ({
  kernel: pairOf(kernel),
  strides: pairOf(stride),
  pads: edgesOf(edges),
  dilations: pairOf(dilation),
  ...(rounding && { rounding }),
});

/** The same windows by Caffe's rule, whose kernels are faster, if there are such. */
function asCaffe([, height, width]: readonly number[], windows: WindowAttributes): { size: number; stride: number; pad: number } | null {
  const { kernel, strides, pads, dilations } = windows;
  const [size] = kernel;
  const [stride] = strides;
  const [pad] = pads;
  const square = kernel[1] === size && strides[1] === stride && pads.every((edge) => edge === pad) && dilations.every((step) => step === 1);
  const caffe = { size, stride, pad };
  const same = ([0, 1] as const).every(
    (axis) => pooledExtent([height, width][axis], caffe) === windowCount([height, width][axis], axis, windows),
  );
  return square && pad < size && same ? caffe : null;
}
