// The pixels under every window of a convolution side by side: what it means. A convolution with steps by axis or with dilation is a 1 x 1
// convolution of its patches. x: [images, height, width, channels]; y: [images, oh, ow, channels * taps], by group, tap and channel.
import { op, type Port } from "../graph/op.ts";
import { sizeOf, type Shape } from "../tensor/shape.ts";
import { exactly, sumOfProducts } from "./bounds.ts";
import { forEachTapOf, windowedType, type WindowAttributes } from "./windows.ts";

export interface PatchesAttributes extends WindowAttributes {
  groups: number;
}

/** y[n, oy, ox, g, tap, c] = x[n, iy, ix, g, c] of the tap's pixel, 0 in the padding. */
export const patches = op<{ x: Port }, { y: Port }, PatchesAttributes>({
  name: "patches",
  infer({ x }, attributes, label) {
    const channels = x.shape[x.shape.length - 1];
    const { kernel, groups } = attributes;
    if (!Number.isInteger(channels / groups))
      throw new Error(`patches "${label}": ${channels} channels do not divide into ${groups} groups`);
    return { y: windowedType("patches", label, x, channels * kernel[0] * kernel[1], attributes, false) };
  },
  reference({ x }, attributes, { y: { shape } }) {
    const y = new Float64Array(sizeOf(shape));
    forEachPair(x.shape, shape, attributes, (xAt, yAt) => (y[yAt] = x.data[xAt]));
    return { y };
  },
  bound: exactly,
  gradient({ graph, inputs: { x }, dy, attributes, label }) {
    const [, height, width] = x.shape;
    return { x: dy.y && graph.add(patchesBackward, { dy: dy.y }, { ...attributes, height, width }, `${label}.dx`).dx };
  },
});

export interface PatchesBackwardAttributes extends PatchesAttributes {
  /** Height and width of the input. */
  height: number;
  width: number;
}

/** Each pixel gets the sum of dy over the patches that hold it. */
export const patchesBackward = op<{ dy: Port }, { dx: Port }, PatchesBackwardAttributes>({
  name: "patchesBackward",
  infer({ dy }, { height, width, kernel }) {
    const [images, , , wide] = dy.shape;
    return { dx: { shape: [images, height, width, wide / (kernel[0] * kernel[1])], dtype: "f32" } };
  },
  reference({ dy }, attributes, { dx: { shape } }) {
    const dx = new Float64Array(sizeOf(shape));
    forEachPair(shape, dy.shape, attributes, (xAt, yAt) => (dx[xAt] += dy.data[yAt]));
    return { dx };
  },
  bound: sumOfProducts(({ attributes: { kernel } }) => kernel[0] * kernel[1]),
});

/** Visits every element of the patches that is a pixel's, with the place of that in the image. */
function forEachPair(x: Shape, y: Shape, attributes: PatchesAttributes, visit: (xAt: number, yAt: number) => void): void {
  const { kernel, groups } = attributes;
  const taps = kernel[0] * kernel[1];
  const each = x[3] / groups;
  forEachTapOf(x, y, attributes, (xAt, tap, yAt) => {
    for (let c = 0; c < x[3]; c++) visit(xAt + c, yAt + (Math.floor(c / each) * taps + tap) * each + (c % each));
  });
}
