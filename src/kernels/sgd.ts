// How the update is launched. Device code: shaders/sgd.wgsl.
import * as ops from "../ops/sgd.ts";
import type { SgdAttributes } from "../ops/sgd.ts";
import { BYTES_PER_ELEMENT, sizeOf, type Shape } from "../tensor/shape.ts";
import { flat, kernel, type Lowering, type Target } from "./kernel.ts";
import { overElements } from "./slices.ts";

const WORKGROUP = 64;

export const sgd = kernel(ops.sgd, {
  textbook: ({ inputs: { w }, attributes, target }) => update(w.shape, attributes, target, 1, 1),
  // Where elements do not fill four vectors per invocation, as in a bias, there are few of them.
  vector: ({ inputs: { w }, attributes, target }) => update(w.shape, attributes, target, 4, sizeOf(w.shape) % 16 === 0 ? 4 : 1),
});

/** One invocation `vectors` vectors of `vector` elements; buffers are padded, so that the last vector may reach beyond the last element. */
function update(shape: Shape, { momentum, decay, rateMultiplier }: SgdAttributes, target: Target, vector: 1 | 4, vectors: 1 | 4): Lowering {
  return {
    launches: overElements(sizeOf(shape), vector * vectors, ["w", "v", "dw"], target, (_first, invocations) => {
      const elements = invocations * vector * vectors;
      return {
        shader: "sgd.wgsl",
        params: { WORKGROUP, Vector: vector === 4 ? "vec4f" : "f32", VECTORS: vectors },
        dims: { count: invocations * vectors, momentum, decay, rateMultiplier },
        workgroups: flat(invocations, WORKGROUP, target),
        flops: 5 * elements,
        bytes: 5 * BYTES_PER_ELEMENT * elements, // w and v are read and written
      };
    }),
  };
}
