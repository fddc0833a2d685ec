// 2-D convolution (cross-correlation, as everywhere in the field) with stride, zero padding and groups: what it means.
// x: [images, height, width, channels]; filter: [groups, kh, kw, channels / groups, outputs / groups]; y: [images, oh, ow, outputs].
import { op, type Port, type TensorType } from "../graph/op.ts";
import { formatShape, sameShape, sizeOf, type Shape } from "../tensor/shape.ts";
import { addends, sumOfProducts } from "./bounds.ts";
import { DX_OVER_ADDEND, requireEpilogue, withEpilogue, type EpiloguePorts } from "./gradient-epilogue.ts";
import { rectified, unlimited, withoutRectifier, type Rectifier } from "./rectifier.ts";

export interface Conv2dAttributes {
  /** Pixels from one window to the next, both axes. */
  stride: number;
  /** Rows and columns of zeros on every side. */
  pad: number;
}

export interface Conv2dForwardAttributes extends Conv2dAttributes, Rectifier {}

/**
 * y[n, oy, ox, m] = bias[m] + sum over (r, t, c) of x[n, oy stride - pad + r, ox stride - pad + t, c] * filter[g, r, t, c, m] + addend[n, oy, ox, m]. The
 * addend, of y's shape, is a residual that y is written over; a pass connects it.
 */
export const conv2d = op<{ x: Port; filter: Port; bias?: Port; addend?: Port }, { y: Port }, Conv2dForwardAttributes>({
  name: "conv2d",
  inPlace: [["addend", "y"]],
  strided: ["x", "y"],
  infer({ x, filter, bias, addend }, { stride, pad }, label) {
    const where = `conv2d "${label}"`;
    if (x.shape.length !== 4) throw new Error(`${where}: x must be [images, height, width, channels], got ${formatShape(x.shape)}`);
    if (filter.shape.length !== 5)
      throw new Error(`${where}: filter must be [groups, kh, kw, channels, outputs], got ${formatShape(filter.shape)}`);
    const [images, height, width, channels] = x.shape;
    const [groups, kh, kw, channelsPerGroup, outputsPerGroup] = filter.shape;
    if (groups * channelsPerGroup !== channels) {
      throw new Error(
        `${where}: filter needs ${channelsPerGroup} channels per group (groups ${groups}), input has ${formatShape(x.shape)}`,
      );
    }
    if (bias && sizeOf(bias.shape) !== groups * outputsPerGroup) {
      throw new Error(`${where}: bias must have ${groups * outputsPerGroup} values, got ${formatShape(bias.shape)}`);
    }
    const oh = windows(height, kh, stride, pad);
    const ow = windows(width, kw, stride, pad);
    if (!(oh >= 1 && ow >= 1)) {
      throw new Error(
        `${where}: a ${kh} x ${kw} kernel does not fit into ${height} x ${width} pixels padded by ${pad}: use a larger input`,
      );
    }
    const y = f32([images, oh, ow, groups * outputsPerGroup]);
    if (addend && !sameShape(addend.shape, y.shape))
      throw new Error(`${where}: addend must be ${formatShape(y.shape)} as y is, got ${formatShape(addend.shape)}`);
    return { y };
  },
  reference({ x, filter, bias, addend }, attributes, { y: { shape } }) {
    const y = addend ? addend.data.slice() : new Float64Array(sizeOf(shape));
    if (bias) y.forEach((_, i) => (y[i] += bias.data[i % bias.data.length]));
    forEachTap(x.shape, filter.shape, shape, attributes, (xAt, filterAt, yAt, channels, outputs) => {
      for (let c = 0; c < channels; c++) {
        const value = x.data[xAt + c];
        const row = filterAt + c * outputs;
        for (let m = 0; m < outputs; m++) y[yAt + m] += value * filter.data[row + m];
      }
    });
    return { y: attributes.relu ? y.map((value) => rectified(value, attributes)) : y };
  },
  bound: unlimited(
    sumOfProducts((run) => {
      const [, kh, kw, channels] = run.inputs["filter"].shape;
      return kh * kw * channels + 1 + addends(run);
    }),
  ),
  gradient({ graph, inputs: { x, filter, bias, addend }, dy: { y: dy }, attributes: fused, needs, label }) {
    if (fused.relu || addend)
      throw new Error(`internal: conv2d "${label}" was fused with its ReLU or a residual before gradients were made`);
    if (!dy) return {};
    const attributes = withoutRectifier(fused);
    const [, height, width] = x.shape;
    const [groups, kh, kw] = filter.shape;
    return {
      x: needs("x") ? graph.add(conv2dBackwardData, { dy, filter }, { ...attributes, height, width }, `${label}.dx`).dx : undefined,
      filter: needs("filter")
        ? graph.add(conv2dBackwardFilter, { x, dy }, { ...attributes, groups, kh, kw }, `${label}.dfilter`).dfilter
        : undefined,
      bias: bias && needs("bias") ? graph.add(sumPixels, { x: dy }, {}, `${label}.dbias`).y : undefined,
    };
  },
});

export interface Conv2dBackwardDataAttributes extends Conv2dAttributes {
  /** Height and width of the input: the output's size does not determine them when stride > 1. */
  height: number;
  width: number;
}

