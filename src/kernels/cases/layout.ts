// Cases of ops that move values without changing them.
import type { ops } from "../../ops/index.ts";
import { normal, type Cases } from "./case.ts";

export const concat: Cases<typeof ops.concat> = {
  control: {
    inputs: { x0: normal([2, 7, 7, 64]), x1: normal([2, 7, 7, 128]), x2: normal([2, 7, 7, 32]), x3: normal([2, 7, 7, 32]) },
    attributes: {},
  },
  "one input": { inputs: { x0: normal([2, 7, 7, 64]) }, attributes: {} },
  "written down in another order": { inputs: { x1: normal([5, 8]), x0: normal([5, 4]) }, attributes: {} },
  "channels not multiples of 4": { inputs: { x0: normal([9, 3]), x1: normal([9, 1]), x2: normal([9, 4]) }, attributes: {} },
  "one pixel": { inputs: { x0: normal([1, 8]), x1: normal([1, 4]) }, attributes: {} },
  "more than a binding holds": {
    inputs: { x0: normal([300, 4]), x1: normal([300, 8]) },
    attributes: {},
    target: { maxBindingBytes: 8192 },
  },
};

export const slice: Cases<typeof ops.slice> = {
  control: { inputs: { x: normal([2, 7, 7, 256]) }, attributes: { first: 64, count: 128 } },
  "from the first channel": { inputs: { x: normal([50, 16]) }, attributes: { first: 0, count: 4 } },
  "to the last channel": { inputs: { x: normal([50, 16]) }, attributes: { first: 12, count: 4 } },
  everything: { inputs: { x: normal([50, 16]) }, attributes: { first: 0, count: 16 } },
  "first channel not a multiple of 4": { inputs: { x: normal([50, 16]) }, attributes: { first: 3, count: 8 } },
  "one channel": { inputs: { x: normal([50, 16]) }, attributes: { first: 7, count: 1 } },
  "more than a binding holds": { inputs: { x: normal([300, 12]) }, attributes: { first: 4, count: 8 }, target: { maxBindingBytes: 8192 } },
};

export const channelsLast: Cases<typeof ops.channelsLast> = {
  control: { inputs: { x: normal([2, 3, 15, 15]) }, attributes: { channels: 4 } },
  "no padding": { inputs: { x: normal([2, 5, 7, 9]) }, attributes: { channels: 5 } },
  "one channel": { inputs: { x: normal([2, 1, 7, 9]) }, attributes: { channels: 1 } },
  "one pixel": { inputs: { x: normal([3, 6, 1, 1]) }, attributes: { channels: 8 } },
  "more than a binding holds": { inputs: { x: normal([5, 3, 8, 8]) }, attributes: { channels: 4 }, target: { maxBindingBytes: 2048 } },
};

export const channelsFirst: Cases<typeof ops.channelsFirst> = {
  control: { inputs: { x: normal([2, 6, 6, 64]) }, attributes: { channels: 64 } },
  "padding left out": { inputs: { x: normal([2, 7, 9, 4]) }, attributes: { channels: 3 } },
  "one channel": { inputs: { x: normal([2, 7, 9, 1]) }, attributes: { channels: 1 } },
  "one pixel": { inputs: { x: normal([3, 1, 1, 8]) }, attributes: { channels: 6 } },
  "more than a binding holds": { inputs: { x: normal([5, 8, 8, 4]) }, attributes: { channels: 3 }, target: { maxBindingBytes: 2048 } },
};

export const pad: Cases<typeof ops.pad> = {
  control: { inputs: { x: normal([2, 5, 6, 4]) }, attributes: { before: [0, 1, 2, 0], after: [0, 3, 0, 0], value: 0 } },
  "every axis, another value": {
    inputs: { x: normal([2, 3, 4, 5]) },
    attributes: { before: [1, 0, 2, 1], after: [0, 2, 1, 3], value: -1.5 },
  },
  "taken off": { inputs: { x: normal([2, 5, 6, 4]) }, attributes: { before: [0, -1, 1, 0], after: [0, -2, -3, -1], value: 0 } },
  "more than a binding holds": {
    inputs: { x: normal([5, 6, 6, 16]) },
    attributes: { before: [0, 1, 1, 0], after: [0, 1, 1, 0], value: 0 },
    target: { maxBindingBytes: 2 * 8 * 8 * 16 * 4 },
  },
};

export const permute: Cases<typeof ops.permute> = {
  "control: channel shuffle": { inputs: { x: normal([2, 4, 5, 3, 8]) }, attributes: { axes: [0, 1, 2, 4, 3] } },
  "the last axis stays": { inputs: { x: normal([2, 3, 5, 8]) }, attributes: { axes: [0, 2, 1, 3] } },
  "six axes": { inputs: { x: normal([2, 3, 4, 2, 3, 5]) }, attributes: { axes: [5, 3, 1, 0, 2, 4] } },
  "a matrix": { inputs: { x: normal([7, 9]) }, attributes: { axes: [1, 0] } },
  "one axis": { inputs: { x: normal([12]) }, attributes: { axes: [0] } },
  "more than a binding holds": {
    inputs: { x: normal([5, 6, 6, 16]) },
    attributes: { axes: [0, 2, 1, 3] },
    target: { maxBindingBytes: 2 * 6 * 6 * 16 * 4 },
  },
};

export const sumAxis: Cases<typeof ops.sumAxis> = {
  control: { inputs: { x: normal([4, 7, 8]) }, attributes: { axis: 1, scale: 1 / 7 } },
  "the first": { inputs: { x: normal([9, 12]) }, attributes: { axis: 0, scale: 1 } },
  "the last": { inputs: { x: normal([9, 13]) }, attributes: { axis: 1, scale: -0.3 } },
  "inner size not a multiple of 4": { inputs: { x: normal([3, 5, 7]) }, attributes: { axis: 1, scale: 1 } },
  "more than a binding holds": { inputs: { x: normal([64, 4, 16]) }, attributes: { axis: 1, scale: 1 }, target: { maxBindingBytes: 4096 } },
};

export const repeat: Cases<typeof ops.repeat> = {
  control: { inputs: { x: normal([4, 1, 8]) }, attributes: { axis: 1, count: 7, scale: 1 / 7 } },
  "the first": { inputs: { x: normal([1, 12]) }, attributes: { axis: 0, count: 9, scale: 1 } },
  "the last": { inputs: { x: normal([9, 1]) }, attributes: { axis: 1, count: 13, scale: -0.3 } },
  "inner size not a multiple of 4": { inputs: { x: normal([3, 1, 7]) }, attributes: { axis: 1, count: 5, scale: 1 } },
  "more than a binding holds": {
    inputs: { x: normal([64, 1, 16]) },
    attributes: { axis: 1, count: 4, scale: 1 },
    target: { maxBindingBytes: 4096 },
  },
};
