// How a constant is launched. Device code: shaders/constant.wgsl.
import * as ops from "../ops/constant.ts";
import { elementwise } from "./elementwise.ts";
import { kernel } from "./kernel.ts";

export const constant = kernel(
  ops.constant,
  elementwise({ shader: "constant.wgsl", tensors: ["y"], flops: 0, dims: ({ value }) => ({ value }) }),
);
