// Cases of ops over windows by ONNX's rule.
import type { ops } from "../../ops/index.ts";
import type { WindowAttributes } from "../../ops/windows.ts";
import { normal, resultOf, ties, type CaseInput, type Cases } from "./case.ts";

const square: WindowAttributes = { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], dilations: [1, 1] };
const dense: WindowAttributes = { ...square, strides: [1, 1] };
/** No two numbers along an axis, or of two axes, are alike. */
const uneven: WindowAttributes = { kernel: [3, 2], strides: [2, 1], pads: [2, 0, 1, 1], dilations: [1, 3] };
const dilated: WindowAttributes = { ...dense, dilations: [2, 2], pads: [2, 2, 2, 2] };
const ceiled: WindowAttributes = { kernel: [3, 3], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1], rounding: "ceil" };
/** Windows that leave out pixels. */
const apart: WindowAttributes = { kernel: [2, 1], strides: [3, 2], pads: [0, 0, 0, 0], dilations: [1, 1] };
/** Bindings that hold four images of 6 x 6 pixels and 64 channels. */
const FOUR_IMAGES = { maxBindingBytes: 4 * 6 * 6 * 64 * 4 };

export const maxWindows: Cases<typeof ops.maxWindows> = {
  "control: as ResNet's stem": { inputs: { x: normal([2, 12, 12, 16]) }, attributes: square },
  uneven: { inputs: { x: normal([2, 9, 11, 8]) }, attributes: uneven },
  dilated: { inputs: { x: normal([1, 8, 8, 8]) }, attributes: dilated },
  "rounded up": { inputs: { x: normal([2, 8, 10, 8]) }, attributes: ceiled },
  "all below 0, padded": { inputs: { x: { ...normal([1, 1, 1, 4]), fill: { values: [-1, -2, -3, -4] } } }, attributes: dense },
  "channels not a multiple of 4": { inputs: { x: normal([2, 9, 11, 5]) }, attributes: uneven },
  "more than a binding holds": { inputs: { x: normal([5, 6, 6, 64]) }, attributes: square, target: FOUR_IMAGES },
};

const pooled = (x: CaseInput, y: readonly number[]) => ({ x, y: resultOf("maxWindows", y), dy: normal(y) });

export const maxWindowsBackward: Cases<typeof ops.maxWindowsBackward> = {
  "control: as ResNet's stem": { inputs: pooled(normal([2, 12, 12, 16]), [2, 6, 6, 16]), attributes: square },
  "many equal maxima": { inputs: pooled(ties([2, 9, 9, 8]), [2, 9, 9, 8]), attributes: dense },
  uneven: { inputs: pooled(ties([2, 9, 11, 8]), [2, 5, 9, 8]), attributes: uneven },
  dilated: { inputs: pooled(ties([1, 8, 8, 8]), [1, 8, 8, 8]), attributes: dilated },
  "rounded up": { inputs: pooled(normal([2, 8, 10, 8]), [2, 4, 5, 8]), attributes: ceiled },
  "windows apart": { inputs: pooled(normal([2, 8, 8, 4]), [2, 3, 4, 4]), attributes: apart },
  "channels not a multiple of 4": { inputs: pooled(ties([2, 9, 11, 5]), [2, 5, 9, 5]), attributes: uneven },
  "more than a binding holds": { inputs: pooled(normal([5, 6, 6, 64]), [5, 3, 3, 64]), attributes: square, target: FOUR_IMAGES },
};

export const meanWindows: Cases<typeof ops.meanWindows> = {
  "control: padding does not count": { inputs: { x: normal([2, 12, 12, 16]) }, attributes: { ...square, countPad: false } },
  "padding counts": { inputs: { x: normal([2, 12, 12, 16]) }, attributes: { ...square, countPad: true } },
  uneven: { inputs: { x: normal([2, 9, 11, 8]) }, attributes: { ...uneven, countPad: false } },
  "uneven, padding counts": { inputs: { x: normal([2, 9, 11, 8]) }, attributes: { ...uneven, countPad: true } },
  "rounded up": { inputs: { x: normal([2, 8, 10, 8]) }, attributes: { ...ceiled, countPad: true } },
  "of everything": { inputs: { x: normal([2, 7, 5, 8]) }, attributes: { ...dense, kernel: [7, 5], pads: [0, 0, 0, 0], countPad: false } },
  "channels not a multiple of 4": { inputs: { x: normal([2, 9, 11, 5]) }, attributes: { ...uneven, countPad: false } },
  "more than a binding holds": { inputs: { x: normal([5, 6, 6, 64]) }, attributes: { ...square, countPad: false }, target: FOUR_IMAGES },
};

const spread = (dy: readonly number[], height: number, width: number, windows: WindowAttributes, countPad = false) => ({
  inputs: { dy: normal(dy) },
  attributes: { ...windows, countPad, height, width },
});

export const meanWindowsBackward: Cases<typeof ops.meanWindowsBackward> = {
  "control: padding does not count": spread([2, 6, 6, 16], 12, 12, square),
  "padding counts": spread([2, 6, 6, 16], 12, 12, square, true),
  uneven: spread([2, 5, 9, 8], 9, 11, uneven),
  "rounded up": spread([2, 4, 5, 8], 8, 10, ceiled),
  "windows apart": spread([2, 3, 4, 4], 8, 8, apart),
  "channels not a multiple of 4": spread([2, 5, 9, 5], 9, 11, uneven),
  "more than a binding holds": { ...spread([5, 3, 3, 64], 6, 6, square), target: FOUR_IMAGES },
};

