// Files read as networks: what they give, what may change, and what is refused.
import { describe, expect, test } from "vitest";
import { mobilenetOf } from "../../examples/networks/mobilenet.ts";
import { resnet18 } from "../../examples/networks/resnet18.ts";
import { squeezenet } from "../../examples/networks/squeezenet.ts";
import { seededWeights } from "../../bench/peers/workload.ts";
import { Graph } from "../graph/graph.ts";
import { interpret } from "../graph/interpret.ts";
import { alexnet } from "../models/alexnet.ts";
import { googlenet } from "../models/googlenet.ts";
import { network } from "../models/define.ts";
import { build, xavier, type Network } from "../models/network.ts";
import { ACTIVATIONS, type ActivationKind } from "../ops/activation.ts";
import { philox, unitFloat } from "../tensor/philox.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { inferenceGraph, scoringGraph } from "../train/graphs.ts";
import { trainingGraph } from "../train/training-graphs.ts";
import { joinChunks } from "../weights/protobuf.ts";
import { TORCHVISION, type Preprocessing } from "./metadata.ts";
import { bytesOf, floats, ints, modelOf, run64, statesOf, type SaidModel } from "./model-fixture.ts";
import { parseModel } from "./parse.ts";
import { readOnnx, type OnnxNetwork } from "./read.ts";
import { writeOnnx } from "./write-network.ts";
import { onnxModel } from "./write.ts";

const CAFFE: Preprocessing = { channels: "bgr", mean: [104, 117, 123] };
const noise = (size: number, stream = 1): Float32Array =>
  Float32Array.from({ length: size }, (_, i) => 2 * unitFloat(philox([stream, 0], [i, 0, 0, 0])[0]) - 1);

/** Weights of a seed; variances are positive. */
const weightsOf = (parameters: Parameters<typeof seededWeights>[0]): Map<string, Tensor> =>
  new Map(
    [...seededWeights(parameters)].map(([name, value]) => [
      name,
      name.endsWith("/variance") ? { ...value, data: value.data.map((each) => 1 + each) } : value,
    ]),
  );

/** Scores of a network on [images, 3, size, size], blue first, in float64. */
function scores(
  network: Network,
  weights: ReadonlyMap<string, Tensor>,
  x: Float32Array,
  images: number,
  size: number,
  classes: number,
): Float64Array {
  const { graph, parameters, built } = inferenceGraph({ network, classes, size, batch: images });
  return interpret(graph, { image: x }, statesOf({ parameters, weights })).of(built.heads[0].logits);
}

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));

