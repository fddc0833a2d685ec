// How dropout is launched. Device code: shaders/dropout.wgsl. A Philox block makes four elements, so the textbook kernel is one of vectors.
import * as ops from "../ops/dropout.ts";
import { BYTES_PER_ELEMENT, sizeOf } from "../tensor/shape.ts";
import { flat, kernel } from "./kernel.ts";
import { overElements } from "./slices.ts";

const WORKGROUP = 64;

/** Fields of Dims of shaders that drop: the words of a block are compared by their upper 24 bits. */
export const dropoutDims = ({ ratio, stream }: ops.DropoutAttributes): Record<string, number> => ({
  dropThreshold: Math.ceil(ratio * 2 ** 24),
  dropScale: 1 / (1 - ratio),
  dropStream: stream,
});

export const dropout = kernel(ops.dropout, {
  textbook: ({ inputs: { x }, attributes, target }) => ({
    launches: overElements(sizeOf(x.shape), 4, ["x", "y"], target, (first, count) => ({
      shader: "dropout.wgsl",
      params: { WORKGROUP },
      dims: { count, first, ...dropoutDims(attributes) },
      workgroups: flat(count, WORKGROUP, target),
      flops: 4 * count,
      bytes: 2 * BYTES_PER_ELEMENT * 4 * count,
    })),
  }),
});
