// How 2-D convolution is launched, in its three passes. Device code: shaders/conv2d.wgsl, conv2d_backward_data.wgsl and
// conv2d_backward_filter.wgsl (textbook); gemm.ts has the fast families.
import type { TensorType } from "../graph/op.ts";
import * as ops from "../ops/conv2d.ts";
import { BYTES_PER_ELEMENT, formatShape, sizeOf, type Shape } from "../tensor/shape.ts";
import { inParts, stridesOf, type Geometry, type CallOf, type Multiply, type Product, type Strides } from "./gemm.ts";
import { subgroupProduct, subgroupTunings } from "./gemm-subgroup.ts";
import { workgroupProduct } from "./gemm-workgroup.ts";
import { flat, kernel, type Launch, type Lowering, type Target, type Tuning } from "./kernel.ts";
import { overItems, partsOf } from "./windows.ts";

const WORKGROUP = 64;
/** "filter" is a reserved word in WGSL. */
const FILTERS = { filters: "filter" };

/** The forward pass as a matrix product. */
const forward =
  (multiply: Multiply) =>
  ({ inputs: { x, filter, bias }, outputs: { y }, attributes, target, label, layouts, tuning }: CallOf<typeof ops.conv2d>) => {
    checkFilter(filter, target, `conv2d "${label}"`);
    const whole = geometry(x.shape, filter.shape, y.shape, attributes);
    return products(multiply, { whole, strides: stridesOf(whole, layouts?.["x"], layouts?.["y"]) }, target, tuning, {
      pass: "forward",
      bias: bias !== undefined,
      relu: attributes.relu ?? false,
      inner: "x",
      outer: "result",
      bind: { filters: "filter", result: "y" },
    });
  };

export const conv2d = kernel(ops.conv2d, {
  textbook: ({ inputs: { x, filter, bias }, outputs: { y }, attributes, target, label, layouts }) => {
    checkFilter(filter, target, `conv2d "${label}"`);
    const whole = geometry(x.shape, filter.shape, y.shape, attributes);
    return {
      launches: overImages({ whole, strides: stridesOf(whole, layouts?.["x"], layouts?.["y"]) }, ["x", "y"], target, (dims) => ({
        shader: "conv2d.wgsl",
        ...(bias ? {} : { slots: { bias: "lib/no_bias.wgsl" } }),
        params: { WORKGROUP },
        dims: { ...dims, relu: attributes.relu ? 1 : 0 },
        bind: FILTERS,
        workgroups: flat(dims.images * dims.oh * dims.ow * dims.groups * dims.outputs, WORKGROUP, target),
        ...cost(dims),
      })),
    };
  },
  workgroup: forward(workgroupProduct),
  subgroup: forward(subgroupProduct),
  tunings: { subgroup: () => subgroupTunings("forward") },
  strided: ["x", "y"],
});

/** The gradient of the input as a matrix product. */
const backwardData =
  (multiply: Multiply) =>
  ({ inputs: { dy, filter }, outputs: { dx }, attributes, target, label, layouts, tuning }: CallOf<typeof ops.conv2dBackwardData>) => {
    checkFilter(filter, target, `conv2dBackwardData "${label}"`);
    const whole = geometry(dx.shape, filter.shape, dy.shape, attributes);
    return products(multiply, { whole, strides: stridesOf(whole, layouts?.["dx"], layouts?.["dy"]) }, target, tuning, {
      pass: "backward_data",
      bias: false,
      inner: "result",
      outer: "dy",
      bind: { filters: "filter", result: "dx" },
    });
  };

export const conv2dBackwardData = kernel(ops.conv2dBackwardData, {
  textbook: ({ inputs: { dy, filter }, outputs: { dx }, attributes, target, label, layouts }) => {
    checkFilter(filter, target, `conv2dBackwardData "${label}"`);
    const whole = geometry(dx.shape, filter.shape, dy.shape, attributes);
    return {
      launches: overImages({ whole, strides: stridesOf(whole, layouts?.["dx"], layouts?.["dy"]) }, ["dx", "dy"], target, (dims) => ({
        shader: "conv2d_backward_data.wgsl",
        params: { WORKGROUP },
        dims,
        bind: FILTERS,
        workgroups: flat(dims.images * dims.height * dims.width * dims.groups * dims.channels, WORKGROUP, target),
        ...cost(dims),
      })),
    };
  },
  workgroup: backwardData(workgroupProduct),
  subgroup: backwardData(subgroupProduct),
  tunings: { subgroup: () => subgroupTunings("backward_data") },
  strided: ["dx", "dy"],
});

