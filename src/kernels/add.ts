// How element-wise sums are launched. Device code: shaders/add.wgsl, shaders/accumulate.wgsl.
import * as ops from "../ops/add.ts";
import { elementwise } from "./elementwise.ts";
import { kernel } from "./kernel.ts";

export const add = kernel(ops.add, elementwise({ shader: "add.wgsl", tensors: ["a", "b", "y"], flops: 1 }));
export const accumulate = kernel(ops.accumulate, elementwise({ shader: "accumulate.wgsl", tensors: ["total", "x"], flops: 1 }));
