// The text of a graph, and that the hash follows it.
import { expect, test } from "vitest";
import { Graph } from "./graph.ts";
import { hashGraph, printGraph } from "./print.ts";
import { gather, split } from "./ops-fixture.ts";

interface Spelling {
  readonly limit?: number;
  readonly length?: number;
  readonly label?: string;
  readonly output?: string;
}

function sample({ limit = 0.5, length = 4, label = "parts", output = "y" }: Spelling = {}): Graph {
  const graph = new Graph();
  const x = graph.input("x", [length]);
  const total = graph.state("total", [length]);
  const { high, low } = graph.add(split, { x }, { limit }, label);
  graph.update(total, graph.add(gather, { total, x: low }, {}, "add up").next);
  graph.output(output, high);
  return graph;
}

test("one line for each input, state, node, update and output", () => {
  expect(printGraph(sample())).toBe(`input x: f32[4]
state total: f32[4]
parts: f32[4], parts.low: f32[4] = split(x: x) limit=0.5
add up: f32[4] = gather(total: total, x: parts.low)
update total <- add up
output y <- parts
`);
});

test("the hash is sixteen hexadecimal digits, the same for the same text and another for another", () => {
  const hashes = [{}, { limit: 0.25 }, { length: 5 }, { label: "halves" }, { output: "z" }].map((spelling) => hashGraph(sample(spelling)));
  expect(hashes[0]).toMatch(/^[0-9a-f]{16}$/);
  expect(hashGraph(sample())).toBe(hashes[0]);
  expect(new Set(hashes).size).toBe(5);
});
