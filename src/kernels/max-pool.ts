// How maximum pooling is launched. Device code: shaders/max_pool.wgsl, max_pool_backward.wgsl (textbook), max_pool_vector.wgsl; the fast gradient
// first finds where the maxima lie (max-pool-winners.ts).
import * as ops from "../ops/max-pool.ts";
import { sizeOf } from "../tensor/shape.ts";
import { epilogueOf } from "./gradient-epilogue.ts";
import { kernel } from "./kernel.ts";
import { fromWinners, winners } from "./max-pool-winners.ts";
import { imageOf, overRuns, pooling, suitsVectors } from "./pool.ts";

export const maxPool = kernel(ops.maxPool, {
  textbook: ({ inputs: { x }, outputs: { y }, attributes, target }) => {
    const pool = { shape: x.shape, pooled: y.shape, attributes, vector: 1, invocations: imageOf(y.shape) } as const;
    return { launches: pooling({ ...pool, shader: "max_pool.wgsl", large: ["x"], small: ["y"] }, target) };
  },
  vector: ({ inputs: { x }, outputs: { y }, attributes, target }) =>
    suitsVectors(x.shape, attributes)
      ? { launches: overRuns({ shader: "max_pool_vector.wgsl", shape: x.shape, pooled: y.shape, attributes, small: ["y"] }, target) }
      : null,
});

export const maxPoolBackward = kernel(ops.maxPoolBackward, {
  textbook: ({ inputs: { x, y, ...inputs }, attributes, target }) => {
    const { tensors, ...epilogue } = epilogueOf(inputs);
    const pool = { ...epilogue, shape: x.shape, pooled: y.shape, attributes, vector: 1, invocations: imageOf(x.shape) } as const;
    return { launches: pooling({ ...pool, shader: "max_pool_backward.wgsl", large: ["x", "dx", ...tensors], small: ["y", "dy"] }, target) };
  },
  vector: ({ inputs: { x, y, ...inputs }, attributes, target }) =>
    suitsVectors(x.shape, attributes)
      ? {
          scratch: { winners: sizeOf(y.shape) / 4 },
          launches: [...winners(x.shape, y.shape, attributes, target, false), ...fromWinners(x.shape, y.shape, inputs, attributes, target)],
        }
      : null,
});
