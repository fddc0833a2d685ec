// Memory traffic by plans: on a graph whose bytes can be counted by hand.
import { expect, test } from "vitest";
import { planOn } from "../../src/cli/targets.ts";
import { Graph } from "../../src/graph/graph.ts";
import { ADAPTERS } from "../../src/kernels/adapters.ts";
import { innerProduct } from "../../src/ops/inner-product.ts";
import { conv2dUpdate } from "../../src/ops/update.ts";
import { relu } from "../../src/ops/relu.ts";
import { boundOf, trafficOf } from "./traffic.ts";

const MACHINE = { name: "a GPU", target: ADAPTERS["a GPU with subgroups of 32"], maxBufferBytes: 2 ** 31 };

test("the bound of a forward pass is its inputs and states, and nothing in between", () => {
  const graph = new Graph();
  const x = graph.input("x", [8, 32]);
  const { y } = graph.add(innerProduct, { x, weight: graph.state("weight", [32, 16]) }, {}, "fc");
  graph.output("y", graph.add(relu, { x: y }, {}, "relu").y);
  expect(boundOf(graph)).toBe(4 * (8 * 32 + 32 * 16));
});

test("an update reads and writes its states, and what the forward pass made is written once and read once", () => {
  const graph = new Graph();
  const image = graph.input("image", [1, 32, 32, 8]);
  const x = graph.add(relu, { x: image }, {}, "relu").y;
  graph.output("x", x);
  const states = { w: [1, 1, 1, 8, 8], v: [1, 1, 1, 8, 8], bias: [8], biasV: [8] };
  const [w, v, bias, biasV] = Object.entries(states).map(([name, shape]) => graph.state(name, shape));
  // Reading the parameter makes its update one.
  graph.output("seen", graph.add(relu, { x: w }, {}, "reader").y);
  const attributes = { stride: 1, pad: 0, momentum: 0.9, decay: 0, rateMultiplier: 1, biasDecay: 0, biasRateMultiplier: 1 };
  const rate = graph.input("rate", [2]);
  const dy = graph.input("dy", [1, 32, 32, 8]);
  const next = graph.add(conv2dUpdate, { x, dy, w, v, bias, biasV, rate }, attributes, "update");
  graph.update(w, next.nextW);
  graph.update(v, next.nextV);
  graph.update(bias, next.nextBias);
  graph.update(biasV, next.nextBiasV);
  const pixels = 32 * 32 * 8;
  expect(boundOf(graph)).toBe(4 * (2 * pixels + 2 + 2 * (2 * 64 + 2 * 8) + 2 * pixels));

  const { moved } = trafficOf(planOn(MACHINE, graph, undefined));
  const parts = 8; // of 128 pixels each, as few as are worth a workgroup
  const size = 9 * 8; // the filter's sums and the bias's
  expect(moved["split sums and updates"]).toBe(4 * size * (parts + 4) + 4 * size * parts);
});
