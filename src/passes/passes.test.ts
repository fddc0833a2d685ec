// What each pass takes out of a small graph and puts in, as text.
import { expect, test } from "vitest";
import { Graph, type Value } from "../graph/graph.ts";
import { add } from "../ops/add.ts";
import { concat } from "../ops/concat.ts";
import { conv2d } from "../ops/conv2d.ts";
import { dropout } from "../ops/dropout.ts";
import { innerProduct } from "../ops/inner-product.ts";
import { maxPool } from "../ops/max-pool.ts";
import { relu } from "../ops/relu.ts";
import { reshape } from "../ops/reshape.ts";
import { changes, trained } from "./fixture.ts";

/** fc, ReLU, dropout, classifier. */
function classifier(): Graph {
  const graph = new Graph();
  const random = graph.input("random", [4], "u32");
  const layer = (name: string, x: Value, outputs: number): Value =>
    graph.add(
      innerProduct,
      { x, weight: graph.state(`${name}/w`, [x.shape[1], outputs]), bias: graph.state(`${name}/b`, [outputs]) },
      {},
      name,
    ).y;
  const hidden = graph.add(relu, { x: layer("fc", graph.input("x", [2, 8]), 16) }, {}, "relu").y;
  return trained(graph, layer("scores", graph.add(dropout, { x: hidden, random }, { ratio: 0.5, stream: 1 }, "drop").y, 4));
}

/** An inception module after a convolution, with its output pooled to scores. */
function module(): Graph {
  const graph = new Graph();
  const conv = (name: string, x: Value, outputs: number, size = 1): Value => {
    const filter = graph.state(`${name}/w`, [1, size, size, x.shape[3], outputs]);
    const bias = graph.state(`${name}/b`, [outputs]);
    const sum = graph.add(conv2d, { x, filter, bias }, { stride: 1, pad: (size - 1) / 2 }, name).y;
    return graph.add(relu, { x: sum }, {}, `${name}/relu`).y;
  };
  const x = conv("stem", graph.input("x", [1, 2, 2, 4]), 8);
  const pooled = graph.add(maxPool, { x }, { size: 3, stride: 1, pad: 1 }, "pool").y;
  const branches = [
    conv("1x1", x, 4),
    conv("3x3", conv("3x3r", x, 8), 4, 3),
    conv("5x5", conv("5x5r", x, 4), 4, 5),
    conv("proj", pooled, 4),
  ];
  const joined = graph.add(concat, Object.fromEntries(branches.map((branch, i) => [`x${i}`, branch])), {}, "output").y;
  const flat = graph.add(reshape, { x: joined }, { shape: [1, 64] }, "flat").y;
  return trained(graph, graph.add(innerProduct, { x: flat, weight: graph.state("scores/w", [64, 4]) }, {}, "scores").y);
}

test("dropout goes into the inner product, and its gradient derives the mask from y", () => {
  expect(changes(classifier(), "dropout-epilogue", ["relu-epilogue"])).toMatchInlineSnapshot(`
    "
    - relu: f32[2, 16] = innerProduct(x: x, weight: fc/w, bias: fc/b) relu=true
    - drop: f32[2, 16] = dropout(x: relu, random: random) ratio=0.5 stream=1
    - drop.dx: f32[2, 16] = dropout(x: scores.dx, random: random) ratio=0.5 stream=1
    - relu.dx: f32[2, 16] = reluBackward(y: relu, dy: drop.dx)
    + drop: f32[2, 16] = innerProduct(x: x, weight: fc/w, bias: fc/b, random: random) relu=true dropout=(ratio=0.5 stream=1)
    + relu.dx: f32[2, 16] = reluBackward(y: drop, dy: scores.dx) scale=2
    "
  `);
});

