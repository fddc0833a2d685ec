// The further layers: shapes and counts of what they append, what training and scoring make of batch normalisation, and what `network` finds out.
import { describe, expect, test } from "vitest";
import { mobilenet } from "../../examples/networks/mobilenet.ts";
import { resnet18 } from "../../examples/networks/resnet18.ts";
import { interpret } from "../graph/interpret.ts";
import { Graph, type Value } from "../graph/graph.ts";
import { verifyGraph } from "../graph/verify.ts";
import { philox, unitFloat } from "../tensor/philox.ts";
import { sizeOf } from "../tensor/shape.ts";
import { scoringGraph, storedSize } from "../train/graphs.ts";
import { trainingGraph } from "../train/training-graphs.ts";
import { network } from "./define.ts";
import type { FurtherLayers } from "./further-layers.ts";
import { build, xavier, type BuildOptions, type Built } from "./network.ts";

const noise = (size: number, stream = 1): Float64Array =>
  Float64Array.from({ length: size }, (_, i) => 2 * unitFloat(philox([stream, 0], [i, 0, 0, 0])[0]) - 1);

/** What `layers` appends to two images of 12 x 12 pixels. */
function built(layers: (layers: FurtherLayers, x: Value) => Value, options: Partial<BuildOptions> = {}): Built & { readonly graph: Graph } {
  const graph = new Graph();
  const x = graph.input("x", [2, 12, 12, 4]);
  const trial = network({ name: "trial", size: 12, build: (given, image) => layers(given, image) });
  return { graph, ...build(trial, graph, x, { classes: 3, ...options }) };
}

const free = { filler: xavier, bias: null } as const;
const opsOf = ({ nodes }: Graph): string => nodes.map(({ op }) => op.name).join(" ");

test.each<[string, (layers: FurtherLayers, x: Value) => Value, readonly number[], string]>([
  ["no bias", (layers, x) => layers.conv("a", x, 8, 3, free), [2, 10, 10, 8], "conv2d"],
  ["a rectangle", (layers, x) => layers.conv("a", x, 8, [1, 5], free), [2, 12, 8, 8], "conv2d"],
  ["uneven pads", (layers, x) => layers.conv("a", x, 8, 3, { ...free, pad: [1, 0, 0, 2] }), [2, 11, 12, 8], "pad conv2d"],
  ["strides by axis", (layers, x) => layers.conv("a", x, 8, 3, { ...free, stride: [1, 2] }), [2, 10, 5, 8], "patches reshape conv2d"],
  ["dilation", (layers, x) => layers.conv("a", x, 8, 3, { ...free, dilation: 2, pad: 2 }), [2, 12, 12, 8], "patches reshape conv2d"],
  [
    "depthwise",
    (layers, x) => layers.depthwise("b", layers.conv("a", x, 8, 1, free), 3, { ...free, stride: 2, pad: 1 }),
    [2, 6, 6, 8],
    "conv2d reshape depthwise",
  ],
  ["depthwise, of the image", (layers, x) => layers.depthwise("a", x, 3, free), [2, 10, 10, 3], "slice reshape depthwise"],
  ["pooling as Caffe's", (layers, x) => layers.pool("p", x, "max", { kernel: 2, stride: 2 }), [2, 6, 6, 4], "maxPool"],
  ["pooling rounded down", (layers, x) => layers.pool("p", x, "max", { kernel: 3, stride: 2 }), [2, 5, 5, 4], "maxWindows"],
  ["a mean that leaves padding out", (layers, x) => layers.pool("p", x, "mean", { kernel: 3, pad: 1 }), [2, 12, 12, 4], "meanWindows"],
  ["a mean of everything", (layers, x) => layers.globalAveragePool("p", x), [2, 1, 1, 4], "averagePool"],
  ["channel shuffle", (layers, x) => layers.channelShuffle("s", x, 2), [2, 12, 12, 4], "reshape permute reshape"],
  ["padding", (layers, x) => layers.pad("p", x, [1, 2, 3, 4]), [2, 16, 18, 4], "pad"],
])("%s", (_title, layers, shape, ops) => {
  const { graph, heads } = built(layers);
  expect(heads[0].logits.shape).toEqual(shape);
  expect(opsOf(graph)).toBe(ops);
  verifyGraph(graph);
});

test("channel shuffle takes the first channel of each group, then the second", () => {
  const { graph, heads } = built((layers, x) => layers.channelShuffle("s", x, 2));
  const x = Float64Array.from({ length: 2 * 144 * 4 }, (_, i) => i);
  expect([...interpret(graph, { x }).of(heads[0].logits).subarray(0, 4)]).toEqual([0, 2, 1, 3]);
});

