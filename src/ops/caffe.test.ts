// The definitions against Caffe's: published sizes of both networks' pools, rules at edges, and check vectors.
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Array64, Op } from "../graph/op.ts";
import type { DType, Shape } from "../tensor/shape.ts";
import { averagePool, averagePoolBackward } from "./average-pool.ts";
import { cropImages } from "./crop-images.ts";
import { dropout } from "./dropout.ts";
import { lrn, lrnBackward } from "./lrn.ts";
import { maxPool, maxPoolBackward } from "./max-pool.ts";
import { pooledExtent } from "./pool-window.ts";
import { randomFill } from "./random-fill.ts";
import { sgd } from "./sgd.ts";
import { softmaxLoss } from "./softmax-loss.ts";
import { topK } from "./top-k.ts";

const f32 = (shape: Shape, data: Iterable<number>): Array64 => ({ shape, data: Float64Array.from(data) });

/** The first output of an op, by its reference. */
function evaluate(op: Op, inputs: Record<string, Array64>, attributes: object = {}): number[] {
  const types = Object.fromEntries(Object.entries(inputs).map(([port, { shape }]) => [port, { shape, dtype: dtypeOf(port) }]));
  const outputs: Record<string, Float64Array> = op.reference(inputs, attributes, op.infer(types, attributes, "test"));
  return [...Object.values(outputs)[0]];
}

const dtypeOf = (port: string): DType => (["random", "labels", "pixels", "placement"].includes(port) ? "u32" : "f32");

test.each([
  ["AlexNet pool1", 55, 3, 2, 0, 27],
  ["AlexNet pool2", 27, 3, 2, 0, 13],
  ["AlexNet pool5", 13, 3, 2, 0, 6],
  ["GoogLeNet pool1, rounded up", 112, 3, 2, 0, 56],
  ["GoogLeNet pool2, rounded up", 56, 3, 2, 0, 28],
  ["GoogLeNet pool3, rounded up", 28, 3, 2, 0, 14],
  ["GoogLeNet pool4, rounded up", 14, 3, 2, 0, 7],
  ["an inception block's pool", 28, 3, 1, 1, 28],
  ["an auxiliary head's average", 14, 5, 3, 0, 4],
  ["GoogLeNet's last average", 7, 7, 1, 0, 1],
  ["a padded last window that starts inside stays", 4, 3, 2, 1, 3],
  ["a padded last window that would start in the padding is dropped", 3, 2, 2, 1, 2],
  ["an image smaller than the window", 2, 3, 2, 0, 1],
])("pooled extent: %s", (_what, extent, size, stride, pad, pooled) => {
  expect(pooledExtent(extent, { size, stride, pad })).toBe(pooled);
});

test("windows that hold no pixel are refused", () => {
  const x = { shape: [1, 5, 5, 1], dtype: "f32" } as const;
  expect(() => maxPool.infer({ x }, { size: 1, stride: 3, pad: 0 }, "pool9")).toThrow(
    'maxPool "pool9": windows of 1 with stride 3 and pad 0 do not cover 5 x 5 pixels',
  );
  expect(() => maxPool.infer({ x }, { size: 2, stride: 1, pad: 2 }, "pool9")).toThrow("pad less than size, got size 2, stride 1, pad 2");
});

test("padding never wins a maximum, and counts in the area of an average", () => {
  const x = f32([1, 2, 2, 1], [-1, -2, -3, -4]);
  const attributes = { size: 2, stride: 2, pad: 1 };
  expect(evaluate(maxPool, { x }, attributes)).toEqual([-1, -2, -3, -4]);
  expect(evaluate(averagePool, { x }, attributes)).toEqual([-0.25, -0.5, -0.75, -1]);
});

test("what lies beyond the padding does not count in the area of an average", () => {
  const attributes = { size: 3, stride: 2, pad: 0 };
  const x = f32([1, 2, 4, 1], [1, 2, 3, 4, 1, 2, 3, 4]);
  expect(evaluate(averagePool, { x }, attributes)).toEqual([2, 3.5]);
  const dy = f32([1, 1, 2, 1], [6, 8]);
  expect(evaluate(averagePoolBackward, { dy }, { ...attributes, height: 2, width: 4 })).toEqual([1, 1, 3, 2, 1, 1, 3, 2]);
});

test("the first of equal maxima takes the whole gradient", () => {
  const x = f32([1, 2, 3, 1], [5, 5, 1, 5, 0, 1]);
  const dy = f32([1, 1, 2, 1], [10, 1]);
  const attributes = { size: 2, stride: 1, pad: 0 };
  expect(evaluate(maxPoolBackward, { x, y: f32([1, 1, 2, 1], [5, 5]), dy }, attributes)).toEqual([10, 1, 0, 0, 0, 0]);
});

const shared = process.env["STRIATUM_SHARED"] ?? new URL("../../../shared", import.meta.url).pathname;
const vector = `${shared}/stats/lrn_caffe_vector.json`;
test.skipIf(!existsSync(vector))("local response normalisation equals Caffe's check vector", () => {
  const { n, alpha, beta, k, x, y, dy, dx } = JSON.parse(readFileSync(vector, "utf8")) as Record<"n" | "alpha" | "beta" | "k", number> &
    Record<"x" | "y" | "dy" | "dx", number[]>;
  const attributes = { size: n, alpha, beta, k };
  const pixel = f32([1, x.length], x);
  evaluate(lrn, { x: pixel }, attributes).forEach((value, i) => expect(value).toBeCloseTo(y[i], 9));
  evaluate(lrnBackward, { x: pixel, dy: f32([1, x.length], dy) }, attributes).forEach((value, i) => expect(value).toBeCloseTo(dx[i], 9));
});