test("sums of gradients go into the gradients", () => {
  expect(changes(module(), "gradient-sum")).toMatchInlineSnapshot(`
    "
    - 3x3r.dx: f32[1, 2, 2, 8] = conv2dBackwardData(dy: 3x3r/relu.dx, filter: 3x3r/w) stride=1 pad=0 height=2 width=2
    - stem/relu.d.sum: f32[1, 2, 2, 8] = add(a: 5x5r.dx, b: 3x3r.dx)
    - 1x1.dx: f32[1, 2, 2, 8] = conv2dBackwardData(dy: 1x1/relu.dx, filter: 1x1/w) stride=1 pad=0 height=2 width=2
    - stem/relu.d.sum#2: f32[1, 2, 2, 8] = add(a: stem/relu.d.sum, b: 1x1.dx)
    - pool.dx: f32[1, 2, 2, 8] = maxPoolBackward(x: stem/relu, y: pool, dy: proj.dx) size=3 stride=1 pad=1
    - stem/relu.d.sum#3: f32[1, 2, 2, 8] = add(a: stem/relu.d.sum#2, b: pool.dx)
    + stem/relu.d.sum: f32[1, 2, 2, 8] = conv2dBackwardData(dy: 3x3r/relu.dx, filter: 3x3r/w, addend: 5x5r.dx) stride=1 pad=0 height=2 width=2
    + stem/relu.d.sum#2: f32[1, 2, 2, 8] = conv2dBackwardData(dy: 1x1/relu.dx, filter: 1x1/w, addend: stem/relu.d.sum) stride=1 pad=0 height=2 width=2
    + stem/relu.d.sum#3: f32[1, 2, 2, 8] = maxPoolBackward(x: stem/relu, y: pool, dy: proj.dx, addend: stem/relu.d.sum#2) size=3 stride=1 pad=1
    "
  `);
});

test("gates of ReLU go into what makes the gradients, those of a join's parts into one of the whole", () => {
  expect(changes(module(), "relu-gate", ["relu-epilogue", "gradient-sum"])).toMatchInlineSnapshot(`
    "
    - scores.dx: f32[1, 64] = innerProductBackwardData(dy: loss.dx, weight: scores/w)
    - flat.dx: f32[1, 2, 2, 16] = reshape(x: scores.dx) shape=[1, 2, 2, 16]
    - output.dx0: f32[1, 2, 2, 4] = slice(x: flat.dx) first=0 count=4
    - output.dx1: f32[1, 2, 2, 4] = slice(x: flat.dx) first=4 count=4
    - output.dx2: f32[1, 2, 2, 4] = slice(x: flat.dx) first=8 count=4
    - output.dx3: f32[1, 2, 2, 4] = slice(x: flat.dx) first=12 count=4
    - proj/relu.dx: f32[1, 2, 2, 4] = reluBackward(y: proj/relu, dy: output.dx3)
    - 5x5/relu.dx: f32[1, 2, 2, 4] = reluBackward(y: 5x5/relu, dy: output.dx2)
    - 5x5.dx: f32[1, 2, 2, 4] = conv2dBackwardData(dy: 5x5/relu.dx, filter: 5x5/w) stride=1 pad=2 height=2 width=2
    - 5x5r/relu.dx: f32[1, 2, 2, 4] = reluBackward(y: 5x5r/relu, dy: 5x5.dx)
    - 3x3/relu.dx: f32[1, 2, 2, 4] = reluBackward(y: 3x3/relu, dy: output.dx1)
    - 3x3.dx: f32[1, 2, 2, 8] = conv2dBackwardData(dy: 3x3/relu.dx, filter: 3x3/w) stride=1 pad=1 height=2 width=2
    - 3x3r/relu.dx: f32[1, 2, 2, 8] = reluBackward(y: 3x3r/relu, dy: 3x3.dx)
    - 1x1/relu.dx: f32[1, 2, 2, 4] = reluBackward(y: 1x1/relu, dy: output.dx0)
    - stem/relu.d.sum#3: f32[1, 2, 2, 8] = maxPoolBackward(x: stem/relu, y: pool, dy: proj.dx, addend: stem/relu.d.sum#2) size=3 stride=1 pad=1
    - stem/relu.dx: f32[1, 2, 2, 8] = reluBackward(y: stem/relu, dy: stem/relu.d.sum#3)
    + scores.dx: f32[1, 64] = innerProductBackwardData(dy: loss.dx, weight: scores/w, gate: flat)
    + output.dx: f32[1, 2, 2, 16] = reshape(x: scores.dx) shape=[1, 2, 2, 16]
    + 1x1/relu.dx: f32[1, 2, 2, 4] = slice(x: output.dx) first=0 count=4
    + 3x3/relu.dx: f32[1, 2, 2, 4] = slice(x: output.dx) first=4 count=4
    + 5x5/relu.dx: f32[1, 2, 2, 4] = slice(x: output.dx) first=8 count=4
    + proj/relu.dx: f32[1, 2, 2, 4] = slice(x: output.dx) first=12 count=4
    + 5x5r/relu.dx: f32[1, 2, 2, 4] = conv2dBackwardData(dy: 5x5/relu.dx, filter: 5x5/w, gate: 5x5r/relu) stride=1 pad=2 height=2 width=2
    + 3x3r/relu.dx: f32[1, 2, 2, 8] = conv2dBackwardData(dy: 3x3/relu.dx, filter: 3x3/w, gate: 3x3r/relu) stride=1 pad=1 height=2 width=2
    + stem/relu.dx: f32[1, 2, 2, 8] = maxPoolBackward(x: stem/relu, y: pool, dy: proj.dx, addend: stem/relu.d.sum#2, gate: stem/relu) size=3 stride=1 pad=1
    "
  `);
});

