// Files of weights: Caffe's three generations, its means, safetensors, checkpoints.
import { Graph } from "../../src/graph/graph.ts";
import { alexnet } from "../../src/models/alexnet.ts";
import { build } from "../../src/models/network.ts";
import { readPretrained } from "../../src/train/pretrained.ts";
import { sizeOf } from "../../src/tensor/shape.ts";
import { tensor, type Tensor } from "../../src/tensor/tensor.ts";
import { readBinaryproto, readCaffemodel } from "../../src/weights/caffemodel.ts";
import { encodeBlob, encodeCaffemodel, type BlobStyle, type Generation } from "../../src/weights/caffemodel-samples.ts";
import { readCheckpoint, writeCheckpoint } from "../../src/weights/checkpoint.ts";
import { bytesOf, floats, ints, modelOf } from "../../src/onnx/model-fixture.ts";
import { readOnnx } from "../../src/onnx/read.ts";
import { readWeights } from "../../src/weights/load.ts";
import { describeOrigin, MADE, originOf } from "../../src/weights/origin.ts";
import { joinChunks } from "../../src/weights/protobuf.ts";
import { readSafetensors, writeSafetensors } from "../../src/weights/safetensors.ts";
import { mutateProtobuf, mutateSafetensors } from "./mutate-weights.ts";
import { seed, target, type Seed, type Target } from "./target.ts";

const STYLES: readonly BlobStyle[] = [
  { extents: "legacy", values: "packed" },
  { extents: "shape", values: "unpacked" },
  { extents: "shape unpacked", values: "split" },
  { extents: "shape", values: "double" },
  { extents: "legacy", values: "double unpacked" },
  { extents: "shape", values: "raw half" },
  { extents: "shape", values: "raw float" },
];

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i / 3);

function caffemodel(generation: Generation, style: BlobStyle): Seed {
  const types = { V0: ["conv", "innerproduct"], V1: [4, 14], V2: ["Convolution", "InnerProduct"] }[generation];
  const layers = [
    {
      name: "conv1",
      type: types[0],
      blobs: [
        { shape: [2, 3, 2, 2], values: upTo(24) },
        { shape: [2], values: upTo(2) },
      ],
    },
    { name: "fc8", type: types[1], blobs: [{ shape: [4, 6], values: upTo(24) }] },
  ];
  return seed(`${generation} ${style.extents} ${style.values}`, encodeCaffemodel("net", layers, generation, style));
}

const misshapen = (tensors: Iterable<Tensor>): string | null =>
  [...tensors].every(({ shape, data }) => data.length === sizeOf(shape)) ? null : "another number of values than its shape";

async function caffemodels(generation: Generation): Promise<Target> {
  return target({
    seeds: STYLES.map((style) => caffemodel(generation, style)),
    mutate: mutateProtobuf,
    read: async (bytes, file) => [
      ...readCaffemodel(bytes, file).layers.flatMap(({ blobs }) => blobs),
      ...readWeights(bytes, file).values(),
    ],
    wrong: misshapen,
  });
}

/** A file with halves of both kinds and doubles. */
function mixedTypes(): Uint8Array {
  const header = Buffer.from(
    JSON.stringify({
      x: { dtype: "F16", shape: [2, 2], data_offsets: [0, 8] },
      y: { dtype: "BF16", shape: [4], data_offsets: [8, 16] },
      z: { dtype: "F64", shape: [1], data_offsets: [16, 24] },
    }),
  );
  const length = Buffer.alloc(8);
  length.writeUInt32LE(header.length);
  return new Uint8Array(Buffer.concat([length, header, Buffer.alloc(24)]));
}

const SAMPLE = new Map([
  ["conv1/weight", tensor([2, 3], Float32Array.from([1, 2, 3, 4, 5, 6]))],
  ["conv1/bias", tensor([2], new Float32Array(2))],
]);
const MADE_BY = {
  kind: "run",
  from: { kind: "run", sha256: "ab", from: { kind: "imagenet-bvlc", title: "BVLC", likeness: "file", sha256: "cd" } },
};
const METADATA = { network: "alexnet", labels: '["a","b"]', [MADE]: JSON.stringify(MADE_BY), width: "0.5", size: "64" };

/** A network's classifier alone, with all metadata that scoring reads. */
const CLASSIFIER = new Map([
  ["fc8/weight", tensor([2, 4], new Float32Array(8))],
  ["fc8/bias", tensor([2], new Float32Array(2))],
]);
const SCORING = { ...METADATA, window: "40/80", slices: "3", slab: "true", pixelScale: "0.5", headCrop: "1.1" };

const ones = (...dims: number[]) => floats(dims, ...upTo(sizeOf(dims)));

