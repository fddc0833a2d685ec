// How correct answers are counted. Device code: shaders/top-k.wgsl and sum.wgsl.
import * as ops from "../ops/top-k.ts";
import { kernel } from "./kernel.ts";
import { byRows, overRows, sum } from "./rows.ts";

export const topK = kernel(
  ops.topK,
  byRows("x", ({ inputs: { x }, attributes: { k }, target }, lanes) => {
    const [rows] = x.shape;
    const byRow = { shader: "top-k.wgsl", wide: ["x"], narrow: ["labels", "hits"], dims: { k }, flops: 1 };
    return { scratch: { hits: rows }, launches: [...overRows(byRow, x, lanes, target), sum("hits", "correct", rows, 1)] };
  }),
);
