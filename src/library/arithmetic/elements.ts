// The arithmetic of ops whose elements read few others: of the same place, of the channels beside it, or of the same row.
import type { Array64 } from "../../graph/op.ts";
import type { CropAttributes } from "../../ops/crop-images.ts";
import { inOrder, type SliceAttributes } from "../../ops/concat.ts";
import type { DropoutAttributes } from "../../ops/dropout.ts";
import { dropped } from "../../ops/dropout.ts";
import type { LrnAttributes } from "../../ops/lrn.ts";
import type { SoftmaxLossAttributes } from "../../ops/softmax-loss.ts";
import { sizeOf, type Shape } from "../../tensor/shape.ts";
import { all, ofChannel, one, type Addend, type Arithmetic, type Box, type Element } from "./cut.ts";

const SINGLE = { attributes: {}, shape: [1], index: 0 } as const;

/** One read value times a weight. */
const addend = (port: string, at: readonly number[], value: number, weight = 1): Addend => ({
  port,
  at,
  value,
  weight,
  product: value * weight,
});

export const relu: Arithmetic = {
  cut: ({ at }) => ({ ...SINGLE, boxes: { x: one(at) } }),
  list: ({ at }, _cut, { x }) => ({ how: "rectified", addends: [addend("x", at, x.data[0])] }),
};

export const reluBackward: Arithmetic = {
  cut: ({ at }) => ({ ...SINGLE, boxes: { y: one(at), dy: one(at) } }),
  list: ({ at }, _cut, { y, dy }) => ({ how: "sum", addends: [addend("dy", at, dy.data[0], y.data[0] > 0 ? 1 : 0)] }),
};

export const add: Arithmetic = {
  cut: ({ at }) => ({ ...SINGLE, boxes: { a: one(at), b: one(at) } }),
  list: ({ at }, _cut, { a, b }) => ({ how: "sum", addends: [addend("a", at, a.data[0]), addend("b", at, b.data[0])] }),
};

/** Position of an element, by its number in an array of this shape. */
function indexOf(position: number, shape: Shape): number[] {
  return shape.map((extent, axis) => Math.floor(position / sizeOf(shape.slice(axis + 1))) % extent);
}

/** Number of an element by its position. */
const positionOf = (at: readonly number[], shape: Shape): number => at.reduce((position, i, axis) => position * shape[axis] + i, 0);

export const reshape: Arithmetic = {
  cut: ({ node, at }) => ({
    attributes: { shape: [1] },
    shape: [1],
    index: 0,
    boxes: { x: one(indexOf(positionOf(at, Object.values(node.outputs)[0].shape), node.inputs["x"].shape)) },
  }),
  list: (_element, { boxes }, { x }) => ({ how: "sum", addends: [addend("x", boxes["x"].origin, x.data[0])] }),
};

/** The input of a concatenation that holds a channel, and its place there. */
function partOf({ node, at }: Element): { readonly port: string; readonly at: readonly number[] } {
  let channel = at.at(-1) as number;
  for (const [i, { shape }] of inOrder(node.inputs).entries()) {
    const channels = shape.at(-1) as number;
    if (channel < channels) return { port: `x${i}`, at: ofChannel(at, channel) };
    channel -= channels;
  }
  throw new Error(`internal: ${node.label} has no channel ${at.at(-1)}`);
}

export const concat: Arithmetic = {
  cut(element) {
    const { port, at } = partOf(element);
    return { attributes: {}, shape: at.map(() => 1), index: 0, boxes: { x0: { ...one(at), port } } };
  },
  list(element, _cut, { x0 }) {
    const { port, at } = partOf(element);
    return { how: "sum", addends: [addend(port, at, x0.data[0])] };
  },
};

export const slice: Arithmetic = {
  cut({ node, at }) {
    const { first } = node.attributes as unknown as SliceAttributes;
    const from = ofChannel(at, (at.at(-1) as number) + first);
    return { attributes: { first: 0, count: 1 }, shape: at.map(() => 1), index: 0, boxes: { x: one(from) } };
  },
  list: (_element, { boxes }, { x }) => ({ how: "sum", addends: [addend("x", boxes["x"].origin, x.data[0])] }),
};

/** The mask is a function of an element's number, so the whole input is read: dropout lies between inner products, which are vectors. */
export const dropout: Arithmetic = {
  cut: ({ node, at }) => ({
    attributes: node.attributes,
    shape: node.inputs["x"].shape,
    index: positionOf(at, node.inputs["x"].shape),
    boxes: { x: all(node.inputs["x"]), random: all(node.inputs["random"]) },
  }),
  list({ node, at }, { index }, { x, random }) {
    const ones = { shape: x.shape, data: x.data.map(() => 1) };
    const scale = dropped(ones, random, node.attributes as unknown as DropoutAttributes)[index];
    return { how: "sum", addends: [addend("x", at, x.data[index], scale)] };
  },
};

