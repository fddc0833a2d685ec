import { describe, expect, test } from "vitest";
import { Graph } from "../graph/graph.ts";
import { alexnet } from "../models/alexnet.ts";
import { averagePool } from "../ops/average-pool.ts";
import { channelsLast } from "../ops/channels.ts";
import { maxPool } from "../ops/max-pool.ts";
import { topK } from "../ops/top-k.ts";
import { inferenceGraph } from "../train/graphs.ts";
import { fields, floatsOf, joinChunks, messageOf, openMessage, textOf, uintsOf, type Message } from "../weights/protobuf.ts";
import { matrixProductModel, onnxModel } from "./write.ts";
import { seededWeights } from "../../bench/peers/workload.ts";

const FILE = "test.onnx";

/** All messages of one field. */
const messages = (parent: Message, number: number): Message[] =>
  [...fields(parent)].filter((field) => field.number === number).map((field) => messageOf(parent, field, "message"));
const texts = (parent: Message, number: number): string[] =>
  [...fields(parent)].filter((field) => field.number === number).map((field) => textOf(parent, field, "text"));
const numbers = (parent: Message, number: number): number[] => uintsOf(parent, number, 2 ** 31, 100, "number");

/** As onnx.proto numbers them, read by hand: graph is 7; its nodes 1, initializers 5, inputs 11, outputs 12. */
function parse(bytes: Uint8Array) {
  const model = openMessage(bytes, FILE);
  const [graph] = messages(model, 7);
  const valueInfo = (info: Message): [string, number[]] => {
    const [type] = messages(info, 2);
    const [tensor] = messages(type, 1);
    const [shape] = messages(tensor, 2);
    return [texts(info, 1)[0], messages(shape, 1).map((dim) => numbers(dim, 1)[0])];
  };
  return {
    irVersion: numbers(model, 1),
    opset: messages(model, 8).map((opset) => numbers(opset, 2)[0]),
    nodes: messages(graph, 1).map((node) => ({
      inputs: texts(node, 1),
      output: texts(node, 2)[0],
      type: texts(node, 4)[0],
      attributes: Object.fromEntries(
        messages(node, 5).map((attribute) => {
          const [kind] = numbers(attribute, 20);
          const value = kind === 1 ? floatsOf(attribute, 2, 4, "float")[0] : kind === 2 ? numbers(attribute, 3)[0] : numbers(attribute, 8);
          return [texts(attribute, 1)[0], value];
        }),
      ),
    })),
    initializers: new Map(
      messages(graph, 5).map((tensor) => [texts(tensor, 8)[0], { shape: numbers(tensor, 1), data: floatsOf(tensor, 9, 4, "data") }]),
    ),
    inputs: messages(graph, 11).map(valueInfo),
    outputs: messages(graph, 12).map(valueInfo),
  };
}

describe("onnxModel", () => {
  const network = inferenceGraph({ network: alexnet, classes: 10, width: 1 / 16, size: 67, batch: 2 });
  const weights = new Map(seededWeights(network.parameters));
  const model = parse(joinChunks(onnxModel(network, weights)));

  test("holds the layers in order, from the images to the probabilities", () => {
    expect(model.irVersion).toEqual([8]);
    expect(model.opset).toEqual([13]);
    expect(model.nodes.map(({ type }) => type).join(" ")).toBe(
      "Conv Relu LRN MaxPool Conv Relu LRN MaxPool Conv Relu Conv Relu Conv Relu MaxPool Flatten Gemm Relu Gemm Relu Gemm Softmax",
    );
    expect(model.inputs).toEqual([["image", [2, 3, 67, 67]]]);
    expect(model.outputs).toEqual([["p", [2, 10]]]);
    expect(model.nodes.at(-1)?.output).toBe("p");
  });

  test("every input of a node is the image, a weight, or made before", () => {
    const known = new Set(["image", ...model.initializers.keys()]);
    for (const { inputs, output } of model.nodes) {
      expect(inputs.filter((input) => !known.has(input))).toEqual([]);
      known.add(output);
    }
  });

  test("carries every weight in Caffe's order, bit by bit", () => {
    expect([...model.initializers.keys()]).toEqual([...weights.keys()]);
    for (const [name, { shape, data }] of weights) expect(model.initializers.get(name)).toEqual({ shape, data });
  });

  test("says groups, strides, pads and LRN as ONNX does", () => {
    const [conv1, , lrn] = model.nodes;
    expect(conv1).toMatchObject({
      inputs: ["image", "conv1/weight", "conv1/bias"],
      attributes: { group: 1, kernel_shape: [11, 11], pads: [0, 0, 0, 0], strides: [4, 4] },
    });
    expect(model.nodes[4].attributes).toMatchObject({ group: 2, pads: [2, 2, 2, 2] });
    expect(lrn.attributes).toEqual({ size: 5, alpha: Math.fround(1e-4), beta: 0.75, bias: 1 });
    expect(model.nodes.find(({ type }) => type === "Gemm")?.attributes).toEqual({ transB: 1 });
  });

  test("a missing weight is named", () => {
    expect(() => onnxModel(network, new Map())).toThrow(/no weight "conv1\/weight"/);
  });
});

/** A graph of one pooling layer on a 6 x 6 image. */
function pooled(op: typeof maxPool, size: number, stride: number, pad: number) {
  const graph = new Graph();
  const x = graph.add(channelsLast, { x: graph.input("image", [1, 3, 6, 6]) }, { channels: 4 }, "data").y;
  graph.output("p", graph.add(op, { x }, { size, stride, pad }, "pool").y);
  return { graph, parameters: [] };
}

describe("pooling", () => {
  test("windows that Caffe's rounding lets hang over become padding at the far edge", () => {
    const [node] = parse(joinChunks(onnxModel(pooled(maxPool, 3, 2, 0), new Map()))).nodes;
    expect(node).toMatchObject({
      type: "MaxPool",
      inputs: ["image"],
      attributes: { kernel_shape: [3, 3], pads: [0, 0, 1, 1], strides: [2, 2] },
    });
  });

  test("padding is kept on the near edge and on the far edge", () => {
    const [node] = parse(joinChunks(onnxModel(pooled(maxPool, 3, 1, 1), new Map()))).nodes;
    expect(node.attributes).toMatchObject({ pads: [1, 1, 1, 1] });
  });

  test("an average over the edge, where ONNX counts otherwise, is refused", () => {
    expect(() => onnxModel(pooled(averagePool, 3, 2, 0), new Map())).toThrow(/averages windows that cross the edge/);
  });
});

test("an op without an ONNX operator is named", () => {
  const graph = new Graph();
  const { correct } = graph.add(topK, { x: graph.input("x", [1, 5]), labels: graph.input("labels", [1], "u32") }, { k: 1 }, "accuracy");
  graph.output("p", correct);
  expect(() => onnxModel({ graph, parameters: [] }, new Map())).toThrow(/op "topK" of "accuracy"/);
});

test("the matrix product that measures a processor is one node on two inputs", () => {
  const { nodes, inputs, outputs } = parse(matrixProductModel(8));
  expect(nodes).toEqual([{ type: "MatMul", inputs: ["a", "b"], output: "c", attributes: {} }]);
  expect([...inputs, ...outputs]).toEqual(["a", "b", "c"].map((name) => [name, [8, 8]]));
});
