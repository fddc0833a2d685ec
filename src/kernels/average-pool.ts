// How average pooling is launched. Device code: shaders/average_pool.wgsl, shaders/average_pool_backward.wgsl.
import type { TensorType } from "../graph/op.ts";
import * as ops from "../ops/average-pool.ts";
import { kernel, type Call, type Lowering } from "./kernel.ts";
import { forward, pooling } from "./pool.ts";

export const averagePool = kernel(ops.averagePool, forward("average_pool.wgsl"));

export const averagePoolBackward = kernel(ops.averagePoolBackward, {
  textbook: (call) => backward(call, 1),
  vector: (call) => (call.inputs.dy.shape[3] % 4 === 0 ? backward(call, 4) : null),
});

type Backward = Call<{ dy: TensorType }, { dx: TensorType }, ops.AveragePoolBackwardAttributes>;

function backward({ inputs: { dy }, outputs: { dx }, attributes, target }: Backward, vector: 1 | 4): Lowering {
  const pool = { shape: dx.shape, pooled: dy.shape, attributes, vector } as const;
  const params = { Vector: vector === 4 ? "vec4f" : "f32" };
  return {
    launches: pooling({ ...pool, shader: "average_pool_backward.wgsl", params, large: ["dx"], small: ["dy"], makes: "large" }, target),
  };
}
