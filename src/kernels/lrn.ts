// How local response normalisation is launched. Device code: shaders/lrn.wgsl, shaders/lrn_backward.wgsl.
import type { TensorType } from "../graph/op.ts";
import * as ops from "../ops/lrn.ts";
import { sizeOf } from "../tensor/shape.ts";
import { flat, kernel, type Target } from "./kernel.ts";
import { overItems } from "./windows.ts";

const WORKGROUP = 64;

export const lrn = kernel(ops.lrn, {
  textbook: ({ inputs: { x }, attributes, target }) => launches("lrn.wgsl", ["x", "y"], x, attributes, target),
});

export const lrnBackward = kernel(ops.lrnBackward, {
  textbook: ({ inputs: { x }, attributes, target }) => launches("lrn_backward.wgsl", ["x", "dy", "dx"], x, attributes, target),
});

/** One invocation an element, in windows of whole pixels. */
function launches(shader: string, tensors: readonly string[], x: TensorType, { size, k, alpha, beta }: ops.LrnAttributes, target: Target) {
  const channels = x.shape[x.shape.length - 1];
  return {
    launches: overItems(
      sizeOf(x.shape) / channels,
      Object.fromEntries(tensors.map((name) => [name, channels])),
      target,
      (_first, pixels) => ({
        shader,
        params: { WORKGROUP },
        dims: { count: pixels * channels, channels, size, k, alpha, beta },
        workgroups: flat(pixels * channels, WORKGROUP, target),
        flops: pixels * channels * (2 * size + 4),
        bytes: 4 * tensors.length * pixels * channels,
      }),
    ),
  };
}
