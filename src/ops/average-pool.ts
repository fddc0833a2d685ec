// Mean over windows of pixels: what it means. x: [images, height, width, channels]; y: [images, oh, ow, channels].
import { op, type Port } from "../graph/op.ts";
import { formatShape, sameShape, sizeOf } from "../tensor/shape.ts";
import { addends, DIVISION, sumOfProducts } from "./bounds.ts";
import { DX_OVER_ADDEND, requireEpilogue, withEpilogue, type EpiloguePorts } from "./gradient-epilogue.ts";
import { forEachWindow, pooledType, type PoolAttributes, windowsOfAPixel } from "./pool-window.ts";

/** y = the sum of the window's x over its area; padding counts in the area, what lies beyond the padding does not (Caffe). */
export const averagePool = op<{ x: Port }, { y: Port }, PoolAttributes>({
  name: "averagePool",
  infer: ({ x }, attributes, label) => ({ y: pooledType("averagePool", label, x, attributes) }),
  reference({ x }, attributes, outputs) {
    const channels = x.shape[3];
    const y = new Float64Array(sizeOf(outputs.y.shape));
    forEachWindow(x.shape, outputs.y.shape, attributes, (pixels, area, at) => {
      for (let c = 0; c < channels; c++) y[at + c] = pixels.reduce((sum, pixel) => sum + x.data[pixel + c], 0) / area;
    });
    return { y };
  },
  bound: sumOfProducts(({ attributes: { size } }) => size ** 2, DIVISION),
  gradient({ graph, inputs: { x }, dy, attributes, label }) {
    const [, height, width] = x.shape;
    return { x: dy.y && graph.add(averagePoolBackward, { dy: dy.y }, { ...attributes, height, width }, `${label}.dx`).dx };
  },
});

export interface AveragePoolBackwardAttributes extends PoolAttributes {
  /** Height and width of the input: the output's size does not determine them. */
  height: number;
  width: number;
}

/** Each pixel gets dy / area of every window that holds it. */
export const averagePoolBackward = op<{ dy: Port } & EpiloguePorts, { dx: Port }, AveragePoolBackwardAttributes>({
  name: "averagePoolBackward",
  inPlace: DX_OVER_ADDEND,
  infer({ dy, ...epilogue }, { height, width, ...attributes }, label) {
    const [images, , , channels] = dy.shape;
    const dx = { shape: [images, height, width, channels], dtype: "f32" } as const;
    const { shape } = pooledType("averagePoolBackward", label, dx, attributes);
    if (!sameShape(dy.shape, shape))
      throw new Error(`averagePoolBackward "${label}": dy must be ${formatShape(shape)}, got ${formatShape(dy.shape)}`);
    requireEpilogue("averagePoolBackward", label, epilogue, dx);
    return { dx };
  },
  reference({ dy, ...epilogue }, attributes, outputs) {
    const channels = dy.shape[3];
    const dx = new Float64Array(sizeOf(outputs.dx.shape));
    forEachWindow(outputs.dx.shape, dy.shape, attributes, (pixels, area, at) => {
      for (const pixel of pixels) for (let c = 0; c < channels; c++) dx[pixel + c] += dy.data[at + c] / area;
    });
    return { dx: withEpilogue(dx, epilogue) };
  },
  bound: sumOfProducts((run) => windowsOfAPixel(run.attributes) + addends(run), DIVISION),
});
