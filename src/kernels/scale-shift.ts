// How factors and offsets by channel are launched. Device code: shaders/scale-shift.wgsl, sum-products.wgsl, scale-filter.wgsl.
import type { TensorType } from "../graph/op.ts";
import * as ops from "../ops/scale-shift.ts";
import { BYTES_PER_ELEMENT, ceilDiv, sizeOf } from "../tensor/shape.ts";
import { flat, kernel, type Call, type Launch, type Lowering } from "./kernel.ts";
import { overItems } from "./slices.ts";
import { INVOCATIONS, inTwoPasses } from "./two-passes.ts";
import { inVectors, vectorType, type Vector } from "./windows.ts";

const WORKGROUP = 64;

export const channelsOf = ({ shape }: TensorType): number => shape[shape.length - 1];

type Affine = Call<{ x: TensorType; factor?: TensorType; offset?: TensorType }, { y: TensorType }, object>;
type Products = Call<{ a: TensorType; b: TensorType }, { y: TensorType }, object>;

export const scaleShift = kernel(
  ops.scaleShift,
  inVectors(
    ({ inputs: { x } }: Affine) => channelsOf(x),
    ({ inputs: { x, factor, offset }, target }: Affine, vector: Vector): Lowering => {
      const slots = { ...(!factor && { factor: "lib/no-factor.wgsl" }), ...(!offset && { offset: "lib/no-offset.wgsl" }) };
      const channels = channelsOf(x);
      const launches = overItems(sizeOf(x.shape) / channels, { x: channels, y: channels }, target, (_first, pixels) => {
        const count = (pixels * channels) / vector;
        return {
          shader: "scale-shift.wgsl",
          slots,
          params: { WORKGROUP, ...vectorType(vector) },
          dims: { count, channels: channels / vector },
          workgroups: flat(count, WORKGROUP, target),
          flops: 2 * pixels * channels,
          bytes: 2 * BYTES_PER_ELEMENT * pixels * channels,
        };
      });
      return { launches };
    },
  ),
);

export const sumProducts = kernel(ops.sumProducts, {
  textbook: (call: Products) => ({ launches: inOnePass(call, 1) }),
  vector: (call: Products) => {
    const { a } = call.inputs;
    const channels = channelsOf(a);
    if (channels % 4 !== 0) return null;
    const chunk = Math.max(16, ceilDiv(sizeOf(a.shape), INVOCATIONS * 4));
    return inTwoPasses(inOnePass(call, 4), { elements: channels, chunk, to: "y" }, call.target);
  },
});

function inOnePass({ inputs: { a }, target }: Products, vector: Vector): Launch[] {
  const channels = channelsOf(a);
  const count = channels / vector;
  return overItems(sizeOf(a.shape) / channels, { a: channels, b: channels }, target, (first, pixels) => ({
    shader: "sum-products.wgsl",
    params: { WORKGROUP, ...vectorType(vector) },
    dims: { count, pixels, channels: count, chunk: pixels, accumulate: first > 0 ? 1 : 0 },
    workgroups: flat(count, WORKGROUP, target),
    flops: 2 * pixels * channels,
    bytes: 2 * BYTES_PER_ELEMENT * pixels * channels,
  }));
}

export const scaleFilter = kernel(ops.scaleFilter, {
  textbook: ({ inputs: { filter }, target }) => {
    const [groups, , , , outputs] = filter.shape;
    const count = sizeOf(filter.shape);
    return {
      launches: [
        {
          shader: "scale-filter.wgsl",
          params: { WORKGROUP },
          dims: { count, each: count / groups, outputs },
          bind: { filters: "filter" },
          workgroups: flat(count, WORKGROUP, target),
          flops: count,
          bytes: 2 * BYTES_PER_ELEMENT * count,
        },
      ],
    };
  },
});
