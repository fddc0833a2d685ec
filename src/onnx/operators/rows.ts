// Softmax and means along axes.
import { sumAxis } from "../../ops/axis.ts";
import { logSoftmax } from "../../ops/log-softmax.ts";
import { softmax } from "../../ops/softmax.ts";
import { sizeOf } from "../../tensor/shape.ts";
import { axisOf, flattenedAt } from "../fold.ts";
import { natural, plainly, stored } from "../live.ts";
import type { Operator } from "../replay.ts";
import { constantAxes, reshapedLive } from "./shapes.ts";

/** Over one axis; before operator set 13 over all from an axis on. */
const normalised =
  (op: typeof softmax): Operator =>
  (replay, reading, [input]) => {
    const x = replay.dense(replay.live(reading, input));
    const rank = x.shape.length;
    if (reading.opset < 13) {
      const axis = axisOf(reading, reading.int("axis", 1), rank);
      const rows = replay.withShape(replay.plain(x), flattenedAt(x.shape, axis));
      return [replay.withShape(plainly(replay.layers.op(op, { x: rows.value }, {}, reading.name).y, rows.shape), x.shape)];
    }
    const axis = axisOf(reading, reading.int("axis", -1), rank);
    const order = x.order.at(-1) === axis ? x.order : [...x.order.filter((at) => at !== axis), axis];
    const behind = replay.ordered(x, order);
    const extent = x.shape[axis];
    const rows = replay.withShape(plainly(behind.value, behind.value.shape), [sizeOf(x.shape) / extent, extent]);
    const y = replay.layers.op(op, { x: rows.value }, {}, reading.name).y;
    return [{ value: replay.withShape(plainly(y, y.shape), stored(x.shape, order)).value, shape: x.shape, order }];
  };

const reduced =
  (isMean: boolean): Operator =>
  (replay, reading, [input, given]) => {
    const x = replay.dense(replay.live(reading, input));
    const rank = x.shape.length;
    const axes = constantAxes(replay, reading, given);
    if ((axes === null || axes.length === 0) && reading.flag("noop_with_empty_axes")) return [x];
    const over = axes === null || axes.length === 0 ? natural(rank) : axes.map((axis) => axisOf(reading, axis, rank));
    const y = over.reduce((sum, axis) => {
      if (sum.shape[axis] === 1) return sum;
      const attributes = { axis: sum.order.indexOf(axis), scale: isMean ? 1 / sum.shape[axis] : 1 };
      return { ...sum, value: replay.layers.op(sumAxis, { x: sum.value }, attributes, reading.name).y, shape: sum.shape.with(axis, 1) };
    }, x);
    return [
      reading.int("keepdims", 1) === 0
        ? reshapedLive(
            replay,
            y,
            y.shape.filter((_, axis) => !over.includes(axis)),
          )
        : y,
    ];
  };

export const ROWS: Readonly<Record<string, Operator>> = {
  Softmax: normalised(softmax),
  LogSoftmax: normalised(logSoftmax),
  ReduceMean: reduced(true),
  ReduceSum: reduced(false),
};
