// How the rectified linear unit is launched. Device code: shaders/relu.wgsl, shaders/relu-backward.wgsl.
import * as ops from "../ops/relu.ts";
import { elementwise } from "./elementwise.ts";
import { kernel } from "./kernel.ts";

export const relu = kernel(ops.relu, elementwise({ shader: "relu.wgsl", tensors: ["x", "y"], flops: 1 }));
export const reluBackward = kernel(
  ops.reluBackward,
  elementwise({
    shader: "relu-backward.wgsl",
    tensors: ["y", "dy", "dx"],
    flops: 1,
    dims: ({ scale = 1 }: ops.ReluBackwardAttributes) => ({ scale }),
  }),
);