describe("batch normalisation", () => {
  const layers = (given: FurtherLayers, x: Value): Value =>
    given.batchNorm("bn", given.conv("a", x, 8, 3, { filler: xavier, bias: 0.1 }), { keep: 0.75 });
  const x = noise(2 * 144 * 4);
  const states = {
    "a/weight": noise(3 * 3 * 4 * 8, 2),
    "a/bias": noise(8, 3),
    "bn/scale": noise(8, 4),
    "bn/shift": noise(8, 5),
    "bn/mean": noise(8, 6),
    "bn/variance": noise(8, 7).map((value) => value + 2),
  };

  test("in training takes the batch's moments, and averages them with those it kept", () => {
    const { graph, heads, updates, parameters } = built(layers, { training: true });
    expect(opsOf(graph)).toBe("conv2d batchNorm movingAverage movingAverage");
    const run = interpret(graph, { x }, states);
    const y = run.of(heads[0].logits);
    for (let c = 0; c < 8; c++) {
      const mean = y.filter((_, i) => i % 8 === c).reduce((sum, value) => sum + value, 0) / (y.length / 8);
      expect(mean).toBeCloseTo(states["bn/shift"][c], 9);
    }
    const convolved = run.of(graph.nodes[0].outputs["y"]);
    const mean = convolved.filter((_, i) => i % 8 === 0).reduce((sum, value) => sum + value, 0) / (convolved.length / 8);
    expect(updates.map(({ state }) => state.name)).toEqual(["bn/mean", "bn/variance"]);
    expect(run.of(updates[0].next)[0]).toBeCloseTo(0.75 * states["bn/mean"][0] + 0.25 * mean, 9);
    expect(parameters.filter(({ rateMultiplier }) => rateMultiplier === 0).map(({ name }) => name)).toEqual(["bn/mean", "bn/variance"]);
  });

  test.each([{ frozen: undefined }, { frozen: (layer: string) => layer === "bn", training: true }])(
    "else by those it kept, in the convolution before it",
    (options) => {
      const { graph, heads, updates } = built(layers, options.frozen ? { frozen: options.frozen, training: true } : {});
      expect(updates).toEqual([]);
      const run = interpret(graph, { x }, states);
      const plain = run.of(graph.nodes[0].outputs["y"]);
      const y = run.of(heads[0].logits);
      y.forEach((value, i) => {
        const c = i % 8;
        const normal = (plain[i] - states["bn/mean"][c]) / Math.sqrt(states["bn/variance"][c] + 1e-5);
        expect(Math.abs(value - normal * states["bn/scale"][c] - states["bn/shift"][c])).toBeLessThan(1e-10);
      });
      expect(graph.producer(heads[0].logits)?.op.name).toBe("conv2d");
    },
  );
});

test("network finds the layers that follow the classes, and those that only training has", () => {
  const found = network({
    name: "found",
    size: 12,
    build(layers, x, classes) {
      const y = layers.conv("a", x, 8, 3, free);
      const main = { name: "main", logits: layers.innerProduct("last", y, classes, xavier, 0), lossWeight: 1 };
      return layers.training
        ? [main, { name: "aside", logits: layers.innerProduct("aside", y, classes, xavier, 0), lossWeight: 0.3 }]
        : [main];
    },
  });
  expect(storedSize(found)).toBe(14);
  expect(found).toMatchObject({
    title: "found",
    lastLayers: ["last", "aside"],
    auxiliary: ["aside"],
    mean: [104, 117, 123],
    weightDecay: 5e-4,
  });
});

test.each([
  { network: resnet18, learnt: 11_689_512, last: ["fc"] },
  { network: mobilenet, learnt: 3_504_872, last: ["classifier.1"] },
])("$network.title has torchvision's parameters", ({ network, learnt, last }) => {
  expect(network.lastLayers).toEqual(last);
  for (const { parameters, graph } of [
    scoringGraph({ network, classes: 1000, batch: 1 }),
    trainingGraph({ network, classes: 1000, batch: 2, momentum: 0.9, weightDecay: 1e-4 }),
  ]) {
    const learning = parameters.filter(({ rateMultiplier }) => rateMultiplier > 0);
    expect(learning.reduce((sum, { caffeShape }) => sum + sizeOf(caffeShape), 0)).toBe(learnt);
    verifyGraph(graph);
  }
});
