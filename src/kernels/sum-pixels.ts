// How sums over pixels are launched. Device code: shaders/sum-pixels.wgsl.
import * as ops from "../ops/conv2d.ts";
import { ceilDiv, sizeOf, type Shape } from "../tensor/shape.ts";
import { flat, kernel, type Launch, type Layout, type Target } from "./kernel.ts";
import { overItems } from "./slices.ts";

const WORKGROUP = 64;
/** Approximate number of invocations of the first of two passes, enough for a large GPU. */
const INVOCATIONS = 32768;

export const sumPixels = kernel(ops.sumPixels, {
  textbook: ({ inputs: { x }, target, layouts }) => ({ launches: inOnePass(x.shape, layouts?.["x"], target) }),
  vector: ({ inputs: { x }, target, layouts }) => {
    const channels = x.shape[x.shape.length - 1];
    const chunk = Math.max(16, ceilDiv(sizeOf(x.shape), INVOCATIONS * vectorOf(channels)));
    const layout = layouts?.["x"];
    const onePass = inOnePass(x.shape, layout, target);
    const most = Math.max(...onePass.map(({ dims: { pixels } }) => ceilDiv(pixels, chunk)));
    const launches = onePass.flatMap(({ dims: { pixels, accumulate }, slices }) => {
      const chunks = ceilDiv(pixels, chunk);
      const first = sums({ pixels, channels, chunk, accumulate: 0, ...(layout && { layout }) }, target, { y: "partial" });
      return [
        slices ? { ...first, slices } : first,
        sums({ pixels: chunks, channels, chunk: chunks, accumulate }, target, { x: "partial" }),
      ];
    });
    return { launches, scratch: { partial: most * channels } };
  },
});

/** One invocation sums all pixels of a channel: little parallelism, but what the name says. */
function inOnePass(shape: Shape, layout: Layout | undefined, target: Target): Launch[] {
  const channels = shape[shape.length - 1];
  return overItems(sizeOf(shape) / channels, { x: layout?.stride ?? channels }, target, (first, pixels) =>
    sums({ pixels, channels, chunk: pixels, accumulate: first > 0 ? 1 : 0, ...(layout && { layout }) }, target),
  );
}

interface Sums {
  readonly pixels: number;
  readonly channels: number;
  /** Successive pixels that one invocation sums. */
  readonly chunk: number;
  /** 1: on top of what y holds. */
  readonly accumulate: number;
  /** Default: dense. */
  readonly layout?: Layout;
}

/** Sums [pixels, channels] chunk by chunk, in order; also how partial results of split sums are brought together. */
export function sums(
  { pixels, channels, chunk, accumulate, layout = { stride: channels, first: 0 } }: Sums,
  target: Target,
  bind?: Readonly<Record<string, string>>,
): Launch {
  const vector = [channels, layout.stride, layout.first].every((extent) => extent % 4 === 0) ? 4 : 1;
  const chunks = ceilDiv(pixels, chunk);
  return {
    shader: "sum-pixels.wgsl",
    params: { WORKGROUP, Vector: vector === 4 ? "vec4f" : "f32" },
    dims: { pixels, channels: channels / vector, chunk, accumulate, xStride: layout.stride / vector, xFirst: layout.first / vector },
    ...(bind && { bind }),
    workgroups: flat((chunks * channels) / vector, WORKGROUP, target),
    flops: pixels * channels,
    bytes: 4 * channels * (pixels + chunks),
  };
}

const vectorOf = (channels: number): 1 | 4 => (channels % 4 === 0 ? 4 : 1);
