// How 2-D convolution is launched, in its three passes. Device code: shaders/conv2d.wgsl, conv2d-backward-data.wgsl and
// conv2d-backward-filter.wgsl (textbook); gemm.ts has the fast families.
import type { TensorType } from "../graph/op.ts";
import * as ops from "../ops/conv2d.ts";
import { BYTES_PER_ELEMENT, formatShape, sizeOf, type Shape } from "../tensor/shape.ts";
import { epilogueOf } from "./gradient-epilogue.ts";
import { inParts, stridesOf, type Geometry, type CallOf, type Multiply, type Product, type Strides } from "./gemm.ts";
import { matrixProduct } from "#matrix";
import { quadProduct } from "./gemm-quad.ts";
import { subgroupProduct, subgroupTunings } from "./gemm-subgroup.ts";
import { workgroupProduct, workgroupTunings } from "./gemm-workgroup.ts";
import { flat, kernel, type Launch, type Lowering, type Target, type Tuning } from "./kernel.ts";
import { rectifierDims } from "./rectifier.ts";
import { overItems, partsOf } from "./slices.ts";
import { winogradProduct, winogradTunings } from "./winograd.ts";

const WORKGROUP = 64;
/** "filter" is a reserved word in WGSL. */
const FILTERS = { filters: "filter" };

/** The forward pass as a matrix product. */
const forward =
  (multiply: Multiply) =>
  ({ inputs: { x, filter, bias, addend }, outputs: { y }, attributes, target, label, layouts, tuning }: CallOf<typeof ops.conv2d>) => {
    checkFilter(filter, target, `conv2d "${label}"`);
    const whole = geometry(x.shape, filter.shape, y.shape, attributes);
    return products(multiply, { whole, strides: stridesOf(whole, layouts?.["x"], layouts?.["y"]) }, target, tuning, {
      phase: "forward",
      bias: bias !== undefined,
      addend: addend !== undefined,
      relu: attributes.relu ?? false,
      ...(attributes.most !== undefined && { most: attributes.most }),
      inner: ["x"],
      outer: ["result"],
      bind: { filters: "filter", result: "y" },
    });
  };

export const conv2d = kernel(ops.conv2d, {
  textbook: ({ inputs: { x, filter, bias, addend }, outputs: { y }, attributes, target, label, layouts }) => {
    checkFilter(filter, target, `conv2d "${label}"`);
    const whole = geometry(x.shape, filter.shape, y.shape, attributes);
    return {
      launches: overImages(
        { whole, strides: stridesOf(whole, layouts?.["x"], layouts?.["y"]) },
        { inner: ["x"], outer: ["y"] },
        target,
        (dims) => ({
          shader: "conv2d.wgsl",
          ...(bias ? {} : { slots: { bias: "lib/no-bias.wgsl" } }),
          params: { WORKGROUP },
          dims: { ...dims, accumulate: addend ? 1 : 0, ...rectifierDims(attributes) },
          bind: FILTERS,
          workgroups: flat(dims.images * dims.oh * dims.ow * dims.groups * dims.outputs, WORKGROUP, target),
          ...cost(dims),
        }),
      ),
    };
  },
  workgroup: forward(workgroupProduct),
  subgroup: forward(subgroupProduct),
  quad: forward(quadProduct),
  winograd: forward(winogradProduct),
  // Its sums of halves are bounded for ReLU alone.
  matrix: (call) => (call.attributes.most === undefined ? forward(matrixProduct)(call) : null),
  tunings: {
    workgroup: ({ target }) => workgroupTunings(target),
    subgroup: () => subgroupTunings("forward"),
    winograd: () => winogradTunings,
  },
});

/** The gradient of the input as a matrix product. */
const backwardData =
  (multiply: Multiply) =>
  ({
    inputs: { dy, filter, ...epilogue },
    outputs: { dx },
    attributes,
    target,
    label,
    layouts,
    tuning,
  }: CallOf<typeof ops.conv2dBackwardData>) => {
    checkFilter(filter, target, `conv2dBackwardData "${label}"`);
    const whole = geometry(dx.shape, filter.shape, dy.shape, attributes);
    return products(multiply, { whole, strides: stridesOf(whole, layouts?.["dx"], layouts?.["dy"]) }, target, tuning, {
      phase: "backward-data",
      accumulate: epilogue.addend !== undefined,
      gate: epilogue.gate !== undefined,
      inner: ["result", ...(epilogue.gate ? ["gate"] : [])],
      outer: ["dy", ...(epilogue.gate ? [] : ["gate"])], // an unread gate is bound to dy
      bind: { filters: "filter", result: "dx" },
    });
  };

