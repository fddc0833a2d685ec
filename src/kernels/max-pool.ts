// How maximum pooling is launched. Device code: shaders/max-pool.wgsl, max-pool-backward.wgsl (textbook), max-pool-vector.wgsl, max-pool-quad.wgsl; the fast gradient
// first finds where the maxima lie (max-pool-winners.ts).
import * as ops from "../ops/max-pool.ts";
import { sizeOf } from "../tensor/shape.ts";
import { epilogueOf } from "./gradient-epilogue.ts";
import { kernel } from "./kernel.ts";
import { fromWinners, winners } from "./max-pool-winners.ts";
import { imageOf, overRuns, overWindows, pooling, suitsVectors } from "./pool.ts";

export const maxPool = kernel(ops.maxPool, {
  textbook: ({ inputs: { x }, outputs: { y }, attributes, target }) => {
    const pool = { shape: x.shape, pooled: y.shape, attributes, vector: 1, invocations: imageOf(y.shape) } as const;
    return { launches: pooling({ ...pool, shader: "max-pool.wgsl", large: ["x"], small: ["y"] }, target) };
  },
  vector: ({ inputs: { x }, outputs: { y }, attributes, target }) =>
    suitsVectors(x.shape, attributes)
      ? { launches: overRuns({ shader: "max-pool-vector.wgsl", shape: x.shape, pooled: y.shape, attributes, small: ["y"] }, target) }
      : null,
  quad: ({ inputs: { x }, outputs: { y }, attributes, target }) =>
    suitsVectors(x.shape, attributes)
      ? { launches: overWindows({ shader: "max-pool-quad.wgsl", shape: x.shape, pooled: y.shape, attributes, small: ["y"] }, target) }
      : null,
});

export const maxPoolBackward = kernel(ops.maxPoolBackward, {
  textbook: ({ inputs: { x, y, ...inputs }, attributes, target }) => {
    const { tensors, ...epilogue } = epilogueOf(inputs);
    const pool = { ...epilogue, shape: x.shape, pooled: y.shape, attributes, vector: 1, invocations: imageOf(x.shape) } as const;
    return { launches: pooling({ ...pool, shader: "max-pool-backward.wgsl", large: ["x", "dx", ...tensors], small: ["y", "dy"] }, target) };
  },
  vector: ({ inputs: { x, y, ...inputs }, attributes, target }) =>
    suitsVectors(x.shape, attributes)
      ? {
          scratch: { winners: sizeOf(y.shape) / 4 },
          launches: [...winners(x.shape, y.shape, attributes, target, false), ...fromWinners(x.shape, y.shape, inputs, attributes, target)],
        }
      : null,
});
