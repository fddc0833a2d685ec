// Mean over windows by ONNX's rule: what it means. x: [images, height, width, channels]; y: [images, oh, ow, channels].
// https://onnx.ai/onnx/operators/onnx__AveragePool.html
import { op, type Port } from "../graph/op.ts";
import { formatShape, sameShape, sizeOf, type Shape } from "../tensor/shape.ts";
import { DIVISION, sumOfProducts } from "./bounds.ts";
import { forEachTapOf, tapsBetween, windowedType, type WindowAttributes } from "./windows.ts";

export interface MeanWindowsAttributes extends WindowAttributes {
  /** Whether taps in the padding count in the divisor. Taps beyond the padding never do. */
  countPad: boolean;
}

/** y = the sum of the window's x over the number of its taps that count. */
export const meanWindows = op<{ x: Port }, { y: Port }, MeanWindowsAttributes>({
  name: "meanWindows",
  infer: ({ x }, windows, label) => ({ y: windowedType("meanWindows", label, x, x.shape[3], windows, true) }),
  reference({ x }, windows, { y: { shape } }) {
    const divisors = divisorsOf(x.shape, shape, windows);
    const y = new Float64Array(sizeOf(shape));
    forEachTapOf(x.shape, shape, windows, (xAt, _tap, yAt) => {
      for (let c = 0; c < shape[3]; c++) y[yAt + c] += x.data[xAt + c] / divisors(yAt / shape[3]);
    });
    return { y };
  },
  bound: sumOfProducts(({ attributes: { kernel } }) => kernel[0] * kernel[1], DIVISION),
  gradient({ graph, inputs: { x }, dy, attributes, label }) {
    const [, height, width] = x.shape;
    return { x: dy.y && graph.add(meanWindowsBackward, { dy: dy.y }, { ...attributes, height, width }, `${label}.dx`).dx };
  },
});

export interface MeanWindowsBackwardAttributes extends MeanWindowsAttributes {
  /** Height and width of the input: the output's size does not determine them. */
  height: number;
  width: number;
}

/** Each pixel gets dy over the divisor of every window that holds it. */
export const meanWindowsBackward = op<{ dy: Port }, { dx: Port }, MeanWindowsBackwardAttributes>({
  name: "meanWindowsBackward",
  infer({ dy }, { height, width, ...windows }, label) {
    const [images, , , channels] = dy.shape;
    const dx = { shape: [images, height, width, channels], dtype: "f32" } as const;
    const { shape } = windowedType("meanWindowsBackward", label, dx, channels, windows, true);
    if (!sameShape(dy.shape, shape))
      throw new Error(`meanWindowsBackward "${label}": dy must be ${formatShape(shape)}, got ${formatShape(dy.shape)}`);
    return { dx };
  },
  reference({ dy }, windows, { dx: { shape } }) {
    const divisors = divisorsOf(shape, dy.shape, windows);
    const dx = new Float64Array(sizeOf(shape));
    forEachTapOf(shape, dy.shape, windows, (xAt, _tap, yAt) => {
      for (let c = 0; c < shape[3]; c++) dx[xAt + c] += dy.data[yAt + c] / divisors(yAt / shape[3]);
    });
    return { dx };
  },
  bound: sumOfProducts(({ attributes: { kernel } }) => kernel[0] * kernel[1], DIVISION),
});

/** The number of taps that count, by window. */
function divisorsOf([, height, width]: Shape, [, oh, ow]: Shape, windows: MeanWindowsAttributes): (window: number) => number {
  const { pads, countPad } = windows;
  const lengths = ([0, 1] as const).map((axis) => {
    const extent = axis === 0 ? height : width;
    const [from, to] = countPad ? [-pads[axis], extent + pads[axis + 2]] : [0, extent];
    return Array.from({ length: axis === 0 ? oh : ow }, (_, window) => {
      const { first, end } = tapsBetween(window, axis, windows, from, to);
      return end - first;
    });
  });
  return (window) => lengths[0][Math.floor(window / ow) % oh] * lengths[1][window % ow];
}