export const cropImages: Arithmetic = {
  cut({ node, at: [, row, column, channel], fed }) {
    const { pixels, placement, mean } = node.inputs;
    const { size, scale } = node.attributes as unknown as CropAttributes;
    const [, height, width] = pixels.shape;
    const [offsetY, offsetX, mirror] = Array.from(fed(placement));
    const y = Math.min(offsetY, height - size) + row;
    const x = Math.min(offsetX, width - size) + (mirror ? size - 1 - column : column);
    const [meanY, meanX] = sizeOf(mean.shape) === 4 ? [0, 0] : [y, x];
    return {
      attributes: { size: 1, scale },
      shape: [1, 1, 1, 4],
      index: channel,
      boxes: {
        pixels: one([0, y, x]),
        // What is placed at 0 is not moved: the smaller picture is the pixel.
        placement: { origin: [-1, 0], extents: [1, 4] },
        mean: { origin: [meanY, meanX, 0], extents: [1, 1, 4] },
      },
    };
  },
  list({ node, at: [, , , channel] }, { boxes }, { pixels, mean }) {
    const { scale } = node.attributes as unknown as CropAttributes;
    const byte = channel < 3 ? Math.floor(pixels.data[0] / 256 ** channel) % 256 : 0;
    return {
      how: "sum",
      addends: [addend("pixels", boxes["pixels"].origin, byte, scale)],
      bias: channel < 3 ? -scale * mean.data[channel] : 0,
    };
  },
};

/** Channels around an element, clipped to those that there are. */
function around({ node, at }: Element, port: string, reach: number): Box & { readonly before: number } {
  const channel = at.at(-1) as number;
  const channels = node.inputs[port].shape.at(-1) as number;
  const first = Math.max(0, channel - reach);
  const count = Math.min(channels - 1, channel + reach) - first + 1;
  return { origin: ofChannel(at, first), extents: at.map((_, axis) => (axis === at.length - 1 ? count : 1)), before: channel - first };
}

const lrnOf = ({ node }: Element): LrnAttributes & { readonly reach: number } => {
  const attributes = node.attributes as unknown as LrnAttributes;
  return { ...attributes, reach: (attributes.size - 1) / 2 };
};

export const lrn: Arithmetic = {
  cut(element) {
    const { before, ...box } = around(element, "x", lrnOf(element).reach);
    return { attributes: element.node.attributes, shape: box.extents, index: before, boxes: { x: box } };
  },
  list(element, { boxes, index }, { x }) {
    const { size, alpha, beta, k } = lrnOf(element);
    const { origin } = boxes["x"];
    const addends = [...x.data].map((value, i) => ({
      port: "x",
      at: ofChannel(origin, (origin.at(-1) as number) + i),
      value,
      weight: alpha / size,
      product: (alpha / size) * value ** 2,
    }));
    return { how: "normalised", addends, bias: k, own: addends[index], exponent: beta };
  },
};

export const lrnBackward: Arithmetic = {
  cut(element) {
    // The scales of the channels beside it depend on those beside them.
    const { before, ...box } = around(element, "x", 2 * lrnOf(element).reach);
    return { attributes: element.node.attributes, shape: box.extents, index: before, boxes: { x: box, dy: box } };
  },
  list(element, { boxes, index }, { x, dy }) {
    const { size, reach, alpha, beta, k } = lrnOf(element);
    const { origin } = boxes["x"];
    const squares = (j: number): number =>
      x.data.subarray(Math.max(0, j - reach), j + reach + 1).reduce((sum, value) => sum + value ** 2, 0);
    const scale = (j: number): number => k + (alpha / size) * squares(j);
    const addends: Addend[] = [];
    for (let j = Math.max(0, index - reach); j <= Math.min(x.data.length - 1, index + reach); j++) {
      const through = ((2 * alpha * beta) / size) * x.data[index] * x.data[j] * scale(j) ** (-beta - 1);
      const weight = (j === index ? scale(j) ** -beta : 0) - through;
      addends.push(addend("dy", ofChannel(origin, (origin.at(-1) as number) + j), dy.data[j], weight));
    }
    return { how: "sum", addends };
  },
};

/** Exponentials of a row of scores, relative to the largest. */
function exponentials(scores: Array64): Addend[] {
  const top = scores.data.reduce((most, score) => Math.max(most, score));
  return [...scores.data].map((value, c) => ({ port: "x", at: [0, c], value, weight: 1, product: Math.exp(value - top) }));
}

export const softmax: Arithmetic = {
  cut: ({ node, at: [, index] }) => ({ attributes: {}, shape: node.inputs["x"].shape, index, boxes: { x: all(node.inputs["x"]) } }),
  list(_element, { index }, { x }) {
    const addends = exponentials(x);
    return { how: "share", addends, own: addends[index] };
  },
};

export const softmaxBackward: Arithmetic = {
  cut: ({ node, at: [, index] }) => ({
    attributes: {},
    shape: node.inputs["y"].shape,
    index,
    boxes: { y: all(node.inputs["y"]), dy: all(node.inputs["dy"]) },
  }),
  list: (_element, { index }, { y, dy }) => ({
    how: "sum",
    addends: [...dy.data].map((value, c) => addend("dy", [0, c], value, y.data[index] * ((c === index ? 1 : 0) - y.data[c]))),
  }),
};

export const softmaxLossBackward: Arithmetic = {
  cut: ({ node, at: [, index] }) => ({
    attributes: node.attributes,
    shape: node.inputs["x"].shape,
    index,
    boxes: { x: all(node.inputs["x"]), labels: all(node.inputs["labels"]), dloss: all(node.inputs["dloss"]) },
  }),
  list({ node }, { index }, { x, labels, dloss }) {
    const { weight } = node.attributes as unknown as SoftmaxLossAttributes;
    const addends = exponentials(x);
    const bias = index === labels.data[0] ? -1 : 0;
    return { how: "share", addends, own: addends[index], bias, factor: dloss.data[0] * weight };
  },
};