test("gradients of weight and bias go into their update", () => {
  expect(changes(classifier(), "update")).toMatchInlineSnapshot(`
    "
    - scores.dweight: f32[16, 4] = innerProductBackwardWeight(x: drop, dy: loss.dx)
    - scores.dbias: f32[4] = sumPixels(x: loss.dx)
    - fc.dweight: f32[8, 16] = innerProductBackwardWeight(x: x, dy: relu.dx)
    - fc.dbias: f32[16] = sumPixels(x: relu.dx)
    - fc/w.step: f32[8, 16], fc/w.step.nextV: f32[8, 16] = sgd(w: fc/w, v: fc/w.v, dw: fc.dweight, rate: rate) momentum=0.9 decay=0.1 rateMultiplier=1
    - fc/b.step: f32[16], fc/b.step.nextV: f32[16] = sgd(w: fc/b, v: fc/b.v, dw: fc.dbias, rate: rate) momentum=0.9 decay=0.1 rateMultiplier=1
    - scores/w.step: f32[16, 4], scores/w.step.nextV: f32[16, 4] = sgd(w: scores/w, v: scores/w.v, dw: scores.dweight, rate: rate) momentum=0.9 decay=0.1 rateMultiplier=1
    - scores/b.step: f32[4], scores/b.step.nextV: f32[4] = sgd(w: scores/b, v: scores/b.v, dw: scores.dbias, rate: rate) momentum=0.9 decay=0.1 rateMultiplier=1
    + fc/w.step: f32[8, 16], fc/w.step.nextV: f32[8, 16], fc/b.step: f32[16], fc/b.step.nextV: f32[16] = innerProductUpdate(x: x, dy: relu.dx, w: fc/w, v: fc/w.v, bias: fc/b, biasV: fc/b.v, rate: rate) momentum=0.9 decay=0.1 rateMultiplier=1 biasDecay=0.1 biasRateMultiplier=1
    + scores/w.step: f32[16, 4], scores/w.step.nextV: f32[16, 4], scores/b.step: f32[4], scores/b.step.nextV: f32[4] = innerProductUpdate(x: drop, dy: loss.dx, w: scores/w, v: scores/w.v, bias: scores/b, biasV: scores/b.v, rate: rate) momentum=0.9 decay=0.1 rateMultiplier=1 biasDecay=0.1 biasRateMultiplier=1
    "
  `);
});

