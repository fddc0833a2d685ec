// What the kernels over windows by ONNX's rule share: extents as all their shaders know them, and slices of whole images.
import type { WindowAttributes } from "../ops/windows.ts";
import { BYTES_PER_ELEMENT, type Shape } from "../tensor/shape.ts";
import { flat, type Launch, type Target } from "./kernel.ts";
import { imageOf } from "./pool.ts";
import { overItems } from "./slices.ts";

const WORKGROUP = 64;

export type Vector = 1 | 4;

/** The type of a shader's vectors. */
export const vectorType = (vector: Vector): Record<string, string> => ({ Vector: vector === 4 ? "vec4f" : "f32" });

/** Fields of Dims that every shader over windows has, but for the count. */
export function windowDims([, height, width]: Shape, [, oh, ow]: Shape, { kernel, strides, dilations, pads }: WindowAttributes) {
  const [kh, kw] = kernel;
  const [strideY, strideX] = strides;
  const [dilationY, dilationX] = dilations;
  const [top, left, bottom, right] = pads;
  return { height, width, oh, ow, kh, kw, strideY, strideX, dilationY, dilationX, top, left, bottom, right };
}

export interface Windowed extends Pick<Launch, "shader" | "slots" | "params" | "bind"> {
  /** Shapes of the image and of the windows' values. */
  readonly shape: Shape;
  readonly windows: Shape;
  readonly attributes: WindowAttributes;
  /** The extent that the shader knows as its channels. */
  readonly channels: number;
  /** Further fields of Dims. */
  readonly dims?: Readonly<Record<string, number>>;
  /** Variables of the image's shape and of that of the windows' values. */
  readonly large: readonly string[];
  readonly small: readonly string[];
  /** The one that has an invocation for each of its vectors. */
  readonly made: "large" | "small";
  readonly vector: Vector;
}

/** Launches in slices of whole images. */
export function overWindows(
  { shape, windows, attributes, channels, dims, large, small, made, vector, params, ...variant }: Windowed,
  target: Target,
): Launch[] {
  const perImage = { large: imageOf(shape), small: imageOf(windows) };
  const perItem = Object.fromEntries([...large.map((name) => [name, perImage.large]), ...small.map((name) => [name, perImage.small])]);
  const moved = large.length * perImage.large + small.length * perImage.small;
  const taps = attributes.kernel[0] * attributes.kernel[1];
  return overItems(shape[0], perItem, target, (_first, images) => {
    const count = (images * perImage[made]) / vector;
    return {
      ...variant,
      params: { WORKGROUP, ...vectorType(vector), ...params },
      dims: { count, ...windowDims(shape, windows, attributes), channels: channels / vector, ...dims },
      workgroups: flat(count, WORKGROUP, target),
      flops: images * Math.min(perImage.small, windows[1] * windows[2] * shape[3]) * taps,
      bytes: BYTES_PER_ELEMENT * images * moved,
    };
  });
}

/** Both families of a kernel that takes channels one by one or four at a time. */
export function inVectors<C, L>(channelsOf: (call: C) => number, lower: (call: C, vector: Vector) => L) {
  return {
    textbook: (call: C): L => lower(call, 1),
    vector: (call: C): L | null => (channelsOf(call) % 4 === 0 ? lower(call, 4) : null),
  };
}
