// Convolutions, inner products and batch normalisation: nodes with weights.
import { innerProduct } from "../../ops/inner-product.ts";
import { windowCount } from "../../ops/windows.ts";
import { sizeOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { xavier } from "../../models/network.ts";
import { expanded, requireSize, transposed } from "../fold.ts";
import { asImages, isKnown, plainly, type Item, type Known, type Live } from "../live.ts";
import type { Operator, Replay } from "../replay.ts";
import type { Reading } from "../refused.ts";
import { asFloats } from "../tensor.ts";
import { windowsOf } from "../windows-of.ts";

const conv: Operator = (replay, reading, [input, weight, bias]) => {
  const filter = replay.known(reading, weight, "the filter");
  const { dims } = filter.known;
  if (dims.length !== 4) reading.refuse(`its filter has ${dims.length} axes, expected 4: [outputs, channels, height, width]`);
  const groups = reading.int("group", 1);
  const x = replay.images(reading, replay.live(reading, input), groups === 1);
  const [outputs, each, kh, kw] = dims;
  if (each * groups !== x.shape[1] || outputs % groups !== 0)
    reading.refuse(`its filter [${dims.join(", ")}] in ${groups} groups does not fit ${x.shape[1]} channels`);
  const windows = windowsOf(reading, x.shape, [kh, kw]);
  for (const axis of [0, 1] as const)
    if (windowCount(x.shape[2 + axis], axis, windows) < 1) reading.refuse(`its filter is larger than the image [${x.shape.join(", ")}]`);
  const layer = replay.layerOf(reading, filter, ["weight", "bias"]);
  const data = asFloats(filter.known);
  const m = replay.replacedClasses(reading) === outputs ? replay.options.classes : outputs;
  const isDepthwise = groups > 1 && each === 1 && m === groups;
  const shape = isDepthwise ? [1, kh, kw, 1, m] : [groups, kh, kw, x.value.shape[3] / groups, m / groups];
  const order = isDepthwise ? { groups: 1, channels: 1 } : { groups, channels: x.shape[1] };
  const filters = replay.parameter(layer, "weight", { shape: dims, data }, shape, {
    filler: xavier,
    fanIn: each * kh * kw,
    order: { kind: "filter", ...order },
    caffeShape: [m, each, kh, kw],
  });
  const biases = biasOf(replay, reading, layer, bias, m);
  const y = replay.layers.convolve(layer, { x: x.value, filter: filters, ...(biases && { bias: biases }) }, windows);
  return [asImages(y)];
};

/** A bias as a parameter of the layer. */
function biasOf(
  replay: Replay,
  reading: Reading,
  layer: string,
  bias: Item | null | undefined,
  outputs: number,
): ReturnType<Replay["vector"]> | undefined {
  if (!bias) return undefined;
  const { known } = replay.known(reading, bias, "the bias");
  const data = asFloats(known);
  return replay.parameter(layer, "bias", { shape: [data.length], data }, [outputs], {
    filler: { kind: "constant", value: 0 },
    fanIn: 1,
    order: { kind: "bias" },
    caffeShape: [outputs],
  });
}

/** x times a weight in Caffe's order, [outputs, inputs]. */
function product(replay: Replay, reading: Reading, x: Live, given: Known, weight: Tensor, bias: Float32Array | null): Live {
  const layer = replay.layerOf(reading, given, ["weight", "bias"]);
  const [fileOutputs, inputs] = weight.shape;
  if (x.shape[1] !== inputs) reading.refuse(`its weight takes ${inputs} inputs, it is given [${x.shape.join(", ")}]`);
  const outputs = replay.replacedClasses(reading) === fileOutputs ? replay.options.classes : fileOutputs;
  const value = replay.parameter(layer, "weight", weight, [inputs, outputs], {
    filler: xavier,
    fanIn: inputs,
    order: { kind: "innerProduct", flattened: x.flattened ?? null },
    caffeShape: [outputs, inputs],
  });
  const biases = bias
    ? biasOf(replay, reading, layer, { known: { dims: [bias.length], kind: "float", data: bias }, initializer: null }, outputs)
    : undefined;
  const y = replay.layers.op(innerProduct, { x: x.value, weight: value, ...(biases && { bias: biases }) }, {}, layer).y;
  return plainly(y, [x.shape[0], outputs]);
}

/** Rows, perhaps of features in the order height, width, channels. */
const rowsOf = (replay: Replay, live: Live): Live => (live.flattened ? live : replay.plain(live));

const times = (data: Float32Array, factor: number): Float32Array => (factor === 1 ? data : data.map((value) => value * factor));

const gemm: Operator = (replay, reading, [a, b, c]) => {
  const x = replay.live(reading, a);
  if (x.shape.length !== 2) reading.refuse(`its first input has ${x.shape.length} axes, expected rows`);
  const rows = reading.flag("transA")
    ? replay.plain({ ...replay.dense(x), shape: x.shape.toReversed(), order: [1, 0] })
    : rowsOf(replay, x);
  const weight = replay.known(reading, b, "the weight");
  if (weight.known.dims.length !== 2) reading.refuse(`its weight has ${weight.known.dims.length} axes, expected 2`);
  const inCaffe = reading.flag("transB") ? weight.known : transposed(weight.known, [1, 0]);
  const { dims } = inCaffe;
  const caffe = { shape: dims, data: times(asFloats(inCaffe), reading.float("alpha", 1)) };
  const beta = reading.float("beta", 1);
  const [outputs] = dims;
  if (!c || beta === 0) return [product(replay, reading, rows, weight, caffe, null)];
  const { known } = replay.known(reading, c, "the bias");
  const perOutput = known.dims.slice(0, -1).every((extent) => extent === 1) && known.dims.length <= 2;
  if (perOutput) return [product(replay, reading, rows, weight, caffe, times(Float32Array.from(expanded(known, [outputs])), beta))];
  const y = product(replay, reading, rows, weight, caffe, null);
  if (replay.replacedClasses(reading) !== null) reading.refuse("a bias for each row cannot follow other classes");
  requireSize(reading, y.shape);
  const whole = times(Float32Array.from(expanded(known, y.shape)), beta);
  const bias = replay.vector(replay.layerOf(reading, null, ["rows"]), "rows", whole, { shape: y.shape });
  return [plainly(replay.layers.add(`${y.value.name}.biased`, y.value, bias), y.shape)];
};

const matMul: Operator = (replay, reading, [a, b]) => {
  const weight = replay.known(reading, b, "its second input");
  if (!a || isKnown(a)) return reading.refuse("its first input is a constant");
  const { known } = weight;
  if (known.dims.length !== 2) reading.refuse(`its weight has ${known.dims.length} axes, expected 2`);
  const inCaffe = transposed(known, [1, 0]);
  const { dims } = inCaffe;
  const caffe = { shape: dims, data: asFloats(inCaffe) };
  if (a.shape.length === 2) return [product(replay, reading, rowsOf(replay, a), weight, caffe, null)];
  if (a.shape.length < 2) reading.refuse(`its first input has ${a.shape.length} axes, expected 2 or more`);
  const inner = a.shape[a.shape.length - 1];
  const rows = replay.withShape(replay.plain(a), [sizeOf(a.shape) / inner, inner]);
  return [replay.withShape(product(replay, reading, rows, weight, caffe, null), [...a.shape.slice(0, -1), dims[0]])];
};

const batchNormalization: Operator = (replay, reading, [input, ...moments]) => {
  if (reading.flag("training_mode")) reading.refuse("training_mode 1: what a node does in training is for the trainer to say");
  if (reading.opset < 9 && reading.int("spatial", 1) !== 1) reading.refuse("spatial 0, a mean for each pixel, is not read");
  for (const output of [1, 2, 3, 4]) if (replay.isRead(reading, output)) reading.refuse("an output besides the first is read");
  const x = replay.live(reading, input);
  const behind = x.shape.length === 4 ? replay.images(reading, x) : x.shape.length === 2 ? replay.plain(x) : null;
  if (!behind) return reading.refuse(`its input has ${x.shape.length} axes, expected images or rows`);
  const constants = ["the scale", "the shift", "the mean", "the variance"].map((what, at) => replay.known(reading, moments[at], what));
  const layer = replay.layerOf(reading, constants[0], ["scale", "shift", "mean", "variance"]);
  (["scale", "shift", "mean", "variance"] as const).forEach((role, at) => {
    const data = asFloats(constants[at].known);
    if (data.length !== x.shape[1]) reading.refuse(`its ${role} has ${data.length} values for ${x.shape[1]} channels`);
    replay.weights.set(`${layer}/${role}`, { shape: [data.length], data });
  });
  const options = { epsilon: reading.float("epsilon", 1e-5), keep: reading.float("momentum", 0.9) };
  return [{ ...behind, value: replay.layers.batchNorm(layer, behind.value, options) }];
};

export const PRODUCTS: Readonly<Record<string, Operator>> = {
  Conv: conv,
  Gemm: gemm,
  MatMul: matMul,
  BatchNormalization: batchNormalization,
};
