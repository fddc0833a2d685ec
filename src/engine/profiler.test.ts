// Profiles of made-up times: what is added up, and what it is held against. Timing itself is tested in kernels-test/library.
import { expect, test } from "vitest";
import { profileJson, profileTable, profileTrace } from "./profile-report.ts";
import { median, rowsBy, type Profile, type Stage, type TimedLaunch } from "./profiler.ts";

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

test("the table sorts by time or keeps the step's order, and ends with the step and the roofs", () => {
  const lines = (by: "launch" | "layer", sort: "time" | "order"): string[] => profileTable(profile, { by, sort }).split("\n");
  expect(lines("launch", "order").map((line) => line.slice(0, 1))).toEqual(["l", "0", "1", "2", "s", "m"]);
  expect(lines("launch", "time")[1]).toMatch(/^0 conv1: gemm +1 +5\.000 +45\.5 /);
  expect(lines("layer", "time").at(-2)).toMatch(/^step +3 +11\.000 +100\.0 /);
  expect(lines("layer", "time").at(-1)).toContain("10.0 GFLOP/s, 1.00 GB/s");
});

test("the trace lays launches end to end, each on its stage's thread", () => {
  const { traceEvents } = profileTrace(profile) as { traceEvents: { ph: string; tid: number; ts: number; dur: number }[] };
  const slices = traceEvents.filter(({ ph }) => ph === "X");
  expect(slices.map(({ ts, dur, tid }) => [ts, dur, tid])).toEqual([
    [0, 5000, 1],
    [5000, 2000, 1],
    [7000, 5000, 3],
  ]);
  expect(traceEvents.filter(({ ph }) => ph === "M")).toHaveLength(5);
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
