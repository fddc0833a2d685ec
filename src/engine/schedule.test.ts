// The order of a step on random graphs: nothing is used before it is computed or after it is overwritten, and updates do not wait.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Graph, type Node, type Value } from "../graph/graph.ts";
import { gather, plus, split } from "../graph/ops-fixture.ts";
import { schedule } from "./schedule.ts";

/** One node each: 0 adds two values, 1 splits one, 2 adds one to a state and so overwrites it. `picks` choose the operands. */
const recipes = fc.array(fc.record({ kind: fc.nat(2), picks: fc.tuple(fc.nat(), fc.nat()) }), { minLength: 1, maxLength: 30 });

/** A well-formed graph; each state is overwritten once at most, and read only before that. Some values lead nowhere. */
const graphs = fc.tuple(recipes, fc.array(fc.nat(), { maxLength: 3 })).map(([nodes, wanted]) => {
  const graph = new Graph();
  const values = [graph.input("x", [1])];
  const states = nodes.filter(({ kind }) => kind === 2).map((_, i) => graph.state(`s${i}`, [1]));
  const fresh = [...states];
  nodes.forEach(({ kind, picks }, at) => {
    const readable = [...values, ...fresh];
    const [a, b] = picks.map((pick) => readable[pick % readable.length]);
    if (kind === 0) values.push(graph.add(plus, { a, b }, {}, `plus ${at}`).y);
    if (kind === 1) values.push(...Object.values<Value>(graph.add(split, { x: a }, { limit: 0 }, `split ${at}`)));
    if (kind === 2) {
      const [total] = fresh.splice(picks[1] % fresh.length, 1);
      const x = values[picks[0] % values.length];
      graph.update(total, graph.add(gather, { total, x }, {}, `gather ${at}`).next);
    }
  });
  wanted.forEach((pick, i) => graph.output(`y${i}`, values[pick % values.length]));
  return graph;
});

/** Nodes that an output or an update depends on. */
function liveOf(graph: Graph): Set<Node> {
  const live = new Set<Node>();
  const visit = (value: Value): void => {
    const node = graph.producer(value);
    if (!node || live.has(node)) return;
    live.add(node);
    Object.values(node.inputs).forEach(visit);
  };
  [...graph.outputs.values(), ...graph.states.flatMap(({ next }) => next ?? [])].forEach(visit);
  return live;
}

test("what an output or a state needs runs once, and nothing else does", () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const order = schedule(graph);
      expect(new Set(order)).toEqual(liveOf(graph));
      expect(order).toHaveLength(new Set(order).size);
    }),
  );
});

test("every value is made before it is used, and none is used after it was overwritten", () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const made = new Set<Value>([...graph.inputs, ...graph.states.map(({ value }) => value)]);
      for (const { inputs, outputs, op } of schedule(graph)) {
        for (const value of Object.values(inputs)) expect(made.has(value), value.name).toBe(true);
        for (const [input] of op.inPlace ?? []) made.delete(inputs[input]);
        for (const value of Object.values(outputs)) made.add(value);
      }
    }),
  );
});

test("an update runs before any other node, once its inputs are made and nobody else will read what it overwrites", () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const order = schedule(graph);
      order.forEach((update, at) => {
        if (!update.op.inPlace) return;
        const mayRunAfter = (count: number): boolean => {
          const [done, later] = [order.slice(0, count), order.slice(count).filter((node) => node !== update)];
          const x = graph.producer(update.inputs["x"]);
          return (!x || done.includes(x)) && !later.some(({ inputs }) => Object.values(inputs).includes(update.inputs["total"]));
        };
        const waited = order.slice(0, at).filter((node, before) => !node.op.inPlace && mayRunAfter(before));
        expect(
          waited.map(({ label }) => label),
          update.label,
        ).toEqual([]);
      });
    }),
  );
});

test("two updates that overwrite the same value are an error", () => {
  const graph = new Graph();
  const x = graph.input("x", [1]);
  const total = graph.state("total", [1]);
  graph.update(total, graph.add(gather, { total, x }, {}, "add up").next);
  graph.output("y", graph.add(gather, { total, x }, {}, "again").next);
  expect(() => schedule(graph)).toThrow('gather "add up", gather "again" overwrite a value that a later node still reads');
});
