// Operators that move values: shapes, axes, parts, padding, joining.
import { concat, slice } from "../../ops/concat.ts";
import { pad } from "../../ops/pad.ts";
import { sameShape, type Shape } from "../../tensor/shape.ts";
import { axesOf, axisOf, flattenAxis, flattenedAt, permutation, reshapedTo, sliceRanges, squeezed, unsqueezed } from "../fold.ts";
import { channelsBehind, isKnown, natural, plainly, sameInMemory, stored, type Item, type Known, type Live } from "../live.ts";
import type { Operator, Replay } from "../replay.ts";
import type { Reading } from "../refused.ts";
import type { HostTensor } from "../tensor.ts";

/** The value under another shape, without a copy where channels behind the pixels allow it. */
export function reshapedLive(replay: Replay, live: Live, shape: Shape): Live {
  if (live.flattened && sameShape(live.shape, shape)) return live;
  const x = replay.dense(live);
  const rank = x.shape.length;
  const behind = channelsBehind(rank);
  // [images, channels, height, width] as rows: features stay as they lie, and the product that reads them has its weights in that order.
  if (
    rank === 4 &&
    sameInMemory(x.shape, x.order, behind) &&
    shape.length === 2 &&
    shape[0] === x.shape[0] &&
    !sameInMemory(x.shape, x.order, natural(4))
  ) {
    const map = replay.ordered(x, behind);
    const value = replay.withShape(plainly(map.value, map.value.shape), shape).value;
    return { value, shape, order: [0, 1], flattened: x.shape.slice(1) };
  }
  // Channels in groups, as in a channel shuffle.
  const keepsPixels = rank >= 4 && shape.length >= 4 && shape[0] === x.shape[0] && sameShape(shape.slice(-2), x.shape.slice(-2));
  const isNatural = sameInMemory(x.shape, x.order, natural(rank));
  if (keepsPixels && !isNatural) {
    const order = channelsBehind(shape.length);
    const value = replay.withShape(plainly(replay.ordered(x, behind).value, stored(x.shape, behind)), stored(shape, order)).value;
    return { value, shape, order };
  }
  const plain = isNatural ? plainly(x.value, x.value.shape) : replay.plain(x);
  // One channel lies in memory alike, before the pixels and behind them.
  const order = shape.length === 4 && shape[1] === 1 ? channelsBehind(4) : natural(shape.length);
  return { value: replay.withShape(plain, stored(shape, order)).value, shape, order };
}

/** The extents that Reshape asks for, with the present number of images and of classes where the file has those it was made with. */
function presentExtents(replay: Replay, reading: Reading, from: Shape, wanted: readonly number[]): readonly number[] {
  const { fileBatch, classes } = replay.options;
  const [images] = from;
  const batched = fileBatch !== null && images !== fileBatch && wanted[0] === fileBatch ? [images, ...wanted.slice(1)] : wanted;
  const given = replay.replacedClasses(reading);
  return given === null ? batched : batched.map((extent, axis) => (axis > 0 && extent === given ? classes : extent));
}

const reshape: Operator = (replay, reading, [input, wanted]) => {
  const x = replay.live(reading, input);
  const extents = wanted
    ? [...replay.known(reading, wanted, "the shape").known.data]
    : (reading.ints("shape") ?? reading.refuse("no shape"));
  return [reshapedLive(replay, x, reshapedTo(reading, x.shape, presentExtents(replay, reading, x.shape, extents)))];
};

const flatten: Operator = (replay, reading, [input]) => {
  const x = replay.live(reading, input);
  return [reshapedLive(replay, x, flattenedAt(x.shape, flattenAxis(reading, x.shape.length)))];
};

/** Whole numbers of an operator, such as axes, from an input or, in older operator sets, from the attribute `name`; null where there are none. */
export const constantAxes = (
  replay: Replay,
  reading: Reading,
  given: Item | null | undefined,
  what = "axes",
  name = what,
): readonly number[] | null => axesOf(reading, given ? replay.known(reading, given, what).known : null, name);

const squeeze: Operator = (replay, reading, [input, axes]) => {
  const x = replay.live(reading, input);
  return [reshapedLive(replay, x, squeezed(reading, x.shape, constantAxes(replay, reading, axes)))];
};

