// How padding is launched. Device code: shaders/pad.wgsl.
import * as ops from "../ops/pad.ts";
import { BYTES_PER_ELEMENT } from "../tensor/shape.ts";
import { flat, kernel } from "./kernel.ts";
import { overItems } from "./slices.ts";

const WORKGROUP = 64;

export const pad = kernel(ops.pad, {
  textbook: ({ inputs: { x }, outputs: { y }, attributes: { before, value }, target }) => {
    const [x0, x1, x2, x3] = x.shape;
    const [y0, y1, y2, y3] = y.shape;
    const [before0, before1, before2, before3] = before;
    const each = { x: x1 * x2 * x3, y: y1 * y2 * y3 };
    // Cut where every item of y is one of x.
    const items = x0 === y0 && before0 === 0 ? x0 : 1;
    const perItem = items === 1 ? { x: x0 * each.x, y: y0 * each.y } : each;
    return {
      launches: overItems(items, perItem, target, (_first, count) => {
        const elements = count * perItem.y;
        return {
          shader: "pad.wgsl",
          params: { WORKGROUP },
          dims: { count: elements, value, x0: items === 1 ? x0 : count, x1, x2, x3, y1, y2, y3, before0, before1, before2, before3 },
          workgroups: flat(elements, WORKGROUP, target),
          flops: 0,
          bytes: BYTES_PER_ELEMENT * (count * perItem.x + elements),
        };
      }),
    };
  },
});
