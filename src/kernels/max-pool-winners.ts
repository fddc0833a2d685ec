// How maximum pooling is launched that notes where the maxima lie. Device code: shaders/max-pool-winners.wgsl, max-pool-backward-winners.wgsl
// (textbook), max-pool-vector.wgsl or max-pool-quad.wgsl with lib/max-pool-winner.wgsl, and max-pool-backward-winners-vector.wgsl. The fast family of maxPoolBackward
// is made of the last two.
import type { TensorType } from "../graph/op.ts";
import * as ops from "../ops/max-pool-winners.ts";
import type { PoolAttributes } from "../ops/pool-window.ts";
import { ceilDiv, roundUp, type Shape } from "../tensor/shape.ts";
import { epilogueOf } from "./gradient-epilogue.ts";
import { kernel, type Launch, type Target } from "./kernel.ts";
import { imageOf, overRuns, overWindows, pooling, suitsVectors } from "./pool.ts";

export const maxPoolWinners = kernel(ops.maxPoolWinners, {
  textbook: ({ inputs: { x }, outputs: { y }, attributes, target }) => {
    const pool = { shape: x.shape, pooled: y.shape, attributes, vector: 1, invocations: imageOf(y.shape) / 4 } as const;
    const variant = { shader: "max-pool-winners.wgsl", params: paramsOf(attributes) };
    return { launches: pooling({ ...pool, ...variant, large: ["x"], small: ["y"], packed: ["winners"] }, target) };
  },
  vector: ({ inputs: { x }, outputs: { y }, attributes, target }) =>
    suitsVectors(x.shape, attributes) ? { launches: winners(x.shape, y.shape, attributes, target, true) } : null,
  quad: ({ inputs: { x }, outputs: { y }, attributes, target }) =>
    suitsVectors(x.shape, attributes) ? { launches: winnersOfWindows(x.shape, y.shape, attributes, target) } : null,
});

export const maxPoolBackwardWinners = kernel(ops.maxPoolBackwardWinners, {
  textbook: ({ inputs: { dy, ...inputs }, outputs: { dx }, attributes, target }) => {
    const { tensors, ...epilogue } = epilogueOf(inputs);
    const pool = { ...epilogue, shape: dx.shape, pooled: dy.shape, attributes, vector: 1, invocations: imageOf(dx.shape) } as const;
    const variables = { large: ["dx", ...tensors], small: ["dy"], packed: ["winners"] };
    return { launches: pooling({ ...pool, ...variables, shader: "max-pool-backward-winners.wgsl" }, target) };
  },
  vector: ({ inputs: { dy, ...inputs }, outputs: { dx }, attributes, target }) =>
    suitsVectors(dx.shape, attributes) ? { launches: fromWinners(dx.shape, dy.shape, inputs, attributes, target) } : null,
});

const paramsOf = ({ positive }: ops.MaxPoolWinnersAttributes) => ({ ...(positive && { POSITIVE: "true" }) });

/** Launches that find where the maxima lie; with `y`, also what they are. */
export const winners = (shape: Shape, pooled: Shape, attributes: ops.MaxPoolWinnersAttributes, target: Target, y: boolean): Launch[] =>
  overRuns(
    {
      shader: "max-pool-vector.wgsl",
      slots: { winner: "lib/max-pool-winner.wgsl", ...(!y && { maximum: "lib/no-maximum.wgsl" }) },
      params: paramsOf(attributes),
      shape,
      pooled,
      attributes,
      packed: ["winners"],
      small: y ? ["y"] : [],
    },
    target,
  );

/** Launches that find the maxima and where they lie, for adapters of four lanes. */
export const winnersOfWindows = (shape: Shape, pooled: Shape, attributes: ops.MaxPoolWinnersAttributes, target: Target): Launch[] =>
  overWindows(
    {
      shader: "max-pool-quad.wgsl",
      slots: { winner: "lib/max-pool-winner.wgsl" },
      params: paramsOf(attributes),
      shape,
      pooled,
      attributes,
      packed: ["winners"],
      small: ["y"],
    },
    target,
  );

/** Launches that make dx of the image's shape, in tiles of pixels. */
export function fromWinners(
  shape: Shape,
  pooled: Shape,
  inputs: { gate?: TensorType; addend?: TensorType },
  attributes: PoolAttributes,
  target: Target,
): Launch[] {
  const { size, stride, pad } = attributes;
  const [, height, width, channels] = shape;
  // Larger windows have too many pairs of a window and a pixel to be unrolled.
  const [ROWS, COLUMNS] = size <= 3 ? [roundUp(2, stride), roundUp(4, stride)] : [stride, stride];
  const { tensors, ...epilogue } = epilogueOf(inputs);
  const pool = { ...epilogue, shape, pooled, attributes, vector: 4, params: { ROWS, COLUMNS, ...epilogue.params } } as const;
  const tiles = ceilDiv(height + pad, ROWS) * ceilDiv(width + pad, COLUMNS);
  const variables = { large: ["dx", ...tensors], small: ["dy"], packed: ["winners"] };
  return pooling({ ...pool, ...variables, shader: "max-pool-backward-winners-vector.wgsl", invocations: (tiles * channels) / 4 }, target);
}
