// How each op of the project is written in ONNX: from the graph, node by node, so that no second description of a network can differ from it.
// ONNX is NCHW with filters [out, in/group, kh, kw], as Caffe.
import type { Graph, Node, Value } from "../graph/graph.ts";
import type { ActivationAttributes } from "../ops/activation.ts";
import { averagePool } from "../ops/average-pool.ts";
import { normFactors } from "../ops/batch-norm.ts";
import { channelsLast } from "../ops/channels.ts";
import { inOrder, slice, type SliceAttributes } from "../ops/concat.ts";
import type { Conv2dAttributes } from "../ops/conv2d.ts";
import type { LrnAttributes } from "../ops/lrn.ts";
import type { MeanWindowsAttributes } from "../ops/mean-windows.ts";
import { pad, type PadAttributes } from "../ops/pad.ts";
import { patches } from "../ops/patches.ts";
import { permute } from "../ops/permute.ts";
import type { PoolAttributes } from "../ops/pool-window.ts";
import { reshape } from "../ops/reshape.ts";
import { scaleFilter, scaleShift } from "../ops/scale-shift.ts";
import type { WindowAttributes } from "../ops/windows.ts";
import { sameShape, sizeOf } from "../tensor/shape.ts";
import type { OnnxNode } from "./parse.ts";
import { floatTensor, intTensor, type HostTensor } from "./tensor.ts";

type Said = number | readonly number[] | { readonly float: number };

/** A factor of the image that an imported network divides by its deviations with. */
export const INPUT_SCALE = ["input", "scale"] as const;

/** ONNX's nodes for the values of a graph, in order, and the names that values have. */
export class Translation {
  readonly graph: Graph;
  readonly nodes: OnnxNode[] = [];
  /** Constants besides parameters. */
  readonly constants = new Map<string, HostTensor>();
  /** Parameters that are used, with the number of axes of 1 to put behind their values. */
  readonly used = new Map<string, number>();
  readonly #names = new Map<Value, string>();
  readonly #outputs: ReadonlyMap<Value, string>;

  constructor(graph: Graph) {
    this.graph = graph;
    this.#outputs = new Map([...graph.outputs].map(([name, value]) => [value, name]));
  }

  /** The name of a value, whose nodes are appended first. */
  name(value: Value): string {
    const known = this.#names.get(value);
    if (known !== undefined) return known;
    const name = this.#translated(value);
    this.#names.set(value, name);
    return name;
  }

  #translated(value: Value): string {
    const node = this.graph.producer(value);
    if (!node) return this.graph.states.some((state) => state.value === value) ? this.parameter(value) : value.name;
    const translate = Object.hasOwn(TRANSLATIONS, node.op.name) ? TRANSLATIONS[node.op.name] : undefined;
    if (!translate)
      throw new Error(`onnx: op "${node.op.name}" of "${node.label}" has no ONNX operator here: ${Object.keys(TRANSLATIONS).join(", ")}`);
    return translate(this, node, this.#outputs.get(value) ?? value.name);
  }

  /** The name of a parameter, perhaps read under another shape. `behind`: axes of 1 behind its own. */
  parameter(value: Value, behind = 0): string {
    const node = this.graph.producer(value);
    if (node?.op === reshape) return this.parameter(node.inputs["x"], behind);
    const state = this.graph.states.find((candidate) => candidate.value === value);
    if (!state) throw new Error(`onnx: "${value.name}" is not a parameter`);
    this.used.set(state.name, behind);
    return state.name;
  }

  constant(name: string, tensor: HostTensor): string {
    this.constants.set(name, tensor);
    return name;
  }

  /** Appends a node; returns the name of its output. */
  add(operator: string, inputs: readonly string[], attributes: Readonly<Record<string, Said>>, output: string, name: string): string {
    const said = Object.entries(attributes).map(
      ([key, value]): [string, OnnxNode["attributes"] extends ReadonlyMap<string, infer A> ? A : never] => [
        key,
        typeof value === "number"
          ? { kind: "int", value }
          : "float" in value
            ? { kind: "float", value: value.float }
            : { kind: "ints", value },
      ],
    );
    this.nodes.push({ name, operator, domain: "", inputs, outputs: [output], attributes: new Map(said) });
    return output;
  }
}

type Translate = (translation: Translation, node: Node, output: string) => string;

/** A node's attributes, which the reader knows the type of. */
type Attributes = Node["attributes"];
const poolOf = (attributes: Attributes): PoolAttributes => attributes as unknown as PoolAttributes;
const windowsOf = (attributes: Attributes): WindowAttributes => attributes as unknown as WindowAttributes;
const padOf = (attributes: Attributes): PadAttributes => attributes as unknown as PadAttributes;

