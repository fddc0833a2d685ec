// The float64 judge on graphs whose results a person can work out.
import { expect, test } from "vitest";
import { Graph } from "./graph.ts";
import { interpret } from "./interpret.ts";
import { gather, multiply, split } from "./ops-fixture.ts";

/** total becomes total + x^2. */
function sumOfSquares() {
  const graph = new Graph();
  const x = graph.input("x", [2]);
  const total = graph.state("total", [2]);
  const square = graph.add(multiply, { a: x, b: x }, {}, "square").y;
  graph.update(total, graph.add(gather, { total, x: square }, {}, "add up").next);
  return { graph, x, total, square };
}

test("gives every value of the step, and the states as the step leaves them", () => {
  const { graph, square, total } = sumOfSquares();
  const result = interpret(graph, { x: [3, -4] }, { total: [1, 1] });
  expect([...result.of(square)]).toEqual([9, 16]);
  expect([...result.of(total)]).toEqual([1, 1]);
  expect([...result.states["total"]]).toEqual([10, 17]);
});

test("a state starts at zero, and one that nothing updates stays", () => {
  const { graph } = sumOfSquares();
  graph.state("kept", [1]);
  const { states } = interpret(graph, { x: [3, -4] }, { kept: [7] });
  expect([...states["total"]]).toEqual([9, 16]);
  expect([...states["kept"]]).toEqual([7]);
});

test("works in float64", () => {
  const { graph, square } = sumOfSquares();
  expect(interpret(graph, { x: [1 + 2 ** -40, 0] }).of(square)[0]).toBe(1 + 2 ** -39 + 2 ** -80);
});

test("gives all outputs of a node", () => {
  const graph = new Graph();
  const { high, low } = graph.add(split, { x: graph.input("x", [3]) }, { limit: 2 }, "parts");
  const result = interpret(graph, { x: [1, 2, 3] });
  expect([[...result.of(high)], [...result.of(low)]]).toEqual([
    [0, 0, 3],
    [1, 2, 0],
  ]);
});

test("refuses what does not fit, by name and shape", () => {
  const { graph } = sumOfSquares();
  const stranger = new Graph().input("stranger", [1]);
  expect(() => interpret(graph, {})).toThrow('input "x" [2] was not fed');
  expect(() => interpret(graph, { x: [1, 2, 3] })).toThrow('input "x" [2] needs 2 values, got 3');
  expect(() => interpret(graph, { x: [1, 2] }, { total: [1] })).toThrow('state "total" [2] needs 2 values, got 1');
  expect(() => interpret(graph, { x: [1, 2] }).of(stranger)).toThrow('"stranger" does not belong to this graph');
});
