// How average pooling is launched. Device code: shaders/average-pool.wgsl, shaders/average-pool-backward.wgsl, on single channels (textbook)
// or on four at once (vector).
import type { TensorType } from "../graph/op.ts";
import * as ops from "../ops/average-pool.ts";
import type { PoolAttributes } from "../ops/pool-window.ts";
import { epilogueOf } from "./gradient-epilogue.ts";
import { kernel, type Call, type Lowering } from "./kernel.ts";
import { imageOf, pooling } from "./pool.ts";

export const averagePool = kernel(ops.averagePool, {
  textbook: (call) => forward(call, 1),
  vector: (call) => (call.inputs.x.shape[3] % 4 === 0 ? forward(call, 4) : null),
});

export const averagePoolBackward = kernel(ops.averagePoolBackward, {
  textbook: (call) => backward(call, 1),
  vector: (call) => (call.inputs.dy.shape[3] % 4 === 0 ? backward(call, 4) : null),
});

type Forward = Call<{ x: TensorType }, { y: TensorType }, PoolAttributes>;
type Backward = Call<{ dy: TensorType; gate?: TensorType; addend?: TensorType }, { dx: TensorType }, ops.AveragePoolBackwardAttributes>;

const params = { 1: { Vector: "f32" }, 4: { Vector: "vec4f" } };

function forward({ inputs: { x }, outputs: { y }, attributes, target }: Forward, vector: 1 | 4): Lowering {
  const pool = { shape: x.shape, pooled: y.shape, attributes, vector, params: params[vector], invocations: imageOf(y.shape) / vector };
  return { launches: pooling({ ...pool, shader: "average-pool.wgsl", large: ["x"], small: ["y"] }, target) };
}

function backward({ inputs: { dy, ...inputs }, outputs: { dx }, attributes, target }: Backward, vector: 1 | 4): Lowering {
  const { tensors, ...epilogue } = epilogueOf(inputs);
  const pool = { ...epilogue, shape: dx.shape, pooled: dy.shape, attributes, vector, invocations: imageOf(dx.shape) / vector };
  const variant = { ...pool, shader: "average-pool-backward.wgsl", params: { ...params[vector], ...epilogue.params } };
  return { launches: pooling({ ...variant, large: ["dx", ...tensors], small: ["dy"] }, target) };
}
