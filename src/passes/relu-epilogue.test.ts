import { expect, test } from "vitest";
import { Graph } from "../graph/graph.ts";
import { printGraph } from "../graph/print.ts";
import { activation } from "../ops/activation.ts";
import { conv2d } from "../ops/conv2d.ts";
import { depthwise } from "../ops/depthwise.ts";
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

test.each([
  { beta: 6, alpha: 0, fused: true },
  { beta: 6, alpha: -1, fused: false },
  { beta: 0, alpha: 0, fused: false },
])("a clip between $alpha and $beta goes into the convolution: $fused", ({ alpha, beta, fused }) => {
  const clipped = new Graph();
  const x = clipped.input("x", [1, 4, 4, 8]);
  const filter = clipped.state("filter", [9, 8]);
  const windows = { kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1] } as const;
  for (const [name, y] of [
    ["of a convolution", clipped.add(conv2d, { x, filter: clipped.state("filters", [1, 3, 3, 8, 8]) }, { stride: 1, pad: 1 }, "conv").y],
    ["of a depthwise one", clipped.add(depthwise, { x, filter }, windows, "depthwise").y],
  ] as const)
    clipped.output(name, clipped.add(activation, { x: y }, { kind: "clip", alpha, beta }, `${name}, clipped`).y);
  const after = reluEpilogue.apply(clipped);
  expect(after.nodes.map(({ attributes: { relu: isRelu, most } }) => [isRelu, most])).toEqual(
    fused
      ? [
          [true, 6],
          [true, 6],
        ]
      : Array.from({ length: 4 }, () => [undefined, undefined]),
  );
});

test("a sum that someone else reads stays", () => {
  const { graph, sum } = convolution();
  graph.output("sum", sum);
  expect(reluEpilogue.apply(graph)).toBe(graph);
});