test("layers whose outputs are added have one gradient, and each updates its own bias", () => {
  const graph = new Graph();
  const x = graph.input("x", [2, 8]);
  const layer = (name: string): Value =>
    graph.add(innerProduct, { x, weight: graph.state(`${name}/w`, [8, 4]), bias: graph.state(`${name}/b`, [4]) }, {}, name).y;
  const scores = graph.add(add, { a: layer("main"), b: layer("shortcut") }, {}, "sum").y;
  const updates = changes(trained(graph, scores), "update").match(/\+ .*innerProductUpdate\(.*?\)/g) ?? [];
  expect(updates.map((line) => [...line.matchAll(/(?:w|bias): (\w+)/g)].map(([, name]) => name))).toEqual([
    ["main", "main"],
    ["shortcut", "shortcut"],
  ]);
});

test("the 1x1 convolutions of a module that share its input become one", () => {
  expect(changes(module(), "inception", ["relu-epilogue", "gradient-sum", "relu-gate", "update"])).toMatchInlineSnapshot(`
    "
    - 1x1/relu: f32[1, 2, 2, 4] = conv2d(x: stem/relu, filter: 1x1/w, bias: 1x1/b) stride=1 pad=0 relu=true
    - 3x3r/relu: f32[1, 2, 2, 8] = conv2d(x: stem/relu, filter: 3x3r/w, bias: 3x3r/b) stride=1 pad=0 relu=true
    - 5x5r/relu: f32[1, 2, 2, 4] = conv2d(x: stem/relu, filter: 5x5r/w, bias: 5x5r/b) stride=1 pad=0 relu=true
    - 5x5r.dx: f32[1, 2, 2, 8] = conv2dBackwardData(dy: 5x5r/relu.dx, filter: 5x5r/w) stride=1 pad=0 height=2 width=2
    - stem/relu.d.sum: f32[1, 2, 2, 8] = conv2dBackwardData(dy: 3x3r/relu.dx, filter: 3x3r/w, addend: 5x5r.dx) stride=1 pad=0 height=2 width=2
    - stem/relu.d.sum#2: f32[1, 2, 2, 8] = conv2dBackwardData(dy: 1x1/relu.dx, filter: 1x1/w, addend: stem/relu.d.sum) stride=1 pad=0 height=2 width=2
    - 1x1/w.step: f32[1, 1, 1, 8, 4], 1x1/w.step.nextV: f32[1, 1, 1, 8, 4], 1x1/b.step: f32[4], 1x1/b.step.nextV: f32[4] = conv2dUpdate(x: stem/relu, dy: 1x1/relu.dx, w: 1x1/w, v: 1x1/w.v, bias: 1x1/b, biasV: 1x1/b.v, rate: rate) stride=1 pad=0 momentum=0.9 decay=0.1 rateMultiplier=1 biasDecay=0.1 biasRateMultiplier=1
    - 3x3r/w.step: f32[1, 1, 1, 8, 8], 3x3r/w.step.nextV: f32[1, 1, 1, 8, 8], 3x3r/b.step: f32[8], 3x3r/b.step.nextV: f32[8] = conv2dUpdate(x: stem/relu, dy: 3x3r/relu.dx, w: 3x3r/w, v: 3x3r/w.v, bias: 3x3r/b, biasV: 3x3r/b.v, rate: rate) stride=1 pad=0 momentum=0.9 decay=0.1 rateMultiplier=1 biasDecay=0.1 biasRateMultiplier=1
    - 5x5r/w.step: f32[1, 1, 1, 8, 4], 5x5r/w.step.nextV: f32[1, 1, 1, 8, 4], 5x5r/b.step: f32[4], 5x5r/b.step.nextV: f32[4] = conv2dUpdate(x: stem/relu, dy: 5x5r/relu.dx, w: 5x5r/w, v: 5x5r/w.v, bias: 5x5r/b, biasV: 5x5r/b.v, rate: rate) stride=1 pad=0 momentum=0.9 decay=0.1 rateMultiplier=1 biasDecay=0.1 biasRateMultiplier=1
    + 1x1/relu: f32[1, 2, 2, 4], 3x3r+5x5r: f32[1, 2, 2, 12] = inception(x: stem/relu, filter0: 1x1/w, bias0: 1x1/b, filter1: 3x3r/w, bias1: 3x3r/b, filter2: 5x5r/w, bias2: 5x5r/b) relu=true
    + 3x3r/relu: f32[1, 2, 2, 8] = slice(x: 3x3r+5x5r) first=0 count=8
    + 5x5r/relu: f32[1, 2, 2, 4] = slice(x: 3x3r+5x5r) first=8 count=4
    + 3x3r+5x5r.dy: f32[1, 2, 2, 12] = concat(x0: 3x3r/relu.dx, x1: 5x5r/relu.dx)
    + stem/relu.d.sum#2: f32[1, 2, 2, 8] = inceptionBackwardData(dy: 1x1/relu.dx, dreduced: 3x3r+5x5r.dy, filter0: 1x1/w, filter1: 3x3r/w, filter2: 5x5r/w)
    + 1x1/w.step: f32[1, 1, 1, 8, 4], 1x1/w.step.nextV: f32[1, 1, 1, 8, 4], 1x1/b.step: f32[4], 1x1/b.step.nextV: f32[4], 3x3r/w.step: f32[1, 1, 1, 8, 8], 3x3r/w.step.nextV: f32[1, 1, 1, 8, 8], 3x3r/b.step: f32[8], 3x3r/b.step.nextV: f32[8], 5x5r/w.step: f32[1, 1, 1, 8, 4], 5x5r/w.step.nextV: f32[1, 1, 1, 8, 4], 5x5r/b.step: f32[4], 5x5r/b.step.nextV: f32[4] = inceptionUpdate(x: stem/relu, dy: 1x1/relu.dx, dreduced: 3x3r+5x5r.dy, filter0: 1x1/w, filter0V: 1x1/w.v, bias0: 1x1/b, bias0V: 1x1/b.v, filter1: 3x3r/w, filter1V: 3x3r/w.v, bias1: 3x3r/b, bias1V: 3x3r/b.v, filter2: 5x5r/w, filter2V: 5x5r/w.v, bias2: 5x5r/b, bias2V: 5x5r/b.v, rate: rate) momentum=0.9 decay=0.1 rateMultiplier=1 biasDecay=0.1 biasRateMultiplier=1
    "
  `);
});

test("joins and cuts become views", () => {
  expect(changes(module(), "concat-in-place", ["relu-epilogue", "gradient-sum", "relu-gate", "update", "inception"]))
    .toMatchInlineSnapshot(`
      "
      + view 3x3r/relu = 3x3r+5x5r[..., 0:8]
      + view 5x5r/relu = 3x3r+5x5r[..., 8:12]
      + view 1x1/relu = output[..., 0:4]
      + view 3x3/relu = output[..., 4:8]
      + view 5x5/relu = output[..., 8:12]
      + view proj/relu = output[..., 12:16]
      + view 1x1/relu.dx = output.dx[..., 0:4]
      + view 3x3/relu.dx = output.dx[..., 4:8]
      + view 5x5/relu.dx = output.dx[..., 8:12]
      + view proj/relu.dx = output.dx[..., 12:16]
      + view 3x3r/relu.dx = 3x3r+5x5r.dy[..., 0:8]
      + view 5x5r/relu.dx = 3x3r+5x5r.dy[..., 8:12]
      "
    `);
});