export const conv2dBackwardData = kernel(ops.conv2dBackwardData, {
  textbook: ({ inputs: { dy, filter, ...epilogue }, outputs: { dx }, attributes, target, label, layouts }) => {
    checkFilter(filter, target, `conv2dBackwardData "${label}"`);
    const whole = geometry(dx.shape, filter.shape, dy.shape, attributes);
    const { slots, tensors } = epilogueOf(epilogue);
    const variables = { inner: ["dx", ...tensors], outer: ["dy"] };
    return {
      launches: overImages({ whole, strides: stridesOf(whole, layouts?.["dx"], layouts?.["dy"]) }, variables, target, (dims) => ({
        shader: "conv2d-backward-data.wgsl",
        ...(slots && { slots }),
        params: { WORKGROUP },
        dims: { ...dims, accumulate: epilogue.addend ? 1 : 0 },
        bind: FILTERS,
        workgroups: flat(dims.images * dims.height * dims.width * dims.groups * dims.channels, WORKGROUP, target),
        ...cost(dims),
      })),
    };
  },
  workgroup: backwardData(workgroupProduct),
  subgroup: backwardData(subgroupProduct),
  quad: backwardData(quadProduct),
  winograd: backwardData(winogradProduct),
  matrix: backwardData(matrixProduct),
  tunings: {
    workgroup: ({ target }) => workgroupTunings(target),
    subgroup: () => subgroupTunings("backward-data"),
    winograd: () => winogradTunings,
  },
});

/** The gradient of the filter as a matrix product. */
const backwardFilter =
  (multiply: Multiply) =>
  ({ inputs: { x, dy }, outputs: { dfilter }, attributes, target, label, layouts, tuning }: CallOf<typeof ops.conv2dBackwardFilter>) => {
    checkFilter(dfilter, target, `conv2dBackwardFilter "${label}"`);
    const whole = geometry(x.shape, dfilter.shape, dy.shape, attributes);
    return products(multiply, { whole, strides: stridesOf(whole, layouts?.["x"], layouts?.["dy"]) }, target, tuning, {
      phase: "backward-filter",
      inner: ["x"],
      outer: ["dy"],
      bind: { result: "dfilter" },
    });
  };

export const conv2dBackwardFilter = kernel(ops.conv2dBackwardFilter, {
  textbook: ({ inputs: { x, dy }, outputs: { dfilter }, attributes, target, label, layouts }) => {
    checkFilter(dfilter, target, `conv2dBackwardFilter "${label}"`);
    const whole = geometry(x.shape, dfilter.shape, dy.shape, attributes);
    return {
      launches: overImages(
        { whole, strides: stridesOf(whole, layouts?.["x"], layouts?.["dy"]) },
        { inner: ["x"], outer: ["dy"] },
        target,
        (dims, first) => ({
          shader: "conv2d-backward-filter.wgsl",
          params: { WORKGROUP },
          dims: { ...dims, accumulate: first > 0 ? 1 : 0 },
          workgroups: flat(sizeOf(dfilter.shape), WORKGROUP, target),
          ...cost(dims),
        }),
      ),
    };
  },
  workgroup: backwardFilter(workgroupProduct),
  subgroup: backwardFilter(subgroupProduct),
  matrix: backwardFilter(matrixProduct),
  quad: backwardFilter(quadProduct),
  tunings: { workgroup: ({ target }) => workgroupTunings(target), subgroup: () => subgroupTunings("backward-filter") },
});

/** A convolution and where its tensors lie. */
export interface Placed {
  readonly whole: Geometry;
  readonly strides: Strides;
}

/** The kernel's variables that are cut into slices of images: what lies as the input of the convolution does, and as its output. */
interface Cut {
  readonly inner: readonly string[];
  readonly outer: readonly string[];
}

type Products = Omit<Product, "geometry" | "strides" | "accumulate" | "cost"> & Cut & { readonly accumulate?: boolean };

/** A product for each slice of images; those of the filter's gradient add up. Null where the family refuses. */
export function products(
  multiply: Multiply,
  { whole, strides }: Placed,
  target: Target,
  tuning: Tuning | undefined,
  { inner, outer, accumulate = false, ...product }: Products,
): Lowering | null {
  return inParts(partsOf(whole.images, perImage(whole, strides, { inner, outer }), target), ({ first, count, slices }) => {
    const geometry = { ...whole, images: count };
    const goesOn = accumulate || (product.phase === "backward-filter" && first > 0);
    return multiply({ ...product, geometry, strides, accumulate: goesOn, cost: cost(geometry), ...(slices && { slices }) }, target, tuning);
  });
}

export function geometry(x: Shape, filter: Shape, y: Shape, { stride, pad }: ops.Conv2dAttributes): Geometry {
  const [images, height, width] = x;
  const [groups, kh, kw, channels, outputs] = filter;
  const [, oh, ow] = y;
  return { images, height, width, oh, ow, groups, channels, outputs, kh, kw, stride, pad };
}

/** Elements of one image in the variables that lie as the input and as the output of the convolution do. */
const perImage = ({ height, width, oh, ow }: Geometry, { xStride, yStride }: Strides, { inner, outer }: Cut): Record<string, number> =>
  Object.fromEntries([...inner.map((name) => [name, height * width * xStride]), ...outer.map((name) => [name, oh * ow * yStride])]);

/** Launches over slices of images. */
const overImages = (
  { whole, strides }: Placed,
  variables: Cut,
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

/** Images come in slices; a filter must fit into one binding (AlexNet's largest takes 3.5 MB). */
function checkFilter({ shape }: TensorType, { maxBindingBytes }: Target, where: string): void {
  const bytes = sizeOf(shape) * BYTES_PER_ELEMENT;
  if (bytes > maxBindingBytes) {
    throw new Error(
      `${where}: the filter ${formatShape(shape)} takes ${bytes} bytes, this adapter binds ${maxBindingBytes} at once: use fewer outputs or more groups`,
    );
  }
}
