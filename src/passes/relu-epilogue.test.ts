import { expect, test } from "vitest";
import { Graph } from "../graph/graph.ts";
import { printGraph } from "../graph/print.ts";
import { conv2d } from "../ops/conv2d.ts";
import { relu } from "../ops/relu.ts";
import { reluEpilogue } from "./relu-epilogue.ts";

function convolution() {
  const graph = new Graph();
  const x = graph.input("x", [1, 4, 4, 8]);
  const sum = graph.add(conv2d, { x, filter: graph.state("filter", [1, 3, 3, 8, 8]) }, { stride: 1, pad: 1 }, "conv").y;
  const y = graph.add(relu, { x: sum }, {}, "relu").y;
  graph.output("y", y);
  return { graph, sum };
}

test("a ReLU goes into the convolution that only it reads", () => {
  const { graph } = convolution();
  expect(printGraph(graph)).toMatchInlineSnapshot(`
    "input x: f32[1, 4, 4, 8]
    state filter: f32[1, 3, 3, 8, 8]
    conv: f32[1, 4, 4, 8] = conv2d(x: x, filter: filter) stride=1 pad=1
    relu: f32[1, 4, 4, 8] = relu(x: conv)
    output y <- relu
    "
  `);
  expect(printGraph(reluEpilogue.apply(graph))).toMatchInlineSnapshot(`
    "input x: f32[1, 4, 4, 8]
    state filter: f32[1, 3, 3, 8, 8]
    relu: f32[1, 4, 4, 8] = conv2d(x: x, filter: filter) stride=1 pad=1 relu=true
    output y <- relu
    "
  `);
});

test("a sum that someone else reads stays", () => {
  const { graph, sum } = convolution();
  graph.output("sum", sum);
  expect(reluEpilogue.apply(graph)).toBe(graph);
});