export const patches: Cases<typeof ops.patches> = {
  "control: dilated": { inputs: { x: normal([2, 8, 8, 8]) }, attributes: { ...dilated, groups: 1 } },
  uneven: { inputs: { x: normal([2, 9, 11, 8]) }, attributes: { ...uneven, groups: 1 } },
  "in groups": { inputs: { x: normal([2, 9, 11, 8]) }, attributes: { ...uneven, groups: 2 } },
  "channels not a multiple of 4": { inputs: { x: normal([2, 9, 11, 6]) }, attributes: { ...uneven, groups: 3 } },
  "more than a binding holds": {
    inputs: { x: normal([5, 6, 6, 64]) },
    attributes: { ...square, groups: 1 },
    target: { maxBindingBytes: 6 * 6 * 64 * 9 * 4 },
  },
};

const summed = (x: readonly number[], y: readonly number[], windows: WindowAttributes, groups: number) => ({
  inputs: { dy: normal(y) },
  attributes: { ...windows, groups, height: x[1], width: x[2] },
});

export const patchesBackward: Cases<typeof ops.patchesBackward> = {
  "control: dilated": summed([2, 8, 8, 8], [2, 8, 8, 72], dilated, 1),
  uneven: summed([2, 9, 11, 8], [2, 5, 9, 48], uneven, 1),
  "in groups": summed([2, 9, 11, 8], [2, 5, 9, 48], uneven, 2),
  "channels not a multiple of 4": summed([2, 9, 11, 6], [2, 5, 9, 36], uneven, 3),
  "more than a binding holds": { ...summed([5, 6, 6, 64], [5, 3, 3, 576], square, 1), target: { maxBindingBytes: 6 * 6 * 64 * 9 * 4 } },
};

export const depthwise: Cases<typeof ops.depthwise> = {
  "control: as in MobileNet": { inputs: { x: normal([2, 12, 12, 16]), filter: normal([9, 16]), bias: normal([16]) }, attributes: square },
  "no bias": { inputs: { x: normal([2, 12, 12, 16]), filter: normal([9, 16]) }, attributes: dense },
  uneven: { inputs: { x: normal([2, 9, 11, 8]), filter: normal([6, 8]), bias: normal([8]) }, attributes: uneven },
  dilated: { inputs: { x: normal([1, 8, 8, 8]), filter: normal([9, 8]) }, attributes: dilated },
  "channels not a multiple of 4": { inputs: { x: normal([2, 9, 11, 5]), filter: normal([6, 5]), bias: normal([5]) }, attributes: uneven },
  "no bias, one channel": { inputs: { x: normal([2, 9, 11, 1]), filter: normal([6, 1]) }, attributes: uneven },
  "ReLU6 in the epilogue": {
    inputs: { x: normal([2, 9, 11, 8], 4), filter: normal([6, 8]), bias: normal([8]) },
    attributes: { ...uneven, relu: true, most: 6 },
  },
  "ReLU in the epilogue": { inputs: { x: normal([2, 9, 11, 8]), filter: normal([6, 8]) }, attributes: { ...uneven, relu: true } },
  "more than a binding holds": {
    inputs: { x: normal([5, 6, 6, 64]), filter: normal([9, 64]), bias: normal([64]) },
    attributes: square,
    target: FOUR_IMAGES,
  },
};

export const depthwiseBackwardData: Cases<typeof ops.depthwiseBackwardData> = {
  "control: as in MobileNet": {
    inputs: { dy: normal([2, 6, 6, 16]), filter: normal([9, 16]) },
    attributes: { ...square, height: 12, width: 12 },
  },
  uneven: { inputs: { dy: normal([2, 5, 9, 8]), filter: normal([6, 8]) }, attributes: { ...uneven, height: 9, width: 11 } },
  dilated: { inputs: { dy: normal([1, 8, 8, 8]), filter: normal([9, 8]) }, attributes: { ...dilated, height: 8, width: 8 } },
  "windows apart": { inputs: { dy: normal([2, 3, 4, 4]), filter: normal([2, 4]) }, attributes: { ...apart, height: 8, width: 8 } },
  "channels not a multiple of 4": {
    inputs: { dy: normal([2, 5, 9, 5]), filter: normal([6, 5]) },
    attributes: { ...uneven, height: 9, width: 11 },
  },
  "more than a binding holds": {
    inputs: { dy: normal([5, 3, 3, 64]), filter: normal([9, 64]) },
    attributes: { ...square, height: 6, width: 6 },
    target: FOUR_IMAGES,
  },
};

export const depthwiseBackwardFilter: Cases<typeof ops.depthwiseBackwardFilter> = {
  "control: as in MobileNet": { inputs: { x: normal([2, 12, 12, 16]), dy: normal([2, 6, 6, 16]) }, attributes: square },
  "many pixels": { inputs: { x: normal([4, 24, 24, 8]), dy: normal([4, 24, 24, 8]) }, attributes: dense },
  uneven: { inputs: { x: normal([2, 9, 11, 8]), dy: normal([2, 5, 9, 8]) }, attributes: uneven },
  dilated: { inputs: { x: normal([1, 8, 8, 8]), dy: normal([1, 8, 8, 8]) }, attributes: dilated },
  "channels not a multiple of 4": { inputs: { x: normal([2, 9, 11, 5]), dy: normal([2, 5, 9, 5]) }, attributes: uneven },
  "more than a binding holds": { inputs: { x: normal([5, 6, 6, 64]), dy: normal([5, 3, 3, 64]) }, attributes: square, target: FOUR_IMAGES },
};
