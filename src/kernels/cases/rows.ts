// Cases of ops over [rows, classes].
import type { ops } from "../../ops/index.ts";
import { floats, normal, ties, whole, words, type CaseInput, type Cases } from "./case.ts";

/** Windows of rows start where labels may: every 64 rows of 4 bytes. */
const SMALL = { maxBindingBytes: 4096 };

export const softmax: Cases<typeof ops.softmax> = {
  "control: ImageNet's classes": { inputs: { x: normal([4, 1000], 3) }, attributes: {} },
  "two classes": { inputs: { x: normal([32, 2]) }, attributes: {} },
  "one class": { inputs: { x: normal([3, 1]) }, attributes: {} },
  "one row": { inputs: { x: normal([1, 1000]) }, attributes: {} },
  "scores far apart": { inputs: { x: normal([4, 150], 40) }, attributes: {} },
  "large scores": { inputs: { x: { ...floats(1000, 1001, -1000), shape: [1, 3] } }, attributes: {} },
  "more than a binding holds": { inputs: { x: normal([200, 10]) }, attributes: {}, target: SMALL },
  "more workgroups than fit in a row": { inputs: { x: normal([7, 10]) }, attributes: {}, target: { maxWorkgroupsPerDimension: 3 } },
};

export const softmaxBackward: Cases<typeof ops.softmaxBackward> = {
  "control: ImageNet's classes": { inputs: { y: normal([4, 1000]), dy: normal([4, 1000]) }, attributes: {} },
  "two classes": { inputs: { y: normal([32, 2]), dy: normal([32, 2]) }, attributes: {} },
  "one class": { inputs: { y: normal([3, 1]), dy: normal([3, 1]) }, attributes: {} },
  "more than a binding holds": { inputs: { y: normal([200, 10]), dy: normal([200, 10]) }, attributes: {}, target: SMALL },
};

/** Three rows of three classes; the second has the value in the place of its second score. */
const rowsWith = (value: number): CaseInput => ({ ...floats(3, 1, 2, 0, value, 1, 1, 2, 3), shape: [3, 3] });

export const softmaxLoss: Cases<typeof ops.softmaxLoss> = {
  "control: ImageNet's classes": { inputs: { x: normal([16, 1000], 3), labels: whole([16], 1000) }, attributes: { weight: 1 } },
  "weight of an auxiliary head": { inputs: { x: normal([16, 1000]), labels: whole([16], 1000) }, attributes: { weight: 0.3 } },
  "three classes": { inputs: { x: normal([32, 3]), labels: whole([32], 3) }, attributes: { weight: 1 } },
  "one row": { inputs: { x: normal([1, 3]), labels: words(2) }, attributes: { weight: 1 } },
  "more rows than lanes": { inputs: { x: normal([130, 3]), labels: whole([130], 3) }, attributes: { weight: 1 } },
  "sure and wrong": { inputs: { x: { ...floats(0, 200, -50), shape: [1, 3] }, labels: words(0) }, attributes: { weight: 1 } },
  "sure and right": { inputs: { x: { ...floats(0, 20, -50), shape: [1, 3] }, labels: words(1) }, attributes: { weight: 1 } },
  "a label that is not a class": { inputs: { x: normal([3, 5]), labels: words(1, 5, 2) }, attributes: { weight: 1 } },
  "a label far outside": { inputs: { x: normal([2, 200]), labels: words(0, 0xffffffff) }, attributes: { weight: 1 } },
  "a score that is not a number": { inputs: { x: rowsWith(Number.NaN), labels: words(0, 1, 2) }, attributes: { weight: 1 } },
  "an infinite score": { inputs: { x: rowsWith(Infinity), labels: words(0, 1, 2) }, attributes: { weight: 1 } },
  "more than a binding holds": { inputs: { x: normal([200, 10]), labels: whole([200], 10) }, attributes: { weight: 1 }, target: SMALL },
};

export const softmaxLossBackward: Cases<typeof ops.softmaxLossBackward> = Object.fromEntries(
  Object.entries(softmaxLoss).map(([title, { inputs, ...rest }]) => [title, { inputs: { ...inputs, dloss: floats(0.75) }, ...rest }]),
);

