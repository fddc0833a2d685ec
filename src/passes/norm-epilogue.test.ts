import { expect, test } from "vitest";
import { mobilenet } from "../../examples/networks/mobilenet.ts";
import { resnet18 } from "../../examples/networks/resnet18.ts";
import { Graph, type Value } from "../graph/graph.ts";
import { verifyGraph } from "../graph/verify.ts";
import { activation } from "../ops/activation.ts";
import { add } from "../ops/add.ts";
import { batchNorm } from "../ops/batch-norm.ts";
import { relu } from "../ops/relu.ts";
import { trainingGraph } from "../train/training-graphs.ts";
import { changes } from "./fixture.ts";
import { optimise } from "./index.ts";
import { normEpilogue } from "./norm-epilogue.ts";

/** Two normalised values, their sum and its ReLU. */
function block() {
  const graph = new Graph();
  const norm = (name: string): Value =>
    graph.add(
      batchNorm,
      { x: graph.input(`${name}.x`, [2, 3, 3, 8]), scale: graph.state(`${name}/scale`, [8]), shift: graph.state(`${name}/shift`, [8]) },
      { epsilon: 1e-5 },
      name,
    ).y;
  const [first, second] = [norm("first"), norm("second")];
  const sum = graph.add(add, { a: first, b: second }, {}, "sum").y;
  graph.output("y", graph.add(relu, { x: sum }, {}, "y").y);
  return { graph, first, second, sum };
}

test("the sum goes into the later of its terms, and the ReLU after it", () => {
  expect(changes(block().graph, "norm-epilogue")).toMatchInlineSnapshot(`
    "
    - second: f32[2, 3, 3, 8], second.mean: f32[8], second.variance: f32[8] = batchNorm(x: second.x, scale: second/scale, shift: second/shift) epsilon=0.00001
    - sum: f32[2, 3, 3, 8] = add(a: first, b: second)
    - y: f32[2, 3, 3, 8] = relu(x: sum)
    + y: f32[2, 3, 3, 8], second.mean: f32[8], second.variance: f32[8] = batchNorm(x: second.x, scale: second/scale, shift: second/shift, addend: first) epsilon=0.00001 relu=true
    "
  `);
});

test.each(["sum", "second"] as const)("what somebody else reads stays: %s", (name) => {
  const made = block();
  made.graph.output("other", made[name]);
  const after = normEpilogue.apply(made.graph);
  verifyGraph(after);
  expect(after.nodes.some(({ op }) => op === add)).toBe(name === "second");
  expect(after.nodes.some(({ op }) => op === relu)).toBe(true);
});

test("all ReLU6 of a training step of MobileNetV2 lie in normalisations, and gates read y", () => {
  const { graph } = trainingGraph({ network: mobilenet, classes: 3, width: 1 / 16, size: 32, batch: 2, momentum: 0.9, weightDecay: 1e-4 });
  const after = optimise(graph, ["norm-epilogue"]);
  verifyGraph(after);
  expect(graph.nodes.filter(({ op }) => op === activation)).toHaveLength(35);
  expect(after.nodes.filter(({ op }) => op === activation)).toEqual([]);
  expect(after.nodes.filter(({ attributes }) => attributes["most"] === 6)).toHaveLength(35);
});

test("all sums and ReLUs of a training step of ResNet-18 lie in normalisations", () => {
  const { graph } = trainingGraph({ network: resnet18, classes: 3, width: 1 / 16, size: 32, batch: 2, momentum: 0.9, weightDecay: 1e-4 });
  const after = optimise(graph, ["norm-epilogue"]);
  verifyGraph(after);
  const forward = after.nodes.filter(({ op, label }) => op === relu || (op === add && label.endsWith(".add")));
  expect(forward).toEqual([]);
  const norms = after.nodes.filter(({ op }) => op === batchNorm);
  expect(norms.filter(({ inputs }) => "addend" in inputs)).toHaveLength(8);
  expect(norms.filter(({ attributes }) => attributes["relu"])).toHaveLength(17);
});