/** The gradient of the filter as a matrix product. */
const backwardFilter =
  (multiply: Multiply) =>
  ({ inputs: { x, dy }, outputs: { dfilter }, attributes, target, label, layouts, tuning }: CallOf<typeof ops.conv2dBackwardFilter>) => {
    checkFilter(dfilter, target, `conv2dBackwardFilter "${label}"`);
    const whole = geometry(x.shape, dfilter.shape, dy.shape, attributes);
    return products(multiply, { whole, strides: stridesOf(whole, layouts?.["x"], layouts?.["dy"]) }, target, tuning, {
      pass: "backward_filter",
      bias: false,
      inner: "x",
      outer: "dy",
      bind: { result: "dfilter" },
    });
  };

export const conv2dBackwardFilter = kernel(ops.conv2dBackwardFilter, {
  textbook: ({ inputs: { x, dy }, outputs: { dfilter }, attributes, target, label, layouts }) => {
    checkFilter(dfilter, target, `conv2dBackwardFilter "${label}"`);
    const whole = geometry(x.shape, dfilter.shape, dy.shape, attributes);
    return {
      launches: overImages({ whole, strides: stridesOf(whole, layouts?.["x"], layouts?.["dy"]) }, ["x", "dy"], target, (dims, first) => ({
        shader: "conv2d_backward_filter.wgsl",
        params: { WORKGROUP },
        dims: { ...dims, accumulate: first > 0 ? 1 : 0 },
        workgroups: flat(sizeOf(dfilter.shape), WORKGROUP, target),
        ...cost(dims),
      })),
    };
  },
  workgroup: backwardFilter(workgroupProduct),
  subgroup: backwardFilter(subgroupProduct),
  tunings: { subgroup: () => subgroupTunings("backward_filter") },
  strided: ["x", "dy"],
});

/** A convolution and where its tensors lie. */
interface Placed {
  readonly whole: Geometry;
  readonly strides: Strides;
}

interface Products extends Pick<Product, "pass" | "bias" | "relu" | "bind"> {
  /** The kernel's variables that are cut into windows of images: what lies as the input of the convolution does, and as its output. */
  readonly inner: string;
  readonly outer: string;
}

/** A product for each window of images; those of the filter's gradient add up. Null where the family refuses. */
function products(
  multiply: Multiply,
  { whole, strides }: Placed,
  target: Target,
  tuning: Tuning | undefined,
  { inner, outer, ...product }: Products,
): Lowering | null {
  return inParts(partsOf(whole.images, perImage(whole, strides, [inner, outer]), target), ({ first, count }) => {
    const geometry = { ...whole, images: count };
    const accumulate = product.pass === "backward_filter" && first > 0;
    return multiply({ ...product, geometry, strides, accumulate, cost: cost(geometry) }, target, tuning);
  });
}

function geometry(x: Shape, filter: Shape, y: Shape, { stride, pad }: ops.Conv2dAttributes): Geometry {
  const [images, height, width] = x;
  const [groups, kh, kw, channels, outputs] = filter;
  const [, oh, ow] = y;
  return { images, height, width, oh, ow, groups, channels, outputs, kh, kw, stride, pad };
}

/** Elements of one image in the variables that lie as the input and as the output of the convolution do. */
const perImage = (
  { height, width, oh, ow }: Geometry,
  { xStride, yStride }: Strides,
  [inner, outer]: readonly [string, string],
): Record<string, number> => ({ [inner]: height * width * xStride, [outer]: oh * ow * yStride });

/** Launches over windows of images. */
const overImages = (
  { whole, strides }: Placed,
  variables: readonly [inner: string, outer: string],
  target: Target,
  launch: (dims: Geometry & Strides, first: number) => Launch,
): Launch[] =>
  overItems(whole.images, perImage(whole, strides, variables), target, (first, count) =>
    launch({ ...whole, ...strides, images: count }, first),
  );

/** Multiplications and additions of any of the three passes, and the bytes of its three tensors. */
function cost({ images, height, width, oh, ow, groups, channels, outputs, kh, kw }: Geometry): { flops: number; bytes: number } {
  const filter = groups * kh * kw * channels * outputs;
  return {
    flops: 2 * images * oh * ow * filter,
    bytes: BYTES_PER_ELEMENT * (images * groups * (height * width * channels + oh * ow * outputs) + filter),
  };
}

/** Images come in windows; a filter must fit into one binding (AlexNet's largest takes 3.5 MB). */
function checkFilter({ shape }: TensorType, { maxBindingBytes }: Target, where: string): void {
  const bytes = sizeOf(shape) * BYTES_PER_ELEMENT;
  if (bytes > maxBindingBytes) {
    throw new Error(
      `${where}: the filter ${formatShape(shape)} takes ${bytes} bytes, this adapter binds ${maxBindingBytes} at once: use fewer outputs or more groups`,
    );
  }
}
