import { expect, test } from "vitest";
import { differentiate } from "../graph/autodiff.ts";
import { Graph, type Value } from "../graph/graph.ts";
import { interpret } from "../graph/interpret.ts";
import { printGraph } from "../graph/print.ts";
import { verifyGraph } from "../graph/verify.ts";
import { accumulate, add } from "../ops/add.ts";
import { constant } from "../ops/constant.ts";
import { softmaxLoss } from "../ops/softmax-loss.ts";
import { topK } from "../ops/top-k.ts";
import { lossGradient } from "./loss-gradient.ts";

/** Heads whose losses, and the first one's correct answers, are added up as a training step does; scores are states, so that they have gradients. */
function heads(count: number) {
  const graph = new Graph();
  const labels = graph.input("labels", [3], "u32");
  const scores = Array.from({ length: count }, (_, i) => graph.state(`scores${i}`, [3, 5]));
  const losses = scores.map((x, i) => graph.add(softmaxLoss, { x, labels }, { weight: i === 0 ? 1 : 0.3 }, `loss${i}`).loss);
  const objective = losses.reduce((a, b) => graph.add(add, { a, b }, {}, "objective").y);
  const { correct } = graph.add(topK, { x: scores[0], labels }, { k: 2 }, "accuracy");
  for (const [name, x] of [
    ["loss", objective],
    ["correct", correct],
  ] as const) {
    const total = graph.state(name, [1]);
    graph.update(total, graph.add(accumulate, { total, x }, {}, `${name} sum`).next);
  }
  const gradients = differentiate(graph, losses, scores, { add, constant });
  scores.forEach((x, i) => graph.output(`dx${i}`, gradients.get(x) as Value));
  return { graph, losses };
}

test("three heads are three nodes", () => {
  const { graph } = heads(3);
  expect(printGraph(graph)).toMatchInlineSnapshot(`
    "input labels: u32[3]
    state scores0: f32[3, 5]
    state scores1: f32[3, 5]
    state scores2: f32[3, 5]
    state loss: f32[1]
    state correct: f32[1]
    loss0: f32[1] = softmaxLoss(x: scores0, labels: labels) weight=1
    loss1: f32[1] = softmaxLoss(x: scores1, labels: labels) weight=0.3
    loss2: f32[1] = softmaxLoss(x: scores2, labels: labels) weight=0.3
    objective: f32[1] = add(a: loss0, b: loss1)
    objective#2: f32[1] = add(a: objective, b: loss2)
    accuracy: f32[1] = topK(x: scores0, labels: labels) k=2
    loss sum: f32[1] = accumulate(total: loss, x: objective#2)
    correct sum: f32[1] = accumulate(total: correct, x: accuracy)
    loss.seed: f32[1] = constant() value=1 shape=[1]
    loss2.dx: f32[3, 5] = softmaxLossBackward(x: scores2, labels: labels, dloss: loss.seed) weight=0.3
    loss1.dx: f32[3, 5] = softmaxLossBackward(x: scores1, labels: labels, dloss: loss.seed) weight=0.3
    loss0.dx: f32[3, 5] = softmaxLossBackward(x: scores0, labels: labels, dloss: loss.seed) weight=1
    update loss <- loss sum
    update correct <- correct sum
    output dx0 <- loss0.dx
    output dx1 <- loss1.dx
    output dx2 <- loss2.dx
    "
  `);
  expect(printGraph(lossGradient.apply(graph))).toMatchInlineSnapshot(`
    "input labels: u32[3]
    state scores0: f32[3, 5]
    state scores1: f32[3, 5]
    state scores2: f32[3, 5]
    state loss: f32[1]
    state correct: f32[1]
    loss0: f32[1], loss0.dx: f32[3, 5], loss0.total: f32[1], correct sum: f32[1] = softmaxLossGradient(x: scores0, labels: labels, lossTotal: loss, correctTotal: correct) weight=1 k=2
    loss1: f32[1], loss1.dx: f32[3, 5], loss1.total: f32[1] = softmaxLossGradient(x: scores1, labels: labels, lossTotal: loss0.total) weight=0.3
    loss2: f32[1], loss2.dx: f32[3, 5], loss sum: f32[1] = softmaxLossGradient(x: scores2, labels: labels, lossTotal: loss1.total) weight=0.3
    update loss <- loss sum
    update correct <- correct sum
    output dx0 <- loss0.dx
    output dx1 <- loss1.dx
    output dx2 <- loss2.dx
    "
  `);
});

test.each([1, 2, 3])("gradients and running sums of %i heads are the same", (count) => {
  const { graph } = heads(count);
  const after = lossGradient.apply(graph);
  verifyGraph(after);
  expect(after.nodes).toHaveLength(count);
  const scores = Array.from({ length: count }, (_, i) => [`scores${i}`, Float64Array.from({ length: 15 }, (_, j) => Math.sin(i + 3 * j))]);
  const feeds = [{ labels: [4, 0, 2] }, { ...Object.fromEntries(scores), loss: [10], correct: [7] }] as const;
  const [before, now] = [interpret(graph, ...feeds), interpret(after, ...feeds)];
  for (const value of graph.outputs.values()) expect(now.of(value)).toEqual(before.of(value));
  expect(now.states["correct"]).toEqual(before.states["correct"]);
  expect(now.states["loss"][0]).toBeCloseTo(before.states["loss"][0], 12);
});

test("a loss that someone else reads is summed outside", () => {
  const { graph, losses } = heads(2);
  graph.output("loss", losses[1]);
  const after = lossGradient.apply(graph);
  verifyGraph(after);
  expect(after.nodes.map(({ op }) => op.name)).toEqual(["softmaxLossGradient", "softmaxLossGradient", "add", "accumulate"]);
});

test("a loss without a gradient stays, and so does a gradient that something scales", () => {
  const graph = new Graph();
  const x = graph.state("x", [3, 5]);
  const labels = graph.input("labels", [3], "u32");
  const { loss } = graph.add(softmaxLoss, { x, labels }, { weight: 1 }, "loss");
  graph.output("loss", loss);
  expect(lossGradient.apply(graph)).toBe(graph);
  const twice = graph.add(add, { a: loss, b: loss }, {}, "twice").y;
  graph.output("dx", differentiate(graph, [twice], [x], { add, constant }).get(x) as Value);
  expect(lossGradient.apply(graph)).toBe(graph);
});
