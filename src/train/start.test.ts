// What a network of another input size can take from a file of weights.
import { expect, test } from "vitest";
import { alexnet } from "../models/alexnet.ts";
import { googlenet } from "../models/googlenet.ts";
import type { Network } from "../models/network.ts";
import type { Shape } from "../tensor/shape.ts";
import { deadShareOf, newLayers } from "./start.ts";
import { trainingGraph } from "./training-graphs.ts";

/** Shapes of the published file: full width, the paper's size, 1000 classes. */
const published = (network: Network): Map<string, { readonly shape: Shape }> =>
  new Map(
    trainingGraph({ network, classes: 1000, batch: 1, momentum: 0, weightDecay: 0 }).parameters.map(({ name, caffeShape }) => [
      name,
      { shape: caffeShape },
    ]),
  );
const without = <T>(map: Map<string, T>, prefix: string): Map<string, T> => new Map([...map].filter(([name]) => !name.startsWith(prefix)));

test("at the paper's size nothing is new but the last layers, at 128 pixels the inner products too", () => {
  expect(newLayers(alexnet, published(alexnet), { width: 1, size: 227 })).toEqual([]);
  expect(newLayers(googlenet, published(googlenet), { width: 1, size: 224 })).toEqual([]);
  expect(newLayers(alexnet, published(alexnet), { width: 1, size: 128 })).toEqual(["fc6", "fc7"]);
  expect(newLayers(googlenet, published(googlenet), { width: 1, size: 128 })).toEqual(["loss1/fc", "loss2/fc"]);
});

test("legacy shapes of four extents are compared by their last two", () => {
  const legacy = new Map(
    [...published(alexnet)].map(([name, { shape }]) => [name, { shape: shape.length === 2 ? [1, 1, ...shape] : shape }]),
  );
  expect(newLayers(alexnet, legacy, { width: 1, size: 227 })).toEqual([]);
  expect(newLayers(alexnet, legacy, { width: 1, size: 128 })).toEqual(["fc6", "fc7"]);
});

test("a convolutional trunk alone lacks the inner products; auxiliary heads may be absent", () => {
  expect(newLayers(alexnet, without(published(alexnet), "fc"), { width: 1, size: 128 })).toEqual(["fc6", "fc7"]);
  expect(newLayers(googlenet, without(published(googlenet), "loss"), { width: 1, size: 128 })).toEqual([]);
});

test("another width makes no layer new: the file is of another network, and loading says so", () => {
  expect(newLayers(alexnet, published(alexnet), { width: 1 / 4, size: 227 })).toEqual([]);
});

test("the share of dead units is that of the worst layer; layers without a ReLU have none", () => {
  const layer = (dead: number | null) => ({ name: "conv", deviation: 1, dead });
  expect(deadShareOf({ layers: [layer(0.1), layer(0.6), layer(null)] })).toBe(0.6);
  expect(deadShareOf({ layers: [layer(null)] })).toBe(0);
});
