// Every shader variant that the house asks for is valid WGSL: those of all cases, and those that both networks are made of on several machines.
// Dawn's null back end compiles them, which checks everything and computes nothing; it has WebGPU's default limits, so what needs more is compiled by
// the adapter at hand.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openEngine, type Engine } from "../../src/engine/engine.ts";
import { graphOf } from "../../src/verify/judge.ts";
import { stemOf, type LinkedShader } from "../../src/engine/linker.ts";
import type { Storage } from "../../src/engine/planner.ts";
import { planFor } from "../../src/engine/session.ts";
import type { Graph } from "../../src/graph/graph.ts";
import type { Case } from "../../src/kernels/cases/case.ts";
import { candidates } from "../../src/kernels/choose.ts";
import { cases } from "../../src/kernels/cases/index.ts";
import { kernels, type KernelName } from "../../src/kernels/index.ts";
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
  const choices = graph.nodes.flatMap((node) => candidates({ node }, kernels, FAMILIES, { ...engine.target, ...target }));
  for (const { shader, slots, params } of choices.flatMap(({ lowering }) => lowering.launches)) {
    await compile(engine, engine.shader(shader, { ...(slots && { slots }), ...(params && { params }) }));
  }
  return choices.length;
}

test.each(Object.keys(cases) as KernelName[])("the shaders of %s compile in every variant", async (name) => {
  for (const tested of Object.values<Case>(cases[name])) {
    const { graph } = graphOf(ops[name], tested);
    expect((await compileAll(graph, { ...tested.target, subgroupSize: 0, cpu: false })).size).toBeGreaterThan(0);
    for (const subgroupSize of [8, 32]) {
      const machine = { ...tested.target, subgroupSize, cpu: false, workgroupMemoryBytes: 32_768 };
      expect(await compileCandidates(graph, machine)).toBeGreaterThan(0);
    }
    expect((await compileAll(graph, { ...tested.target, subgroupSize: 8, cpu: true })).size).toBeGreaterThan(0);
  }
});

const MATRICES = [
  [16, 16, 16],
  [8, 16, 16],
  [8, 8, 8],
].map(([M, N, K]) => ({ M, N, K }));

test.each(MATRICES)(
  "forward products on matrix units compile: $M x $N x $K; running them needs an adapter that has them",
  async (matrix) => {
    const engine = await openEngine(await openNodePlatform({ backend: "null", enable: ["allow_unsafe_apis"] }));
    expect(engine.device.features.has("chromium-experimental-subgroup-matrix")).toBe(true);
    for (const name of ["conv2d", "innerProduct"] as const) {
      for (const tested of Object.values<Case>(cases[name])) {
        const target = { ...tested.target, cpu: false, subgroupSize: 32, subgroupMatrix: matrix };
        const { launches } = planFor(engine, graphOf(ops[name], tested).graph, { families: ["matrix"], target });
        for (const { shader } of launches.filter(({ family }) => family === "matrix")) await compile(engine, shader);
      }
    }
    const variants = [...compiled.null].filter((variant) => variant.startsWith("gemm-matrix ") && variant.includes(`K=${matrix.K}`));
    expect(variants.length).toBeGreaterThan(2);
    engine.dispose();
  },
);

test("every shader of an op is compiled by one of its cases", () => {
  const stems = new Set([...compiled.null, ...compiled.adapter].map((variant) => variant.split(" ")[0]));
  const folder = fileURLToPath(new URL("../../shaders/", import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".wgsl"));
  const entries = files.filter((file) => readFileSync(folder + file, "utf8").includes("@compute"));
  const unused = entries.map(stemOf).filter((stem) => !stems.has(stem) && !stem.startsWith("roof-"));
  expect(unused).toEqual([]);
});

/** Machines by what kernels are chosen by. Null's own limits are the defaults. */
const MACHINES: Readonly<Record<string, Partial<Target>>> = {
  "WebGPU's default limits": {},
  "a GPU with subgroups of 32": {
    subgroupSize: 32,
    maxInvocationsPerWorkgroup: 1024,
    workgroupMemoryBytes: 49_152,
    maxBindingBytes: 2 ** 31,
  },
  lavapipe: { subgroupSize: 8, cpu: true, maxInvocationsPerWorkgroup: 1024, workgroupMemoryBytes: 32_768, offsetAlignment: 16 },
  SwiftShader: { subgroupSize: 4, cpu: true, workgroupMemoryBytes: 32_768, maxBindingBytes: 2 ** 30 },
};
const networkVariants: Set<string>[] = [];

test.each(Object.entries(MACHINES))("both networks at full width compile on %s, every family", async (_, machine) => {
  const engine = await opened;
  const target = { ...engine.target, subgroupSize: 0, cpu: false, ...machine };
  for (const network of Object.values(networks)) {
    const options = { network, classes: 1000, batch: 4, momentum: 0.9, weightDecay: network.weightDecay };
    for (const make of [startGraph, scoringGraph, inferenceGraph]) networkVariants.push(await compileAll(make(options).graph, target));
    const training = await compileAll(trainingGraph(options).graph, target);
    expect(training.size).toBeGreaterThan(30);
    networkVariants.push(training);
    const halves = await compileAll(trainingGraph({ ...options, scaledLoss: true }).graph, target, "f16");
    expect([...halves].filter((name) => name.includes("halves=")).length).toBeGreaterThan(10);
    networkVariants.push(halves);
  }
});

test("none was left out", async ({ annotate }) => {
  const ofNetworks = new Set(networkVariants.flatMap((variants) => [...variants]));
  const { null: byNull, adapter } = compiled;
  await annotate(
    `${byNull.size} variants compiled by the null back end, ${adapter.size} by the adapter; ${ofNetworks.size} of them are the networks' own`,
  );
  expect(networkVariants).toHaveLength(Object.keys(MACHINES).length * Object.keys(networks).length * 5);
  expect([...ofNetworks].filter((name) => !byNull.has(name) && !adapter.has(name))).toEqual([]);
  expect(byNull.size).toBeGreaterThan(100);
});
