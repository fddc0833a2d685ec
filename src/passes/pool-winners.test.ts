import { expect, test } from "vitest";
import { differentiate } from "../graph/autodiff.ts";
import { Graph } from "../graph/graph.ts";
import { interpret } from "../graph/interpret.ts";
import { printGraph } from "../graph/print.ts";
import { verifyGraph } from "../graph/verify.ts";
import { add } from "../ops/add.ts";
import { constant } from "../ops/constant.ts";
import { maxPool, maxPoolBackward } from "../ops/max-pool.ts";
import { reshape } from "../ops/reshape.ts";
import { softmaxLoss } from "../ops/softmax-loss.ts";
import { poolWinners } from "./pool-winners.ts";

/** A pool between what learns and its loss: x is a state, so that it has a gradient. */
function pooled(channels: number) {
  const graph = new Graph();
  const x = graph.state("x", [1, 6, 6, channels]);
  const labels = graph.input("labels", [1], "u32");
  const y = graph.add(maxPool, { x }, { size: 3, stride: 2, pad: 0 }, "pool").y;
  const logits = graph.add(reshape, { x: y }, { shape: [1, 9 * channels] }, "logits").y;
  const loss = graph.add(softmaxLoss, { x: logits, labels }, { weight: 1 }, "loss").loss;
  const dx = differentiate(graph, [loss], [x], { add, constant }).get(x);
  if (!dx) throw new Error("x has no gradient");
  graph.output("dx", dx);
  return { graph, dx };
}

test("a pool whose gradient is wanted notes its winners, and its gradient reads them alone", () => {
  const { graph } = pooled(8);
  expect(printGraph(graph)).toMatchInlineSnapshot(`
    "input labels: u32[1]
    state x: f32[1, 6, 6, 8]
    pool: f32[1, 3, 3, 8] = maxPool(x: x) size=3 stride=2 pad=0
    logits: f32[1, 72] = reshape(x: pool) shape=[1, 72]
    loss: f32[1] = softmaxLoss(x: logits, labels: labels) weight=1
    loss.seed: f32[1] = constant() value=1 shape=[1]
    loss.dx: f32[1, 72] = softmaxLossBackward(x: logits, labels: labels, dloss: loss.seed) weight=1
    logits.dx: f32[1, 3, 3, 8] = reshape(x: loss.dx) shape=[1, 3, 3, 8]
    pool.dx: f32[1, 6, 6, 8] = maxPoolBackward(x: x, y: pool, dy: logits.dx) size=3 stride=2 pad=0
    output dx <- pool.dx
    "
  `);
  expect(printGraph(poolWinners.apply(graph))).toMatchInlineSnapshot(`
    "input labels: u32[1]
    state x: f32[1, 6, 6, 8]
    pool: f32[1, 3, 3, 8], pool.winners: u32[1, 3, 3, 2] = maxPoolWinners(x: x) size=3 stride=2 pad=0
    logits: f32[1, 72] = reshape(x: pool) shape=[1, 72]
    loss: f32[1] = softmaxLoss(x: logits, labels: labels) weight=1
    loss.seed: f32[1] = constant() value=1 shape=[1]
    loss.dx: f32[1, 72] = softmaxLossBackward(x: logits, labels: labels, dloss: loss.seed) weight=1
    logits.dx: f32[1, 3, 3, 8] = reshape(x: loss.dx) shape=[1, 3, 3, 8]
    pool.dx: f32[1, 6, 6, 8] = maxPoolBackwardWinners(winners: pool.winners, dy: logits.dx) size=3 stride=2 pad=0 height=6 width=6
    output dx <- pool.dx
    "
  `);
});

test("the gradient is the same", () => {
  const { graph, dx } = pooled(4);
  const after = poolWinners.apply(graph);
  verifyGraph(after);
  // Few values, so that many maxima are equal.
  const feeds = [{ labels: [7] }, { x: Float32Array.from({ length: 144 }, (_, i) => (i * 7) % 5) }] as const;
  const gradient = interpret(after, ...feeds).of(dx);
  expect(gradient).toEqual(interpret(graph, ...feeds).of(dx));
  expect(gradient.some((value) => value !== 0)).toBe(true);
});

test("a ReLU's gate on the pooled image itself becomes a matter of the maxima", () => {
  const graph = new Graph();
  const x = graph.input("x", [1, 5, 5, 4]);
  const dy = graph.input("dy", [1, 2, 2, 4]);
  const attributes = { size: 3, stride: 2, pad: 0 };
  const y = graph.add(maxPool, { x }, attributes, "pool").y;
  const dx = graph.add(maxPoolBackward, { x, y, dy, gate: x }, attributes, "pool.dx").dx;
  graph.output("dx", dx);
  const after = poolWinners.apply(graph);
  expect(printGraph(after)).toMatchInlineSnapshot(`
    "input x: f32[1, 5, 5, 4]
    input dy: f32[1, 2, 2, 4]
    pool: f32[1, 2, 2, 4], pool.winners: u32[1, 2, 2, 1] = maxPoolWinners(x: x) size=3 stride=2 pad=0 positive=true
    pool.dx: f32[1, 5, 5, 4] = maxPoolBackwardWinners(winners: pool.winners, dy: dy) size=3 stride=2 pad=0 height=5 width=5
    output dx <- pool.dx
    "
  `);
  const feeds = {
    x: Float32Array.from({ length: 100 }, (_, i) => Math.max(((i * 7) % 23) - 19, 0)),
    dy: Float32Array.from({ length: 16 }, (_, i) => i + 1),
  };
  const gradient = interpret(after, feeds).of(dx);
  expect(gradient).toEqual(interpret(graph, feeds).of(dx));
  expect(gradient.reduce((sum, value) => sum + value, 0)).toBeLessThan(136);
  expect(gradient.some((value) => value > 0)).toBe(true);
});

test("what bytes cannot be packed of, and what has no gradient, stays", () => {
  const { graph } = pooled(6);
  expect(poolWinners.apply(graph)).toBe(graph);
  const forward = new Graph();
  forward.output("y", forward.add(maxPool, { x: forward.input("x", [1, 6, 6, 8]) }, { size: 3, stride: 2, pad: 0 }, "pool").y);
  expect(poolWinners.apply(forward)).toBe(forward);
});
