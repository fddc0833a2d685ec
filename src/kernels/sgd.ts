// How the update is launched. Device code: shaders/sgd.wgsl.
import * as ops from "../ops/sgd.ts";
import { elementwise } from "./elementwise.ts";
import { kernel } from "./kernel.ts";

export const sgd = kernel(
  ops.sgd,
  elementwise({
    shader: "sgd.wgsl",
    tensors: ["w", "v", "dw"],
    flops: 7,
    dims: ({ momentum, decay, rateMultiplier }) => ({ momentum, decay, rateMultiplier }),
  }),
);