/** A model of each kind of operator that is read: products, windows, batch normalisation, shapes, arithmetic of shapes. */
const MODEL = modelOf({
  inputs: { image: [1, 3, 8, 8] },
  outputs: ["p"],
  nodes: [
    {
      operator: "Conv",
      inputs: ["image", "w"],
      outputs: ["a"],
      attributes: { pads: [1, 1, 1, 0], strides: [1, 2], dilations: [1, 1], group: 1 },
    },
    { operator: "BatchNormalization", inputs: ["a", "c", "c", "c", "c"], outputs: ["b"], attributes: { epsilon: { float: 0.5 } } },
    { operator: "Clip", inputs: ["b", "least"], outputs: ["d"] },
    { operator: "MaxPool", inputs: ["d"], outputs: ["e"], attributes: { kernel_shape: [2, 2], ceil_mode: 1, auto_pad: "SAME_UPPER" } },
    { operator: "Pad", inputs: ["e", "pads"], outputs: ["f"] },
    { operator: "Reshape", inputs: ["f", "split"], outputs: ["g"] },
    { operator: "Transpose", inputs: ["g"], outputs: ["h"], attributes: { perm: [0, 2, 1, 3, 4] } },
    { operator: "Shape", inputs: ["e"], outputs: ["shape"] },
    { operator: "Slice", inputs: ["shape", "zero", "one"], outputs: ["images"] },
    { operator: "Concat", inputs: ["images", "rest"], outputs: ["wanted"], attributes: { axis: 0 } },
    { operator: "ReduceMean", inputs: ["h"], outputs: ["i"], attributes: { axes: [3, 4] } },
    { operator: "Reshape", inputs: ["i", "wanted"], outputs: ["j"] },
    { operator: "ConstantOfShape", inputs: ["full"], outputs: ["ones"], attributes: { value: floats([1], 1) } },
    { operator: "Gemm", inputs: ["j", "ones", "bias"], outputs: ["k"], attributes: { alpha: { float: 0.5 } } },
    { operator: "Mul", inputs: ["k", "bias"], outputs: ["l"] },
    { operator: "Softmax", inputs: ["l"], outputs: ["p"], attributes: { axis: 1 } },
  ],
  initializers: {
    w: ones(4, 3, 3, 3),
    c: ones(4),
    least: floats([], 0),
    pads: ints(0, 0, 1, 0, 0, 0, 0, 1),
    split: ints(0, 2, 2, 9, 5),
    zero: ints(0),
    one: ints(1),
    rest: ints(-1),
    full: ints(4, 3),
    bias: ones(3),
  },
  metadata: { labels: '["a","b","c"]' },
});

/** By target name. */
export const weightsTargets: Readonly<Record<string, () => Promise<Target>>> = {
  "caffemodel-V0": () => caffemodels("V0"),
  "caffemodel-V1": () => caffemodels("V1"),
  "caffemodel-V2": () => caffemodels("V2"),
  binaryproto: async () =>
    target({
      seeds: STYLES.map((style) => seed(style.values, joinChunks(encodeBlob({ shape: [1, 3, 4, 4], values: upTo(48) }, style)))),
      mutate: mutateProtobuf,
      read: async (bytes, file) => [readBinaryproto(bytes, file)],
      wrong: misshapen,
    }),
  onnx: async () =>
    target({
      seeds: [seed("model", bytesOf(MODEL)), seed("model of operator set 11", bytesOf({ ...MODEL, opset: 11 }))],
      mutate: mutateProtobuf,
      read: async (bytes, file) => {
        const network = readOnnx(bytes, { file, preprocessing: { channels: "bgr", mean: [104, 117, 123] } });
        const graph = new Graph();
        build(network, graph, graph.input("x", [3, network.size, network.size, 4]), { classes: network.classes });
        return network;
      },
      wrong: ({ weights, classes, size }) =>
        misshapen(weights.values()) ??
        (Number.isInteger(classes) && classes >= 1 && Number.isInteger(size) ? null : "classes or a size that are none"),
    }),
  safetensors: async () =>
    target({
      seeds: [seed("ours", joinChunks(writeSafetensors([...SAMPLE], METADATA))), seed("mixed", mixedTypes())],
      mutate: mutateSafetensors,
      read: async (bytes, file) => {
        describeOrigin(await originOf(bytes, file, []));
        return [...readSafetensors(bytes, file).tensors, ...readWeights(bytes, file)].map(([, value]) => value);
      },
      wrong: misshapen,
    }),
  pretrained: async () =>
    target({
      seeds: [seed("classifier", joinChunks(writeSafetensors([...CLASSIFIER], SCORING)))],
      mutate: mutateSafetensors,
      read: async (bytes, file) => readPretrained(alexnet, { file, bytes }),
      wrong: ({ classes, width, size, images: { windowHu, pixelScale } }) => {
        if (!classes.every((name) => typeof name === "string") || !(windowHu.widthHu >= 1)) return "settings that are none";
        return [width, size, windowHu.centerHu, windowHu.widthHu, pixelScale].every(Number.isFinite) ? null : "a number that is none";
      },
    }),
  checkpoint: async () => {
    const state = { graph: "g", step: 5, epoch: 1, seed: 0, state: { loss: 1 }, parameters: SAMPLE, momentum: SAMPLE };
    return target({
      seeds: [seed("checkpoint", joinChunks(await writeCheckpoint(state)))],
      mutate: mutateSafetensors,
      read: (bytes, file) => readCheckpoint(bytes, file, "g"),
      // The hash in the file covers all of it.
      wrong: ({ step, parameters }) =>
        step === 5 && parameters.get("conv1/weight")?.data[5] === 6 ? null : "another checkpoint than was written",
    });
  },
};
