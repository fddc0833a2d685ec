// Every shader variant that a case of the house asks for is valid WGSL within WebGPU's default limits: compiled by Dawn's null back end, which
// checks everything and computes nothing.
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { openEngine, type Engine } from "../../src/engine/engine.ts";
import { graphOf } from "../../src/engine/judge.ts";
import { planFor } from "../../src/engine/session.ts";
import type { Case } from "../../src/kernels/cases/case.ts";
import { cases } from "../../src/kernels/cases/index.ts";
import type { KernelName } from "../../src/kernels/index.ts";
import { FAMILIES, type Target } from "../../src/kernels/kernel.ts";
import { ops } from "../../src/ops/index.ts";
import { openNodePlatform } from "../../src/platform/node.ts";

const opened = openNodePlatform({ backend: "null" }).then((platform) => openEngine(platform));
const compiled = new Set<string>();

/** Compiles what every family launches for a case, as on the adapter that `target` describes; returns the number of launches. */
async function compileAll(engine: Engine, name: KernelName, tested: Case, target: Partial<Target>): Promise<number> {
  let count = 0;
  for (const family of FAMILIES) {
    const { graph } = graphOf(ops[name], tested);
    const { launches } = planFor(engine, graph, { families: [family], target: { ...tested.target, ...target } });
    for (const { shader } of launches) {
      await engine.compile(shader);
      compiled.add(shader.name);
      count++;
    }
  }
  engine.check();
  return count;
}

test.each(Object.keys(cases) as KernelName[])("the shaders of %s compile in every variant", async (name) => {
  const engine = await opened;
  for (const tested of Object.values<Case>(cases[name])) {
    expect(await compileAll(engine, name, tested, { subgroupSize: 0, cpu: false })).toBeGreaterThan(0);
    expect(await compileAll(engine, name, tested, { subgroupSize: 8, cpu: true })).toBeGreaterThan(0);
  }
});

test("every shader of an op is compiled by one of its cases", () => {
  const stems = new Set([...compiled].map((variant) => variant.split(" ")[0]));
  const files = readdirSync(new URL("../../shaders", import.meta.url)).filter((file) => file.endsWith(".wgsl"));
  const unused = files.map((file) => file.replace(".wgsl", "")).filter((stem) => !stems.has(stem) && !stem.startsWith("peak_"));
  expect(unused).toEqual([]);
});
