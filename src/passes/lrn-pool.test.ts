import { expect, test } from "vitest";
import { Graph } from "../graph/graph.ts";
import { interpret } from "../graph/interpret.ts";
import { printGraph } from "../graph/print.ts";
import { verifyGraph } from "../graph/verify.ts";
import { lrn, lrnBackward } from "../ops/lrn.ts";
import { maxPoolBackwardWinners, maxPoolWinners } from "../ops/max-pool-winners.ts";
import { maxPool } from "../ops/max-pool.ts";
import { lrnPool } from "./lrn-pool.ts";

const normalisation = { size: 5, alpha: 1, beta: 0.75, k: 1 };
const window = { size: 3, stride: 2, pad: 0 };

/** As pool-winners and relu-gate leave it. */
function normalisedAndPooled(gated: boolean) {
  const graph = new Graph();
  const x = graph.input("x", [1, 5, 5, 8]);
  const dy = graph.input("dy", [1, 2, 2, 8]);
  const normed = graph.add(lrn, { x }, normalisation, "norm").y;
  const { y, winners } = graph.add(maxPoolWinners, { x: normed }, window, "pool");
  const slopes = graph.add(maxPoolBackwardWinners, { winners, dy }, { ...window, height: 5, width: 5 }, "pool.dx").dx;
  const { dx } = graph.add(lrnBackward, { x, dy: slopes, ...(gated && { gate: x }) }, normalisation, "norm.dx");
  graph.output("y", y);
  graph.output("dx", dx);
  return { graph, y, dx, normed, slopes };
}

test("normalisation and pool are one node each way, and so is the ReLU before them", () => {
  const { graph } = normalisedAndPooled(true);
  expect(printGraph(graph)).toMatchInlineSnapshot(`
    "input x: f32[1, 5, 5, 8]
    input dy: f32[1, 2, 2, 8]
    norm: f32[1, 5, 5, 8] = lrn(x: x) size=5 alpha=1 beta=0.75 k=1
    pool: f32[1, 2, 2, 8], pool.winners: u32[1, 2, 2, 2] = maxPoolWinners(x: norm) size=3 stride=2 pad=0
    pool.dx: f32[1, 5, 5, 8] = maxPoolBackwardWinners(winners: pool.winners, dy: dy) size=3 stride=2 pad=0 height=5 width=5
    norm.dx: f32[1, 5, 5, 8] = lrnBackward(x: x, dy: pool.dx, gate: x) size=5 alpha=1 beta=0.75 k=1
    output y <- pool
    output dx <- norm.dx
    "
  `);
  expect(printGraph(lrnPool.apply(graph))).toMatchInlineSnapshot(`
    "input x: f32[1, 5, 5, 8]
    input dy: f32[1, 2, 2, 8]
    pool: f32[1, 2, 2, 8], pool.winners: u32[1, 2, 2, 2] = lrnMaxPool(x: x) size=3 stride=2 pad=0 lrnSize=5 alpha=1 beta=0.75 k=1
    norm.dx: f32[1, 5, 5, 8] = lrnMaxPoolBackward(x: x, winners: pool.winners, dy: dy) size=3 stride=2 pad=0 lrnSize=5 alpha=1 beta=0.75 k=1 positive=true
    output y <- pool
    output dx <- norm.dx
    "
  `);
});

test.each([false, true])("outputs and gradients are the same, gated: %s", (gated) => {
  const { graph, y, dx } = normalisedAndPooled(gated);
  const after = lrnPool.apply(graph);
  verifyGraph(after);
  expect(after.nodes).toHaveLength(2);
  const feeds = {
    x: Float64Array.from({ length: 200 }, (_, i) => Math.max(Math.sin(7 * i), gated ? 0 : -1)),
    dy: Float64Array.from({ length: 32 }, (_, i) => Math.cos(i)),
  };
  const [before, now] = [interpret(graph, feeds), interpret(after, feeds)];
  expect(now.of(y)).toEqual(before.of(y));
  expect(now.of(dx)).toEqual(before.of(dx));
});

test("without a gradient the pool goes in all the same", () => {
  const graph = new Graph();
  const normed = graph.add(lrn, { x: graph.input("x", [1, 5, 5, 8]) }, normalisation, "norm").y;
  graph.output("y", graph.add(maxPool, { x: normed }, window, "pool").y);
  const after = lrnPool.apply(graph);
  verifyGraph(after);
  expect(after.nodes.map(({ op }) => op.name)).toEqual(["lrnMaxPool"]);
});

test("a normalised image that someone else reads is stored, and a gradient that someone else reads as well", () => {
  const read = normalisedAndPooled(false);
  read.graph.output("normed", read.normed);
  expect(lrnPool.apply(read.graph)).toBe(read.graph);
  const { graph, slopes } = normalisedAndPooled(false);
  graph.output("slopes", slopes);
  expect(lrnPool.apply(graph).nodes.map(({ op }) => op.name)).toEqual(["lrnMaxPool", "maxPoolBackwardWinners", "lrnBackward"]);
});
