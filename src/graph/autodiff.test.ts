// Differentiation as such: sums over paths, several losses, and that only requested gradients are computed. What each op's own rule
// says is checked in src/ops/gradient.test.ts.
import { expect, test } from "vitest";
import { differentiate } from "./autodiff.ts";
import { Graph, type Value } from "./graph.ts";
import { interpret } from "./interpret.ts";
import { fill, multiply, plus, split } from "./ops-fixture.ts";

const algebra = { add: plus, constant: fill };

/** Gradients of the losses at x = 3, z = 5. */
function gradientsAt(graph: Graph, losses: readonly Value[], wrt: readonly Value[]): number[] {
  const gradients = differentiate(graph, losses, wrt, algebra);
  const step = interpret(graph, { x: [3], z: [5] });
  return wrt.map((value) => step.of(gradients.get(value) as Value)[0]);
}

function twoInputs() {
  const graph = new Graph();
  return { graph, x: graph.input("x", [1]), z: graph.input("z", [1]) };
}

test("a value that is used along several paths collects from all of them", () => {
  const { graph, x, z } = twoInputs();
  const square = graph.add(multiply, { a: x, b: x }, {}, "square").y;
  const cube = graph.add(multiply, { a: square, b: x }, {}, "cube").y;
  const loss = graph.add(plus, { a: cube, b: graph.add(multiply, { a: x, b: z }, {}, "xz").y }, {}, "loss").y;
  // x^3 + x z: 3 x^2 + z and x.
  expect(gradientsAt(graph, [loss], [x, z])).toEqual([32, 3]);
});

test("the gradient of several losses is that of their sum", () => {
  const { graph, x, z } = twoInputs();
  const first = graph.add(multiply, { a: x, b: z }, {}, "first").y;
  const second = graph.add(multiply, { a: first, b: x }, {}, "second").y;
  // x z + x^2 z: a loss that another loss is made of counts for both.
  expect(gradientsAt(graph, [first, second], [x, z])).toEqual([5 + 30, 3 + 9]);
});

test("a loss that is asked about itself has the gradient 1", () => {
  const { graph, x, z } = twoInputs();
  const loss = graph.add(multiply, { a: x, b: z }, {}, "loss").y;
  expect(gradientsAt(graph, [loss], [loss])).toEqual([1]);
});

test("appends nothing for values that nobody asked about", () => {
  const { graph, x, z } = twoInputs();
  const frozen = graph.add(multiply, { a: z, b: z }, {}, "frozen").y;
  const loss = graph.add(multiply, { a: x, b: frozen }, {}, "loss").y;
  differentiate(graph, [loss], [x], algebra);
  expect(graph.nodes.map(({ label }) => label)).toEqual(["frozen", "loss", "loss.seed", "loss.da"]);
});

test("does not walk through a node that no loss depends on, though it has no gradient", () => {
  const { graph, x, z } = twoInputs();
  graph.add(split, { x }, { limit: 1 }, "for people");
  const loss = graph.add(multiply, { a: x, b: z }, {}, "loss").y;
  expect(gradientsAt(graph, [loss], [x])).toEqual([5]);
});

test("says which value no loss depends on, and which op has no gradient", () => {
  const { graph, x, z } = twoInputs();
  const loss = graph.add(multiply, { a: x, b: x }, {}, "loss").y;
  expect(() => differentiate(graph, [loss], [x, z], algebra)).toThrow("no loss depends on z");
  const { high } = graph.add(split, { x: z }, { limit: 1 }, "parts");
  expect(() => differentiate(graph, [high], [z], algebra)).toThrow('split "parts" has no gradient, but a loss depends on it');
});
