// How sums along an axis and repetitions are launched. Device code: shaders/sum-axis.wgsl, shaders/repeat.wgsl.
import type { TensorType } from "../graph/op.ts";
import * as ops from "../ops/axis.ts";
import { BYTES_PER_ELEMENT, sizeOf, type Shape } from "../tensor/shape.ts";
import { flat, kernel, type Call, type Launch, type Lowering } from "./kernel.ts";
import { overItems } from "./slices.ts";
import { inVectors, vectorType, type Vector } from "./windows.ts";

const WORKGROUP = 64;

type Sum = Call<{ x: TensorType }, { y: TensorType }, ops.SumAxisAttributes>;
type Repeat = Call<{ x: TensorType }, { y: TensorType }, ops.RepeatAttributes>;

export const sumAxis = kernel(
  ops.sumAxis,
  inVectors(
    ({ inputs: { x }, attributes: { axis } }: Sum) => ops.around(x.shape, axis).inner,
    (call: Sum, vector: Vector): Lowering => ({ launches: alongAxis("sum-axis.wgsl", call, call.inputs.x.shape, call.attributes, vector) }),
  ),
);

export const repeat = kernel(
  ops.repeat,
  inVectors(
    ({ outputs: { y }, attributes: { axis } }: Repeat) => ops.around(y.shape, axis).inner,
    (call: Repeat, vector: Vector): Lowering => ({
      launches: alongAxis("repeat.wgsl", call, call.outputs.y.shape, call.attributes, vector),
    }),
  ),
);

/** Launches in slices of the axes before the one at hand; `shape` is that of the longer tensor. */
function alongAxis(
  shader: string,
  { outputs: { y }, target }: Pick<Sum, "outputs" | "target">,
  shape: Shape,
  { axis, scale }: ops.SumAxisAttributes,
  vector: Vector,
): Launch[] {
  const { extent, inner } = ops.around(shape, axis);
  const outer = sizeOf(shape) / (extent * inner);
  const made = sizeOf(y.shape) / outer;
  const perItem = made === inner ? { x: extent * inner, y: inner } : { x: inner, y: extent * inner };
  return overItems(outer, perItem, target, (_first, items) => {
    const count = (items * made) / vector;
    return {
      shader,
      params: { WORKGROUP, ...vectorType(vector) },
      dims: { count, extent, inner: inner / vector, scale },
      workgroups: flat(count, WORKGROUP, target),
      flops: items * extent * inner,
      bytes: BYTES_PER_ELEMENT * items * (extent + 1) * inner,
    };
  });
}