/** One operator with the op's inputs, in that order. */
const operator =
  (type: string, attributes: (node: Node) => Readonly<Record<string, Said>> = () => ({})): Translate =>
  (translation, node, output) =>
    translation.add(
      type,
      Object.values(node.inputs).map((value) => translation.name(value)),
      attributes(node),
      output,
      node.label,
    );

const sameMemory: Translate = (translation, { inputs: { x } }) => translation.name(x);

const windowSaid = ({ kernel, strides, pads, dilations, rounding }: WindowAttributes): Record<string, Said> => ({
  kernel_shape: kernel,
  strides,
  pads,
  ...(dilations.some((step) => step !== 1) && { dilations }),
  ...(rounding === "ceil" && { ceil_mode: 1 }),
});

/** Rows and columns by which windows reach over an image's far edge: Caffe rounds the number of windows up. */
export const overhang = (extent: number, windows: number, { size, stride, pad }: PoolAttributes): number =>
  Math.max(0, (windows - 1) * stride + size - extent - pad);

function pooled(type: string): Translate {
  return (translation, node, output) => {
    const { x } = node.inputs;
    const { y } = node.outputs;
    const pooling = poolOf(node.attributes);
    const { size, stride, pad } = pooling;
    const bottom = overhang(x.shape[1], y.shape[1], pooling);
    const right = overhang(x.shape[2], y.shape[2], pooling);
    if (node.op === averagePool && pad + bottom + right > 0)
      throw new Error(`onnx: "${y.name}" averages windows that cross the edge, for which ONNX has another divisor`);
    // Over the whole map the operator leaves the image's size open.
    if (node.op === averagePool && size === x.shape[1] && size === x.shape[2])
      return translation.add("GlobalAveragePool", [translation.name(x)], {}, output, node.label);
    const attributes = { kernel_shape: [size, size], pads: [pad, pad, bottom, right], strides: [stride, stride] };
    return translation.add(type, [translation.name(x)], attributes, output, node.label);
  };
}

const meanOfWindows: Translate = (translation, node, output) => {
  const { countPad, ...windows } = node.attributes as unknown as MeanWindowsAttributes;
  const [, height, width] = node.inputs["x"].shape;
  const { kernel, pads, dilations } = windows;
  const x = [translation.name(node.inputs["x"])];
  if (kernel[0] === height && kernel[1] === width && pads.every((edge) => edge === 0))
    return translation.add("GlobalAveragePool", x, {}, output, node.label);
  if (dilations.some((step) => step !== 1))
    throw new Error(`onnx: "${node.label}" takes the mean over windows with gaps, which this operator set does not have`);
  return translation.add("AveragePool", x, { ...windowSaid(windows), count_include_pad: countPad ? 1 : 0 }, output, node.label);
};

/** A convolution, with the padding or the patches that an op before it makes, and the batch normalisation that is folded into it. */
const convolution: Translate = (translation, node, output) => {
  const { graph } = translation;
  const isDepthwise = node.op.name === "depthwise";
  let { filter, x, bias } = node.inputs as { filter: Value; x: Value; bias: Value | undefined };
  const scaling = graph.producer(filter);
  const isScaled = scaling?.op === scaleFilter || (isDepthwise && scaling?.op === scaleShift);
  const norm = isScaled ? graph.producer(scaling.inputs["factor"]) : undefined;
  if (scaling && norm) {
    filter = scaling.inputs[isDepthwise ? "x" : "filter"];
    bias = norm.inputs["bias"];
  }
  let windows: WindowAttributes;
  let groups: number;
  if (isDepthwise) {
    windows = windowsOf(node.attributes);
    groups = x.shape[3];
  } else {
    const { stride, pad: edge } = node.attributes as unknown as Conv2dAttributes;
    windows = { kernel: [filter.shape[1], filter.shape[2]], strides: [stride, stride], pads: [edge, edge, edge, edge], dilations: [1, 1] };
    [groups] = filter.shape;
    const before = graph.producer(x);
    if (before?.op === patches) {
      windows = windowsOf(before.attributes);
      ({ x } = before.inputs as { x: Value });
    } else if (before?.op === pad && padOf(before.attributes).value === 0) {
      const {
        before: [, top, left],
        after: [, bottom, right],
      } = padOf(before.attributes);
      windows = { ...windows, pads: [top, left, bottom, right] };
      ({ x } = before.inputs as { x: Value });
    }
  }
  const weight = translation.parameter(filter);
  const inputs = [translation.name(x), weight, ...(bias ? [translation.parameter(bias)] : [])];
  const attributes = { group: groups, ...windowSaid(windows) };
  if (!norm) return translation.add("Conv", inputs, attributes, output, node.label);
  const layer = weight.replace(/\/weight$/, "");
  return normalised(translation, norm, translation.add("Conv", inputs, attributes, layer, layer), output, node.label);
};