/** A small network as PyTorch would write one: names with dots, a hard number of images in Reshape. */
const small = (more: Partial<SaidModel> = {}): SaidModel => ({
  nodes: [
    { operator: "Conv", inputs: ["image", "features.0.weight", "features.0.bias"], outputs: ["a"], attributes: { pads: [1, 1, 1, 1] } },
    { operator: "Relu", inputs: ["a"], outputs: ["b"] },
    { operator: "MaxPool", inputs: ["b"], outputs: ["c"], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
    { operator: "GlobalAveragePool", inputs: ["c"], outputs: ["d"] },
    { operator: "Reshape", inputs: ["d", "rows"], outputs: ["e"] },
    { operator: "Gemm", inputs: ["e", "classifier.weight", "classifier.bias"], outputs: ["f"], attributes: { transB: 1 } },
    { operator: "Softmax", inputs: ["f"], outputs: ["p"] },
  ],
  inputs: { image: [1, 3, 8, 8] },
  outputs: ["p"],
  initializers: {
    "features.0.weight": floats([4, 3, 3, 3], ...noise(108)),
    "features.0.bias": floats([4], ...noise(4, 2)),
    rows: ints(1, 4),
    "classifier.weight": floats([5, 4], ...noise(20, 3)),
    "classifier.bias": floats([5], ...noise(5, 4)),
  },
  ...more,
});
const smallBytes = (more: Partial<SaidModel> = {}): Uint8Array => bytesOf(modelOf(small(more)));

describe("readOnnx", () => {
  test("names parameters as the file's initializers, and finds classes, size and the last layer", () => {
    const network = readOnnx(smallBytes(), { file: "models/small.onnx", preprocessing: CAFFE });
    expect(network).toMatchObject({
      name: "small",
      size: 8,
      classes: 5,
      lastLayers: ["classifier"],
      auxiliary: [],
      mean: [104, 117, 123],
      labels: null,
    });
    expect([...network.weights.keys()]).toEqual(["features.0/weight", "features.0/bias", "classifier/weight", "classifier/bias"]);
    expect(network.weights.get("classifier/weight")).toEqual({ shape: [5, 4], data: noise(20, 3) });
  });

  test("scores as the file's graph does, for any number of images", () => {
    const network = readOnnx(smallBytes(), { preprocessing: CAFFE });
    const x = noise(2 * 3 * 64, 9);
    const got = scores(network, network.weights, x, 2, 8, 5);
    for (const image of [0, 1]) {
      const p = run64(modelOf(small({ outputs: ["f"] })), { image: x.subarray(image * 192, image * 192 + 192) }).get("f");
      expect(largestDifference(got.subarray(image * 5, image * 5 + 5), p?.data ?? [])).toBeLessThan(1e-12);
    }
  });

  test("puts red first and divides by the deviations where the file's network expects it", () => {
    const network = readOnnx(smallBytes(), { preprocessing: TORCHVISION });
    expect(network.mean).toEqual([103.53, 116.28, 123.675]);
    const bgr = noise(192, 9).map((value) => 100 * value);
    const deviations = [58.395, 57.12, 57.375];
    const rgb = Float64Array.from(
      { length: 192 },
      (_, i) => bgr[(2 - Math.floor(i / 64)) * 64 + (i % 64)] / deviations[Math.floor(i / 64)],
    );
    const expected = run64(modelOf(small({ outputs: ["f"] })), { image: rgb }).get("f");
    expect(largestDifference(scores(network, network.weights, bgr, 1, 8, 5), expected?.data ?? [])).toBeLessThan(1e-5);
  });

  test("takes another size and other classes, whose layer starts anew", () => {
    const network = readOnnx(smallBytes({ inputs: { image: [1, 3, "H", "W"] } }), { preprocessing: CAFFE, size: 12 });
    expect(network.size).toBe(12);
    const { parameters, built } = inferenceGraph({ network, classes: 7, size: 20, batch: 3 });
    expect(built.heads[0].logits.shape).toEqual([3, 7]);
    expect(parameters.map(({ name, caffeShape }) => `${name} ${caffeShape.join("x")}`)).toContain("classifier/weight 7x4");
    expect(network.lastLayers).toEqual(["classifier"]);
  });

  test("learns at every parameter but the scale of its input", () => {
    const network = readOnnx(smallBytes(), { preprocessing: TORCHVISION });
    const { parameters } = trainingGraph({ network, classes: 5, batch: 2, momentum: 0.9, weightDecay: 0 });
    expect(parameters.filter(({ rateMultiplier }) => rateMultiplier === 0).map(({ name }) => name)).toEqual(["input/scale"]);
  });

  test("carries labels and preprocessing", () => {
    const labels = ["a", "b", "c", "d", "e"];
    const metadata = { labels: JSON.stringify(labels), preprocessing: JSON.stringify(TORCHVISION) };
    expect(readOnnx(smallBytes({ metadata }))).toMatchObject({ labels, preprocessing: TORCHVISION });
  });

  test("asks for what the file does not say", () => {
    expect(() => readOnnx(smallBytes(), { file: "x.onnx" })).toThrow(/x\.onnx.*does not say how pictures are prepared: pass preprocessing/);
  });

  test.each<[string, Partial<SaidModel>, RegExp]>([
    ["labels for other classes", { metadata: { labels: '["a"]' } }, /1 labels for 5 classes/],
    ["labels that are no list", { metadata: { labels: "a, b" } }, /"labels" of its metadata is not JSON/],
    ["two inputs", { inputs: { image: [1, 3, 8, 8], mask: [1, 1, 8, 8] } }, /has the inputs "image" \[1, 3, 8, 8\], "mask"/],
    ["a gray image", { inputs: { image: [1, 1, 8, 8] } }, /1 channels, expected 3/],
    ["a rectangle", { inputs: { image: [1, 3, 8, 6] } }, /8 x 6, expected squares/],
    [
      "an unknown operator",
      { nodes: [{ operator: "LSTM", inputs: ["image"], outputs: ["p"], name: "cell" }] },
      /node "cell" \(LSTM\): not an operator that is read; those are Add,/,
    ],
    [
      "a filter that does not fit",
      {
        inputs: { image: [1, 3, 8, 8] },
        initializers: { ...small().initializers, "features.0.weight": floats([4, 2, 3, 3], ...noise(72)) },
      },
      /node "a" \(Conv\): its filter \[4, 2, 3, 3\] in 1 groups does not fit 3 channels/,
    ],
    ["an output that nothing makes", { outputs: ["q"] }, /output "q" is made by no node/],
    [
      "an input that nothing makes",
      { nodes: [{ operator: "Relu", inputs: ["z"], outputs: ["p"] }] },
      /node "p" \(Relu\): input "z" is not there/,
    ],
  ])("refuses %s", (_title, more, message) => {
    expect(() => readOnnx(smallBytes(more), { preprocessing: CAFFE })).toThrow(message);
  });
});

/** Everything that is written and that the others do not have. */
const odd = network({
  name: "odd",
  title: "A network of all else",
  size: 32,
  build(layers, x, classes) {
    let y = layers.conv("a", x, 16, [3, 5], { filler: xavier, bias: 0, pad: [2, 1, 0, 1], stride: [1, 2], dilation: [2, 1] });
    for (const kind of Object.keys(ACTIVATIONS) as ActivationKind[])
      y = layers.activation(kind, y, kind, kind === "clip" ? -1 : 0.3, kind === "clip" ? 3 : 0.2);
    y = layers.multiply(
      "square",
      layers.pad("pad", layers.channelShuffle("shuffle", y, 4), [1, 0, 2, 1], 0.5),
      layers.pad("pad2", y, [1, 0, 2, 1]),
    );
    y = layers.pool("mean", layers.lrn("lrn", y), "mean", { kernel: [3, 2], stride: 2, pad: 1, rounding: "ceil" });
    y = layers.pool("max", y, "max", { kernel: 2, dilation: 2 });
    y = layers.depthwise("depthwise", y, 3, { filler: xavier, bias: null, pad: [1, 0, 1, 2] });
    y = layers.batchNorm("norm", layers.relu("relu", y));
    return layers.innerProduct("last", y, classes, xavier, 0);
  },
});

/** As small as they go, by widths that leave 8 channels. */
const NETWORKS: readonly { network: Network; width: number; size: number }[] = [
  { network: alexnet, width: 1 / 32, size: 67 },
  { network: googlenet, width: 1 / 16, size: 64 },
  { network: squeezenet, width: 1 / 16, size: 64 },
  { network: resnet18, width: 1 / 16, size: 64 },
  { network: odd, width: 1, size: 32 },
  {
    network: mobilenetOf(
      [
        [1, 16, 1, 1],
        [6, 24, 2, 2],
      ],
      32,
    ),
    width: 1 / 4,
    size: 32,
  },
];

describe.each(NETWORKS)("$network.title, written and read", ({ network, width, size }) => {
  const classes = 4;
  const labels = ["one", "two", "three", "four"];
  const made = inferenceGraph({ network, classes, width, size, batch: 2 });
  const weights = weightsOf(made.parameters);
  const bytes = joinChunks(onnxModel(made, weights, { batch: "N", labels, preprocessing: CAFFE }));
  const back = readOnnx(bytes);

  test("has the same parameters bit for bit, labels and preprocessing, and an open number of images", () => {
    expect([...back.weights].toSorted(([a], [b]) => (a < b ? -1 : 1))).toEqual([...weights].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    expect(back).toMatchObject({
      classes,
      size,
      labels,
      preprocessing: CAFFE,
      lastLayers: network.lastLayers.filter((layer) => weights.has(`${layer}/weight`)),
    });
    const { inputs, outputs } = parseModel(bytes, "back.onnx");
    expect(inputs[0].dims).toEqual(["N", 3, size, size]);
    expect(outputs[0].dims).toEqual(["N", classes]);
  });

  test("scores as before", () => {
    const x = noise(2 * 3 * size * size);
    const before = interpret(made.graph, { image: x }, statesOf({ parameters: made.parameters, weights })).of(made.built.heads[0].logits);
    const after = scores(back, back.weights, x, 2, size, classes);
    const largest = Math.max(...before.map(Math.abs));
    expect(largest).toBeGreaterThan(1e-3);
    expect(largestDifference(before, after)).toBeLessThan(1e-6 * largest);
  });
});

describe("writeOnnx", () => {
  const labels = ["a", "b", "c", "d", "e"];
  const network = readOnnx(smallBytes(), { preprocessing: TORCHVISION });

  test("writes a network that was read as its file had it", () => {
    const bytes = writeOnnx(network, network.weights, { labels });
    const back = readOnnx(bytes);
    expect(back).toMatchObject({ labels, classes: 5, preprocessing: TORCHVISION });
    expect([...back.weights]).toEqual([...network.weights]);
    expect(parseModel(bytes, "x").nodes.map(({ operator }) => operator)).toEqual([
      "Conv",
      "Relu",
      "MaxPool",
      "GlobalAveragePool",
      "Flatten",
      "Gemm",
      "Softmax",
    ]);
  });

  test("leaves out the softmax, and takes another size", () => {
    const { nodes, inputs, outputs } = parseModel(writeOnnx(network, network.weights, { classes: 5, output: "logits", size: 10 }), "x");
    expect(nodes.at(-1)?.operator).toBe("Gemm");
    expect([inputs[0].dims, outputs[0].name, outputs[0].dims]).toEqual([["N", 3, 10, 10], "logits", ["N", 5]]);
  });

  test("names what does not fit", () => {
    expect(() => writeOnnx(network, network.weights)).toThrow(/expected classes, a number, or labels/);
    expect(() => writeOnnx(network, network.weights, { classes: 4, labels })).toThrow(/got 4 and 5 labels/);
    expect(() => writeOnnx(network, new Map(), { classes: 5 })).toThrow(/there is no weight "features\.0\/weight"/);
  });
});

test("operator sets up to the last known one are read alike; others are refused with what to do", () => {
  const at = (opset: number) => readOnnx(smallBytes({ opset }), { file: "new.onnx", preprocessing: CAFFE });
  const x = noise(192, 9);
  const of = (network: OnnxNetwork) => scores(network, network.weights, x, 1, 8, 5);
  expect(of(at(26))).toEqual(of(at(21)));
  for (const opset of [0, 27, 1000])
    expect(() => at(opset)).toThrow(
      `new.onnx: operator set ${opset}: sets 1 to 26 are read. Export it with an earlier one (torch.onnx.export has opset_version)`,
    );
});

test("a graph of 8-bit pictures is built of an imported network as of the project's own", () => {
  const network = readOnnx(smallBytes(), { preprocessing: TORCHVISION });
  const { graph } = scoringGraph({ network, classes: 5, batch: 2 });
  expect(graph.outputs.get("p")?.shape).toEqual([2, 5]);
  const alone = new Graph();
  expect(sizeOf(build(network, alone, alone.input("x", [1, 8, 8, 4]), { classes: 5 }).heads[0].logits.shape)).toBe(5);
});
