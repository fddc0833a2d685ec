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