function normalised(translation: Translation, norm: Node, x: string, output: string, label: string): string {
  const moments = ["scale", "shift", "mean", "variance"].map((port) => translation.parameter(norm.inputs[port]));
  const { epsilon } = norm.attributes as { epsilon: number };
  return translation.add("BatchNormalization", [x, ...moments], { epsilon: { float: epsilon } }, output, label);
}

const scaled: Translate = (translation, node, output) => {
  const { x, factor, offset } = node.inputs as { x: Value; factor?: Value; offset?: Value };
  const norm = factor && translation.graph.producer(factor);
  if (norm?.op === normFactors) return normalised(translation, norm, translation.name(x), output, node.label);
  // The metadata has the deviations.
  if (factor && translation.graph.states.some(({ name, value }) => value === factor && name === INPUT_SCALE.join("/")))
    return translation.name(x);
  const behind = x.shape.length - 2;
  const steps = [...(factor ? [["Mul", factor] as const] : []), ...(offset ? [["Add", offset] as const] : [])];
  return steps.reduce((before, [type, value], at) => {
    const last = at === steps.length - 1;
    const made = last ? output : `${output}.${type}`;
    return translation.add(type, [before, translation.parameter(value, behind)], {}, made, made);
  }, translation.name(x));
};

const withAlpha = ({ alpha }: ActivationAttributes): Readonly<Record<string, Said>> => ({ alpha: { float: alpha } });

/** Activations that are one operator of ONNX's. */
const ONE_OPERATOR: Readonly<
  Record<string, readonly [type: string, attributes: (said: ActivationAttributes) => Readonly<Record<string, Said>>]>
> = {
  leakyRelu: ["LeakyRelu", withAlpha],
  elu: ["Elu", withAlpha],
  sigmoid: ["Sigmoid", () => ({})],
  tanh: ["Tanh", () => ({})],
  hardSigmoid: ["HardSigmoid", ({ alpha, beta }) => ({ alpha: { float: alpha }, beta: { float: beta } })],
};
/** And those that are x times one. */
const GATES: Readonly<Record<string, readonly [type: string, attributes: Readonly<Record<string, Said>>]>> = {
  silu: ["Sigmoid", {}],
  hardSwish: ["HardSigmoid", { alpha: { float: 1 / 6 }, beta: { float: 0.5 } }],
};

const activated: Translate = (translation, node, output) => {
  const said = node.attributes as unknown as ActivationAttributes;
  const { kind, alpha, beta } = said;
  const x = translation.name(node.inputs["x"]);
  const { label } = node;
  const scalar = (role: string, value: number): string => translation.constant(`${label}/${role}`, floatTensor([], Float32Array.of(value)));
  if (kind in ONE_OPERATOR) {
    const [type, attributes] = ONE_OPERATOR[kind];
    return translation.add(type, [x], attributes(said), output, label);
  }
  if (kind in GATES) {
    const [type, attributes] = GATES[kind];
    const gate = translation.add(type, [x], attributes, `${output}.gate`, `${label}.gate`);
    return translation.add("Mul", [x, gate], {}, output, label);
  }
  if (kind === "clip") return translation.add("Clip", [x, scalar("min", alpha), scalar("max", beta)], {}, output, label);
  if (beta === 0) return translation.add("Mul", [x, scalar("factor", alpha)], {}, output, label);
  const product = alpha === 1 ? x : translation.add("Mul", [x, scalar("factor", alpha)], {}, `${output}.product`, `${label}.product`);
  return translation.add("Add", [product, scalar("offset", beta)], {}, output, label);
};

