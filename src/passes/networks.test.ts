// Every pass leaves the meaning of training graphs alone, of both networks and of a residual one: each by itself, and all of them together, in float64.
import { describe, expect, test } from "vitest";
import { resnet18 } from "../../examples/networks/resnet18.ts";
import type { Graph } from "../graph/graph.ts";
import { interpret } from "../graph/interpret.ts";
import { verifyGraph } from "../graph/verify.ts";
import { networks } from "../models/index.ts";
import { philox, unitFloat } from "../tensor/philox.ts";
import { sizeOf } from "../tensor/shape.ts";
import { trainingGraph } from "../train/training-graphs.ts";
import { optimise, PASSES } from "./index.ts";

const uniform = (stream: number, i: number): number => unitFloat(philox([stream, 0], [i, 0, 0, 11])[0]);

/** One step on noise from parameters that are noise. */
function step(graph: Graph): Record<string, Float64Array> {
  const feeds = Object.fromEntries(
    graph.inputs.map(({ name, shape, dtype }, stream) => [
      name,
      Float64Array.from({ length: sizeOf(shape) }, (_, i) => {
        if (name === "rate") return [0.01, 1][i];
        if (name === "pixels") return Math.floor(uniform(stream, i) * 0x1000000);
        return dtype === "u32" ? Math.floor(uniform(stream, i) * 2) : uniform(stream, i);
      }),
    ]),
  );
  const states = Object.fromEntries(
    graph.states.map(({ name, value: { shape } }, stream) => [
      name,
      Float64Array.from(
        { length: sizeOf(shape) },
        (_, i) => (2 * uniform(stream, i) - 1) * Math.sqrt(shape[shape.length - 1] / sizeOf(shape)),
      ),
    ]),
  );
  return interpret(graph, feeds, states).states;
}

describe.each([...Object.values(networks), resnet18])("$title", (network) => {
  const options = { network, classes: 3, width: 1 / 16, size: 64, batch: 2, pixelScale: 1 / 64, momentum: 0.9, weightDecay: 5e-4 };
  const { graph } = trainingGraph(options);
  const expected = step(graph);

  /** Largest difference of any state, relative to the largest of its values. */
  function difference(rewritten: Graph): number {
    const got = step(rewritten);
    return Math.max(
      ...Object.entries(expected).map(([name, values]) => {
        const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-30);
        return values.reduce((most, value, i) => Math.max(most, Math.abs(value - got[name][i])), 0) / largest;
      }),
    );
  }

  test.each([...PASSES.map((name) => ({ title: `${name} alone`, names: [name] })), { title: "all passes", names: PASSES }])(
    "means the same after $title",
    ({ names }) => {
      const rewritten = optimise(graph, names);
      verifyGraph(rewritten);
      // Sums are taken in another order; nothing else differs.
      expect(difference(rewritten)).toBeLessThan(1e-11);
    },
  );

  test("is another graph after all of them", () => {
    // In training, most nodes of a residual network are those of batch normalisation.
    expect(optimise(graph).nodes.length).toBeLessThan(graph.nodes.length / (network === resnet18 ? 1.1 : 1.9));
  });
});