/** dx[n, iy, ix, c] = sum over the (r, t, m, oy, ox) with oy stride - pad + r = iy and ox stride - pad + t = ix of dy[n, oy, ox, m] * filter[g, r, t, c, m]. */
export const conv2dBackwardData = op<{ dy: Port; filter: Port } & EpiloguePorts, { dx: Port }, Conv2dBackwardDataAttributes>({
  name: "conv2dBackwardData",
  inPlace: DX_OVER_ADDEND,
  strided: ["dx", "dy", "gate"],
  infer({ dy, filter, ...epilogue }, { height, width }, label) {
    const dx = f32([dy.shape[0], height, width, filter.shape[0] * filter.shape[3]]);
    requireEpilogue("conv2dBackwardData", label, epilogue, dx);
    return { dx };
  },
  reference({ dy, filter, ...epilogue }, attributes, { dx: { shape } }) {
    const dx = new Float64Array(sizeOf(shape));
    forEachTap(shape, filter.shape, dy.shape, attributes, (dxAt, filterAt, dyAt, channels, outputs) => {
      for (let c = 0; c < channels; c++) {
        const row = filterAt + c * outputs;
        let sum = 0;
        for (let m = 0; m < outputs; m++) sum += dy.data[dyAt + m] * filter.data[row + m];
        dx[dxAt + c] += sum;
      }
    });
    return { dx: withEpilogue(dx, epilogue) };
  },
  bound: sumOfProducts(({ inputs: { filter } }) => filter.shape[1] * filter.shape[2] * filter.shape[4] + 1),
});

export interface Conv2dBackwardFilterAttributes extends Conv2dAttributes {
  groups: number;
  kh: number;
  kw: number;
}

/** dfilter[g, r, t, c, m] = sum over (n, oy, ox) of x[n, oy stride - pad + r, ox stride - pad + t, c] * dy[n, oy, ox, m]: a sum, not a mean. */
export const conv2dBackwardFilter = op<{ x: Port; dy: Port }, { dfilter: Port }, Conv2dBackwardFilterAttributes>({
  name: "conv2dBackwardFilter",
  strided: ["x", "dy"],
  infer: ({ x, dy }, { groups, kh, kw }) => ({ dfilter: f32([groups, kh, kw, x.shape[3] / groups, dy.shape[3] / groups]) }),
  reference({ x, dy }, attributes, { dfilter: { shape } }) {
    const dfilter = new Float64Array(sizeOf(shape));
    forEachTap(x.shape, shape, dy.shape, attributes, (xAt, filterAt, dyAt, channels, outputs) => {
      for (let c = 0; c < channels; c++) {
        const value = x.data[xAt + c];
        const row = filterAt + c * outputs;
        for (let m = 0; m < outputs; m++) dfilter[row + m] += value * dy.data[dyAt + m];
      }
    });
    return { dfilter };
  },
  bound: sumOfProducts(({ inputs: { dy } }) => sizeOf(dy.shape.slice(0, 3))),
});

/** y[c] = sum over all pixels of x[..., c]: the gradient of a bias. */
export const sumPixels = op<{ x: Port }, { y: Port }, object>({
  name: "sumPixels",
  strided: ["x"],
  infer: ({ x }) => ({ y: f32([x.shape[x.shape.length - 1]]) }),
  reference({ x }, _attributes, { y: { shape } }) {
    const [channels] = shape;
    const y = new Float64Array(channels);
    x.data.forEach((value, i) => (y[i % channels] += value));
    return { y };
  },
  bound: sumOfProducts(({ inputs: { x } }) => sizeOf(x.shape.slice(0, -1))),
});

/** Output extent of a convolution: windows that fit whole into the padded input. */
const windows = (extent: number, kernel: number, stride: number, pad: number): number =>
  Math.floor((extent + 2 * pad - kernel) / stride) + 1;

const f32 = (shape: Shape): TensorType => ({ shape, dtype: "f32" });

/**
 * Visits every pair of an output pixel and a tap that falls inside the image, group by group, with the offsets of the first
 * channel of the group in x, filter and y. The three passes of a convolution are three bodies of this loop.
 */
function forEachTap(
  [images, height, width, channels]: Shape,
  [groups, kh, kw, channelsPerGroup, outputsPerGroup]: Shape,
  [, oh, ow, outputs]: Shape,
  { stride, pad }: Conv2dAttributes,
  visit: (xAt: number, filterAt: number, yAt: number, channelsPerGroup: number, outputsPerGroup: number) => void,
): void {
  for (let n = 0; n < images; n++) {
    for (let oy = 0; oy < oh; oy++) {
      for (let ox = 0; ox < ow; ox++) {
        for (let r = 0; r < kh; r++) {
          const iy = oy * stride - pad + r;
          if (iy < 0 || iy >= height) continue;
          for (let t = 0; t < kw; t++) {
            const ix = ox * stride - pad + t;
            if (ix < 0 || ix >= width) continue;
            for (let g = 0; g < groups; g++) {
              const xAt = ((n * height + iy) * width + ix) * channels + g * channelsPerGroup;
              const filterAt = ((g * kh + r) * kw + t) * channelsPerGroup * outputsPerGroup;
              const yAt = ((n * oh + oy) * ow + ox) * outputs + g * outputsPerGroup;
              visit(xAt, filterAt, yAt, channelsPerGroup, outputsPerGroup);
            }
          }
        }
      }
    }
  }
}
