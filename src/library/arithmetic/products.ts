// The arithmetic of convolutions and inner products, and of the gradients of their inputs.
import type { Conv2dAttributes } from "../../ops/conv2d.ts";
import type { Arithmetic, Addend, Box, Element } from "./cut.ts";
import { all, paddingOf, pick, within } from "./cut.ts";

const attributesOf = ({ node }: Element): Conv2dAttributes => node.attributes as unknown as Conv2dAttributes;

/** Channels that a window of a convolution's input counts: the image has a fourth one of zeros. */
const counted = ({ node }: Element, channels: number): number => (node.inputs["x"].name === "data" && channels === 4 ? 3 : channels);

export const conv2d: Arithmetic = {
  cut(element) {
    const { node, tile } = element;
    const [, row, column, m] = element.at;
    const { stride, pad } = attributesOf(element);
    const [, kh, kw, channels, outputs] = node.inputs["filter"].shape;
    const [top, left] = [row - (row % tile), column - (column % tile)];
    const group = Math.floor(m / outputs);
    const reach = (tile - 1) * stride;
    return {
      boxes: {
        x: { origin: [0, top * stride - pad, left * stride - pad, group * channels], extents: [1, reach + kh, reach + kw, channels] },
        filter: { origin: [group, 0, 0, 0, m % outputs], extents: [1, kh, kw, channels, 1] },
        ...("bias" in node.inputs && { bias: { origin: [m], extents: [1] } }),
      },
      attributes: { stride, pad: 0 },
      shape: [1, tile, tile, 1],
      index: (row - top) * tile + column - left,
    };
  },
  list(element, { boxes }, { x, filter, bias }) {
    const { node } = element;
    const [, row, column] = element.at;
    const { stride, pad } = attributesOf(element);
    const [, kh, kw, channels] = filter.shape;
    const real = counted(element, channels);
    const [, top, left, firstChannel] = boxes["x"].origin;
    const box: Box = { origin: [0, row * stride - pad, column * stride - pad, firstChannel], extents: [1, kh, kw, real] };
    const [, startRow, startColumn] = box.origin;
    const addends: Addend[] = [];
    for (let r = 0; r < kh; r++) {
      for (let t = 0; t < kw; t++) {
        const [iy, ix] = [startRow + r, startColumn + t];
        if (!within(node.inputs["x"], iy, ix)) continue;
        for (let c = 0; c < real; c++) {
          const [value, weight] = [pick(x, 0, iy - top, ix - left, c), pick(filter, 0, r, t, c, 0)];
          addends.push({ port: "x", at: [0, iy, ix, firstChannel + c], value, weight, product: value * weight });
        }
      }
    }
    return { how: "sum", addends, bias: bias?.data[0] ?? 0, window: { port: "x", box, padding: paddingOf(node.inputs["x"], box) } };
  },
};

export const conv2dBackwardData: Arithmetic = {
  cut(element) {
    const { node, tile } = element;
    const [, row, column, c] = element.at;
    const { stride, pad } = attributesOf(element);
    const [, kh, kw, channels, outputs] = node.inputs["filter"].shape;
    const group = Math.floor(c / channels);
    // Output pixels whose windows may hold the pixel, and its place counted from the first one's window.
    const along = (place: number, kernel: number) => {
      if (tile > 1)
        return { first: place - (place % tile) + pad - (kernel - 1), count: tile + kernel - 1, at: (place % tile) + kernel - 1 };
      const count = Math.ceil(kernel / stride);
      const first = Math.floor((place + pad) / stride) - (count - 1);
      return { first, count, at: place + pad - first * stride };
    };
    const [rows, columns] = [along(row, kh), along(column, kw)];
    // Tiles start where a tile of the whole output does; other kernels have none, so that their result may start anywhere.
    const own = tile > 1 ? { pad: kh - 1, size: tile } : { pad: 0, size: 0 };
    const height = own.size || (rows.count - 1) * stride + Math.max(kh, stride);
    const width = own.size || (columns.count - 1) * stride + Math.max(kw, stride);
    return {
      boxes: {
        dy: { origin: [0, rows.first, columns.first, group * outputs], extents: [1, rows.count, columns.count, outputs] },
        filter: { origin: [group, 0, 0, c % channels, 0], extents: [1, kh, kw, 1, outputs] },
      },
      attributes: { stride, pad: own.pad, height, width },
      shape: [1, height, width, 1],
      index: (rows.at - own.pad) * width + columns.at - own.pad,
    };
  },
  list(element, { boxes }, { dy, filter }) {
    const { node } = element;
    const [, row, column] = element.at;
    const { stride, pad } = attributesOf(element);
    const [, kh, kw, , outputs] = filter.shape;
    const [, top, left, firstOutput] = boxes["dy"].origin;
    const addends: Addend[] = [];
    for (let r = 0; r < kh; r++) {
      for (let t = 0; t < kw; t++) {
        const [oy, ox] = [(row + pad - r) / stride, (column + pad - t) / stride];
        if (!Number.isInteger(oy) || !Number.isInteger(ox) || !within(node.inputs["dy"], oy, ox)) continue;
        for (let m = 0; m < outputs; m++) {
          const [value, weight] = [pick(dy, 0, oy - top, ox - left, m), pick(filter, 0, r, t, 0, m)];
          addends.push({ port: "dy", at: [0, oy, ox, firstOutput + m], value, weight, product: value * weight });
        }
      }
    }
    return { how: "sum", addends };
  },
};

export const innerProduct: Arithmetic = {
  cut({ node: { inputs }, at: [, output] }) {
    const { x, weight } = inputs;
    return {
      boxes: {
        x: all(x),
        weight: { origin: [0, output], extents: [weight.shape[0], 1] },
        ...("bias" in inputs && { bias: { origin: [output], extents: [1] } }),
      },
      attributes: {},
      shape: [1, 1],
      index: 0,
    };
  },
  list: (_element, _cut, { x, weight, bias }) => ({
    how: "sum",
    addends: [...x.data].map((value, i) => ({ port: "x", at: [0, i], value, weight: weight.data[i], product: value * weight.data[i] })),
    bias: bias?.data[0] ?? 0,
  }),
};

export const innerProductBackwardData: Arithmetic = {
  cut: ({ node: { inputs }, at: [, input] }) => ({
    boxes: { dy: all(inputs["dy"]), weight: { origin: [input, 0], extents: [1, inputs["weight"].shape[1]] } },
    attributes: {},
    shape: [1, 1],
    index: 0,
  }),
  list: (_element, _cut, { dy, weight }) => ({
    how: "sum",
    addends: [...dy.data].map((value, o) => ({ port: "dy", at: [0, o], value, weight: weight.data[o], product: value * weight.data[o] })),
  }),
};