const unsqueeze: Operator = (replay, reading, [input, axes]) => {
  const x = replay.live(reading, input);
  return [reshapedLive(replay, x, unsqueezed(reading, x.shape, constantAxes(replay, reading, axes)))];
};

/** Axes move in name alone. */
const transpose: Operator = (replay, reading, [input]) => {
  const { value, shape, order } = replay.dense(replay.live(reading, input));
  const axes = permutation(reading, shape.length);
  return [{ value, shape: axes.map((axis) => shape[axis]), order: order.map((axis) => axes.indexOf(axis)) }];
};

/** Parts one after the other along an axis. */
const join: Operator = (replay, reading, inputs) => {
  const parts = inputs.map((input, at) => replay.dense(replay.live(reading, input, at)));
  const [{ shape }] = parts;
  if (parts.some((part) => part.shape.length !== shape.length)) reading.refuse("its inputs have different numbers of axes");
  if (!reading.has("axis") && reading.opset >= 4) reading.refuse("no axis");
  const axis = axisOf(reading, reading.int("axis", 1), shape.length);
  const order = shape.length === 4 && axis === 1 ? channelsBehind(4) : parts[0].order;
  for (const part of parts)
    if (part.shape.some((extent, at) => at !== axis && extent !== shape[at]))
      reading.refuse(`its inputs [${shape.join(", ")}] and [${part.shape.join(", ")}] differ in another axis than ${axis}`);
  const joined = shape.with(
    axis,
    parts.reduce((sum, part) => sum + part.shape[axis], 0),
  );
  const rows = parts.map((part) => asRows(replay, replay.ordered(part, order), axis));
  const { y } = replay.layers.op(concat, Object.fromEntries(rows.map((row, at) => [`x${at}`, row])), {}, reading.name);
  return [ofRows(replay, y, joined, order)];
};

/** [all before the axis, the axis and all behind it]: what is joined and cut along its last axis. The axis that is last already stays. */
function asRows(replay: Replay, { value, shape, order }: Live, axis: number): Live["value"] {
  const extents = stored(shape, order);
  const at = order.indexOf(axis);
  return at === order.length - 1 ? value : replay.withShape(plainly(value, extents), flattenedAt(extents, at)).value;
}

function ofRows(replay: Replay, value: Live["value"], shape: Shape, order: readonly number[]): Live {
  return { value: replay.withShape(plainly(value, value.shape), stored(shape, order)).value, shape, order };
}

/** A range of an axis. */
function part(replay: Replay, reading: Reading, x: Live, axis: number, first: number, count: number): Live {
  if (first === 0 && count === x.shape[axis]) return x;
  if (count < 1) return reading.refuse("a part of it would be empty");
  const shape = x.shape.with(axis, count);
  const rows = asRows(replay, x, axis);
  const step = rows.shape[rows.shape.length - 1] / x.shape[axis];
  const cut = replay.layers.op(slice, { x: rows }, { first: first * step, count: count * step }, reading.name).y;
  return ofRows(replay, cut, shape, x.order);
}

const cut: Operator = (replay, reading, [input, ...rest]) => {
  const x = replay.dense(replay.live(reading, input));
  const constants = rest.map((item): HostTensor | null => (item ? replay.known(reading, item, "a range").known : null));
  const ranges = sliceRanges(reading, x.shape, [null, ...constants]);
  return [
    ranges.reduce((cut, { first, count, step }, axis) => {
      if (step !== 1) reading.refuse(`step ${step}: expected 1`);
      return part(replay, reading, cut, axis, first, count);
    }, x),
  ];
};

const split: Operator = (replay, reading, [input, sizes]) => {
  const x = replay.dense(replay.live(reading, input));
  const axis = axisOf(reading, reading.int("axis", 0), x.shape.length);
  const pieces = reading.node.outputs.length;
  if (reading.int("num_outputs", pieces) !== pieces) reading.refuse(`num_outputs is not its ${pieces} outputs`);
  const even = Math.ceil(x.shape[axis] / pieces);
  const given = constantAxes(replay, reading, sizes, "the sizes", "split");
  const counts = given ?? Array.from({ length: pieces }, (_, at) => Math.min(even, x.shape[axis] - at * even));
  if (counts.reduce((a, b) => a + b, 0) !== x.shape[axis]) reading.refuse(`parts of ${counts.join(", ")} do not make ${x.shape[axis]}`);
  let first = 0;
  return counts.map((count) => {
    const piece = part(replay, reading, x, axis, first, count);
    first += count;
    return piece;
  });
};

