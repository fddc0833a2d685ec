// Cases of ops that work element by element, and of those that draw random numbers.
import type { ops } from "../../ops/index.ts";
import { PEAK_SLOTS } from "../../ops/loss-scale.ts";
import { floats, normal, words, type Cases } from "./case.ts";

const SEED = words(0x9e3779b9, 0x7f4a7c15, 11, 0);
/** Bindings of 4 KiB: 1024 elements. */
const SMALL = { maxBindingBytes: 4096 };

export const add: Cases<typeof ops.add> = {
  control: { inputs: { a: normal([4, 64]), b: normal([4, 64]) }, attributes: {} },
  "size not a multiple of 4": { inputs: { a: normal([7, 9]), b: normal([7, 9]) }, attributes: {} },
  "one element": { inputs: { a: normal([1]), b: normal([1]) }, attributes: {} },
  "more than a binding holds": { inputs: { a: normal([5001]), b: normal([5001]) }, attributes: {}, target: SMALL },
  "more workgroups than fit in a row": {
    inputs: { a: normal([5001]), b: normal([5001]) },
    attributes: {},
    target: { maxWorkgroupsPerDimension: 3 },
  },
};

export const accumulate: Cases<typeof ops.accumulate> = {
  control: { inputs: { total: normal([4, 64]), x: normal([4, 64]) }, attributes: {} },
  "one element": { inputs: { total: normal([1]), x: normal([1]) }, attributes: {} },
  "more than a binding holds": { inputs: { total: normal([5001]), x: normal([5001]) }, attributes: {}, target: SMALL },
};

export const countFinite: Cases<typeof ops.countFinite> = {
  control: { inputs: { total: floats(7), x: floats(0.5) }, attributes: {} },
  "not a number": { inputs: { total: floats(7), x: floats(Number.NaN) }, attributes: {} },
  infinite: { inputs: { total: floats(7), x: floats(-Infinity) }, attributes: {} },
  "the largest of all": { inputs: { total: floats(0), x: floats(3.4028234663852886e38) }, attributes: {} },
  "two states of one buffer": { inputs: { total: floats(7), x: floats(0.5) }, attributes: {}, states: ["total", "x"] },
};

export const constant: Cases<typeof ops.constant> = {
  control: { inputs: {}, attributes: { value: 1, shape: [1] } },
  "no float32": { inputs: {}, attributes: { value: 0.1, shape: [7, 9] } },
  "more than a binding holds": { inputs: {}, attributes: { value: -2, shape: [5001] }, target: SMALL },
};

export const relu: Cases<typeof ops.relu> = {
  control: { inputs: { x: normal([2, 5, 5, 16]) }, attributes: {} },
  "size not a multiple of 4": { inputs: { x: normal([3, 5, 5]) }, attributes: {} },
  "at 0": { inputs: { x: floats(0, -0, 1, -1) }, attributes: {} },
  "more than a binding holds": { inputs: { x: normal([5001]) }, attributes: {}, target: SMALL },
};

export const reluBackward: Cases<typeof ops.reluBackward> = {
  control: { inputs: { y: normal([2, 5, 5, 16]), dy: normal([2, 5, 5, 16]) }, attributes: {} },
  "size not a multiple of 4": { inputs: { y: normal([3, 5, 5]), dy: normal([3, 5, 5]) }, attributes: {} },
  "at 0": { inputs: { y: floats(0, -0, 1, -1), dy: floats(1, 2, 3, 4) }, attributes: {} },
  "more than a binding holds": { inputs: { y: normal([5001]), dy: normal([5001]) }, attributes: {}, target: SMALL },
};

const caffe = { momentum: 0.9, decay: 0.0005, rateMultiplier: 1 };
const parameter = (shape: number[], rate = 0.01) => ({ w: normal(shape), v: normal(shape, 0.1), dw: normal(shape), rate: floats(rate, 1) });

