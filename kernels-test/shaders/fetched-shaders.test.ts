// Sessions on a platform that holds the shaders of scoring and fetches the others when asked, as a browser does; Dawn's null back end compiles them.
import { beforeEach, expect, test } from "vitest";
import { openEngine, type Engine } from "../../src/engine/engine.ts";
import { Session, type SessionOptions } from "../../src/engine/session.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { networks } from "../../src/models/index.ts";
import { openNodePlatform } from "../../src/platform/node.ts";
import { UnknownShader } from "../../src/platform/platform.ts";
import { scoringGraph } from "../../src/train/graphs.ts";
import { scoringShaders } from "../../src/train/scoring-shaders.ts";
import { trainingGraph } from "../../src/train/training-graphs.ts";

let engine: Engine;
let fetches: number;

beforeEach(async () => {
  const platform = await openNodePlatform({ backend: "null" });
  const first = scoringShaders((name) => platform.shader(name));
  fetches = 0;
  engine = await openEngine({
    ...platform,
    shader(name) {
      if (fetches === 0 && !first.includes(name)) throw new UnknownShader(name, first);
      return platform.shader(name);
    },
    async loadShaders() {
      fetches++;
    },
  });
  return () => engine.dispose();
});

async function fetchesOf(graph: Graph, options?: SessionOptions): Promise<number> {
  (await Session.open(engine, graph, options)).dispose();
  engine.check();
  return fetches;
}

test.each(Object.entries(networks))("%s scores without a fetch, learns and runs other kernels after one", async (_, network) => {
  const options = { network, classes: 10, width: 1 / 8, size: 64, batch: 1 };
  expect(await fetchesOf(scoringGraph(options).graph)).toBe(0);
  const training = { ...options, momentum: 0.9, weightDecay: network.weightDecay };
  expect(await fetchesOf(trainingGraph(training).graph)).toBe(1);
  expect(await fetchesOf(scoringGraph(options).graph, { families: ["textbook"] })).toBe(1);
});

test("kernels that are named are fetched for scoring, too", async () => {
  const { graph } = scoringGraph({ network: networks["alexnet"], classes: 10, width: 1 / 8, size: 67, batch: 1 });
  expect(await fetchesOf(graph, { families: ["textbook"] })).toBe(1);
});

test("a shader that is nowhere is an error after one fetch", async () => {
  await expect(engine.withShaders(() => engine.shader("absent.wgsl", {}))).rejects.toThrow('"absent.wgsl": not in shaders/');
  expect(fetches).toBe(1);
});
