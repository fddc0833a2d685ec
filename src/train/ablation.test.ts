// Which configurations an ablation runs, and how their weights are compared. The run itself is tested in kernels-test/cli.
import { expect, test } from "vitest";
import type { Family } from "../kernels/kernel.ts";
import { PASSES } from "../passes/index.ts";
import { configurationsOf, CONTROL, largestDifference } from "./ablation.ts";

const families: Family[] = ["subgroup", "vector", "workgroup", "textbook"];

test("everything on first, then every pass and every launched family off in turn, and nothing else off with it; everything on again last", () => {
  const made = configurationsOf({ passes: PASSES, families }, new Set<Family>(["subgroup", "vector", "textbook"]));
  const [everything, ...others] = made.slice(0, -1);
  expect(made.at(-1)).toEqual({ ...everything, name: CONTROL });
  expect(everything).toEqual({ name: "everything on", passes: PASSES, families });
  expect(others.map(({ name }) => name)).toEqual([
    ...PASSES.map((pass) => `without ${pass}`),
    "without subgroup kernels",
    "without vector kernels",
  ]);
  for (const { passes, families: left } of others) expect(PASSES.length + families.length - passes.length - left.length).toBe(1);
});

test("of passes that are off already none is turned off, and textbook kernels are a configuration when asked for", () => {
  const [pass] = PASSES;
  const made = configurationsOf({ passes: [pass], families: ["textbook"] }, new Set<Family>(["textbook"]), { textbook: true });
  expect(made.map(({ name }) => name)).toEqual(["everything on", `without ${pass}`, "no pass, textbook kernels", CONTROL]);
  expect(made.at(-2)).toMatchObject({ passes: [], families: ["textbook"] });
});

test("weights differ by their largest difference over their largest value", () => {
  expect(largestDifference(Float32Array.of(1, -8, 3), Float32Array.of(1, -8, 3))).toBe(0);
  expect(largestDifference(Float32Array.of(1, -8, 3), Float32Array.of(2, -8, 3))).toBe(1 / 8);
  expect(largestDifference(Float32Array.of(0), Float32Array.of(0))).toBe(0);
  expect(largestDifference(Float32Array.of(NaN, 1), Float32Array.of(1, 1))).toBe(Infinity);
});
