import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CONTROL } from "../src/train/ablation.ts";
import { goalsOf } from "./goals.ts";
import { markdownTable } from "./markdown.ts";
import { performancePage } from "./performance-page.ts";
import { makePage, PAGE } from "./report.ts";
import { conditions, network, results } from "./results-fixture.ts";
import { timingOf } from "./statistics.ts";

const page = performancePage([["abacus.json", results]], "## What did not work\n\nCounting on fingers.\n");

/** Cells of the row that begins so. */
const row = (start: string): string[] => {
  const line = page.split("\n").find((candidate) => candidate.replaceAll(/ +/g, " ").startsWith(`| ${start} |`));
  return (line ?? `no row ${start}`).split("|").map((cell) => cell.trim());
};

test("the page in docs is what the script makes of the files as they are", async () => {
  expect(readFileSync(PAGE, "utf8"), "run  npm run bench:report").toBe(await makePage());
});

test("a row of the batch table has time, quartiles, speed, growth against the row above, and memory", () => {
  expect(row("4").slice(1, -2)).toEqual(["4", "1350 (1283 to 1418)", "2.96", "0.84", "338 (338 to 338)", "11.9", "230", "110", "1.100"]);
});

test("a row that was not measured says why", () => {
  expect(row("32").at(-2)).toBe("needs 4000 MiB, but only 1000 MiB are available");
});

test("notes stand at the end, as they were written", () => {
  expect(page).toMatch(/\n## What did not work\n\nCounting on fingers\.\n$/);
});

test("cold and warm starts are listed phase by phase", () => {
  expect(row("GoogLeNet | 4 | empty").slice(4, 9)).toEqual(["12000", "100", "400", "10", "50"]);
});

test("a peer's ratio has its range, and one that computes something else with its reason", () => {
  expect(row("GoogLeNet | inference | ort-cpu").slice(4, -1)).toEqual(["300", "120", "0.4 (0.25 to 0.5)", "2e-6"]);
  expect(row("GoogLeNet | training | tfjs-webgpu").slice(4, -1)).toEqual(["-", "-", "wrong", "everything"]);
  expect(page).toContain("\n\nGoogLeNet, training, tfjs-webgpu: differs from ours by far\n\n");
  expect(page).toContain("GoogLeNet: other processes used 2 % of the processors; adapter's peak before and after: 190 and 185 GFLOPS.");
});

test("the control of an ablation is named as the noise, and its absence, too", () => {
  const time = timingOf([100, 101, 102]);
  const row = (name: string, ratio: number) => ({ name, launches: 3, peakBytes: 4, time, ratio, lossDifference: 0, weightDifference: 0 });
  const pageOf = (...rows: readonly ReturnType<typeof row>[]): string =>
    performancePage([["a.json", { schema: 1, ablation: { googlenet: { conditions, network, batch: 4, rows: [...rows] } } }]], "");
  expect(pageOf(row("everything on", 1), row(CONTROL, 1.07))).toContain(
    `The row "${CONTROL}" is the first step measured a second time: its ratio, 1.07,`,
  );
  expect(pageOf(row("everything on", 1))).toContain("No control was measured");
});

test("every table says beside what peak and how much other work", () => {
  expect(page.match(/other processes used 1 % of the processors; adapter's peak before and after: 200 and 180 GFLOPS/g)).toHaveLength(4);
});

test("goals are met or missed by what was measured", () => {
  const verdicts = Object.fromEntries(goalsOf(results).map(({ what, met }) => [what, met]));
  expect(verdicts).toEqual({
    "GoogLeNet, batch 4: inference": true,
    "GoogLeNet, batch 4: training step": true,
    "GoogLeNet, batch 4: launches per training step": false,
    "GoogLeNet: time of a training step does not grow faster than the batch": true,
    "GoogLeNet: images/s at batch 16 over batch 4": true,
    "GoogLeNet: memory over its bound, worst batch": true,
    "GoogLeNet: 3x3 convolutions, forward": true,
    "GoogLeNet: 3x3 convolutions, data gradients": false,
    "GoogLeNet: first training step, driver cache empty": false,
    "GoogLeNet: first training step, driver cache warm": true,
    "GoogLeNet: inference, time of ort-cpu over ours": true,
  });
});

test("a network at less than full width has no goals", () => {
  const { cold = {}, kernels = {} } = results;
  const narrow = { classes: 3, width: 1 / 4, size: 64, math: "exact", passes: [], families: [], tuning: null };
  const only = {
    schema: 1 as const,
    cold: { googlenet: { ...cold["googlenet"], network: narrow } },
    kernels: { googlenet: { ...kernels["googlenet"], network: narrow } },
  };
  expect(goalsOf(only)).toEqual([]);
});

test("a table's columns are aligned, numbers to the right, and a bar in a cell stays in it", () => {
  expect(
    markdownTable(
      ["a|b", "n"],
      [
        ["x", 10],
        ["long one", "-"],
      ],
    ),
  ).toBe(["| a\\|b     |   n |", "| -------- | --: |", "| x        |  10 |", "| long one |   - |"].join("\n"));
});
