// The verifier on graphs that are broken one way each, as a faulty pass would break them.
import { expect, test } from "vitest";
import { Graph, type Node, type Value } from "./graph.ts";
import { gather, multiply, plus } from "./ops-fixture.ts";
import { verifyGraph } from "./verify.ts";

/** y = (x + x) x; total becomes total + y. */
function wellFormed() {
  const graph = new Graph();
  const x = graph.input("x", [2]);
  const total = graph.state("total", [2]);
  const sum = graph.add(plus, { a: x, b: x }, {}, "sum").y;
  const y = graph.add(multiply, { a: sum, b: x }, {}, "product").y;
  const { next } = graph.add(gather, { total, x: y }, {}, "add up");
  graph.update(total, next);
  graph.output("y", y);
  return { graph, x, total, sum, y, next };
}

/** Replaces a node's parts unchecked, which passes cannot do. */
function tamper(graph: Graph, at: number, change: Partial<Node>): void {
  graph.nodes[at] = { ...graph.nodes[at], ...change };
}

test("passes a graph that is well formed", () => {
  expect(() => verifyGraph(wellFormed().graph)).not.toThrow();
});

test("finds a value that is used before it is computed", () => {
  const { graph } = wellFormed();
  graph.nodes.splice(0, 2, graph.nodes[1], graph.nodes[0]);
  expect(() => verifyGraph(graph)).toThrow('multiply "product": a uses "sum" before it is computed');
});

test("finds a shape or type that the op's rule does not give", () => {
  const { graph, sum } = wellFormed();
  tamper(graph, 0, { outputs: { y: { ...sum, shape: [3] } } });
  expect(() => verifyGraph(graph)).toThrow('plus "sum": y is f32[3], its rule says f32[2]');
  tamper(graph, 0, { outputs: { y: { ...sum, dtype: "u32" } } });
  expect(() => verifyGraph(graph)).toThrow('plus "sum": y is u32[2], its rule says f32[2]');
});

test("finds a value that is made twice", () => {
  const { graph, sum } = wellFormed();
  tamper(graph, 1, { outputs: { y: sum } });
  expect(() => verifyGraph(graph)).toThrow('multiply "product": y computes "sum" a second time');
});

test("finds a value that is read after it was overwritten", () => {
  const { graph, total, x } = wellFormed();
  graph.add(plus, { a: total, b: x }, {}, "late");
  expect(() => verifyGraph(graph)).toThrow('plus "late": a reads "total" after gather "add up" has overwritten it');
});

test("finds updates and outputs that nothing makes, and updates of another shape", () => {
  const { graph, x } = wellFormed();
  const stranger: Value = { ...x, name: "stranger" };
  graph.update(graph.state("other", [2]), stranger);
  graph.update(graph.state("longer", [3]), x);
  graph.output("lost", stranger);
  expect(() => verifyGraph(graph)).toThrow(
    /state "other" becomes "stranger", which no node computes\n.*state "longer" \[3\] cannot become \[2\]\n.*output "lost" is "stranger"/,
  );
});
