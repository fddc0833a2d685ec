// How softmax loss with its gradient and running sums is launched: one workgroup. Device code: shaders/softmax-loss-gradient.wgsl.
import type { TensorType } from "../graph/op.ts";
import * as ops from "../ops/softmax-loss-gradient.ts";
import { BYTES_PER_ELEMENT } from "../tensor/shape.ts";
import { kernel, type Call, type Lowering } from "./kernel.ts";
import { NAN_BITS } from "./rows.ts";

const WORKGROUP = 128;
/** Invocations that a row is worth at most. */
const MOST_LANES = 32;

export const softmaxLossGradient = kernel(ops.softmaxLossGradient, {
  textbook: (call) => lower(call, 1, 1),
  workgroup: (call) => lower(call, WORKGROUP, Math.min(MOST_LANES, powerOfTwo(call.inputs.x.shape[1]))),
});

interface Inputs {
  x: TensorType;
  labels: TensorType;
  lossTotal?: TensorType;
  correctTotal?: TensorType;
}

function lower(
  { inputs: { x, lossTotal, correctTotal }, attributes: { weight, k = 0 } }: Call<Inputs, object, ops.SoftmaxLossGradientAttributes>,
  workgroup: number,
  lanes: number,
): Lowering {
  const [rows, classes] = x.shape;
  return {
    launches: [
      {
        shader: "softmax-loss-gradient.wgsl",
        slots: {
          ...(lossTotal && { lossTotal: "lib/loss-total.wgsl" }),
          ...(correctTotal && { correctTotal: "lib/correct-total.wgsl" }),
        },
        params: { WORKGROUP: workgroup },
        dims: { rows, classes, lanes, k, scale: weight / rows, nan: NAN_BITS },
        workgroups: [1, 1, 1],
        flops: 9 * rows * classes,
        bytes: BYTES_PER_ELEMENT * (2 * rows * classes + rows),
      },
    ],
  };
}

/** The least power of two that is not below `count`. */
const powerOfTwo = (count: number): number => 2 ** Math.ceil(Math.log2(count));
