import { expect, test } from "vitest";
import { resnet18 } from "../../examples/networks/resnet18.ts";
import { schedule } from "../engine/schedule.ts";
import { Graph, type Node, type Value } from "../graph/graph.ts";
import { interpret } from "../graph/interpret.ts";
import { printGraph } from "../graph/print.ts";
import { verifyGraph } from "../graph/verify.ts";
import { add } from "../ops/add.ts";
import { concat } from "../ops/concat.ts";
import { conv2d } from "../ops/conv2d.ts";
import { relu } from "../ops/relu.ts";
import { philox, unitFloat } from "../tensor/philox.ts";
import { sizeOf } from "../tensor/shape.ts";
import { scoringGraph } from "../train/graphs.ts";
import { optimise } from "./index.ts";
import { residualSum } from "./residual-sum.ts";

class Block {
  readonly graph = new Graph();
  readonly x = this.graph.add(relu, { x: this.graph.input("image", [1, 3, 3, 8]) }, {}, "x").y;

  conv(name: string, x: Value): Value {
    return this.graph.add(conv2d, { x, filter: this.graph.state(`${name}/w`, [1, 1, 1, 8, 8]) }, { stride: 1, pad: 0 }, name).y;
  }

  relu = (name: string, x: Value): Value => this.graph.add(relu, { x }, {}, name).y;
  sum = (a: Value, b: Value): Value => this.graph.add(add, { a, b }, {}, "sum").y;
}

const fused = (graph: Graph): Node[] => graph.nodes.filter(({ inputs }) => "addend" in inputs);

test("the sum is written over the shortcut by the block's last convolution, which takes the ReLU, too", () => {
  const block = new Block();
  const { graph, x } = block;
  const inner = block.relu("inner", block.conv("conv1", x));
  graph.output("y", block.relu("y", block.sum(block.conv("conv2", inner), x)));
  const after = optimise(graph);
  verifyGraph(after);
  expect(printGraph(after)).toMatchInlineSnapshot(`
    "input image: f32[1, 3, 3, 8]
    state conv1/w: f32[1, 1, 1, 8, 8]
    state conv2/w: f32[1, 1, 1, 8, 8]
    x: f32[1, 3, 3, 8] = relu(x: image)
    inner: f32[1, 3, 3, 8] = conv2d(x: x, filter: conv1/w) stride=1 pad=0 relu=true
    y: f32[1, 3, 3, 8] = conv2d(x: inner, filter: conv2/w, addend: x) stride=1 pad=0 relu=true
    output y <- y
    "
  `);
  expect(schedule(after).map(({ label }) => label)).toEqual(["x", "conv1", "conv2"]);
});

test("where both terms are convolutions, one is written over the other", () => {
  const block = new Block();
  block.graph.output("y", block.sum(block.conv("conv", block.x), block.conv("shortcut", block.x)));
  expect(fused(residualSum.apply(block.graph)).map(({ label, inputs }) => [label, inputs["addend"].name])).toEqual([["conv", "shortcut"]]);
});

test.each<[string, (block: Block) => void]>([
  ["the convolution itself reads the shortcut", (block) => block.graph.output("y", block.sum(block.conv("conv", block.x), block.x))],
  [
    "something reads the shortcut that need not come before",
    (block) => {
      const late = block.conv("late", block.x);
      const y = block.sum(block.conv("conv2", block.conv("conv1", block.x)), block.x);
      block.graph.output("y", block.graph.add(concat, { x0: y, x1: late }, {}, "joined").y);
    },
  ],
  [
    "the shortcut is an output",
    (block) => {
      block.graph.output("x", block.x);
      block.graph.output("y", block.sum(block.conv("conv2", block.conv("conv1", block.x)), block.x));
    },
  ],
  [
    "the shortcut is an input of the step",
    (block) => block.graph.output("y", block.sum(block.conv("conv", block.x), block.graph.inputs[0])),
  ],
  [
    "something else reads the convolution",
    (block) => {
      const term = block.conv("conv2", block.conv("conv1", block.x));
      block.graph.output("term", term);
      block.graph.output("y", block.sum(term, block.x));
    },
  ],
])("the sum stays where %s", (_, build) => {
  const block = new Block();
  build(block);
  expect(residualSum.apply(block.graph)).toBe(block.graph);
});

test("a sum that is written over another value is not part of a join in place", () => {
  const block = new Block();
  const { graph } = block;
  const y = block.sum(block.conv("conv", block.x), block.conv("shortcut", block.x));
  graph.output("joined", graph.add(concat, { x0: y, x1: block.conv("beside", block.x) }, {}, "joined").y);
  const after = optimise(graph);
  expect(fused(after)).toHaveLength(1);
  expect([...after.views.keys()]).not.toContain(y);
});

test("ResNet-18 scores the same with its eight sums in convolutions", () => {
  const { graph } = scoringGraph({ network: resnet18, classes: 3, width: 1 / 16, size: 32, batch: 2 });
  const after = optimise(graph);
  verifyGraph(after);
  expect(fused(after)).toHaveLength(8);
  expect(fused(after).every(({ attributes }) => attributes["relu"])).toBe(true);
  expect(after.nodes.filter(({ op }) => op === add || op === relu)).toEqual([]);
  const values = (shape: readonly number[], stream: number, below = 1): Float64Array =>
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => below * unitFloat(philox([stream, 3], [i, 0, 0, 0])[0]));
  const feeds = Object.fromEntries(
    graph.inputs.map(({ name, shape }) => [name, name === "pixels" ? values(shape, 0, 2 ** 24).map(Math.floor) : values(shape, 0, 0)]),
  );
  const states = Object.fromEntries(graph.states.map(({ name, value: { shape } }, i) => [name, values(shape, i + 1)]));
  const of = (each: Graph): Float64Array => interpret(each, feeds, states).of(each.outputs.get("p") as Value);
  of(after).forEach((p, i) => expect(p).toBeCloseTo(of(graph)[i], 9));
});
