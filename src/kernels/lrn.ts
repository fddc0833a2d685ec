// How local response normalisation is launched. Device code: shaders/lrn.wgsl, lrn-backward.wgsl (textbook), lrn-vector.wgsl,
// lrn-quad.wgsl and lrn-backward-vector.wgsl.
import type { TensorType } from "../graph/op.ts";
import * as ops from "../ops/lrn.ts";
import { BYTES_PER_ELEMENT, ceilDiv, sizeOf } from "../tensor/shape.ts";
import { epilogueOf } from "./gradient-epilogue.ts";
import { flat, kernel, type Launch, type Target } from "./kernel.ts";
import { overItems } from "./slices.ts";

const WORKGROUP = 64;
/** Vectors of four channels that one invocation of the vector family makes. */
const RUN = 4;
/** Larger windows would not fit into registers. */
export const LARGEST_VECTOR_SIZE = 9;

export const lrn = kernel(ops.lrn, {
  textbook: ({ inputs: { x }, attributes, target }) => ({
    launches: textbook({ shader: "lrn.wgsl", tensors: ["x", "y"] }, x, attributes, target),
  }),
  vector: ({ inputs: { x }, attributes, target }) => {
    if (!suitsVectors(x, attributes)) return null;
    return { launches: vector({ shader: "lrn-vector.wgsl", tensors: ["x", "y"] }, x, attributes, target) };
  },
  quad: ({ inputs: { x }, attributes, target }) => {
    const launches = inFours(x, attributes, target);
    return launches && { launches };
  },
});

export const lrnBackward = kernel(ops.lrnBackward, {
  textbook: ({ inputs, attributes, target }) => ({
    launches: textbook({ ...backward(inputs), shader: "lrn-backward.wgsl" }, inputs.x, attributes, target),
  }),
  vector: ({ inputs, attributes, target }) => {
    const launches = suitsVectors(inputs.x, attributes) ? backwardInVectors(inputs, attributes, target) : null;
    return launches && { launches };
  },
});

/** Launches of the fast gradient; for windows and channels that suit it. */
export const backwardInVectors = (
  { x, gate }: { x: TensorType; gate?: TensorType },
  attributes: ops.LrnAttributes,
  target: Target,
): Launch[] => {
  const tensors = ["x", "dy", "dx", ...(gate ? ["gate"] : [])];
  // An unread gate is bound to x.
  const gated = gate ? { dims: { gated: 1 } } : { dims: { gated: 0 }, bind: { gate: "x" }, unread: ["gate"] };
  return vector({ shader: "lrn-backward-vector.wgsl", tensors, ...gated }, x, attributes, target);
};

const suitsVectors = (x: TensorType, { size }: ops.LrnAttributes): boolean => channelsOf(x) % 4 === 0 && size <= LARGEST_VECTOR_SIZE;

interface Variant extends Pick<Launch, "shader" | "slots" | "bind"> {
  readonly tensors: readonly string[];
  /** Bound and never read. */
  readonly unread?: readonly string[];
  /** Besides those of every kernel of normalisation. */
  readonly dims?: Readonly<Record<string, number>>;
}

function backward(inputs: { gate?: TensorType }): Omit<Variant, "shader"> {
  const { tensors, ...epilogue } = epilogueOf(inputs);
  return { ...epilogue, tensors: ["x", "dy", "dx", ...tensors] };
}

/** One invocation per element. */
function textbook({ tensors, ...variant }: Variant, x: TensorType, attributes: ops.LrnAttributes, target: Target): Launch[] {
  const channels = channelsOf(x);
  return overPixels(tensors, [], x, attributes, target, (pixels) => ({
    ...variant,
    params: { WORKGROUP },
    dims: { count: pixels * channels, channels, ...attributes },
    workgroups: flat(pixels * channels, WORKGROUP, target),
  }));
}

/** One invocation RUN vectors of one pixel. */
function vector(
  { tensors, unread = [], dims, ...variant }: Variant,
  x: TensorType,
  attributes: ops.LrnAttributes,
  target: Target,
): Launch[] {
  const channels = channelsOf(x) / 4;
  return overPixels(tensors, unread, x, attributes, target, (pixels) => {
    const count = pixels * ceilDiv(channels, RUN);
    return {
      ...variant,
      params: { WORKGROUP, RUN, REACH: (attributes.size - 1) / 2 },
      dims: { count, channels, ...attributes, ...dims },
      workgroups: flat(count, WORKGROUP, target),
    };
  });
}

/** One invocation for four channels, on adapters of four lanes; null for windows of other than five channels. */
export function inFours(x: TensorType, attributes: ops.LrnAttributes, target: Target): Launch[] | null {
  const channels = channelsOf(x) / 4;
  if (!suitsVectors(x, attributes) || attributes.size !== 5) return null;
  return overPixels(["x", "y"], [], x, attributes, target, (pixels) => ({
    shader: "lrn-quad.wgsl",
    params: { WORKGROUP },
    dims: { count: pixels * channels, channels, ...attributes },
    workgroups: flat(pixels * channels, WORKGROUP, target),
  }));
}

/** Operations per element. */
export const flopsOf = (size: number): number => 2 * size + 4;

const channelsOf = ({ shape }: TensorType): number => shape[shape.length - 1];

/** Launches in slices of whole pixels. */
function overPixels(
  tensors: readonly string[],
  unread: readonly string[],
  x: TensorType,
  { size }: ops.LrnAttributes,
  target: Target,
  launch: (pixels: number) => Omit<Launch, "flops" | "bytes">,
): Launch[] {
  const channels = channelsOf(x);
  const perPixel = Object.fromEntries([...tensors, ...unread].map((name) => [name, channels]));
  return overItems(sizeOf(x.shape) / channels, perPixel, target, (_first, pixels) => ({
    ...launch(pixels),
    flops: pixels * channels * flopsOf(size),
    bytes: BYTES_PER_ELEMENT * tensors.length * pixels * channels,
  }));
}
