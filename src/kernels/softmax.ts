// How softmax is launched. Device code: shaders/softmax.wgsl, shaders/softmax-backward.wgsl.
import * as ops from "../ops/softmax.ts";
import { kernel } from "./kernel.ts";
import { byRows, overRows } from "./rows.ts";

export const softmax = kernel(
  ops.softmax,
  byRows("x", ({ inputs: { x }, target }, lanes) => ({
    launches: overRows({ shader: "softmax.wgsl", wide: ["x", "y"], flops: 5 }, x, lanes, target),
  })),
);

export const softmaxBackward = kernel(
  ops.softmaxBackward,
  byRows("y", ({ inputs: { y }, target }, lanes) => ({
    launches: overRows({ shader: "softmax-backward.wgsl", wide: ["y", "dy", "dx"], flops: 4 }, y, lanes, target),
  })),
);