test("dropout keeps the stated share, scales it, and repeats itself for the same seed, step and stream", () => {
  const x = f32([100, 100], new Float64Array(10000).fill(1));
  const drop = (random: number[], stream: number) => evaluate(dropout, { x, random: f32([4], random) }, { ratio: 0.4, stream });
  const y = drop([1, 2, 3, 0], 0);
  const kept = y.filter((value) => value !== 0);
  expect(kept.every((value) => value === 1 / 0.6)).toBe(true);
  expect(Math.abs(kept.length - 6000)).toBeLessThan(4 * Math.sqrt(10000 * 0.6 * 0.4)); // four standard deviations
  expect(drop([1, 2, 3, 0], 0)).toEqual(y);
  for (const other of [drop([2, 2, 3, 0], 0), drop([1, 3, 3, 0], 0), drop([1, 2, 4, 0], 0), drop([1, 2, 3, 0], 1)])
    expect(other).not.toEqual(y);
});

test("random fills have the stated mean and spread, and leave padded channels 0", () => {
  const random = f32([4], [7, 0, 0, 0]);
  const moments = (values: number[]) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) };
  };
  const gaussian = moments(evaluate(randomFill, { random }, { distribution: "gaussian", scale: 0.01, stream: 0, shape: [20000] }));
  expect(Math.abs(gaussian.mean)).toBeLessThan((4 * 0.01) / Math.sqrt(20000));
  expect(Math.abs(gaussian.deviation - 0.01)).toBeLessThan((4 * 0.01) / Math.sqrt(2 * 20000));
  const uniform = evaluate(randomFill, { random }, { distribution: "uniform", scale: 3, stream: 0, shape: [20000] });
  expect(Math.max(...uniform.map(Math.abs))).toBeLessThanOrEqual(3);
  expect(moments(uniform).deviation).toBeCloseTo(Math.sqrt(3), 1); // of a uniform distribution on [-3, 3)
  const padded = evaluate(randomFill, { random }, { distribution: "uniform", scale: 1, stream: 0, shape: [1, 1, 2, 4, 2], channels: 3 });
  expect(padded.map((value) => value === 0)).toEqual([...padded.keys()].map((i) => Math.floor(i / 2) % 4 === 3));
});

test("the loss of a sure and wrong answer is capped at -log FLT_MIN, and that of a label that is not a class is NaN", () => {
  const x = f32([1, 2], [0, 1000]);
  expect(evaluate(softmaxLoss, { x, labels: f32([1], [0]) }, { weight: 1 })[0]).toBeCloseTo(87.3365, 4);
  expect(evaluate(softmaxLoss, { x, labels: f32([1], [2]) }, { weight: 1 })).toEqual([NaN]);
});

test("ties count against the true class", () => {
  const x = f32([3, 3], [1, 1, 0, 3, 2, 1, 0, 1, 2]);
  const correct = (labels: number[], k: number) => evaluate(topK, { x, labels: f32([3], labels) }, { k });
  expect(correct([0, 0, 2], 1)).toEqual([2]);
  expect(correct([0, 1, 0], 2)).toEqual([2]);
  expect(correct([3, 3, 3], 3)).toEqual([0]);
});

test("the mean is subtracted where the pixel lay before crop and mirror, and offsets stay inside", () => {
  const pixels = f32(
    [1, 2, 3],
    [10, 20, 30, 40, 50, 60].map((blue) => blue | (1 << 8) | (2 << 16)),
  );
  const mean = f32(
    [2, 3, 4],
    [0, 1, 2, 3, 4, 5].flatMap((value) => [value, 1, 0, 0]),
  );
  const blues = (placement: number[]) =>
    evaluate(cropImages, { pixels, placement: f32([1, 4], placement), mean }, { size: 2, scale: 1 }).filter((_, i) => i % 4 === 0);
  expect(evaluate(cropImages, { pixels, placement: f32([1, 4], [0, 0, 0, 0]), mean }, { size: 2, scale: 1 }).slice(0, 4)).toEqual([
    10, 0, 2, 0,
  ]);
  expect(blues([0, 1, 0, 0])).toEqual([19, 28, 46, 55]);
  expect(blues([0, 1, 1, 0])).toEqual([28, 19, 55, 46]);
  expect(blues([9, 9, 0, 0])).toEqual([19, 28, 46, 55]);
});

test("the learning rate lies inside the momentum", () => {
  const one = (value: number) => f32([1], [value]);
  const attributes = { momentum: 0.5, decay: 0.25, rateMultiplier: 2 };
  // nextV = 0.5 * 8 + 2 * 0.125 * (3 + 0.25 * 4) = 5; nextW = 4 - 5
  expect(evaluate(sgd, { w: one(4), v: one(8), dw: one(3), rate: { shape: [2], data: Float64Array.of(0.125, 1) } }, attributes)).toEqual([
    -1,
  ]);
});
