// What a graph keeps and what it refuses while it is written.
import { expect, test } from "vitest";
import { Graph } from "./graph.ts";
import { gather, plus, split } from "./ops-fixture.ts";

test("values are named after their label, later ones of the same name are numbered", () => {
  const graph = new Graph();
  const x = graph.input("x", [3]);
  const first = graph.add(plus, { a: x, b: x }, {}, "sum").y;
  const second = graph.add(plus, { a: first, b: x }, {}, "sum").y;
  const { high, low } = graph.add(split, { x: second }, { limit: 0 }, "parts");
  expect([first, second, high, low].map(({ name }) => name)).toEqual(["sum", "sum#2", "parts", "parts.low"]);
  expect(new Set([x, first, second, high, low].map(({ id }) => id)).size).toBe(5);
});

test("a value knows the node that makes it; inputs and states have none", () => {
  const graph = new Graph();
  const x = graph.input("x", [3]);
  const total = graph.state("total", [3]);
  const { next } = graph.add(gather, { total, x }, {}, "add up");
  expect(graph.producer(next)).toBe(graph.nodes[0]);
  expect([graph.producer(x), graph.producer(total)]).toEqual([undefined, undefined]);
});

test("an optional input that is absent leaves no port", () => {
  const graph = new Graph();
  const x = graph.input("x", [3]);
  graph.add(plus, { a: x, b: x, c: undefined } as { a: typeof x; b: typeof x }, {}, "sum");
  expect(Object.keys(graph.nodes[0].inputs)).toEqual(["a", "b"]);
});

test("names of states and outputs are given once, and a state is updated once", () => {
  const graph = new Graph();
  const x = graph.input("x", [3]);
  const total = graph.state("total", [3]);
  const { next } = graph.add(gather, { total, x }, {}, "add up");
  graph.update(total, next);
  graph.output("y", next);
  expect(() => graph.state("total", [3])).toThrow('there is a state "total" already');
  expect(() => graph.update(total, next)).toThrow('state "total" is updated twice');
  expect(() => graph.update(x, next)).toThrow('"x" is not a state and cannot be updated');
  expect(() => graph.output("y", x)).toThrow('there is an output "y" already');
});
