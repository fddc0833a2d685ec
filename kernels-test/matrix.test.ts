// Products by the kernel for matrix units, in all three passes, with the units in plain WGSL: the adapter here has none. Within the bound of factors that are
// rounded to half floats, and beyond it when an element is laid in the wrong place.
import { afterAll, expect, test } from "vitest";
import { openEngine, type Engine } from "../src/engine/engine.ts";
import type { Case } from "../src/kernels/cases/case.ts";
import { cases } from "../src/kernels/cases/index.ts";
import type { SessionOptions } from "../src/engine/session.ts";
import { networkNamed } from "../src/models/index.ts";
import { meanShape, storedSize } from "../src/train/graphs.ts";
import { noiseBatch } from "../src/train/noise-batch.ts";
import { Trainer } from "../src/train/trainer.ts";
import { sizeOf } from "../src/tensor/shape.ts";
import { compareWithReference } from "../src/verify/judge.ts";
import { testPlatform } from "./support/adapter.ts";
import { withPlainMatrices } from "./support/plain-matrices.ts";

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

/** Memory for tiles of 64 x 64 alone: plain WGSL has f32 for f16, and larger ones would not fit this adapter. */
const SMALL_TILES = 16_384;

let opened: Promise<Engine> | undefined;
const engineOfPlainUnits = (): Promise<Engine> => (opened ??= testPlatform().then((platform) => openEngine(withPlainMatrices(platform))));
afterAll(async () => (await opened)?.dispose());

const withUnits = (tested: Case, subgroupMatrix: { M: number; N: number; K: number }): Case => ({
  ...tested,
  target: { ...tested.target, subgroupMatrix, subgroupSize: 32, workgroupMemoryBytes: SMALL_TILES },
});

const RUNS = [
  ...OPS.map((name) => ({ name, extents: "16 x 16 x 16" as const })),
  { name: "conv2d", extents: "8 x 16 x 8" },
  { name: "conv2dBackwardFilter", extents: "8 x 16 x 8" },
] as const;

test.each(RUNS)("$name on matrices of $extents", async ({ name, extents }) => {
  const engine = await engineOfPlainUnits();
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
  const platform = withPlainMatrices(await testPlatform());
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

/** Eight steps of a narrow AlexNet on one batch, and the launches of each by family. */
async function trainWith(options: Omit<SessionOptions, "states">) {
  const network = networkNamed("alexnet");
  const settings = { network, batch: 4, classes: 4, width: 1 / 8, size: 64, momentum: 0.9, weightDecay: network.weightDecay };
  const stored = storedSize(network, settings.size);
  const trainer = await Trainer.open(await engineOfPlainUnits(), settings, options);
  try {
    trainer.setMean(new Float32Array(sizeOf(meanShape(network, stored))).fill(127.5));
    await trainer.start(3);
    const batch = noiseBatch({ seed: 3, images: 4, stored, classes: 4 });
    const losses: number[] = [];
    for (let step = 0; step < 8; step++) {
      trainer.train(batch, { seed: 3, step, rate: 0.002 });
      losses.push((await trainer.sums()).loss);
    }
    const matrix = trainer.step.plan.launches.filter(({ family }) => family === "matrix").length;
    return { losses, matrix, exponent: (await trainer.sums()).lossExponent };
  } finally {
    trainer.dispose();
  }
}

test("training with half math multiplies on the units, scales its loss, and stays within a hundredth of exact math", async () => {
  const exact = await trainWith({});
  const half = await trainWith({
    math: "half",
    target: { subgroupMatrix: UNITS["16 x 16 x 16"], subgroupSize: 32, workgroupMemoryBytes: SMALL_TILES },
  });
  expect(exact).toMatchObject({ matrix: 0, exponent: undefined });
  // Forward, data and weight gradients of eight layers, less the first layer's data gradient and the last layer's four outputs.
  expect(half.matrix).toBeGreaterThan(18);
  expect(half.exponent).toBeGreaterThan(4);
  for (const [step, loss] of exact.losses.entries()) {
    expect(Math.abs(half.losses[step] - loss) / loss, `step ${step}`).toBeLessThan(0.01);
    expect(half.losses[step]).not.toBe(loss);
  }
});
