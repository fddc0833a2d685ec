// How joining and cutting along channels are launched. Device code: shaders/copy-channels.wgsl.
import * as ops from "../ops/concat.ts";
import { BYTES_PER_ELEMENT, sizeOf, type Shape } from "../tensor/shape.ts";
import { flat, kernel, type Launch, type Target } from "./kernel.ts";
import { overItems } from "./slices.ts";

const WORKGROUP = 64;

export const concat = kernel(ops.concat, {
  textbook: ({ inputs, outputs: { y }, target }) => ({ launches: copies(ops.inOrder(inputs), y.shape, 1, target) }),
  vector: ({ inputs, outputs: { y }, target }) => {
    const parts = ops.inOrder(inputs);
    if (parts.some(({ shape }) => channelsOf(shape) % 4 !== 0)) return null;
    return { launches: copies(parts, y.shape, 4, target) };
  },
});

export const slice = kernel(ops.slice, {
  textbook: ({ inputs: { x }, outputs: { y }, attributes: { first }, target }) => ({
    launches: copy({ from: x.shape, first, to: y.shape, at: 0 }, 1, target),
  }),
  vector: ({ inputs: { x }, outputs: { y }, attributes: { first, count }, target }) =>
    [first, count, channelsOf(x.shape)].some((channels) => channels % 4 !== 0)
      ? null
      : { launches: copy({ from: x.shape, first, to: y.shape, at: 0 }, 4, target) },
});

const channelsOf = (shape: Shape): number => shape[shape.length - 1];

/** One copy an input. */
function copies(parts: readonly { shape: Shape }[], to: Shape, vector: 1 | 4, target: Target): Launch[] {
  let at = 0;
  return parts.flatMap(({ shape }, i) => {
    const launches = copy({ from: shape, first: 0, to, at }, vector, target).map((launch) => ({ ...launch, bind: { x: `x${i}` } }));
    at += channelsOf(shape);
    return launches;
  });
}

interface Copy {
  readonly from: Shape;
  /** First channel that is read. */
  readonly first: number;
  readonly to: Shape;
  /** First channel that is written. */
  readonly at: number;
}

/** Copies as many channels of every pixel as the narrower side has. */
function copy({ from, first, to, at }: Copy, vector: 1 | 4, target: Target): Launch[] {
  const [xChannels, yChannels] = [channelsOf(from), channelsOf(to)];
  const channels = Math.min(xChannels, yChannels);
  return overItems(sizeOf(from) / xChannels, { x: xChannels, y: yChannels }, target, (_first, pixels) => ({
    shader: "copy-channels.wgsl",
    params: { WORKGROUP, Vector: vector === 4 ? "vec4f" : "f32" },
    dims: {
      count: (pixels * channels) / vector,
      channels: channels / vector,
      xFirst: first / vector,
      xChannels: xChannels / vector,
      yFirst: at / vector,
      yChannels: yChannels / vector,
    },
    workgroups: flat((pixels * channels) / vector, WORKGROUP, target),
    flops: 0,
    bytes: 2 * BYTES_PER_ELEMENT * pixels * channels,
  }));
}
