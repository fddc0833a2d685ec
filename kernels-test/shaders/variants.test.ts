// Every shader variant that the project asks for is valid WGSL: those of all cases, and those that both networks are made of on several machines.
// Dawn's null back end compiles them, which checks everything and computes nothing; it has WebGPU's default limits, so what needs more is compiled by
// the current adapter.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openEngine, type Engine } from "../../src/engine/engine.ts";
import { graphOf } from "../../src/verify/judge.ts";
import { stemOf, type LinkedShader } from "../../src/engine/linker.ts";
import type { Storage } from "../../src/engine/planner.ts";
import { planFor } from "../../src/engine/session.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { ADAPTERS } from "../../src/kernels/adapters.ts";
import type { Case } from "../../src/kernels/cases/case.ts";
import { candidates } from "../../src/kernels/choose.ts";
import { cases } from "../../src/kernels/cases/index.ts";
import { allKernels } from "../../src/kernels/all.ts";
import type { KernelName } from "../../src/kernels/index.ts";
import { FAMILIES, type Target } from "../../src/kernels/kernel.ts";
import { networks } from "../../src/models/index.ts";
import { ops } from "../../src/ops/index.ts";
import { openNodePlatform } from "../../src/platform/node.ts";
import { inferenceGraph, scoringGraph } from "../../src/train/graphs.ts";
import { startGraph, trainingGraph } from "../../src/train/training-graphs.ts";
import { testEngine } from "../support/engine.ts";

const opened = openNodePlatform({ backend: "null" }).then((platform) => openEngine(platform));
/** Variants by where they were compiled. */
const compiled = { null: new Set<string>(), adapter: new Set<string>() };

async function compile(engine: Engine, shader: LinkedShader): Promise<void> {
  if (compiled.null.has(shader.name) || compiled.adapter.has(shader.name)) return;
  try {
    await engine.compile(shader);
    engine.check();
    compiled.null.add(shader.name);
  } catch (error) {
    if (!String(error).includes("maximum allowed")) throw error;
    const adapter = await testEngine();
    await adapter.compile(shader);
    adapter.check();
    compiled.adapter.add(shader.name);
  }
}

/** Compiles what every family launches for a graph, as on the adapter that `target` describes; returns the variants. */
async function compileAll(graph: Graph, target: Partial<Target>, storage: Storage = "f32"): Promise<Set<string>> {
  const engine = await opened;
  await engine.loadHalves();
  const launched = FAMILIES.flatMap((family) => planFor(engine, graph, { families: [family], target, storage }).launches);
  const shaders = new Map(launched.map(({ shader }) => [shader.name, shader]));
  for (const shader of shaders.values()) await compile(engine, shader);
  return new Set(shaders.keys());
}

/** Compiles all that a tuner may try for a graph; returns how many ways that are. */
async function compileCandidates(graph: Graph, target: Partial<Target>): Promise<number> {
  const engine = await opened;
  const choices = graph.nodes.flatMap((node) => candidates({ node }, allKernels, FAMILIES, { ...engine.target, ...target }));
  for (const { shader, slots, params } of choices.flatMap(({ lowering }) => lowering.launches)) {
    await compile(engine, engine.shader(shader, { ...(slots && { slots }), ...(params && { params }) }));
  }
  return choices.length;
}

/** `work` done once for each key, whichever test asks first. */
function once<K, T>(work: (key: K) => Promise<T>): (key: K) => Promise<T> {
  const done = new Map<K, Promise<T>>();
  return (key) => {
    const known = done.get(key) ?? work(key);
    done.set(key, known);
    return known;
  };
}

const OPS = Object.keys(cases) as KernelName[];

/** Compiles all cases of an op on several machines; for each, how many variants there are or how many ways a tuner may try. */
const compileOp = once(async (name: KernelName): Promise<number[]> => {
  const counts: number[] = [];
  for (const tested of Object.values<Case>(cases[name])) {
    const { graph } = graphOf(ops[name], tested);
    counts.push((await compileAll(graph, { ...tested.target, subgroupSize: 0, cpu: false })).size);
    for (const subgroupSize of [8, 32])
      counts.push(await compileCandidates(graph, { ...tested.target, subgroupSize, cpu: false, workgroupMemoryBytes: 32_768 }));
    for (const subgroupSize of [4, 8]) counts.push((await compileAll(graph, { ...tested.target, subgroupSize, cpu: true })).size);
  }
  return counts;
});

test.each(OPS)("the shaders of %s compile in every variant", async (name) => {
  expect(Math.min(...(await compileOp(name)))).toBeGreaterThan(0);
});