/** Images to rows, rows to images of one pixel, and channels in groups: what layers reshape. */
const reshaped: Translate = (translation, node, output) => {
  const { x } = node.inputs;
  const { shape } = node.outputs["y"];
  const { label } = node;
  if (sameShape(x.shape, shape)) return translation.name(x);
  const to = (extents: readonly number[], from: string, name: string): string =>
    translation.add(
      "Reshape",
      [from, translation.constant(`${name}/shape`, intTensor([extents.length], extents))],
      {},
      name === label ? output : name,
      name,
    );
  if (x.shape.length === 4 && shape.length === 2 && shape[0] === x.shape[0])
    return translation.add("Flatten", [translation.name(x)], { axis: 1 }, output, label);
  if (x.shape.length === 2 && shape.length === 4 && shape[1] === 1 && shape[2] === 1)
    return to([0, shape[3], 1, 1], translation.name(x), label);
  const turned = translation.graph.producer(x);
  const grouped = turned?.op === permute ? translation.graph.producer(turned.inputs["x"]) : undefined;
  const [images, height, width, channels] = shape;
  if (
    turned &&
    grouped?.op === reshape &&
    shape.length === 4 &&
    sameShape(grouped.inputs["x"].shape, shape) &&
    sizeOf(x.shape) === images * height * width * channels &&
    x.shape.length === 5
  ) {
    const [, , , parts, groups] = x.shape;
    const split = to([0, groups, parts, height, width], translation.name(grouped.inputs["x"]), grouped.label);
    const shuffled = translation.add("Transpose", [split], { perm: [0, 2, 1, 3, 4] }, turned.label, turned.label);
    return to([0, channels, height, width], shuffled, label);
  }
  throw new Error(`onnx: "${label}" makes [${shape.join(", ")}] of [${x.shape.join(", ")}], which is not written`);
};

const joined: Translate = (translation, node, output) => {
  const parts = inOrder(node.inputs);
  const cuts = parts.map((part) => translation.graph.producer(part));
  const firsts = cuts.map((cut) => (cut?.op === slice ? (cut.attributes as unknown as SliceAttributes).first : -1)).join();
  const from = cuts[0]?.inputs["x"];
  // Red, green and blue in the place of blue, green and red: the metadata has the order.
  if (firsts === "2,1,0,3" && from && translation.graph.producer(from)?.op === channelsLast) return translation.name(from);
  return translation.add(
    "Concat",
    parts.map((part) => translation.name(part)),
    { axis: 1 },
    output,
    node.label,
  );
};

/** Channels of images, or values of rows. */
const part: Translate = (translation, node, output) => {
  const { x } = node.inputs;
  const { first, count } = node.attributes as unknown as SliceAttributes;
  const { label } = node;
  if (x.shape.length !== 4 && x.shape.length !== 2) throw new Error(`onnx: a part of [${x.shape.join(", ")}], "${label}", is not written`);
  const ranges = [
    ["starts", first],
    ["ends", first + count],
    ["axes", 1],
  ] as const;
  const constants = ranges.map(([name, value]) => translation.constant(`${label}/${name}`, intTensor([1], [value])));
  return translation.add("Slice", [translation.name(x), ...constants], {}, output, label);
};

const paddedBy: Translate = (translation, node, output) => {
  const { before, after, value } = padOf(node.attributes);
  const inOnnx = ([images, height, width, channels]: readonly number[]): number[] => [images, channels, height, width];
  const pads = translation.constant(`${node.label}/pads`, intTensor([8], [...inOnnx(before), ...inOnnx(after)]));
  const fill = translation.constant(`${node.label}/value`, floatTensor([], Float32Array.of(value)));
  return translation.add("Pad", [translation.name(node.inputs["x"]), pads, fill], {}, output, node.label);
};

const product: Translate = (translation, node, output) => {
  const { x, weight, bias } = node.inputs as { x: Value; weight: Value; bias?: Value };
  const inputs = [translation.name(x), translation.parameter(weight), ...(bias ? [translation.parameter(bias)] : [])];
  return translation.add("Gemm", inputs, { transB: 1 }, output, node.label);
};

/** By op. */
const TRANSLATIONS: Readonly<Record<string, Translate>> = {
  activation: activated,
  add: operator("Add"),
  averagePool: pooled("AveragePool"),
  channelsLast: sameMemory,
  concat: joined,
  conv2d: convolution,
  depthwise: convolution,
  innerProduct: product,
  logSoftmax: operator("LogSoftmax", () => ({ axis: 1 })),
  lrn: operator("LRN", (node) => {
    const { size, alpha, beta, k } = node.attributes as unknown as LrnAttributes;
    return { size, alpha: { float: alpha }, beta: { float: beta }, bias: { float: k } };
  }),
  maxPool: pooled("MaxPool"),
  maxWindows: operator("MaxPool", (node) => windowSaid(windowsOf(node.attributes))),
  meanWindows: meanOfWindows,
  multiply: operator("Mul"),
  pad: paddedBy,
  relu: operator("Relu"),
  reshape: reshaped,
  scaleShift: scaled,
  slice: part,
  softmax: operator("Softmax", () => ({ axis: 1 })),
};
