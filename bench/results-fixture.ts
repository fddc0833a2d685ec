// For tests: small, complete results of an adapter that does not exist. Its training steps take 100 ms and 90 ms per image.
import type { Conditions, NetworkConditions, Results, Step } from "./results.ts";
import { timingOf } from "./statistics.ts";

const peak = { gflops: 200, gigabytesPerSecond: 10 };

export const conditions: Conditions = {
  date: "2026-01-31 12:00Z",
  commit: "abc1234",
  command: "npm run bench",
  host: { runtime: "node 20", webgpu: "0.0.0", dawnProfile: "safe" },
  processor: { model: "Abacus", cores: 2, takenByOthers: 0.01 },
  peak: { before: peak, after: { ...peak, gflops: 180 } },
};

export const network: NetworkConditions = {
  classes: 1000,
  width: 1,
  size: 224,
  math: "exact",
  passes: ["relu-epilogue"],
  families: ["textbook"],
  tuning: null,
};

const plan = { peakBytes: 110 * 2 ** 20, boundBytes: 100 * 2 ** 20, launches: 230, pipelines: 30, gflop: 9 };

export const step = (batch: number, trainMs: number): Step => ({
  batch,
  width: 1,
  training: plan,
  inference: { ...plan, launches: 60, gflop: 3 },
  train: timingOf([trainMs, trainMs * 1.1, trainMs * 0.9]),
  infer: timingOf([trainMs / 4, trainMs / 4, trainMs / 4]),
  imagesPerSecond: { train: (1000 * batch) / trainMs, infer: (4000 * batch) / trainMs },
});

const time = { median: 2, p25: 1.5, p75: 2.5, min: 1, runs: 3 };
const phases = { loadMs: 300, deviceMs: 200, planMs: 100, compileMs: 400, prepareMs: 10, fillMs: 50, runMs: 1440 };

export const results: Results = {
  schema: 1,
  adapter: {
    name: "abacus: 1.0 (beads software)",
    vendor: "beads",
    architecture: "software",
    device: "abacus",
    description: "abacus: 1.0",
    subgroupSize: 10,
    maxBindingBytes: 2 ** 27,
  },
  steps: {
    googlenet: {
      conditions,
      network,
      rows: [
        step(1, 400),
        step(4, 1350),
        step(16, 5600),
        { batch: 32, width: 1, skipped: "needs 4000 MiB, but only 1000 MiB are available" },
      ],
    },
  },
  kernels: {
    googlenet: {
      conditions,
      network,
      batch: 4,
      problems: [
        {
          graph: "training",
          stage: "forward",
          op: "conv2d",
          problem: "conv2d x[4, 28, 28, 96]",
          layers: ["inception_3a/3x3", "inception_3b/3x3"],
          kernels: ["gemm-subgroup ROWS=32"],
          launches: 1,
          time,
          gflops: 50,
          gigabytesPerSecond: 1,
          roof: 0.25,
          checked: { by: "samples", elements: 64, ratio: 0.1 },
        },
      ],
      convolutions: [
        { filter: "3x3", stage: "forward", layers: 2, time, gflops: 50, gigabytesPerSecond: 1, shareOfPeak: 0.25 },
        { filter: "3x3", stage: "data gradients", layers: 2, time, gflops: 30, gigabytesPerSecond: 1, shareOfPeak: 0.15 },
      ],
    },
  },
  cold: {
    googlenet: {
      conditions,
      network,
      batch: 4,
      starts: [
        { driverCache: "empty", wallMs: 12500, firstStepMs: 12000, phases },
        { driverCache: "warm", wallMs: 2500, firstStepMs: 2000, phases },
      ],
    },
  },
  input: {
    conditions,
    cases: 6,
    files: 42,
    megabytes: 5.5,
    images: 9,
    batch: 4,
    stored: 256,
    crop: 227,
    openMs: 700,
    rows: [{ from: "files", time: { ...time, times: [1, 2, 3] }, batchesPerSecond: 500, imagesPerSecond: 2000 }],
  },
  peers: {
    date: "2026-01-31 12:00Z",
    commit: "abc1234",
    command: "bench/peers",
    batch: 4,
    networks: [
      {
        net: "googlenet",
        takenByOthers: 0.02,
        runtimes: {
          ours: { adapter: "abacus", versions: { webgpu: "0.0.0" }, peak: { gflops: 190 } },
          "ort-cpu": { adapter: "Abacus", versions: {} },
        },
        peakAfter: { gflops: 185 },
        comparisons: [
          {
            what: "inference",
            peer: "ort-cpu",
            verdict: "timed",
            difference: 2e-6,
            rounds: [
              { oursMs: 300, peerMs: 150 },
              { oursMs: 400, peerMs: 100 },
              { oursMs: 300, peerMs: 120 },
            ],
          },
          {
            what: "training",
            peer: "tfjs-webgpu",
            verdict: "wrong",
            why: "differs from ours by far\nand more",
            difference: null,
            rounds: [],
          },
        ],
      },
    ],
  },
};
