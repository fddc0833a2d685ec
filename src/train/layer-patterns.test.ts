// Which layers a person means, and what is said where none is.
import { expect, test } from "vitest";
import { expectLayers, namesLayer } from "./layer-patterns.ts";

const LAYERS = ["conv1/7x7_s2", "conv2/3x3", "inception_3a/1x1", "inception_3b/1x1", "loss3/classifier"];
const named = (...patterns: string[]): string[] => LAYERS.filter((layer) => namesLayer(patterns, layer));

test("whole names, beginnings with a star, and everything", () => {
  expect(named("conv2/3x3")).toEqual(["conv2/3x3"]);
  expect(named("inception_3*", "conv1*")).toEqual(["conv1/7x7_s2", "inception_3a/1x1", "inception_3b/1x1"]);
  expect(named("*")).toEqual(LAYERS);
  expect(named("inception_3")).toEqual([]);
  expect(named()).toEqual([]);
});

test.each([
  ["conv2/3x4", '"conv2/3x4" (did you mean conv2/3x3 or'],
  ["inception_3a", '"inception_3a" (did you mean inception_3a/*?)'],
  ["incption_3b/1x1", '"incption_3b/1x1" (did you mean inception_3b/1x1 or inception_3a/1x1?)'],
  ["fc*", '"fc*" (did you mean'],
])("%s: what was meant is suggested", (pattern, told) => {
  expect(() => expectLayers(["conv2/3x3", pattern], LAYERS, "freeze")).toThrow(`cannot freeze ${told}`);
});

test("known names pass", () => {
  expect(() => expectLayers(["*", "conv2/3x3"], LAYERS, "freeze")).not.toThrow();
});
