// Fitting a file's weights to a network: Caffe's fine-tuning rules, and errors that list everything at once.
import { expect, test } from "vitest";
import { sizeOf, type Shape } from "../tensor/shape.ts";
import { tensor } from "../tensor/tensor.ts";
import { encodeCaffemodel, type SampleLayer } from "./caffemodel-samples.ts";
import { writeCheckpoint } from "./checkpoint.ts";
import { loadWeights, readWeights } from "./load.ts";
import { fromDotted, layerOf, parameterName } from "./names.ts";
import { joinChunks } from "./protobuf.ts";
import { writeSafetensors } from "./safetensors.ts";

const filled = (shape: Shape, value = 1) => ({ shape, values: Array.from({ length: sizeOf(shape) }, () => value) });

const layer = (name: string, weight: Shape): SampleLayer => ({
  name,
  type: "Convolution",
  blobs: [filled(weight, 2), filled([weight[0]], 3)],
});

const data: SampleLayer = { name: "data", type: "Data", blobs: [] };
const conv1 = layer("conv1/7x7_s2", [4, 3, 2, 2]);
const classifier = layer("loss3/classifier", [10, 8]);
/** Layers that only training has. */
const auxiliary = ["loss1/conv", "loss1/classifier"];
const heads = [layer("loss1/conv", [2, 4, 1, 1]), layer("loss1/classifier", [10, 8])];

/** The file as Caffe wrote them in 2014 unless the style says otherwise. */
const caffemodel = (layers: readonly SampleLayer[], extents: "legacy" | "shape" = "legacy"): Uint8Array =>
  encodeCaffemodel("toy", layers, "V1", { extents, values: "packed" });

const wants = (layers: readonly SampleLayer[]): Map<string, Shape> =>
  new Map(layers.flatMap(({ name, blobs }) => blobs.map(({ shape }, i): [string, Shape] => [parameterName(name, i), shape])));

const threeClasses = layer("loss3/classifier", [3, 8]);

test("names go from Caffe's layers to ours", () => {
  expect([0, 1, 2].map((blob) => parameterName("inception_3a/1x1", blob))).toEqual([
    "inception_3a/1x1/weight",
    "inception_3a/1x1/bias",
    "inception_3a/1x1/blob2",
  ]);
  expect(layerOf("inception_3a/5x5_reduce/bias")).toBe("inception_3a/5x5_reduce");
  expect(layerOf("lonely")).toBe("");
  expect(["conv1.weight", "conv1.bias", "conv1/bias", "a.weight.b"].map(fromDotted)).toEqual([
    "conv1/weight",
    "conv1/bias",
    "conv1/bias",
    "a.weight.b",
  ]);
});

test("legacy extents fit the network's shapes from the right", () => {
  const { values, fresh, ignored } = loadWeights(caffemodel([data, conv1, classifier]), "toy.caffemodel", wants([conv1, classifier]));
  expect([...values].map(([name, { shape }]) => [name, shape])).toEqual([
    ["conv1/7x7_s2/weight", [4, 3, 2, 2]],
    ["conv1/7x7_s2/bias", [4]],
    ["loss3/classifier/weight", [10, 8]],
    ["loss3/classifier/bias", [10]],
  ]);
  expect(values.get("loss3/classifier/bias")?.data).toEqual(new Float32Array(10).fill(3));
  expect([fresh, ignored]).toEqual([[], []]);
});

test("safetensors and caffemodels are distinguished by content, and dotted names are ours", () => {
  const bytes = joinChunks(
    writeSafetensors([
      ["conv1.weight", tensor([1, 2], Float32Array.of(1, 2))],
      ["conv1.bias", tensor([1], Float32Array.of(3))],
    ]),
  );
  const { values } = loadWeights(
    bytes,
    "misnamed.caffemodel",
    new Map([
      ["conv1/weight", [1, 2]],
      ["conv1/bias", [1]],
    ]),
  );
  expect([...values.values()].map((value) => [...value.data])).toEqual([[1, 2], [3]]);
});

test("a renamed last layer is skipped in the file and starts fresh", () => {
  const { values, fresh, ignored } = loadWeights(caffemodel([conv1, classifier]), "toy.caffemodel", wants([conv1, threeClasses]), {
    renameLast: ["loss3/classifier"],
  });
  expect([...values.keys()]).toEqual(["conv1/7x7_s2/weight", "conv1/7x7_s2/bias"]);
  expect(fresh).toEqual(["loss3/classifier/weight", "loss3/classifier/bias"]);
  expect(ignored).toEqual(fresh);
});

test("renaming a layer that the network lacks is a mistake", () => {
  const load = () => loadWeights(caffemodel([conv1]), "toy.caffemodel", wants([conv1]), { renameLast: ["fc8"] });
  expect(load).toThrow('renameLast: the network has no layer "fc8" with weights; its layers: conv1/7x7_s2');
});

test("auxiliary heads in the file are let pass when the network has none", () => {
  const { values, ignored } = loadWeights(caffemodel([conv1, ...heads, classifier]), "toy.caffemodel", wants([conv1, classifier]), {
    auxiliary,
  });
  expect(values.size).toBe(4);
  expect(ignored).toEqual(["loss1/conv/weight", "loss1/conv/bias", "loss1/classifier/weight", "loss1/classifier/bias"]);
});

