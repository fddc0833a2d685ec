// What the pooling kernels share: extents as all their shaders know them, and slices of whole images.
import type { PoolAttributes } from "../ops/pool-window.ts";
import { BYTES_PER_ELEMENT, ceilDiv, type Shape } from "../tensor/shape.ts";
import { flat, type Launch, type Target } from "./kernel.ts";
import { overItems } from "./slices.ts";

const WORKGROUP = 64;
/** Neighbouring windows that one invocation of the vector family works on. */
const RUN = 4;
/** Columns of larger windows, and windows further apart, are not worth unrolling. */
const LARGEST_VECTOR_SIZE = 7;
const LARGEST_VECTOR_STRIDE = 4;

export interface Pooling {
  readonly shader: string;
  readonly slots?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, number | string>>;
  /** Shapes of the image and of the pooled image. */
  readonly shape: Shape;
  readonly pooled: Shape;
  readonly attributes: PoolAttributes;
  /** Further fields of Dims. */
  readonly dims?: Readonly<Record<string, number>>;
  /** Variables of the image's shape, of the pooled shape, and of the pooled shape with four channels in an element. */
  readonly large?: readonly string[];
  readonly small?: readonly string[];
  readonly packed?: readonly string[];
  /** Channels per invocation; also the unit of the shader's `dims.channels`. */
  readonly vector: 1 | 4;
  /** Invocations for one image. */
  readonly invocations: number;
  /** Operations for one image, besides those of the windows. */
  readonly flops?: number;
}

/** Launches of a pooling shader, in slices of whole images. Size and stride are constants of the shader, because it divides by the stride. */
export function pooling(
  { shader, slots, params, shape, pooled, attributes, dims, large = [], small = [], packed = [], vector, invocations, flops = 0 }: Pooling,
  target: Target,
): Launch[] {
  const { size, stride, pad } = attributes;
  const [images, height, width, channels] = shape;
  const [, oh, ow] = pooled;
  const pooledImage = oh * ow * channels;
  const perImage: Record<string, number> = Object.fromEntries([
    ...large.map((name) => [name, height * width * channels]),
    ...small.map((name) => [name, pooledImage]),
    ...packed.map((name) => [name, pooledImage / 4]),
  ]);
  const addend = params?.["ADDEND"] ? height * width * channels : 0;
  const moved = Object.values(perImage).reduce((sum, elements) => sum + elements, addend);
  return overItems(images, perImage, target, (_first, images) => {
    const count = images * invocations;
    return {
      shader,
      ...(slots && { slots }),
      params: { WORKGROUP, SIZE: size, STRIDE: stride, ...params },
      dims: { count, height, width, oh, ow, channels: channels / vector, pad, ...dims },
      workgroups: flat(count, WORKGROUP, target),
      flops: images * (pooledImage * size * size + flops),
      bytes: BYTES_PER_ELEMENT * images * moved,
    };
  });
}

/** Whether the vector family takes such windows. */
export const suitsVectors = (shape: Shape, { size, stride }: PoolAttributes): boolean =>
  shape[3] % 4 === 0 && size <= LARGEST_VECTOR_SIZE && stride <= LARGEST_VECTOR_STRIDE;

/** Launches of a shader that reads x and makes four channels of RUN windows an invocation. */
export function overRuns(pool: Omit<Pooling, "large" | "vector" | "invocations">, target: Target): Launch[] {
  const [, oh, ow, channels] = pool.pooled;
  return pooling(
    { ...pool, params: { RUN, ...pool.params }, large: ["x"], vector: 4, invocations: (oh * ceilDiv(ow, RUN) * channels) / 4 },
    target,
  );
}

/** Launches of a shader that reads x and makes four channels of one window an invocation. */
export const overWindows = (pool: Omit<Pooling, "large" | "vector" | "invocations">, target: Target): Launch[] =>
  pooling({ ...pool, large: ["x"], vector: 4, invocations: imageOf(pool.pooled) / 4 }, target);

/** Elements of one image of a shape. */
export const imageOf = ([, height, width, channels]: Shape): number => height * width * channels;
