// How factors and offsets by channel are launched. Device code: shaders/scale-shift.wgsl, sum-products.wgsl, scale-filter.wgsl.
import type { TensorType } from "../graph/op.ts";
import * as ops from "../ops/scale-shift.ts";
import { BYTES_PER_ELEMENT, ceilDiv, sizeOf } from "../tensor/shape.ts";
import { flat, kernel, type Call, type Launch, type Lowering } from "./kernel.ts";
import { overItems } from "./slices.ts";
import { sums } from "./sum-pixels.ts";
import { inVectors, vectorType, type Vector } from "./windows.ts";

const WORKGROUP = 64;
/** Approximate number of invocations of the first of two passes, enough for a large GPU. */
const INVOCATIONS = 32768;

export const channelsOf = ({ shape }: TensorType): number => shape[shape.length - 1];

type Affine = Call<{ x: TensorType; factor?: TensorType; offset?: TensorType }, { y: TensorType }, object>;
type Products = Call<{ a: TensorType; b: TensorType }, { y: TensorType }, object>;

export const scaleShift = kernel(
  ops.scaleShift,
  inVectors(
    ({ inputs: { x } }: Affine) => channelsOf(x),
    ({ inputs: { x, factor, offset }, target }: Affine, vector: Vector): Lowering => {
      const slots = { ...(!factor && { factor: "lib/no-factor.wgsl" }), ...(!offset && { offset: "lib/no-offset.wgsl" }) };
      return { launches: overPixels(x, { shader: "scale-shift.wgsl", slots }, ["x", "y"], vector, 2, target) };
    },
  ),
);

/** Launches with one invocation for each vector of x, in slices of whole pixels. */
function overPixels(
  x: TensorType,
  variant: Pick<Launch, "shader" | "slots"> & { readonly dims?: Readonly<Record<string, number>> },
  tensors: readonly string[],
  vector: Vector,
  flops: number,
  target: Affine["target"],
): Launch[] {
  const channels = channelsOf(x);
  const perPixel = Object.fromEntries(tensors.map((name) => [name, channels]));
  return overItems(sizeOf(x.shape) / channels, perPixel, target, (_first, pixels) => {
    const count = (pixels * channels) / vector;
    return {
      ...variant,
      params: { WORKGROUP, ...vectorType(vector) },
      dims: { count, channels: channels / vector, ...variant.dims },
      workgroups: flat(count, WORKGROUP, target),
      flops: flops * pixels * channels,
      bytes: BYTES_PER_ELEMENT * tensors.length * pixels * channels,
    };
  });
}

export const sumProducts = kernel(ops.sumProducts, {
  textbook: (call: Products) => ({ launches: inOnePass(call, 1) }),
  vector: (call: Products) => {
    const { a } = call.inputs;
    const channels = channelsOf(a);
    if (channels % 4 !== 0) return null;
    const chunk = Math.max(16, ceilDiv(sizeOf(a.shape), INVOCATIONS * 4));
    const onePass = inOnePass(call, 4);
    const most = Math.max(...onePass.map(({ dims: { pixels } }) => ceilDiv(pixels, chunk)));
    const launches = onePass.flatMap((launch): Launch[] => {
      const { pixels, accumulate } = launch.dims;
      const chunks = ceilDiv(pixels, chunk);
      const count = (chunks * channels) / 4;
      return [
        {
          ...launch,
          dims: { ...launch.dims, count, chunk, accumulate: 0 },
          bind: { y: "partial" },
          workgroups: flat(count, WORKGROUP, call.target),
        },
        sums({ pixels: chunks, channels, chunk: chunks, accumulate }, call.target, { x: "partial" }),
      ];
    });
    return { launches, scratch: { partial: most * channels } };
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