const MATRICES = ["16 x 16 x 16", "8 x 16 x 16", "8 x 8 x 8"];

const MATRIX_OPS = OPS.filter((name) => allKernels[name].matrix !== undefined);

/** Compiles the products of all ops on matrix units of M x N x K; returns the variants. */
const compileMatrix = once(async (extents: string): Promise<Set<string>> => {
  const [M, N, K] = extents.split(" x ").map(Number);
  const engine = await openEngine(await openNodePlatform({ backend: "null", enable: ["allow_unsafe_apis"] }));
  expect(engine.device.features.has("chromium-experimental-subgroup-matrix")).toBe(true);
  const variants = new Set<string>();
  for (const name of MATRIX_OPS) {
    for (const tested of Object.values<Case>(cases[name])) {
      const target = { ...tested.target, cpu: false, subgroupSize: 32, subgroupMatrix: { M, N, K } };
      const { launches } = planFor(engine, graphOf(ops[name], tested).graph, { families: ["matrix"], target });
      for (const { shader } of launches.filter(({ family }) => family === "matrix")) {
        await compile(engine, shader);
        variants.add(shader.name);
      }
    }
  }
  engine.dispose();
  return variants;
});

test.each(MATRICES)("products on matrix units compile: %s; running them needs an adapter that has them", async (extents) => {
  const variants = [...(await compileMatrix(extents))];
  const K = extents.replace(/^.* /, "");
  expect(variants.filter((variant) => variant.startsWith("gemm-matrix ") && variant.includes(`K=${K}`)).length).toBeGreaterThan(6);
});

test("every shader of an op is compiled by one of its cases", { timeout: 600_000 }, async () => {
  for (const name of OPS) await compileOp(name);
  for (const extents of MATRICES) await compileMatrix(extents);
  const stems = new Set([...compiled.null, ...compiled.adapter].map((variant) => variant.split(" ")[0]));
  const folder = fileURLToPath(new URL("../../shaders/", import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".wgsl"));
  const entries = files.filter((file) => readFileSync(folder + file, "utf8").includes("@compute"));
  // joined-sums works for several ops at once: kernels-test/engine/joined-launches.test.ts runs it.
  const unused = entries
    .map(stemOf)
    .filter((stem) => !stems.has(stem) && !/^((roof|measure)-|(gather|histogram|moments|strongest|joined-sums)$)/.test(stem));
  expect(unused).toEqual([]);
});

/** Compiles the graphs of both networks' lives on a machine, by every family; returns the variants of each graph. */
const compileNetworks = once(async (machine: string): Promise<{ readonly training: boolean; readonly variants: Set<string> }[]> => {
  const engine = await opened;
  const target = { ...engine.target, ...ADAPTERS[machine] };
  const made: { training: boolean; variants: Set<string> }[] = [];
  for (const network of Object.values(networks)) {
    const options = { network, classes: 1000, batch: 4, momentum: 0.9, weightDecay: network.weightDecay };
    for (const make of [startGraph, scoringGraph, inferenceGraph])
      made.push({ training: false, variants: await compileAll(make(options).graph, target) });
    made.push({ training: true, variants: await compileAll(trainingGraph(options).graph, target) });
    const halves = trainingGraph({ ...options, scaledLoss: true }).graph;
    made.push({ training: true, variants: await compileAll(halves, target, "f16") });
  }
  return made;
});

test.each(Object.keys(ADAPTERS))("both networks at full width compile on %s, every family", async (machine) => {
  const made = await compileNetworks(machine);
  expect(made).toHaveLength(Object.keys(networks).length * 5);
  for (const { training, variants } of made) if (training) expect(variants.size).toBeGreaterThan(30);
  const halved = made.map(({ variants }) => [...variants].filter((name) => name.includes("halves=")).length);
  expect(halved.filter((count) => count > 10)).toHaveLength(Object.keys(networks).length);
});

test("none was left out", { timeout: 600_000 }, async ({ annotate }) => {
  const made = [];
  for (const machine of Object.keys(ADAPTERS)) made.push(...(await compileNetworks(machine)));
  const ofNetworks = new Set(made.flatMap(({ variants }) => [...variants]));
  const { null: byNull, adapter } = compiled;
  await annotate(
    `${byNull.size} variants compiled by the null back end, ${adapter.size} by the adapter; ${ofNetworks.size} of them are the networks' own`,
  );
  expect([...ofNetworks].filter((name) => !byNull.has(name) && !adapter.has(name))).toEqual([]);
  expect(ofNetworks.size).toBeGreaterThan(100);
});