/** One workgroup sees all rows, however many: there are no slices. */
const oneWorkgroup = Object.entries(softmaxLoss).filter(([, { target }]) => !target);

export const softmaxLossGradient: Cases<typeof ops.softmaxLossGradient> = {
  ...Object.fromEntries(oneWorkgroup),
  "added to a running sum": {
    inputs: { x: normal([5, 100]), labels: whole([5], 100), lossTotal: floats(17.5) },
    attributes: { weight: 0.3 },
  },
  "added to both running sums": {
    inputs: { x: normal([32, 3]), labels: whole([32], 3), lossTotal: floats(0), correctTotal: floats(100) },
    attributes: { weight: 1, k: 1 },
  },
  "a score that is not a number is not right": {
    inputs: { x: rowsWith(Number.NaN), labels: words(0, 1, 2), lossTotal: floats(1), correctTotal: floats(5) },
    attributes: { weight: 1, k: 1 },
  },
  "right among the 300 best": {
    inputs: { x: normal([11, 1000]), labels: whole([11], 1000), correctTotal: floats(7) },
    attributes: { weight: 1, k: 300 },
  },
  "ties count against": {
    inputs: { x: ties([64, 5]), labels: whole([64], 5), correctTotal: floats(0) },
    attributes: { weight: 1, k: 2 },
  },
  "labels that are no class": {
    inputs: { x: normal([3, 5]), labels: words(5, 0xffffffff, 2), correctTotal: floats(1) },
    attributes: { weight: 1, k: 5 },
  },
};

export const topK: Cases<typeof ops.topK> = {
  "control: ImageNet's classes, a generous k": { inputs: { x: normal([32, 1000]), labels: whole([32], 1000) }, attributes: { k: 300 } },
  "the best": { inputs: { x: normal([64, 3]), labels: whole([64], 3) }, attributes: { k: 1 } },
  "ties count against": { inputs: { x: ties([64, 5]), labels: whole([64], 5) }, attributes: { k: 2 } },
  "k as large as the classes": { inputs: { x: ties([9, 4]), labels: whole([9], 4) }, attributes: { k: 4 } },
  "one row": { inputs: { x: normal([1, 3]), labels: words(2) }, attributes: { k: 1 } },
  "labels that are no class": { inputs: { x: normal([3, 5]), labels: words(5, 0xffffffff, 2) }, attributes: { k: 5 } },
  "a score that is not a number": { inputs: { x: rowsWith(Number.NaN), labels: words(0, 1, 2) }, attributes: { k: 1 } },
  "an infinite score": { inputs: { x: rowsWith(Infinity), labels: words(0, 1, 2) }, attributes: { k: 1 } },
  "more than a binding holds": { inputs: { x: normal([200, 10]), labels: whole([200], 10) }, attributes: { k: 3 }, target: SMALL },
};

export const logSoftmax: Cases<typeof ops.logSoftmax> = {
  control: { inputs: { x: normal([8, 1000]) }, attributes: {} },
  "few classes": { inputs: { x: normal([8, 3], 4) }, attributes: {} },
  "one class": { inputs: { x: normal([8, 1]) }, attributes: {} },
  "large scores": { inputs: { x: normal([4, 200], 30) }, attributes: {} },
  "more than a binding holds": { inputs: { x: normal([40, 64]) }, attributes: {}, target: { maxBindingBytes: 4096 } },
};

export const logSoftmaxBackward: Cases<typeof ops.logSoftmaxBackward> = {
  control: { inputs: { y: normal([8, 1000]), dy: normal([8, 1000]) }, attributes: {} },
  "few classes": { inputs: { y: normal([8, 3], 4), dy: normal([8, 3]) }, attributes: {} },
  "one class": { inputs: { y: normal([8, 1]), dy: normal([8, 1]) }, attributes: {} },
  "more than a binding holds": { inputs: { y: normal([40, 64]), dy: normal([40, 64]) }, attributes: {}, target: { maxBindingBytes: 4096 } },
};