export const sgd: Cases<typeof ops.sgd> = {
  control: { inputs: parameter([64, 32]), attributes: caffe },
  "a bias: twice the rate, no decay": { inputs: parameter([96]), attributes: { ...caffe, decay: 0, rateMultiplier: 2 } },
  "no momentum": { inputs: parameter([64, 32]), attributes: { ...caffe, momentum: 0 } },
  "rate 0": { inputs: parameter([64, 32], 0), attributes: caffe },
  "size not a multiple of 4": { inputs: parameter([33, 31]), attributes: caffe },
  "a loss scaled by 1024": { inputs: { ...parameter([64, 32]), rate: floats(0.01 / 1024, 1024) }, attributes: caffe },
  "one element": { inputs: parameter([1]), attributes: caffe },
  "more than a binding holds": { inputs: parameter([5001]), attributes: caffe, target: SMALL },
  "more than a binding holds, in vectors of 16": { inputs: parameter([5008]), attributes: caffe, target: SMALL },
};

export const dropout: Cases<typeof ops.dropout> = {
  control: { inputs: { x: normal([8, 256]), random: SEED }, attributes: { ratio: 0.5, stream: 1 } },
  "as in GoogLeNet's heads": { inputs: { x: normal([8, 256]), random: SEED }, attributes: { ratio: 0.7, stream: 2 } },
  "a ratio that is not a float32": { inputs: { x: normal([8, 256]), random: SEED }, attributes: { ratio: 0.4, stream: 0 } },
  "keeps everything": { inputs: { x: normal([8, 256]), random: SEED }, attributes: { ratio: 0, stream: 0 } },
  "size not a multiple of 4": { inputs: { x: normal([3, 37]), random: SEED }, attributes: { ratio: 0.5, stream: 1 } },
  "every bit set": {
    inputs: { x: normal([8, 256]), random: words(0xffffffff, 0xffffffff, 0xffffffff, 0) },
    attributes: { ratio: 0.5, stream: 0xffffffff },
  },
  "more than a binding holds": { inputs: { x: normal([5001]), random: SEED }, attributes: { ratio: 0.5, stream: 1 }, target: SMALL },
};

export const randomFill: Cases<typeof ops.randomFill> = {
  control: { inputs: { random: SEED }, attributes: { distribution: "gaussian", scale: 0.01, stream: 3, shape: [1, 3, 3, 64, 32] } },
  uniform: { inputs: { random: SEED }, attributes: { distribution: "uniform", scale: 0.0541, stream: 4, shape: [1, 3, 3, 64, 32] } },
  "padded input channels": {
    inputs: { random: SEED },
    attributes: { distribution: "gaussian", scale: 0.01, stream: 5, shape: [1, 11, 11, 4, 96], channels: 3 },
  },
  "padded input channels, outputs not a multiple of 4": {
    inputs: { random: SEED },
    attributes: { distribution: "uniform", scale: 1, stream: 6, shape: [2, 3, 3, 4, 7], channels: 3 },
  },
  "size not a multiple of 4": { inputs: { random: SEED }, attributes: { distribution: "gaussian", scale: 1, stream: 0, shape: [9, 7] } },
  "more than a binding holds": {
    inputs: { random: SEED },
    attributes: { distribution: "gaussian", scale: 1, stream: 7, shape: [5001] },
    target: SMALL,
  },
};

const peaks = (...values: number[]) => floats(...values, ...Array.from({ length: PEAK_SLOTS - values.length }, () => 0));

export const peak: Cases<typeof ops.peak> = {
  control: { inputs: { peaks: peaks(), x: normal([2, 5, 5, 16]) }, attributes: {} },
  "before were larger ones": { inputs: { peaks: peaks(9, 0, 1), x: normal([4, 64]) }, attributes: {} },
  "size not a multiple of 4": { inputs: { peaks: peaks(), x: normal([3, 37]) }, attributes: {} },
  "fewer elements than slots": { inputs: { peaks: peaks(), x: normal([1]) }, attributes: {} },
  "many rounds of all lanes": { inputs: { peaks: peaks(), x: normal([40000]) }, attributes: {} },
};

export const lossScale: Cases<typeof ops.lossScale> = {
  control: { inputs: { exponent: floats(0) }, attributes: {} },
  large: { inputs: { exponent: floats(24) }, attributes: {} },
  small: { inputs: { exponent: floats(-24) }, attributes: {} },
};

