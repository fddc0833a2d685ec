// Pooling, and normalisation across channels.
import { lrn } from "../../ops/lrn.ts";
import { windowCount, tapsBetween, type WindowAttributes } from "../../ops/windows.ts";
import type { Shape } from "../../tensor/shape.ts";
import { asImages } from "../live.ts";
import type { Operator } from "../replay.ts";
import type { Reading } from "../refused.ts";
import { windowsOf } from "../windows-of.ts";

const pool =
  (kind: "max" | "mean"): Operator =>
  (replay, reading, [input]) => {
    if (replay.isRead(reading, 1)) reading.refuse("its output of indices is read");
    const x = replay.images(reading, replay.live(reading, input));
    const windows = windowsOf(reading, x.shape);
    requireFull(reading, x.shape, windows);
    const { kernel, strides: stride, pads: pad, dilations: dilation, rounding } = windows;
    const countPad = reading.flag("count_include_pad");
    const y = replay.layers.pool(reading.name, x.value, kind, { kernel, stride, pad, dilation, countPad, ...(rounding && { rounding }) });
    return [asImages(y)];
  };

/** Refuses windows that do not fit, or one of which would hold no pixel. */
function requireFull(reading: Reading, shape: Shape, windows: WindowAttributes): void {
  for (const axis of [0, 1] as const) {
    const extent = shape[2 + axis];
    const count = windowCount(extent, axis, windows);
    for (let window = 0; window < Math.max(count, 1); window++) {
      const { first, end } = tapsBetween(window, axis, windows, 0, extent);
      if (count < 1 || first >= end) reading.refuse(`its windows do not fit the image [${shape.join(", ")}], or one would hold no pixel`);
    }
  }
}

const global =
  (kind: "max" | "mean"): Operator =>
  (replay, reading, [input]) => {
    const x = replay.images(reading, replay.live(reading, input));
    return [asImages(replay.layers.pool(reading.name, x.value, kind, { kernel: [x.shape[2], x.shape[3]] }))];
  };

const localResponse: Operator = (replay, reading, [input]) => {
  const size = reading.int("size", 0);
  if (!(size >= 1) || size % 2 === 0) reading.refuse(`size ${size}: expected an odd number`);
  const x = replay.images(reading, replay.live(reading, input));
  const attributes = { size, alpha: reading.float("alpha", 1e-4), beta: reading.float("beta", 0.75), k: reading.float("bias", 1) };
  return [asImages(replay.layers.op(lrn, { x: x.value }, attributes, reading.name).y)];
};

export const POOLING: Readonly<Record<string, Operator>> = {
  MaxPool: pool("max"),
  AveragePool: pool("mean"),
  GlobalMaxPool: global("max"),
  GlobalAveragePool: global("mean"),
  LRN: localResponse,
};
