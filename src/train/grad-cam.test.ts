// Grad-CAM in float64 against its definition: the gradient by differences of the class score, the map by the formula.
import { describe, expect, test } from "vitest";
import { resnet18 } from "../../examples/networks/resnet18.ts";
import { byDefinition, interpret, type Evaluate, type Interpretation } from "../graph/interpret.ts";
import type { Graph, Value } from "../graph/graph.ts";
import { networks } from "../models/index.ts";
import { philox, unitFloat } from "../tensor/philox.ts";
import { sizeOf } from "../tensor/shape.ts";
import { gradCamGraph, heatPicture } from "./grad-cam.ts";

const uniform = (stream: number, i: number): number => unitFloat(philox([stream, 0], [i, 0, 0, 12])[0]);

/** Noise for pixels, parameters of about unit gain; class 1 is asked about. */
function feedsFor(graph: Graph): { inputs: Record<string, Float64Array>; states: Record<string, Float64Array> } {
  const value = (name: string, stream: number, i: number): number => {
    if (name === "class") return i === 1 ? 1 : 0;
    return name === "pixels" ? Math.floor(uniform(stream, i) * 0x1000000) : 0;
  };
  const filled = ({ name, shape }: Value, stream: number): Float64Array =>
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => value(name, stream, i));
  const weight = ({ shape }: Value, stream: number): Float64Array =>
    Float64Array.from(
      { length: sizeOf(shape) },
      (_, i) => (2 * uniform(stream, i) - 1) * Math.sqrt((3 * shape[shape.length - 1]) / sizeOf(shape)),
    );
  return {
    inputs: Object.fromEntries(graph.inputs.map((input, stream) => [input.name, filled(input, stream)])),
    states: Object.fromEntries(graph.states.map(({ name, value }, stream) => [name, weight(value, stream + 2000)])),
  };
}

describe.each(Object.values(networks))("$title", (network) => {
  const { graph, activation, gradient, score, map } = gradCamGraph({ network, classes: 3, width: 1 / 16, size: 64, pixelScale: 1 / 64 });
  const { inputs, states } = feedsFor(graph);
  const plain = interpret(graph, inputs, states);

  /** The class score once the activation is moved. What comes before it is not computed again. */
  function scoreWith(move: (activation: Float64Array) => void): number {
    const producer = graph.producer(activation);
    const first = graph.nodes.findIndex((node) => node === producer);
    const evaluate: Evaluate = (node, arrays) => {
      if (graph.nodes.indexOf(node) > first) return byDefinition(node, arrays);
      const known = Object.fromEntries(Object.entries(node.outputs).map(([port, value]) => [port, plain.of(value).slice()]));
      if (node === producer) move(known["y"]);
      return known;
    };
    return interpret(graph, inputs, states, evaluate).of(score)[0];
  }

  const slope = (move: (activation: Float64Array, by: number) => void, by = 1e-5): number =>
    (scoreWith((values) => move(values, by)) - scoreWith((values) => move(values, -by))) / (2 * by);
  const largest = (values: Float64Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

  test("takes the last map that is not a pool", () =>
    expect(activation.name).toBe({ AlexNet: "relu5", GoogLeNet: "inception_5b/output" }[network.title]));

  test("the gradient is the slope of the class score along single activations", () => {
    const got = plain.of(gradient);
    expect(largest(got)).toBeGreaterThan(0);
    // Where a ReLU gave 0, a maximum over zeros has no slope.
    const positive = [...got.keys()].filter((i) => plain.of(activation)[i] > 0.01);
    for (let probe = 0; probe < 12; probe++) {
      const at = positive[Math.floor(uniform(7, probe) * positive.length)];
      expect(Math.abs(slope((values, by) => (values[at] += by)) - got[at])).toBeLessThan(1e-6 * largest(got));
    }
  });

  test("a channel's weight is the slope along the whole channel, over its positions", () => {
    const channels = activation.shape[3];
    const positions = plain.of(activation).length / channels;
    const weights = plain.of(weightsOf(graph));
    for (let c = 0; c < channels; c += 3) {
      const along = slope((values, by) => {
        for (let i = c; i < values.length; i += channels) values[i] += by;
      });
      expect(Math.abs(along / positions - weights[c])).toBeLessThan(1e-6 * largest(weights));
    }
  });

  test("the map is the ReLU of the channels' sum by these weights", () => {
    const weights = plain.of(weightsOf(graph));
    const values = plain.of(activation);
    const expected = mapBy(plain, map, (position) =>
      Math.max(
        0,
        weights.reduce((sum, weight, c) => sum + weight * values[position * weights.length + c], 0),
      ),
    );
    expect(largest(expected)).toBeGreaterThan(0);
    plain.of(map).forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThan(1e-12 * largest(expected)));
  });

  test("another layer by its name; an unknown name is reported with the known ones", () => {
    const [layer, channels] = network.title === "AlexNet" ? ["conv3", 24] : ["inception_4a/output", 48];
    const other = gradCamGraph({ network, classes: 3, width: 1 / 16, size: 64 }, layer);
    expect([other.activation.name, other.activation.shape[3]]).toEqual([layer, channels]);
    expect(() => gradCamGraph({ network, classes: 3, size: 64 }, "conv9")).toThrow(/there is no layer "conv9"; the network has conv1.*, /);
  });
});

test("a convolution that batch normalisation has in itself is refused by name; the layer behind it has a map", () => {
  const options = { network: resnet18, classes: 3, width: 1 / 16, size: 32 };
  expect(() => gradCamGraph(options, "conv1")).toThrow(
    /the scores do not depend on layer "conv1" by itself: .* batch normalisation behind it/,
  );
  expect(gradCamGraph(options, "bn1.relu").activation.name).toBe("bn1.relu");
});

const weightsOf = (graph: Graph): Value => graph.nodes.find(({ label }) => label === "cam/weights")?.outputs["y"] as Value;

const mapBy = (plain: Interpretation, map: Value, of: (position: number) => number): Float64Array => plain.of(map).map((_, i) => of(i));

test("heat is brightest where it is largest; without heat the picture stays as it is", () => {
  const picture = { width: 3, height: 1, channels: 1, data: Uint8Array.of(10, 100, 200) } as const;
  const { data } = heatPicture(picture, Float32Array.of(0, 1, 2));
  expect([...data.subarray(0, 3)]).toEqual([10, 10, 10]);
  expect(data[3]).toBeGreaterThan(data[5]);
  // 35 % of 200 and 65 % of (252, 255, 164).
  expect([...data.subarray(6)]).toEqual([234, 236, 177]);
  expect(heatPicture(picture, new Float32Array(3)).data).toEqual(Uint8Array.of(10, 10, 10, 100, 100, 100, 200, 200, 200));
});