export const scaledRate: Cases<typeof ops.scaledRate> = {
  control: { inputs: { rate: floats(0.01, 1), exponent: floats(10) }, attributes: {} },
  "a scale below 1": { inputs: { rate: floats(0.01, 1), exponent: floats(-3) }, attributes: {} },
};

export const nextLossScale: Cases<typeof ops.nextLossScale> = {
  control: { inputs: { exponent: floats(3), peaks: peaks(0.5, 5000) }, attributes: {} },
  "small gradients: one step up": { inputs: { exponent: floats(3), peaks: peaks(1e-6) }, attributes: {} },
  "no gradient at all": { inputs: { exponent: floats(3), peaks: peaks() }, attributes: {} },
  "at the end of 16 bits": { inputs: { exponent: floats(3), peaks: peaks(0, 65504) }, attributes: {} },
  "a power of two": { inputs: { exponent: floats(3), peaks: peaks(8192) }, attributes: {} },
  "no higher than the end": { inputs: { exponent: floats(24), peaks: peaks(1) }, attributes: {} },
};

export const multiply: Cases<typeof ops.multiply> = {
  control: { inputs: { a: normal([4, 64]), b: normal([4, 64]) }, attributes: {} },
  "size not a multiple of 4": { inputs: { a: normal([7, 9]), b: normal([7, 9]) }, attributes: {} },
  "more than a binding holds": { inputs: { a: normal([5001]), b: normal([5001]) }, attributes: {}, target: SMALL },
};

export const activation: Cases<typeof ops.activation> = {
  "control: leaky ReLU": { inputs: { x: normal([3, 37], 3) }, attributes: { kind: "leakyRelu", alpha: 0.1, beta: 0 } },
  affine: { inputs: { x: normal([3, 37], 3) }, attributes: { kind: "affine", alpha: -0.3, beta: 0.7 } },
  "clip: ReLU6": { inputs: { x: normal([3, 37], 6) }, attributes: { kind: "clip", alpha: 0, beta: 6 } },
  elu: { inputs: { x: normal([3, 37], 3) }, attributes: { kind: "elu", alpha: 1.5, beta: 0 } },
  sigmoid: { inputs: { x: normal([3, 37], 6) }, attributes: { kind: "sigmoid", alpha: 0, beta: 0 } },
  silu: { inputs: { x: normal([3, 37], 6) }, attributes: { kind: "silu", alpha: 0, beta: 0 } },
  tanh: { inputs: { x: normal([3, 37], 3) }, attributes: { kind: "tanh", alpha: 0, beta: 0 } },
  hardSigmoid: { inputs: { x: normal([3, 37], 4) }, attributes: { kind: "hardSigmoid", alpha: 0.2, beta: 0.5 } },
  hardSwish: { inputs: { x: normal([3, 37], 4) }, attributes: { kind: "hardSwish", alpha: 0, beta: 0 } },
  "sigmoid, far out": { inputs: { x: floats(-200, -90, -20, 0, 20, 90, 200) }, attributes: { kind: "sigmoid", alpha: 0, beta: 0 } },
  "silu, far out": { inputs: { x: floats(-200, -90, -20, 0, 20, 90, 200) }, attributes: { kind: "silu", alpha: 0, beta: 0 } },
  "tanh, far out": { inputs: { x: floats(-200, -90, -20, 0, 20, 90, 200) }, attributes: { kind: "tanh", alpha: 0, beta: 0 } },
  "at the ends": { inputs: { x: floats(0, 6, -0, 7) }, attributes: { kind: "clip", alpha: 0, beta: 6 } },
  "more than a binding holds": { inputs: { x: normal([5001]) }, attributes: { kind: "leakyRelu", alpha: 0.1, beta: 0 }, target: SMALL },
};

export const activationBackward: Cases<typeof ops.activationBackward> = Object.fromEntries(
  Object.entries(activation).map(([title, tested]) => [
    title,
    { ...tested, inputs: { ...tested.inputs, dy: normal(tested.inputs.x.shape) } },
  ]),
);
