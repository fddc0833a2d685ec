// The arithmetic of pooling and of its gradients.
import type { PoolAttributes } from "../../ops/pool-window.ts";
import type { Addend, Arithmetic, Box, Cut, Element } from "./cut.ts";
import { paddingOf, pick, windowsAround, within } from "./cut.ts";

const attributesOf = ({ node }: Element): PoolAttributes => node.attributes as unknown as PoolAttributes;

/** A window of the input, with the attributes under which it is the only one. */
function windowCut(element: Element, outside: number): Cut {
  const [, row, column, channel] = element.at;
  const { size, stride, pad } = attributesOf(element);
  const [, height, width] = element.node.inputs["x"].shape;
  // Caffe's windows end with the padding.
  const along = (output: number, extent: number): readonly [number, number] => {
    const start = output * stride - pad;
    return [start, Math.min(size, extent + pad - start)];
  };
  const [[top, rows], [left, columns]] = [along(row, height), along(column, width)];
  return {
    boxes: { x: { origin: [0, top, left, channel], extents: [1, rows, columns, 1], outside } },
    attributes: { size, stride, pad: 0 },
    shape: [1, 1, 1, 1],
    index: 0,
  };
}

/** What a window holds, in scan order. */
function addendsOf({ node }: Element, { boxes: { x: box } }: Cut, data: Float64Array, weight: number): Addend[] {
  const [, top, left, channel] = box.origin;
  const [, , columns] = box.extents;
  return [...data].flatMap((value, i) => {
    const [row, column] = [top + Math.floor(i / columns), left + (i % columns)];
    return within(node.inputs["x"], row, column)
      ? [{ port: "x", at: [0, row, column, channel], value, weight, product: value * weight }]
      : [];
  });
}

const windowOf = ({ node }: Element, box: Box) => ({ port: "x", box, padding: paddingOf(node.inputs["x"], box) });

export const maxPool: Arithmetic = {
  cut: (element) => windowCut(element, -Infinity),
  list(element, cut, { x }) {
    const addends = addendsOf(element, cut, x.data, 1);
    const largest = addends.reduce((best, { value }) => Math.max(best, value), -Infinity);
    const own = addends.find(({ value }) => value === largest);
    return { how: "largest", addends, ...(own && { own }), window: windowOf(element, cut.boxes["x"]) };
  },
};

export const averagePool: Arithmetic = {
  cut: (element) => windowCut(element, 0),
  list: (element, cut, { x }) => ({
    how: "sum",
    addends: addendsOf(element, cut, x.data, 1 / x.data.length),
    window: windowOf(element, cut.boxes["x"]),
  }),
};

/** The windows that hold a pixel of the input, and the part of the input under them. */
function windowsCut(
  element: Element,
  output: string,
  [height, width]: readonly number[],
  largest: (start: number, extent: number) => number,
) {
  const [, row, column, channel] = element.at;
  const { size, stride, pad } = attributesOf(element);
  const [, oh, ow] = element.node.inputs[output].shape;
  const along = (place: number, count: number, extent: number) => {
    const windows = windowsAround(place + pad, { size, stride, count });
    const start = windows.first * stride - pad;
    const length = Math.min((windows.count - 1) * stride + size, largest(start, extent));
    return { windows, start, length: Math.max(length, place - start + 1), at: place - start };
  };
  const [rows, columns] = [along(row, oh, height), along(column, ow, width)];
  return {
    pixels: { origin: [0, rows.start, columns.start, channel], extents: [1, rows.length, columns.length, 1] },
    windows: {
      origin: [0, rows.windows.first, columns.windows.first, channel],
      extents: [1, rows.windows.count, columns.windows.count, 1],
    },
    attributes: { size, stride, pad: 0 },
    index: rows.at * columns.length + columns.at,
  };
}

export const maxPoolBackward: Arithmetic = {
  cut(element) {
    const [, height, width] = element.node.inputs["x"].shape;
    const { pixels, windows, attributes, index } = windowsCut(element, "y", [height, width], () => Infinity);
    // NaN is never a window's largest value.
    return { boxes: { x: { ...pixels, outside: NaN }, y: windows, dy: windows }, attributes, shape: pixels.extents, index };
  },
  list(element, { boxes, index }, { x, y, dy }) {
    const { size, stride } = attributesOf(element);
    const [, rows, columns] = y.shape;
    const width = x.shape[2];
    const [, firstRow, firstColumn, channel] = boxes["dy"].origin;
    const addends: Addend[] = [];
    for (let oy = 0; oy < rows; oy++) {
      for (let ox = 0; ox < columns; ox++) {
        const winner = winnerOf(x.data, { width, top: oy * stride, left: ox * stride, size }, pick(y, 0, oy, ox, 0));
        const [value, weight] = [pick(dy, 0, oy, ox, 0), winner === index ? 1 : 0];
        addends.push({ port: "dy", at: [0, firstRow + oy, firstColumn + ox, channel], value, weight, product: value * weight });
      }
    }
    return { how: "sum", addends };
  },
};

/** Position of the first pixel of a window, in scan order, that has its largest value. */
function winnerOf(
  x: Float64Array,
  { width, top, left, size }: { readonly width: number; readonly top: number; readonly left: number; readonly size: number },
  largest: number,
): number {
  for (let row = top; row < Math.min(top + size, x.length / width); row++)
    for (let column = left; column < Math.min(left + size, width); column++)
      if (x[row * width + column] === largest) return row * width + column;
  return -1;
}

export const averagePoolBackward: Arithmetic = {
  cut(element) {
    const { height, width } = element.node.attributes as { height: number; width: number };
    const { pad } = attributesOf(element);
    const { pixels, windows, attributes, index } = windowsCut(element, "dy", [height, width], (start, extent) => extent + pad - start);
    return { boxes: { dy: windows }, attributes: { ...attributes, height, width }, shape: pixels.extents, index };
  },
  list(element, { boxes, shape: [, height, width] }, { dy }) {
    const { size, stride } = attributesOf(element);
    const [, rows, columns] = dy.shape;
    const [, firstRow, firstColumn, channel] = boxes["dy"].origin;
    const addends: Addend[] = [];
    for (let oy = 0; oy < rows; oy++) {
      for (let ox = 0; ox < columns; ox++) {
        const area = Math.min(size, height - oy * stride) * Math.min(size, width - ox * stride);
        const value = pick(dy, 0, oy, ox, 0);
        addends.push({ port: "dy", at: [0, firstRow + oy, firstColumn + ox, channel], value, weight: 1 / area, product: value / area });
      }
    }
    return { how: "sum", addends };
  },
};
