// Where windows lie by ONNX's rule: extents, steps, padding and dilation by axis, a number of windows that is rounded down or up. Images are
// [images, height, width, channels]. https://onnx.ai/onnx/operators/onnx__MaxPool.html
import type { TensorType } from "../graph/op.ts";
import { formatShape, type Shape } from "../tensor/shape.ts";

export interface WindowAttributes {
  /** Taps of a window: rows, columns. */
  kernel: readonly [number, number];
  /** Pixels from one window to the next: down, across. */
  strides: readonly [number, number];
  /** Rows and columns around the image that windows may reach into: top, left, bottom, right. */
  pads: readonly [number, number, number, number];
  /** Pixels from one tap to the next: down, across. */
  dilations: readonly [number, number];
  /** "ceil": a last window may reach beyond the padding, as long as it does not start there. Default "floor". */
  rounding?: "floor" | "ceil";
}

type Axis = 0 | 1;

/** Windows along one axis. */
export function windowCount(extent: number, axis: Axis, { kernel, strides, pads, dilations, rounding }: WindowAttributes): number {
  const steps = (extent + pads[axis] + pads[axis + 2] - (kernel[axis] - 1) * dilations[axis] - 1) / strides[axis];
  if (steps < 0) return 0;
  if (rounding !== "ceil") return Math.floor(steps) + 1;
  const count = Math.ceil(steps) + 1;
  return (count - 1) * strides[axis] >= extent + pads[axis] ? count - 1 : count;
}

/** Taps of a window, from the first to before the last, that lie between two places counted from the image's edge. */
export function tapsBetween(window: number, axis: Axis, { kernel, strides, pads, dilations }: WindowAttributes, from: number, to: number) {
  const start = window * strides[axis] - pads[axis];
  const first = Math.max(0, Math.ceil((from - start) / dilations[axis]));
  return { first, end: Math.max(first, Math.min(kernel[axis], Math.ceil((to - start) / dilations[axis]))) };
}

/** The type of what has a value for every window. Throws where attributes are impossible, or where `full` and a window would hold no pixel. */
export function windowedType(
  op: string,
  label: string,
  x: TensorType,
  channels: number,
  windows: WindowAttributes,
  full: boolean,
): TensorType {
  const where = `${op} "${label}"`;
  if (x.shape.length !== 4) throw new Error(`${where}: x must be [images, height, width, channels], got ${formatShape(x.shape)}`);
  const { kernel, strides, pads, dilations } = windows;
  const whole = (values: readonly number[], length: number, least: number): boolean =>
    values.length === length && values.every((value) => Number.isInteger(value) && value >= least);
  if (!(whole(kernel, 2, 1) && whole(strides, 2, 1) && whole(dilations, 2, 1) && whole(pads, 4, 0)))
    throw new Error(
      `${where}: kernel, strides and dilations must be two whole numbers from 1 and pads four from 0, ` +
        `got kernel ${kernel.join(" x ")}, strides ${strides.join(", ")}, dilations ${dilations.join(", ")}, pads ${pads.join(", ")}`,
    );
  const [images, height, width] = x.shape;
  const extents = [height, width] as const;
  const counts = ([0, 1] as const).map((axis) => {
    const count = windowCount(extents[axis], axis, windows);
    const isEmpty = (window: number): boolean => {
      const { first, end } = tapsBetween(window, axis, windows, 0, extents[axis]);
      return end === first;
    };
    if (count < 1 || (full && Array.from({ length: count }, (_, window) => window).some(isEmpty)))
      throw new Error(
        `${where}: windows of ${kernel.join(" x ")} taps with strides ${strides.join(", ")}, dilations ${dilations.join(", ")} and pads ` +
          `${pads.join(", ")} do not fit ${height} x ${width} pixels: ${count < 1 ? "use a larger input" : "one of them would hold no pixel"}`,
      );
    return count;
  });
  return { shape: [images, ...counts, channels], dtype: "f32" };
}

/** Visits every tap of every window that lies in the image: offsets of the first channel in the image and in the windows' values, and the tap's number. */
export function forEachTapOf(
  [images, height, width, channels]: Shape,
  [, oh, ow, outputs]: Shape,
  windows: WindowAttributes,
  visit: (xAt: number, tap: number, yAt: number) => void,
): void {
  const { kernel, strides, pads, dilations } = windows;
  for (let n = 0; n < images; n++) {
    for (let oy = 0; oy < oh; oy++) {
      for (let ox = 0; ox < ow; ox++) {
        const rows = tapsBetween(oy, 0, windows, 0, height);
        const columns = tapsBetween(ox, 1, windows, 0, width);
        const yAt = ((n * oh + oy) * ow + ox) * outputs;
        for (let r = rows.first; r < rows.end; r++) {
          for (let t = columns.first; t < columns.end; t++) {
            const iy = oy * strides[0] - pads[0] + r * dilations[0];
            const ix = ox * strides[1] - pads[1] + t * dilations[1];
            visit(((n * height + iy) * width + ix) * channels, r * kernel[1] + t, yAt);
          }
        }
      }
    }
  }
}
