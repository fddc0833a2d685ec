import { expect, test } from "vitest";
import { newTable, type TuningEntry } from "../../engine/tuning-table.ts";
import { because, explain, formatTuning } from "./tuning.ts";

const entry: TuningEntry = {
  family: "subgroup",
  tuning: { ROWS: 24, COLUMNS: 2 },
  layer: "conv2/3x3",
  candidates: "0123456789abcdef",
  microseconds: 800,
  gflops: 60,
  roof: 0.3,
  rule: { family: "subgroup", microseconds: 1000 },
  runnerUp: { family: "workgroup", microseconds: 1000 },
  tried: { subgroup: 1000, "subgroup COLUMNS=2 ROWS=24": 800, workgroup: 1600, vector: "cannot run these shapes on this adapter" },
};
const { tuning: _, ...byRule } = { ...entry, microseconds: 1000 };

test("every candidate is listed, fastest first, with its speed and share of the roof; then what could not run, then why", () => {
  const lines = explain("conv2d x[4]", entry).split("\n");
  expect(lines[0]).toContain("conv2d x[4]");
  expect(lines[2]).toMatch(/^subgroup COLUMNS=2 ROWS=24 +800\.0 +60\.0 +30 +1\.00 +chosen$/);
  expect(lines[3]).toMatch(/^subgroup +1000 +48\.0 +24 +1\.25 +default$/);
  expect(lines[4]).toMatch(/^workgroup +1600 +30\.0 +15 +2\.00$/);
  expect(lines[5]).toBe("vector: cannot run these shapes on this adapter");
  expect(lines[6]).toBe(
    "subgroup COLUMNS=2 ROWS=24 is chosen: 1.25 times as fast as the default (subgroup), 20.0 % less time than workgroup",
  );
});

test.each([
  [
    "no candidate is faster",
    { ...byRule, runnerUp: { family: "workgroup", microseconds: 1600 } },
    "subgroup, the default, is kept: no candidate is faster",
  ],
  [
    "what is faster gains too little",
    { ...byRule, runnerUp: { family: "workgroup", microseconds: 970 } },
    "subgroup, the default, is kept: workgroup is faster by 3.0 %, and less than 5 % may be noise",
  ],
  ["the roof is near", { ...byRule, roof: 0.93 }, /is kept.*; it reaches 93 % of the roof, so no further candidate was tried$/],
] as const)("why the default is kept: %s", (_title, given, expected) => {
  const told = because(given);
  if (typeof expected === "string") expect(told).toBe(expected);
  else expect(told).toMatch(expected);
});

test("another candidate is chosen if the default computes wrongly", () => {
  const { rule: _rule, ...without } = entry;
  expect(because(without)).toMatch(/^subgroup COLUMNS=2 ROWS=24 is chosen: the default fails/);
});

test("a table is printed as its changes, the largest gain first, and their sum", () => {
  const small = { ...entry, layer: "conv1", microseconds: 90, rule: { family: "subgroup" as const, microseconds: 100 } };
  const text = formatTuning(
    newTable({
      adapter: "a",
      host: {},
      math: "exact",
      date: "2026-11-24",
      roofline: null,
      problems: { "conv2d a": small, "conv2d b": entry, "conv2d c": byRule },
    }),
    5,
  );
  const lines = text.split("\n");
  expect(lines).toHaveLength(4);
  expect(lines[1]).toMatch(/^conv2\/3x3 +conv2d .*1\.25$/);
  expect(lines[2]).toMatch(/^conv1 +conv2d .*1\.11$/);
  expect(lines[3]).toBe(
    "3 of 5 problems measured, 2 of them improved over the defaults: one launch of each takes 1.9 ms, with the defaults 2.1 ms",
  );
});
