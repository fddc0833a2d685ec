// Small networks learn from phantoms and from fractals: a ResNet-18 with a quarter of its channels and a MobileNet, built with striatum/networks, and, read
// from ONNX files, the MobileNet and a ResNet-18 of PyTorch's form. The losses of ten steps on the GPU are those of float64: within bounds that are derived
// (float64-steps.ts), and within a thousandth.
import { describe, expect, test } from "vitest";
import type { Network } from "../../src/models/network.ts";
import { bytesOf, modelOf } from "../../src/onnx/model-fixture.ts";
import { readOnnx } from "../../src/onnx/read.ts";
import { TORCHVISION_NETWORKS } from "../../src/onnx/torchvision-fixture.ts";
import { writeOnnx } from "../../src/onnx/write-network.ts";
import { batchesOf, CLASSES, PICTURES, SIDE, SMALL_NETWORKS } from "../support/learning.ts";
import { beyondBounds, defineBy, lossesOf, NAIVE, open, type Lesson } from "./float64-steps.ts";

const STEPS = 10;
const BATCH = 4;
const IMAGES = 12;

async function lessonOf(network: Network, kind: keyof typeof PICTURES): Promise<Lesson> {
  const batches = await batchesOf(kind, { network, batch: BATCH, count: IMAGES, steps: STEPS });
  const solver = { momentum: 0.9, weightDecay: network.weightDecay, rate: 0.002 };
  return { network, classes: CLASSES, size: SIDE, batch: BATCH, seed: 1, pixelScale: 1 / 64, ...solver, steps: STEPS, whole: 1, batches };
}

/** A network's layers as an ONNX file has them, and the values that it starts from. */
async function throughOnnx(lesson: Lesson): Promise<Lesson> {
  const trainer = await open(lesson, NAIVE);
  const { parameters } = await trainer.snapshot();
  trainer.dispose();
  const preprocessing = { channels: "rgb", mean: [120, 120, 120], deviation: [64, 64, 64] } as const;
  const network = readOnnx(writeOnnx(lesson.network, parameters, { classes: CLASSES, preprocessing }));
  return { ...lesson, network, from: network.weights, pixelScale: 1 };
}

/** Ten steps on the GPU beside float64. */
async function expectCurve(lesson: Lesson, kind: string): Promise<void> {
  const defined = await defineBy(lesson);
  const { losses, lossBounds } = defined;
  const trainer = await open(lesson);
  const got = await lossesOf(trainer, lesson, lesson.whole);
  expect(await beyondBounds(trainer, defined)).toEqual([]);
  trainer.dispose();

  const again = await open(lesson);
  const curve = await lossesOf(again, lesson, STEPS);
  again.dispose();
  expect(curve.slice(0, lesson.whole)).toEqual(got);
  const steps = (sums: readonly number[]): string => sums.map((sum, i) => (sum - (sums[i - 1] ?? 0)).toFixed(4)).join(" ");
  process.stdout.write(
    `${lesson.network.title}, ${kind}: GPU ${steps(curve)}; float64 ${steps(losses)}; sums may differ by ${lossBounds.map((each) => each.toExponential(1)).join(" ")}\n`,
  );
  curve.forEach((sum, step) => expect(Math.abs(sum - losses[step]), `losses of ${step + 1} steps`).toBeLessThanOrEqual(lossBounds[step]));
  // Roundings that are random stay far below what they may add up to.
  curve.forEach((sum, step) => expect(Math.abs(sum / losses[step] - 1), `losses of ${step + 1} steps`).toBeLessThan(1e-3));
  // The bounds are narrow: a rate that is a tenth higher is seen.
  expect(lossBounds[STEPS - 1] / losses[STEPS - 1]).toBeLessThan(0.01);
  const faster = await open(lesson);
  const other = await lossesOf(faster, { ...lesson, rate: 1.1 * (lesson.rate ?? 0) }, STEPS);
  faster.dispose();
  expect(other.some((sum, step) => Math.abs(sum - losses[step]) > lossBounds[step])).toBe(true);
}

describe.each(SMALL_NETWORKS.map((network) => ({ network })))("$network.title", ({ network }) => {
  test.each(Object.keys(PICTURES) as (keyof typeof PICTURES)[])("ten steps on %s equal float64", { timeout: 240_000 }, async (kind) => {
    await expectCurve(await lessonOf(network, kind), kind);
  });
});

test("a MobileNet of an ONNX file, with its weights: ten steps on phantoms equal float64", { timeout: 240_000 }, async () => {
  await expectCurve(await throughOnnx(await lessonOf(SMALL_NETWORKS[1], "phantoms")), "phantoms, from ONNX");
});

test(
  "a ResNet-18 as torch.onnx.export writes it, batch normalisation in its convolutions: ten steps on phantoms equal float64",
  { timeout: 240_000 },
  async () => {
    const lesson = await lessonOf(SMALL_NETWORKS[0], "phantoms");
    const file = bytesOf(modelOf(TORCHVISION_NETWORKS.resnet18.write({ width: 1 / 8, size: SIDE, classes: CLASSES })));
    const network = readOnnx(file, { preprocessing: { channels: "rgb", mean: [120, 120, 120], deviation: [64, 64, 64] } });
    await expectCurve({ ...lesson, network, from: network.weights, pixelScale: 1, rate: 1e-5 }, "phantoms, from PyTorch's form");
  },
);
