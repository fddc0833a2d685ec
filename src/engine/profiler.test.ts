// Profiles of made-up times: what is added up, and what it is compared with. Timing itself is tested in kernels-test/library.
import { expect, test } from "vitest";
import { panelEntries, profileJson, profileTable, profileTrace } from "./profile-report.ts";
import { median, rowsBy, spreadOf, type Profile, type TimedLaunch } from "./profiler.ts";
import type { Stage } from "./stages.ts";

function launch(label: string, kernel: string, flops: number, bytes: number, times: number[], stage: Stage = "forward"): TimedLaunch {
  const value = { id: 0, name: "x", shape: [2, 3], dtype: "f32" as const };
  const planned = {
    node: { op: { name: "op" }, inputs: { x: value }, outputs: {}, attributes: {}, label },
    family: "textbook",
    launch: { shader: kernel, dims: {}, workgroups: [1, 1, 1], flops, bytes },
    shader: { name: kernel },
    operands: {},
  } as unknown as TimedLaunch["planned"];
  return { planned, layer: label.split(".")[0], stage, times };
}

// Roofs of 10 GFLOP/s and 1 GB/s: 10^7 operations or 10^6 bytes take a millisecond at least.
const profile: Profile = {
  adapter: "made up",
  roofline: { gflops: 10, gigabytesPerSecond: 1 },
  repeats: 3,
  launches: [
    launch("conv1", "gemm", 20e6, 1e6, [4, 5, 90]),
    launch("relu1", "relu", 0, 1e6, [2, 2, 2]),
    launch("conv1.dfilter", "gemm", 20e6, 0, [5, 4, 10], "weight gradients"),
  ],
};

test("a layer's time is the median of its sums, not the sum of its medians", () => {
  const [conv1, relu1] = rowsBy(profile, "layer");
  expect(conv1).toMatchObject({ name: "conv1", launches: 2, milliseconds: 9 });
  expect(relu1).toMatchObject({ name: "relu1", launches: 1, milliseconds: 2 });
});

test("rates and the share of the roof follow from the work", () => {
  const [conv1, relu1] = rowsBy(profile, "layer");
  expect(conv1.gflops).toBeCloseTo(40 / 9, 10);
  expect(conv1.roof).toBeCloseTo(4 / 9, 10);
  expect(relu1.gigabytesPerSecond).toBeCloseTo(0.5, 10);
  expect(relu1.roof).toBeCloseTo(0.5, 10);
});

test("launches stay apart, kernels come together", () => {
  expect(rowsBy(profile, "launch")).toHaveLength(3);
  expect(rowsBy(profile, "kernel").map(({ name, launches }) => [name, launches])).toEqual([
    ["gemm", 2],
    ["relu", 1],
  ]);
});

test("launches by time: who launched what, its time and spread, its share of the step and of the roof", () => {
  expect(profileTable(profile, { by: "launch" })).toMatchInlineSnapshot(`
    "#     layer       stage             family    kernel     us     +-      %  GFLOP/s  GB/s  % of roof
    0     conv1       forward           textbook  gemm     5000  21500   45.5     4.00  0.20         40
    2     conv1       weight gradients  textbook  gemm     5000   1500   45.5     4.00  0.00         40
    1     relu1       forward           textbook  relu     2000   0.00   18.2     0.00  0.50         50
    step  3 launches                                      11000  22750  100.0     3.64  0.18         45
    made up, median of 3 steps; measured roofs: 10.0 GFLOP/s, 1.00 GB/s"
  `);
});

test("layers in the order of the step, but for those beyond the top, which are summed", () => {
  const repeated = { ...profile, launches: [...profile.launches, launch("loss", "softmax", 0, 1e6, [1, 1, 1])] };
  expect(profileTable(repeated, { by: "layer", sort: "order", top: 1 })).toMatchInlineSnapshot(`
    "layer   launches     us     +-      %  GFLOP/s  GB/s  % of roof
    conv1          2   9000  22750   75.0     4.44  0.11         44
    2 more         2   3000   0.00   25.0     0.00  0.67         67
    step           4  12000  22750  100.0     3.33  0.25         50
    made up, median of 3 steps; measured roofs: 10.0 GFLOP/s, 1.00 GB/s"
  `);
});

test("stages and blocks of layers", () => {
  expect(rowsBy(profile, "stage").map(({ name, launches }) => [name, launches])).toEqual([
    ["forward", 2],
    ["weight gradients", 1],
  ]);
  const branches = ["inception_3a/1x1", "inception_3a/1x1+3x3_reduce", "inception_3b/1x1"].map((label) => launch(label, "gemm", 1, 1, [1]));
  expect(rowsBy({ ...profile, launches: branches }, "block").map(({ name, launches }) => [name, launches])).toEqual([
    ["inception_3a", 2],
    ["inception_3b", 1],
  ]);
});

interface Event {
  readonly ph: string;
  readonly name: string;
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
  readonly args: { readonly name: string };
}

test("the trace lays launches end to end, each on its stage's thread", () => {
  const { traceEvents } = profileTrace(profile) as { traceEvents: Event[] };
  const slices = traceEvents.filter(({ ph }) => ph === "X");
  expect(slices.map(({ ts, dur, tid }) => [ts, dur, tid])).toEqual([
    [0, 5000, 1],
    [5000, 2000, 1],
    [7000, 5000, 3],
  ]);
  const names = traceEvents.filter(({ ph }) => ph === "M").map(({ tid, args }) => [tid, args.name]);
  expect(names).toEqual([
    [0, "made up"],
    [1, "forward"],
    [3, "weight gradients"],
  ]);
});

test("a performance panel's entries have the given ends, each on its stage's track", () => {
  const entries = panelEntries(profile, 100);
  expect(entries.map(({ name, start, end }) => [name, start, end])).toEqual([
    ["conv1", 88, 93],
    ["relu1", 93, 95],
    ["conv1.dfilter", 95, 100],
  ]);
  expect(entries[2].detail.devtools).toMatchInlineSnapshot(`
    {
      "color": "tertiary",
      "dataType": "track-entry",
      "properties": [
        [
          "op",
          "op",
        ],
        [
          "kernel",
          "gemm",
        ],
        [
          "family",
          "textbook",
        ],
        [
          "x",
          "[2, 3]",
        ],
        [
          "GFLOP/s",
          "4.00",
        ],
        [
          "GB/s",
          "0.00",
        ],
        [
          "% of roof",
          "40",
        ],
      ],
      "tooltipText": "conv1.dfilter: gemm",
      "track": "weight gradients",
      "trackGroup": "Striatum",
    }
  `);
});

test("JSON keeps every time", () => {
  const { launches } = profileJson(profile) as { launches: { times: number[]; milliseconds: number }[] };
  expect(launches.map(({ times }) => times)).toEqual(profile.launches.map(({ times }) => times));
  expect(launches.map(({ milliseconds }) => milliseconds)).toEqual([5, 2, 5]);
});

test("the median of an even number is the mean of the middle two", () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([3])).toBe(3);
});

test("the spread is half the interquartile range: one outlier does not move it", () => {
  expect(spreadOf([5, 1, 2, 4, 3])).toBe(1);
  expect(spreadOf([500, 1, 2, 4, 3])).toBe(1);
  expect(spreadOf([1, 3])).toBe(0.5);
  expect(spreadOf([7])).toBe(0);
});
