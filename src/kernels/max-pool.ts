// How maximum pooling is launched. Device code: shaders/max_pool.wgsl, max_pool_backward.wgsl (textbook), max_pool_vector.wgsl,
// max_pool_winners.wgsl and max_pool_backward_vector.wgsl.
import * as ops from "../ops/max-pool.ts";
import type { PoolAttributes } from "../ops/pool-window.ts";
import { ceilDiv, sizeOf, type Shape } from "../tensor/shape.ts";
import { epilogueOf } from "./gradient-epilogue.ts";
import { kernel, type Launch, type Target } from "./kernel.ts";
import { imageOf, pooling, type Pooling } from "./pool.ts";

/** Neighbouring windows that one invocation of the vector family works on. */
const RUN = 4;
/** Columns of larger windows are not worth unrolling; and the taps of 16 x 16 are the last that a byte can number. */
const LARGEST_VECTOR_SIZE = 7;

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
  vector: ({ inputs: { x, y, ...inputs }, attributes, target }) => {
    if (!suitsVectors(x.shape, attributes)) return null;
    const pool = { shape: x.shape, pooled: y.shape, attributes, packed: ["winners"] } as const;
    const { tensors, ...epilogue } = epilogueOf(inputs);
    const backward = {
      ...pool,
      ...epilogue,
      shader: "max_pool_backward_vector.wgsl",
      large: ["dx", ...tensors],
      small: ["dy"],
      vector: 4,
    } as const;
    return {
      scratch: { winners: sizeOf(y.shape) / 4 },
      launches: [
        ...overRuns({ ...pool, shader: "max_pool_winners.wgsl" }, target),
        ...pooling({ ...backward, invocations: imageOf(x.shape) / 4 }, target),
      ],
    };
  },
});

const suitsVectors = (shape: Shape, { size }: PoolAttributes): boolean => shape[3] % 4 === 0 && size <= LARGEST_VECTOR_SIZE;

/** Launches of a shader that reads x and makes four channels of RUN windows an invocation. */
function overRuns(pool: Omit<Pooling, "large" | "vector" | "invocations" | "params">, target: Target): Launch[] {
  const [, oh, ow, channels] = pool.pooled;
  return pooling({ ...pool, params: { RUN }, large: ["x"], vector: 4, invocations: (oh * ceilDiv(ow, RUN) * channels) / 4 }, target);
}
