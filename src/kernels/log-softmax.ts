// How the logarithm of softmax is launched. Device code: shaders/log-softmax.wgsl, shaders/log-softmax-backward.wgsl.
import * as ops from "../ops/log-softmax.ts";
import { kernel } from "./kernel.ts";
import { byRows, overRows } from "./rows.ts";

export const logSoftmax = kernel(
  ops.logSoftmax,
  byRows("x", ({ inputs: { x }, target }, lanes) => ({
    launches: overRows({ shader: "log-softmax.wgsl", wide: ["x", "y"], flops: 5 }, x, lanes, target),
  })),
);

export const logSoftmaxBackward = kernel(
  ops.logSoftmaxBackward,
  byRows("y", ({ inputs: { y }, target }, lanes) => ({
    launches: overRows({ shader: "log-softmax-backward.wgsl", wide: ["y", "dy", "dx"], flops: 5 }, y, lanes, target),
  })),
);
