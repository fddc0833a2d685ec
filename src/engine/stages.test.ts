// Stages of whole training steps, as they are written and as passes may leave them.
import { describe, expect, test } from "vitest";
import type { Graph, Node, Value } from "../graph/graph.ts";
import { op } from "../graph/op.ts";
import { networks } from "../models/index.ts";
import { optimise } from "../passes/index.ts";
import { scoringGraph } from "../train/graphs.ts";
import { trainingGraph } from "../train/training-graphs.ts";
import { blockOf, layerOf, stagesOf, type Stage } from "./stages.ts";

const small = { classes: 3, batch: 2, width: 1 / 8, size: 67 };
const stepOf = (name: string): Graph =>
  trainingGraph({ network: networks[name], ...small, momentum: 0.9, weightDecay: networks[name].weightDecay }).graph;

function stagesIn(graph: Graph): Map<string, Stage> {
  const stage = stagesOf(graph);
  return new Map(graph.nodes.map((node) => [node.label, stage(node)]));
}

describe.each(Object.keys(networks))("%s", (name) => {
  test("as it is written, names and stages agree", () => {
    for (const [label, stage] of stagesIn(stepOf(name))) {
      const wanted = label.endsWith(".step")
        ? "update"
        : /\.(dfilter|dweight|dbias)$/.test(label)
          ? "weight gradients"
          : /\.(dx\d?|seed|d\.sum)$/.test(label)
            ? "data gradients"
            : "forward";
      expect(stage, label).toBe(wanted);
    }
  });

  test("every parameter is updated whatever the passes do, and scoring is forward alone", () => {
    const graph = optimise(stepOf(name));
    const stage = stagesOf(graph);
    for (const { name, next } of graph.states.filter(({ name }) => /^(?!momentum).*\/(weight|bias)$/.test(name)))
      expect(stage(graph.producer(next as Value) as Node), name).toMatch(/update$/);
    expect(new Set(stagesIn(optimise(scoringGraph({ network: networks[name], ...small }).graph)).values())).toEqual(new Set(["forward"]));
  });
});

test("a gradient that is applied where it is made is neither one nor the other, and what it reads stays a gradient of data", () => {
  const graph = stepOf("alexnet");
  const find = (label: string): Node => graph.nodes.find((node) => node.label === label) as Node;
  const [gradient, update] = [find("conv1.dfilter"), find("conv1/weight.step")];
  const { dw: _, ...state } = update.inputs;
  const merged: Node = {
    op: op({ ...gradient.op, inPlace: update.op.inPlace ?? [] }),
    inputs: { ...gradient.inputs, ...state },
    outputs: update.outputs,
    attributes: {},
    label: "conv1.dfilter",
  };
  const stages = stagesIn(graph.derive(graph.nodes.flatMap((node) => (node === gradient ? [merged] : node === update ? [] : [node]))));
  expect(stages.get("conv1.dfilter")).toBe("weight gradients + update");
  expect(stages.get("relu1.dx")).toBe("data gradients");
  expect(stages.get("conv1/bias.step")).toBe("update");
});

test.each([
  ["inception_3a/3x3", "inception_3a/3x3", "inception_3a"],
  ["inception_3a/3x3.dfilter", "inception_3a/3x3", "inception_3a"],
  ["inception_3a/3x3/weight.step.nextV", "inception_3a/3x3", "inception_3a"],
  ["inception_3a/1x1+3x3_reduce+5x5_reduce.dx", "inception_3a/1x1+3x3_reduce+5x5_reduce", "inception_3a"],
  ["fc6/bias.step", "fc6", "fc6"],
])("%s belongs to layer %s of block %s", (label, layer, block) => {
  expect(layerOf({ label })).toBe(layer);
  expect(blockOf(layer)).toBe(block);
});
