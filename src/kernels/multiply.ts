// How the element-wise product is launched. Device code: shaders/multiply.wgsl.
import * as ops from "../ops/multiply.ts";
import { elementwise } from "./elementwise.ts";
import { kernel } from "./kernel.ts";

export const multiply = kernel(ops.multiply, elementwise({ shader: "multiply.wgsl", tensors: ["y", "a", "b"], flops: 1 }));
