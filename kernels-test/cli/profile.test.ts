// striatum profile on networks small enough for any adapter.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openEngine } from "../../src/engine/engine.ts";
import { requireTimestamps } from "../../src/engine/timestamps.ts";
import { PASSES } from "../../src/passes/index.ts";
import { CONTROL, type AblationRow } from "../../src/train/ablation.ts";
import { testPlatform } from "../support/adapter.ts";
import { runCli } from "../support/run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "striatum-profile-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SMALL = "--net alexnet --width 1/8 --size 67 --classes 3 --batch 2".split(" ");

interface Profiled {
  readonly passes: readonly string[];
  readonly repeats: number;
  readonly roofline: { readonly gflops: number; readonly gigabytesPerSecond: number };
  readonly step: { readonly launches: number; readonly milliseconds: number };
  readonly launches: readonly { stage: string; layer: string; times: readonly number[] }[];
  readonly checked: readonly { readonly ratio: number }[];
}

test("a step is timed launch by launch once its matrix products are right: a table, numbers, a trace", () => {
  const [json, trace] = [join(folder, "profile.json"), join(folder, "trace.json")];
  const { status, stdout, stderr } = runCli(["profile", ...SMALL, "--steps", "3", "--top", "5", "--json", json, "--trace", trace]);
  expect(status, stderr).toBe(0);
  const lines = stdout.trimEnd().split("\n");
  expect(lines).toHaveLength(1 + 5 + 3);
  expect(lines[0]).toMatch(/^# +layer +stage +family +kernel +us +\+- +% +GFLOP\/s +GB\/s +% of roof$/);
  expect(lines.at(-1)).toMatch(/median of 3 steps; measured roofs: [\d.]+ GFLOP\/s, [\d.]+ GB\/s$/);

  const profiled = JSON.parse(readFileSync(json, "utf8")) as Profiled;
  expect(profiled.repeats).toBe(3);
  expect(profiled.checked.every(({ ratio }) => ratio <= 1)).toBe(true);
  expect(profiled.roofline.gflops).toBeGreaterThan(0);
  expect(profiled.launches).toHaveLength(profiled.step.launches);
  expect(profiled.launches.every(({ times }) => times.length === 3)).toBe(true);
  const conv2 = profiled.launches.filter(({ layer }) => layer === "conv2").map(({ stage }) => stage);
  expect(conv2).toEqual(expect.arrayContaining(["forward", "data gradients"]));

  const { traceEvents } = JSON.parse(readFileSync(trace, "utf8")) as { traceEvents: { ph: string }[] };
  expect(traceEvents.filter(({ ph }) => ph === "X")).toHaveLength(profiled.step.launches);
});

test("scoring and inference are forward alone, and without passes there are more launches", () => {
  const launches = (graph: string, passes: string): number => {
    const args = ["profile", ...SMALL, "--graph", graph, "--passes", passes, "--steps", "1", "--by", "pass"];
    const { status, stdout, stderr } = runCli(args);
    expect(status, stderr).toBe(0);
    const [, forward, step] = stdout.split("\n").map((line) => /^(\w+) +(\d+) /.exec(line)?.slice(1));
    expect([forward?.[0], step?.[0]]).toEqual(["forward", "step"]);
    return Number(step?.[1]);
  };
  expect(launches("inference", "none")).toBeGreaterThan(launches("scoring", "all"));
});

test("an ablation turns every pass and every family off in turn: the same numbers but for rounding, and other launches", () => {
  const json = join(folder, "ablation.json");
  const { status, stdout, stderr } = runCli(["profile", ...SMALL, "--ablate", "--steps", "2", "--compare", "2", "--json", json]);
  expect(status, stderr).toBe(0);
  const { rows } = JSON.parse(readFileSync(json, "utf8")) as { rows: readonly AblationRow[] };
  const names = rows.map(({ name }) => name);
  expect(names.slice(0, 1 + PASSES.length)).toEqual(["everything on", ...PASSES.map((pass) => `without ${pass}`)]);
  expect(names.length).toBeGreaterThan(1 + PASSES.length);
  expect(
    stdout
      .split("\n")
      .slice(1, 1 + rows.length)
      .map((line) => line.split("  ")[0]),
  ).toEqual(names);

  const [everything, ...others] = rows;
  for (const { name, times, losses, launches, peakBytes, ratio, lossDifference, weights, momentum } of others) {
    expect(times, name).toHaveLength(2);
    expect(losses, name).toHaveLength(2);
    expect(ratio, name).toBeGreaterThan(0);
    // After two steps with the weights that AlexNet starts with; a pass that computed something else would be off by its share of a gradient.
    expect(Math.max(lossDifference, weights.relative), name).toBeLessThan(1e-4);
    expect(momentum.relative, name).toBeLessThan(1e-3);
    if (name === "without update") {
      expect(launches).toBeGreaterThan(everything.launches);
      expect(peakBytes).toBeGreaterThan(everything.peakBytes);
    }
  }
  expect(names).toContain("without update");
  const again = rows.at(-1);
  expect(again).toMatchObject({ name: CONTROL, launches: everything.launches, lossDifference: 0, weights: { relative: 0 } });
  expect(stdout).toContain(`"${CONTROL}" repeats the first configuration`);
});

test("a pass that does not exist is wrong usage, and the known ones are listed", () => {
  const { status, stderr } = runCli(["profile", ...SMALL, "--passes", "fuse-everything"]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/there is no pass "fuse-everything": write all, none, or some of .*relu-epilogue/);
});

test("a device without timestamps is reported by its name", async () => {
  const engine = await openEngine(await testPlatform(), { timestamps: false });
  expect(() => requireTimestamps(engine)).toThrow(`${engine.adapterName}: this device has no timestamp queries`);
  engine.dispose();
});