const padded: Operator = (replay, reading, [input, given, value, axes]) => {
  const mode = reading.text("mode", "constant");
  if (mode !== "constant") reading.refuse(`mode ${mode}: expected constant`);
  const x = replay.dense(replay.live(reading, input));
  const rank = x.shape.length;
  const pads = constantAxes(replay, reading, given, "pads") ?? reading.ints("paddings") ?? reading.refuse("no pads");
  const fill = value ? replay.known(reading, value, "the value").known.data[0] : reading.float("value", 0);
  const about = axes ? [...replay.known(reading, axes, "axes").known.data].map((axis) => axisOf(reading, axis, rank)) : natural(rank);
  if (pads.length !== 2 * about.length) reading.refuse(`${pads.length} pads for ${about.length} axes`);
  const edge = (side: 0 | 1) => x.order.map((axis) => (about.includes(axis) ? pads[about.indexOf(axis) + side * about.length] : 0));
  const [before, after] = [edge(0), edge(1)];
  const shape = x.shape.map((extent, axis) => extent + before[x.order.indexOf(axis)] + after[x.order.indexOf(axis)]);
  if (shape.some((extent) => extent < 1)) reading.refuse("nothing would be left");
  if (before.every((count) => count === 0) && after.every((count) => count === 0)) return [x];
  if (rank > 4) reading.refuse(`its input has ${rank} axes, expected at most 4`);
  // The op has four axes.
  const more = Array.from({ length: 4 - rank }, () => 1);
  const none = more.map(() => 0);
  const four = replay.withShape(plainly(x.value, x.value.shape), [...more, ...x.value.shape]).value;
  const y = replay.layers.op(pad, { x: four }, { before: [...none, ...before], after: [...none, ...after], value: fill }, reading.name).y;
  return [ofRows(replay, y, shape, x.order)];
};

const same: Operator = (replay, reading, [input]) => {
  const to = reading.operator === "Cast" ? reading.int("to", 1) : 1;
  if (![1, 10, 11].includes(to)) reading.refuse(`a cast of values to data type ${to}`);
  return [replay.live(reading, input)];
};

/** One channel of images, [images, height, width]. */
function channel(replay: Replay, reading: Reading, images: Live, index: number): Live {
  const { value, shape } = replay.images(reading, images, true);
  const [count, , height, width] = shape;
  const one = replay.layers.op(slice, { x: value }, { first: index, count: 1 }, reading.name).y;
  return replay.withShape(plainly(one, [count, height, width, 1]), [count, height, width]);
}

/** Channels, or other parts of an axis, one by one. */
const gather: Operator = (replay, reading, [input, indices]) => {
  if (!input || isKnown(input)) return reading.refuse("its indices are not constant");
  const { known } = replay.known(reading, indices, "the indices") satisfies Known;
  const x = replay.dense(input);
  const axis = axisOf(reading, reading.int("axis", 0), x.shape.length);
  const extent = x.shape[axis];
  const wanted = [...known.data].map((index) => (index < 0 ? index + extent : index));
  if (known.dims.length > 1 || wanted.some((index) => !(index >= 0 && index < extent)))
    reading.refuse(`indices [${[...known.data].join(", ")}] of ${extent}`);
  if (known.dims.length === 0 && axis === 1 && x.shape.length === 4) return [channel(replay, reading, input, wanted[0])];
  const pieces = wanted.map((index) => part(replay, reading, x, axis, index, 1));
  const shape = x.shape.with(axis, pieces.length);
  const rows = pieces.map((piece) => asRows(replay, piece, axis));
  const whole =
    rows.length === 1 ? rows[0] : replay.layers.op(concat, Object.fromEntries(rows.map((row, at) => [`x${at}`, row])), {}, reading.name).y;
  const joined = ofRows(replay, whole, shape, x.order);
  return [
    known.dims.length === 0
      ? reshapedLive(
          replay,
          joined,
          shape.filter((_, at) => at !== axis),
        )
      : joined,
  ];
};

export const SHAPES: Readonly<Record<string, Operator>> = {
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Concat: join,
  Slice: cut,
  Split: split,
  Gather: gather,
  Pad: padded,
  Identity: same,
  Cast: same,
};
