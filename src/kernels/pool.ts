// What the pooling kernels share: extents as all their shaders know them, and windows of whole images.
import type { Port } from "../graph/op.ts";
import type { PoolAttributes } from "../ops/pool-window.ts";
import { BYTES_PER_ELEMENT, type Shape } from "../tensor/shape.ts";
import { flat, type Call, type Kernel, type Launch, type Lowering, type Target } from "./kernel.ts";
import { overItems } from "./windows.ts";

const WORKGROUP = 64;

export interface Pooling {
  readonly shader: string;
  readonly params?: Readonly<Record<string, string>>;
  /** Of the image, and of what it is pooled to. */
  readonly shape: Shape;
  readonly pooled: Shape;
  readonly attributes: PoolAttributes;
  /** Variables of the image's shape, of the pooled shape, and of the pooled shape with four channels in an element. */
  readonly large: readonly string[];
  readonly small: readonly string[];
  readonly packed?: readonly string[];
  /** What one invocation makes an element of. */
  readonly makes: "large" | "small";
  /** Channels an invocation. */
  readonly vector: 1 | 4;
}

/** Launches of a pooling shader, in windows of whole images. */
export function pooling(
  { shader, params, shape, pooled, attributes, large, small, packed = [], makes, vector }: Pooling,
  target: Target,
): Launch[] {
  const { size, stride, pad } = attributes;
  const [images, height, width, channels] = shape;
  const [, oh, ow] = pooled;
  const elements = { large: height * width * channels, small: oh * ow * channels };
  const perImage = Object.fromEntries([
    ...large.map((name) => [name, elements.large]),
    ...small.map((name) => [name, elements.small]),
    ...packed.map((name) => [name, elements.small / 4]),
  ]) as Record<string, number>;
  const moved = Object.values(perImage).reduce((sum, count) => sum + count, 0);
  return overItems(images, perImage, target, (_first, images) => {
    const count = (images * elements[makes]) / vector;
    return {
      shader,
      params: { WORKGROUP, ...params },
      dims: { count, height, width, oh, ow, channels: channels / vector, size, stride, pad },
      workgroups: flat(count, WORKGROUP, target),
      flops: images * elements.small * size * size,
      bytes: BYTES_PER_ELEMENT * images * moved,
    };
  });
}

/** The families of a forward pooling op, whose shader works on single channels or on four alike. */
export function forward<P extends { x: Port }, Q extends { y: Port }>(shader: string): Kernel<P, Q, PoolAttributes> {
  const lower = ({ inputs: { x }, outputs: { y }, attributes, target }: Call<P, Q, PoolAttributes>, vector: 1 | 4): Lowering => {
    const params = { Vector: vector === 4 ? "vec4f" : "f32" };
    const pool = { shape: x.shape, pooled: y.shape, attributes, vector } as const;
    return { launches: pooling({ ...pool, shader, params, large: ["x"], small: ["y"], makes: "small" }, target) };
  };
  return {
    textbook: (call) => lower(call, 1),
    vector: (call) => (call.inputs.x.shape[3] % 4 === 0 ? lower(call, 4) : null),
  };
}
