// The default choice of a family, by adapter.
import { expect, test } from "vitest";
import { Graph } from "../graph/graph.ts";
import { innerProductBackwardData } from "../ops/inner-product.ts";
import { ADAPTERS } from "./adapters.ts";
import { choose, familiesFor } from "./choose.ts";
import { kernels } from "./index.ts";
import type { Family } from "./kernel.ts";

/** The family that computes the gradient of a classifier's input. */
function familyOf(adapter: string, classes: number, families: readonly Family[] = familiesFor(ADAPTERS[adapter])): Family {
  const graph = new Graph();
  const dy = graph.input("dy", [8, classes]);
  graph.output("dx", graph.add(innerProductBackwardData, { dy, weight: graph.state("weight", [64, classes]) }, {}, "fc").dx);
  return choose({ node: graph.nodes[0] }, { kernels, families, target: ADAPTERS[adapter] }).family;
}

test("a product that no register tile takes is a double loop on a processor with subgroups", () => {
  expect(familyOf("lavapipe", 1000)).toBe("subgroup");
  expect(familyOf("lavapipe", 3)).toBe("textbook");
});

test("it is one in workgroup memory on a GPU, and where that family is asked for", () => {
  expect(familyOf("a GPU with subgroups of 32", 3)).toBe("workgroup");
  expect(familyOf("lavapipe", 3, ["workgroup"])).toBe("workgroup");
});
