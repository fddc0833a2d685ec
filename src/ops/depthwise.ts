// Depthwise convolution, one filter for each channel: what it means. x: [images, height, width, channels]; filter: [kh * kw, channels];
// y: [images, oh, ow, channels].
import { op, type Port } from "../graph/op.ts";
import { formatShape, sameShape, sizeOf } from "../tensor/shape.ts";
import { sumOfProducts } from "./bounds.ts";
import { sumPixels } from "./conv2d.ts";
import { rectified, unlimited, withoutRectifier, type Rectifier } from "./rectifier.ts";
import { requireChannels } from "./scale-shift.ts";
import { forEachTapOf, windowedType, type WindowAttributes } from "./windows.ts";

export interface DepthwiseAttributes extends WindowAttributes, Rectifier {}

/** y[n, oy, ox, c] = bias[c] + sum over the window's taps in the image of x[n, iy, ix, c] * filter[tap, c]. */
export const depthwise = op<{ x: Port; filter: Port; bias?: Port }, { y: Port }, DepthwiseAttributes>({
  name: "depthwise",
  infer({ x, filter, bias }, windows, label) {
    const { kernel } = windows;
    const y = windowedType("depthwise", label, x, x.shape[3], windows, false);
    const wanted = [kernel[0] * kernel[1], x.shape[3]];
    if (!sameShape(filter.shape, wanted))
      throw new Error(`depthwise "${label}": filter must be ${formatShape(wanted)}, got ${formatShape(filter.shape)}`);
    requireChannels("depthwise", label, "bias", bias, x.shape[3]);
    return { y };
  },
  reference({ x, filter, bias }, windows, { y: { shape } }) {
    const channels = shape[3];
    const y = new Float64Array(sizeOf(shape));
    if (bias) y.forEach((_, i) => (y[i] = bias.data[i % channels]));
    forEachTapOf(x.shape, shape, windows, (xAt, tap, yAt) => {
      for (let c = 0; c < channels; c++) y[yAt + c] += x.data[xAt + c] * filter.data[tap * channels + c];
    });
    return { y: windows.relu ? y.map((value) => rectified(value, windows)) : y };
  },
  bound: unlimited(sumOfProducts(({ inputs: { filter } }) => filter.shape[0] + 1)),
  gradient({ graph, inputs: { x, filter, bias }, dy: { y: dy }, attributes: fused, needs, label }) {
    if (fused.relu) throw new Error(`internal: depthwise "${label}" was fused with its ReLU before gradients were made`);
    if (!dy) return {};
    const attributes = withoutRectifier(fused);
    const [, height, width] = x.shape;
    return {
      x: needs("x") ? graph.add(depthwiseBackwardData, { dy, filter }, { ...attributes, height, width }, `${label}.dx`).dx : undefined,
      filter: needs("filter") ? graph.add(depthwiseBackwardFilter, { x, dy }, attributes, `${label}.dfilter`).dfilter : undefined,
      bias: bias && needs("bias") ? graph.add(sumPixels, { x: dy }, {}, `${label}.dbias`).y : undefined,
    };
  },
});

export interface DepthwiseBackwardDataAttributes extends WindowAttributes {
  /** Height and width of the input. */
  height: number;
  width: number;
}

/** dx[n, iy, ix, c] = sum over the windows and taps that meet the pixel of dy[n, oy, ox, c] * filter[tap, c]. */
export const depthwiseBackwardData = op<{ dy: Port; filter: Port }, { dx: Port }, DepthwiseBackwardDataAttributes>({
  name: "depthwiseBackwardData",
  infer: ({ dy }, { height, width }) => ({ dx: { shape: [dy.shape[0], height, width, dy.shape[3]], dtype: "f32" } }),
  reference({ dy, filter }, windows, { dx: { shape } }) {
    const channels = shape[3];
    const dx = new Float64Array(sizeOf(shape));
    forEachTapOf(shape, dy.shape, windows, (xAt, tap, yAt) => {
      for (let c = 0; c < channels; c++) dx[xAt + c] += dy.data[yAt + c] * filter.data[tap * channels + c];
    });
    return { dx };
  },
  bound: sumOfProducts(({ inputs: { filter } }) => filter.shape[0]),
});

/** dfilter[tap, c] = sum over all windows of x[n, iy, ix, c] * dy[n, oy, ox, c]: a sum, not a mean. */
export const depthwiseBackwardFilter = op<{ x: Port; dy: Port }, { dfilter: Port }, WindowAttributes>({
  name: "depthwiseBackwardFilter",
  infer: ({ x }, { kernel }) => ({ dfilter: { shape: [kernel[0] * kernel[1], x.shape[3]], dtype: "f32" } }),
  reference({ x, dy }, windows, { dfilter: { shape } }) {
    const channels = shape[1];
    const dfilter = new Float64Array(sizeOf(shape));
    forEachTapOf(x.shape, dy.shape, windows, (xAt, tap, yAt) => {
      for (let c = 0; c < channels; c++) dfilter[tap * channels + c] += x.data[xAt + c] * dy.data[yAt + c];
    });
    return { dfilter };
  },
  bound: sumOfProducts(({ inputs: { dy } }) => sizeOf(dy.shape.slice(0, 3))),
});