test("auxiliary heads that the file lacks start fresh only if the caller allows it", () => {
  const bytes = caffemodel([conv1, classifier]);
  const expected = wants([conv1, ...heads, classifier]);
  expect(() => loadWeights(bytes, "deploy.caffemodel", expected, { auxiliary })).toThrow(
    /^deploy\.caffemodel: does not fit the network:\n {2}missing \(4\): loss1\/conv\/weight, .*; the file was made for inference: allow the auxiliary heads/,
  );
  const { fresh } = loadWeights(bytes, "deploy.caffemodel", expected, {
    allowFresh: (parameter) => auxiliary.includes(layerOf(parameter)),
  });
  expect(fresh).toEqual(["loss1/conv/weight", "loss1/conv/bias", "loss1/classifier/weight", "loss1/classifier/bias"]);
});

test("another number of classes is distinguished from another architecture", () => {
  for (const extents of ["legacy", "shape"] as const) {
    const load = (expected: readonly SampleLayer[]) => () =>
      loadWeights(caffemodel([conv1, classifier], extents), "toy.caffemodel", wants(expected));
    expect(load([conv1, threeClasses])).toThrow("for a new number of classes pass --rename-last (renameLast: loss3/classifier)");
    expect(load([conv1, layer("loss3/classifier", [10, 9])])).toThrow("the file is of another network or input size");
  }
});

test("a scalar where a vector is wanted is misshapen", () => {
  const bytes = joinChunks(writeSafetensors([["a/bias", tensor([], Float32Array.of(1))]]));
  expect(() => loadWeights(bytes, "x.safetensors", new Map([["a/bias", [3]]]))).toThrow(
    "a/bias is [], expected [3]; the file is of another network",
  );
});

test("everything that does not fit is listed at once", () => {
  const broken: SampleLayer = { name: "conv3", type: "Convolution", blobs: [filled([2, 2], NaN)] };
  const bytes = caffemodel([conv1, layer("conv9", [2, 2]), broken]);
  const expected = new Map([...wants([layer("conv1/7x7_s2", [4, 3, 5, 5]), layer("conv2", [2, 2])]), ["conv3/weight", [2, 2]]]);
  expect(() => loadWeights(bytes, "toy.caffemodel", expected)).toThrow(
    [
      "toy.caffemodel: does not fit the network:",
      "missing (2): conv2/weight, conv2/bias; use a complete file, or allow these layers to be initialized (allowFresh)",
      "of another shape (1): conv1/7x7_s2/weight is [4, 3, 2, 2], expected [4, 3, 5, 5]; the file is of another network or input size",
      "with NaN or infinity (1): conv3/weight; the file is damaged or its training diverged",
      "not in the network (2): conv9/weight, conv9/bias; check that the file and the network belong together",
    ].join("\n  "),
  );
});

test("a file in which nothing matches holds weights of another network", () => {
  const load = () => loadWeights(caffemodel([conv1]), "toy.caffemodel", wants([layer("conv1", [2, 2])]), { allowFresh: () => true });
  expect(load).toThrow(
    "toy.caffemodel: weights of another network: none of its 2 parameters (conv1/7x7_s2/weight, conv1/7x7_s2/bias) is among the 2 expected (conv1/weight, conv1/bias)",
  );
});

test("a training checkpoint serves as weights, its momentum passed over", async () => {
  const weight = tensor([2], Float32Array.of(1, 2));
  const named = new Map([["conv1/weight", weight]]);
  const bytes = joinChunks(
    await writeCheckpoint({ graph: "g", step: 1, epoch: 0, seed: 0, state: { best: 1 }, parameters: named, momentum: named }),
  );
  expect(readWeights(bytes, "step-1.safetensors")).toEqual(named);
});

test("a parameter that occurs twice is refused", () => {
  expect(() => readWeights(caffemodel([conv1, conv1]), "toy.caffemodel")).toThrow(
    'toy.caffemodel: parameter "conv1/7x7_s2/weight" occurs twice',
  );
});

test.each([
  ["version https://git-lfs.github.com/spec/v1\noid sha256:00", "a Git LFS pointer"],
  ["<!DOCTYPE html><html>", "a web page or XML"],
  ["PK\x03\x04", "a ZIP archive"],
  ["\x93NUMPY\x01\0", "a NumPy array: expected .caffemodel or .safetensors"],
  ["\x80\x02}q\0", "a Python pickle"],
  ["\x1c\0\0\0TFL3\0", "a TensorFlow Lite model"],
  ['{"modelTopology": {}}', "JSON (a TensorFlow.js model)"],
  ['{"metadata": {}, "weight_map": {"a": "model-00001-of-00002.safetensors"}}', "the list of a model's shards: join the .safetensors"],
  ["\x08\x08\x12\x01p\x1a\x011\x3a\x00", "an ONNX model"],
  ["\x08\x64\x12\x01x\x1a\x00", "a state of Caffe's solver (.solverstate)"],
  ["\x1f\x8b\x08", "gzip: unpack it first"],
  ["\x89HDF\r\n", "HDF5"],
  ['name: "AlexNet"', "a prototxt"],
])("%j is recognised for what it is", (text, message) => {
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  expect(() => readWeights(bytes, "weights.caffemodel")).toThrow(`weights.caffemodel: ${message}`);
});

test("a shard is called one where it lacks layers", () => {
  const bytes = joinChunks(writeSafetensors([["conv1.weight", tensor([1], Float32Array.of(1))]]));
  const expected = new Map<string, Shape>([
    ["conv1/weight", [1]],
    ["conv1/bias", [1]],
  ]);
  const load = (file: string) => () => loadWeights(bytes, file, expected);
  expect(load("model-00001-of-00002.safetensors")).toThrow("does not fit the network (this is shard 1 of 2: join them in one file):");
  expect(load("model.safetensors")).toThrow("does not fit the network:");
});
