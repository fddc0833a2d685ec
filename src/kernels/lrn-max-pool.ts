// How local response normalisation followed by maximum pooling is launched. Device code: shaders/lrn-max-pool.wgsl, lrn-max-pool-backward.wgsl (textbook),
// lrn-max-pool-vector.wgsl and lrn-max-pool-backward-vector.wgsl; on a processor the fast gradient is those of the pool and of the normalisation.
import * as ops from "../ops/lrn-max-pool.ts";
import { ceilDiv, sizeOf, type Shape } from "../tensor/shape.ts";
import { kernel } from "./kernel.ts";
import { backwardInVectors, flopsOf, inFours, LARGEST_VECTOR_SIZE as LARGEST_LRN_SIZE } from "./lrn.ts";
import { fromWinners, winnersOfWindows } from "./max-pool-winners.ts";
import { imageOf, pooling } from "./pool.ts";

/** Each invocation of the vector family computes RUN vectors of four channels; forward, for WINDOWS adjacent windows. */
const RUN = 2;
const WINDOWS = 4;
/** Larger windows, and windows further apart, are too much to unroll with a normalisation in each pixel. */
const LARGEST_POOL_SIZE = 3;

export const lrnMaxPool = kernel(ops.lrnMaxPool, {
  textbook: ({ inputs: { x }, outputs: { y }, attributes, target }) => {
    const pool = { shape: x.shape, pooled: y.shape, attributes, ...normalisationOf(x.shape, attributes), vector: 1 } as const;
    const variables = { large: ["x"], small: ["y"], packed: ["winners"] };
    return { launches: pooling({ ...pool, ...variables, shader: "lrn-max-pool.wgsl", invocations: imageOf(y.shape) / 4 }, target) };
  },
  vector: ({ inputs: { x }, outputs: { y }, attributes, target }) => {
    if (!suitsVectors(x.shape, attributes)) return null;
    const [, oh, ow, channels] = y.shape;
    const pool = { shape: x.shape, pooled: y.shape, attributes, ...normalisationOf(x.shape, attributes), vector: 4 } as const;
    const variant = { shader: "lrn-max-pool-vector.wgsl", params: { RUN, WINDOWS, REACH: reachOf(attributes) } };
    const variables = { large: ["x"], small: ["y"], packed: ["winners"] };
    const invocations = oh * ceilDiv(ow, WINDOWS) * ceilDiv(channels / 4, RUN);
    return { launches: pooling({ ...pool, ...variant, ...variables, invocations }, target) };
  },
  // One after the other: in one kernel, a pixel would be normalised once for each window that holds it.
  quad: ({ inputs: { x }, outputs: { y }, attributes, target }) => {
    const normalisation = suitsVectors(x.shape, attributes) ? inFours(x, ops.lrnOf(attributes), target) : null;
    if (!normalisation) return null;
    const pool = winnersOfWindows(x.shape, y.shape, { size: attributes.size, stride: attributes.stride, pad: attributes.pad }, target);
    return {
      scratch: { normed: sizeOf(x.shape) },
      launches: [
        ...normalisation.map((launch) => ({ ...launch, bind: { y: "normed" } })),
        ...pool.map((launch) => ({ ...launch, bind: { x: "normed" } })),
      ],
    };
  },
});

export const lrnMaxPoolBackward = kernel(ops.lrnMaxPoolBackward, {
  textbook: ({ inputs: { x, dy }, attributes, target }) => {
    const pool = { shape: x.shape, pooled: dy.shape, attributes, ...normalisationOf(x.shape, attributes), vector: 1 } as const;
    const variant = { shader: "lrn-max-pool-backward.wgsl", params: positiveOf(attributes) };
    return { launches: pooling({ ...pool, ...variant, ...GRADIENT, invocations: imageOf(x.shape) }, target) };
  },
  vector: ({ inputs: { x, dy }, attributes, target }) => {
    if (!suitsVectors(x.shape, attributes)) return null;
    if (target.cpu) {
      const gate = attributes.positive ? { gate: x } : {};
      const normalisation = backwardInVectors({ x, ...gate }, ops.lrnOf(attributes), target);
      const pool = fromWinners(x.shape, dy.shape, {}, attributes, target).map((launch) => ({ ...launch, bind: { dx: "slopes" } }));
      const rest = normalisation.map((launch) => ({ ...launch, bind: { ...launch.bind, dy: "slopes", gate: "x" } }));
      return { scratch: { slopes: sizeOf(x.shape) }, launches: [...pool, ...rest] };
    }
    const [, height, width, channels] = x.shape;
    const { stride, pad } = attributes;
    const pool = { shape: x.shape, pooled: dy.shape, attributes, ...normalisationOf(x.shape, attributes), vector: 4 } as const;
    const params = { RUN, REACH: reachOf(attributes), ...positiveOf(attributes) };
    const invocations = ceilDiv(height + pad, stride) * ceilDiv(width + pad, stride) * ceilDiv(channels / 4, RUN);
    return { launches: pooling({ ...pool, ...GRADIENT, shader: "lrn-max-pool-backward-vector.wgsl", params, invocations }, target) };
  },
});

const GRADIENT = { large: ["x", "dx"], small: ["dy"], packed: ["winners"] } as const;

const suitsVectors = (shape: Shape, { size, stride, lrnSize }: ops.LrnMaxPoolAttributes): boolean =>
  shape[3] % 4 === 0 && size <= LARGEST_POOL_SIZE && stride <= LARGEST_POOL_SIZE && lrnSize <= LARGEST_LRN_SIZE;

/** What the normalisation adds to a pooling launch. */
const normalisationOf = (shape: Shape, attributes: ops.LrnMaxPoolAttributes) => ({
  dims: { ...ops.lrnOf(attributes) },
  flops: flopsOf(attributes.lrnSize) * imageOf(shape),
});
const reachOf = ({ lrnSize }: ops.LrnMaxPoolAttributes): number => (lrnSize - 1) / 2;
const positiveOf = ({ positive }: ops.LrnMaxPoolBackwardAttributes) => ({ ...(positive && { POSITIVE: "true" }) });
