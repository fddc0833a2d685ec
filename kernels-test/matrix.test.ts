// Products by the kernel for matrix units, in all three passes, with the units in plain WGSL: the adapter here has none. Within the bound of factors that are
// rounded to half floats, and beyond it when an element is laid in the wrong place.
import { expect, test } from "vitest";
import { openEngine } from "../src/engine/engine.ts";
import type { Case } from "../src/kernels/cases/case.ts";
import { cases } from "../src/kernels/cases/index.ts";
import { compareWithReference } from "../src/verify/judge.ts";
import { testPlatform } from "./support/adapter.ts";
import { testEngine } from "./support/engine.ts";

const OPS = [
  "conv2d",
  "conv2dBackwardData",
  "conv2dBackwardFilter",
  "conv2dUpdate",
  "innerProduct",
  "innerProductBackwardData",
  "innerProductBackwardWeight",
  "innerProductUpdate",
] as const;

const UNITS = { "16 x 16 x 16": { M: 16, N: 16, K: 16 }, "8 x 16 x 8": { M: 8, N: 16, K: 8 } };

const withUnits = (tested: Case, subgroupMatrix: { M: number; N: number; K: number }): Case => ({
  ...tested,
  target: { ...tested.target, subgroupMatrix, subgroupSize: 32, workgroupMemoryBytes: 32_768 },
});

const RUNS = [
  ...OPS.map((name) => ({ name, extents: "16 x 16 x 16" as const })),
  { name: "conv2d", extents: "8 x 16 x 8" },
  { name: "conv2dBackwardFilter", extents: "8 x 16 x 8" },
] as const;

test.each(RUNS)("$name on matrices of $extents", async ({ name, extents }) => {
  const engine = await testEngine();
  const ran: string[] = [];
  for (const [title, tested] of Object.entries<Case>(cases[name])) {
    const verdict = await compareWithReference(engine, name, withUnits(tested, UNITS[extents]), "matrix");
    if (!verdict) continue;
    ran.push(title);
    expect(verdict.ratio, title).toBeLessThanOrEqual(1);
    expect(verdict.ratio, title).toBeGreaterThan(0);
  }
  expect(ran.length).toBeGreaterThan(1);
});

test.each([
  [
    "conv2d",
    "control: 3 x 3",
    "gemm/gemm-matrix.wgsl",
    "place.line * LINE + place.k + e * select(LINE, 1, B_ALONG_K)",
    "place.line * LINE + place.k + e",
  ],
  ["conv2d", "control: 3 x 3", "gemm/gemm-matrix-taps.wgsl", "t >= dims.kw", "t > dims.kw"],
] as const)("a fault in %s is found: %s, %s", async (name, title, file, right, wrong) => {
  const platform = await testPlatform();
  const spoilt = (path: string): string => (path === file ? platform.shader(path).replace(right, wrong) : platform.shader(path));
  expect(spoilt(file)).not.toBe(platform.shader(file));
  const engine = await openEngine({ ...platform, shader: spoilt });
  try {
    const verdict = await compareWithReference(engine, name, withUnits(cases[name][title], UNITS["16 x 16 x 16"]), "matrix");
    expect(verdict?.ratio).toBeGreaterThan(1);
  } finally {
    engine.dispose();
  }
});
