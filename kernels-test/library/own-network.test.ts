// Networks of a program's own in the library: an ONNX file is loaded and classifies, another is trained.
import { afterAll, beforeAll, expect, test } from "vitest";
import { resnet18 } from "../../examples/networks/resnet18.ts";
import { seededWeights } from "../../bench/peers/workload.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { openDevice, type Device } from "../../src/index.ts";
import { modelFamily, network, xavier } from "../../src/networks.ts";
import { statesOf } from "../../src/onnx/model-fixture.ts";
import { readOnnx, TORCHVISION, writeOnnx } from "../../src/onnx.ts";
import { inferenceGraph } from "../../src/train/graphs.ts";

let device: Device;
beforeAll(async () => {
  device = await openDevice();
});
afterAll(() => device.dispose());

const SIZE = 64;
const labels = ["ant", "bee", "cow"];

test("an ONNX file is loaded without another file, and its scores are those of float64", async () => {
  const made = inferenceGraph({ network: resnet18, classes: 3, width: 1 / 16, size: SIZE, batch: 1 });
  const weights = new Map(
    [...seededWeights(made.parameters)].map(([name, value]) => [
      name,
      name.endsWith("/variance") ? { ...value, data: value.data.map((each) => 1 + each) } : value,
    ]),
  );
  const file = writeOnnx(resnet18, weights, { labels, width: 1 / 16, size: SIZE, preprocessing: TORCHVISION });
  const read = readOnnx(file, { file: "animals.onnx" });
  const net = await modelFamily(read).load(device);
  expect(net.labels).toEqual(labels);

  // One colour everywhere: crops and scales do not matter.
  const [red, green, blue] = [200, 50, 120];
  const pixels = Uint8Array.from({ length: 3 * 80 * 80 }, (_, i) => [red, green, blue][i % 3]);
  const guesses = await net.classify({ width: 80, height: 80, channels: 3, data: pixels }, { top: 3 });
  net.dispose();

  const { graph, parameters } = inferenceGraph({ network: read, classes: 3, size: SIZE, batch: 1 });
  const plane = SIZE * SIZE;
  const image = Float64Array.from({ length: 3 * plane }, (_, i) => [blue - 103.53, green - 116.28, red - 123.675][Math.floor(i / plane)]);
  const value = graph.outputs.get("p");
  if (!value) throw new Error("the graph has no p");
  const p = interpret(graph, { image }, statesOf({ parameters, weights: read.weights })).of(value);
  for (const { label, score } of guesses) expect(score).toBeCloseTo(p[labels.indexOf(label)], 4);
  expect(guesses.map(({ label }) => label).toSorted()).toEqual(labels);
});

test("models of an own network start at random, of one with weights from these", () => {
  const own = network({
    name: "own",
    size: 32,
    build: (layers, x, classes) => layers.innerProduct("fc", layers.conv("a", x, 8, 3, { filler: xavier, bias: null }), classes, xavier, 0),
  });
  expect(modelFamily(own)({ classes: 4 })).toMatchObject({ classes: 4, size: 32, init: null });
  expect(modelFamily({ ...own, weights: new Map(), labels: null })({ classes: 4 }).init).toMatchObject({ name: "own" });
});
