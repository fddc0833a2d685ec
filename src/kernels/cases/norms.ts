// Cases of batch normalisation and of factors and offsets by channel.
import type { ops } from "../../ops/index.ts";
import type { Target } from "../kernel.ts";
import { normal, type CaseInput, type Cases } from "./case.ts";

/** Bindings of 4 KiB: 1024 elements. */
const SMALL = { maxBindingBytes: 4096 };
const epsilon = 1e-5;

const uniform = (shape: readonly number[], ...values: number[]): CaseInput => {
  const size = shape.reduce((a, b) => a * b, 1);
  return { shape, dtype: "f32", fill: { values: Array.from({ length: size }, (_, i) => values[i % values.length]) } };
};
/** Positive numbers: variances. */
const positive = (channels: number): CaseInput => uniform([channels], 0.25, 1.5, 3, 0.875);

const normed = (x: readonly number[], more: { readonly attributes?: { epsilon: number }; readonly target?: Partial<Target> } = {}) => {
  const channels = x[x.length - 1];
  return { inputs: { x: normal(x, 2), scale: normal([channels]), shift: normal([channels]) }, attributes: { epsilon }, ...more };
};

export const batchNorm: Cases<typeof ops.batchNorm> = {
  control: normed([4, 7, 7, 16]),
  "many pixels": normed([8, 24, 24, 8]),
  "channels not a multiple of 4": normed([2, 5, 5, 7]),
  "a row for each image": normed([6, 12]),
  "one pixel: no variance": normed([1, 1, 1, 8]),
  "a large epsilon": normed([4, 7, 7, 16], { attributes: { epsilon: 0.5 } }),
  "a mean far from 0": {
    inputs: { ...normed([2, 4, 4, 4]).inputs, x: uniform([2, 4, 4, 4], 100, 101.5, 99.25, 102, 100.75) },
    attributes: { epsilon },
  },
  "a residual and ReLU in the epilogue": {
    inputs: { ...normed([4, 7, 7, 16]).inputs, addend: normal([4, 7, 7, 16]) },
    attributes: { epsilon, relu: true },
  },
  "a residual of an odd number of channels": {
    inputs: { ...normed([2, 5, 5, 7]).inputs, addend: normal([2, 5, 5, 7]) },
    attributes: { epsilon },
  },
  "ReLU6 in the epilogue": { inputs: normed([4, 7, 7, 16]).inputs, attributes: { epsilon, relu: true, most: 0.5 } },
  "ReLU in the epilogue": { inputs: normed([4, 7, 7, 16]).inputs, attributes: { epsilon, relu: true } },
  "more workgroups than fit in a row": normed([4, 7, 7, 16], { target: { maxWorkgroupsPerDimension: 3 } }),
};

const backward = (x: readonly number[], attributes = { epsilon }) => {
  const channels = x[x.length - 1];
  const inputs = { x: normal(x), dy: normal(x), scale: normal([channels]), mean: normal([channels], 0.1), variance: positive(channels) };
  return { inputs, attributes };
};

export const batchNormBackward: Cases<typeof ops.batchNormBackward> = {
  control: backward([4, 7, 7, 16]),
  "many pixels": backward([8, 24, 24, 8]),
  "channels not a multiple of 4": backward([2, 5, 5, 7]),
  "a row for each image": backward([6, 12]),
  "a large epsilon": backward([4, 7, 7, 16], { epsilon: 0.5 }),
};

const moments = (channels: number) => ({
  scale: normal([channels]),
  shift: normal([channels]),
  mean: normal([channels]),
  variance: positive(channels),
});

export const normFactors: Cases<typeof ops.normFactors> = {
  control: { inputs: moments(64), attributes: { epsilon } },
  "of a convolution's bias": { inputs: { ...moments(64), bias: normal([64]) }, attributes: { epsilon } },
  "one channel": { inputs: moments(1), attributes: { epsilon: 0.5 } },
};

export const movingAverage: Cases<typeof ops.movingAverage> = {
  control: { inputs: { average: normal([64]), x: normal([64]) }, attributes: { keep: 0.9 } },
  "keeps nothing": { inputs: { average: normal([64]), x: normal([64]) }, attributes: { keep: 0 } },
  "one channel": { inputs: { average: normal([1]), x: normal([1]) }, attributes: { keep: 0.99 } },
};

export const scaleShift: Cases<typeof ops.scaleShift> = {
  control: { inputs: { x: normal([2, 5, 5, 16]), factor: normal([16]), offset: normal([16]) }, attributes: {} },
  "a factor alone": { inputs: { x: normal([2, 5, 5, 16]), factor: normal([16]) }, attributes: {} },
  "an offset alone": { inputs: { x: normal([2, 5, 5, 16]), offset: normal([16]) }, attributes: {} },
  "channels not a multiple of 4": { inputs: { x: normal([3, 5, 7]), factor: normal([7]), offset: normal([7]) }, attributes: {} },
  "more than a binding holds": {
    inputs: { x: normal([100, 64]), factor: normal([64]), offset: normal([64]) },
    attributes: {},
    target: SMALL,
  },
};

export const sumProducts: Cases<typeof ops.sumProducts> = {
  control: { inputs: { a: normal([2, 5, 5, 16]), b: normal([2, 5, 5, 16]) }, attributes: {} },
  "many pixels": { inputs: { a: normal([8, 24, 24, 8]), b: normal([8, 24, 24, 8]) }, attributes: {} },
  "channels not a multiple of 4": { inputs: { a: normal([30, 7]), b: normal([30, 7]) }, attributes: {} },
  "more than a binding holds": { inputs: { a: normal([100, 64]), b: normal([100, 64]) }, attributes: {}, target: SMALL },
};

export const scaleFilter: Cases<typeof ops.scaleFilter> = {
  control: { inputs: { filter: normal([1, 3, 3, 8, 16]), factor: normal([16]) }, attributes: {} },
  "in groups": { inputs: { filter: normal([2, 3, 3, 4, 6]), factor: normal([12]) }, attributes: {} },
  "one output": { inputs: { filter: normal([1, 1, 1, 5, 1]), factor: normal([1]) }, attributes: {} },
};
