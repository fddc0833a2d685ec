// How maximum pooling is launched. Device code: shaders/max_pool.wgsl, max_pool_backward.wgsl (textbook), max_pool_winners.wgsl and
// max_pool_backward_vector.wgsl.
import * as ops from "../ops/max-pool.ts";
import { sizeOf } from "../tensor/shape.ts";
import { kernel } from "./kernel.ts";
import { forward, pooling } from "./pool.ts";

/** Taps of a window are numbered in one byte. */
const LARGEST_PACKED_SIZE = 16;

export const maxPool = kernel(ops.maxPool, forward("max_pool.wgsl"));

export const maxPoolBackward = kernel(ops.maxPoolBackward, {
  textbook: ({ inputs: { x, y }, attributes, target }) => {
    const pool = { shape: x.shape, pooled: y.shape, attributes, vector: 1 } as const;
    return {
      launches: pooling({ ...pool, shader: "max_pool_backward.wgsl", large: ["x", "dx"], small: ["y", "dy"], makes: "large" }, target),
    };
  },
  vector: ({ inputs: { x, y }, attributes, target }) => {
    if (x.shape[3] % 4 !== 0 || attributes.size > LARGEST_PACKED_SIZE) return null;
    const pool = { shape: x.shape, pooled: y.shape, attributes, vector: 4, packed: ["winners"] } as const;
    return {
      scratch: { winners: sizeOf(y.shape) / 4 },
      launches: [
        ...pooling({ ...pool, shader: "max_pool_winners.wgsl", large: ["x"], small: [], makes: "small" }, target),
        ...pooling({ ...pool, shader: "max_pool_backward_vector.wgsl", large: ["dx"], small: ["dy"], makes: "large" }, target),
      ],
    };
  },
});
