// How inner products are launched, in their three passes. Device code: shaders/inner-product.wgsl, inner-product-backward-data.wgsl and
// inner-product-backward-weight.wgsl (textbook); gemm.ts has the fast families. A weight larger than a binding may be (AlexNet's fc6: 144 MiB) comes in slices of its rows.
import * as ops from "../ops/inner-product.ts";
import { BYTES_PER_ELEMENT, type Shape } from "../tensor/shape.ts";
import { activationDims, inParts, type CallOf, type Multiply, type Product } from "./gemm.ts";
import { matrixProduct } from "#matrix";
import { skinnyTunings } from "./gemm-skinny.ts";
import { quadProduct } from "./gemm-quad.ts";
import { subgroupProduct, subgroupTunings } from "./gemm-subgroup.ts";
import { workgroupProduct, workgroupTunings } from "./gemm-workgroup.ts";
import { flat, kernel, type Family, type Lowering, type Target, type Tuning } from "./kernel.ts";
import { overItems, partsOf, type Part } from "./slices.ts";

const WORKGROUP = 64;
/** Largest number of rows that counts as few; only inner products have few rows. */
const FEW_ROWS = 16;

/**
 * Workgroup memory on a processor with subgroups: a classifier's gradient (3 classes, 8 rows) takes 0.22 ms with it and 0.06 with the textbook, and
 * compiling it 10 seconds of processor time.
 */
export const poorFallbacks = ({ cpu, subgroupSize }: Target): readonly Family[] => (cpu && subgroupSize > 0 ? ["workgroup"] : []);

/** The forward pass as a matrix product. */
const forward =
  (multiply: Multiply) =>
  ({ inputs: { x, weight, bias }, attributes, target, tuning }: CallOf<typeof ops.innerProduct>) => {
    // For few rows, reuses the dropout variant with ratio 0: compiling a second pipeline takes longer than running the unused branch.
    // `random` is bound to the bias and never read.
    const spared = x.shape[0] <= FEW_ROWS && bias !== undefined && !attributes.dropout;
    const maybeDropping = spared ? { ...attributes, dropout: { ratio: 0, stream: 0 } } : attributes;
    return products(multiply, { rows: x.shape[0], shape: weight.shape, windowed: ["filters"], target, tuning }, ({ first, count }) => ({
      phase: "forward",
      bias: bias !== undefined,
      ...activation(maybeDropping, first + count === weight.shape[0]),
      accumulate: first > 0,
      bind: { filters: "weight", result: "y", ...(maybeDropping !== attributes && { random: "bias" }) },
    }));
  };

export const innerProduct = kernel(ops.innerProduct, {
  textbook: ({ inputs: { x, weight, bias }, attributes, target }) => {
    const [rows] = x.shape;
    const [inputs, outputs] = weight.shape;
    const slots = {
      ...(!bias && { bias: "lib/no-bias.wgsl" }),
      ...(attributes.dropout && { dropout: "lib/dropout-epilogue-scalar.wgsl" }),
    };
    return {
      launches: overItems(inputs, { weight: outputs }, target, (first, count) => ({
        shader: "inner-product.wgsl",
        slots,
        params: { WORKGROUP },
        dims: {
          rows,
          inputs,
          outputs,
          first,
          count,
          accumulate: first > 0 ? 1 : 0,
          ...activationDims(activation(attributes, first + count === inputs)),
        },
        workgroups: flat(rows * outputs, WORKGROUP, target),
        ...cost(rows, count, outputs),
      })),
    };
  },
  workgroup: forward(workgroupProduct),
  subgroup: forward(subgroupProduct),
  quad: forward(quadProduct),
  matrix: forward(matrixProduct),
  tunings: { workgroup: ({ target }) => [...workgroupTunings(target), ...skinnyTunings], subgroup: () => subgroupTunings("forward") },
  poorFallbacks,
});

/** What becomes of sums: nothing yet where they are not complete. */
const activation = ({ relu = false, dropout }: ops.InnerProductAttributes, complete: boolean): Pick<Product, "relu" | "dropout"> => ({
  relu: relu && complete,
  ...(dropout && { dropout: complete ? dropout : { ...dropout, ratio: 0 } }),
});

/** The gradient of the input as a matrix product. */
const backwardData =
  (multiply: Multiply) =>
  ({ inputs: { dy, weight, gate, addend }, attributes: { scale = 1 }, target, tuning }: CallOf<typeof ops.innerProductBackwardData>) =>
    products(multiply, { rows: dy.shape[0], shape: weight.shape, windowed: ["filters"], target, tuning }, () => ({
      phase: "backward-data",
      accumulate: addend !== undefined,
      gate: gate !== undefined,
      scale,
      bind: { filters: "weight", result: "dx" },
    }));

export const innerProductBackwardData = kernel(ops.innerProductBackwardData, {
  textbook: ({ inputs: { dy, weight, ...epilogue }, attributes: { scale = 1 }, target }) => {
    const [rows] = dy.shape;
    const [inputs, outputs] = weight.shape;
    return {
      launches: overItems(inputs, { weight: outputs }, target, (first, count) => ({
        shader: "inner-product-backward-data.wgsl",
        ...(epilogue.gate && { slots: { gate: "lib/relu-gate.wgsl" } }),
        params: { WORKGROUP },
        dims: { rows, inputs, outputs, first, count, scale, accumulate: epilogue.addend ? 1 : 0 },
        workgroups: flat(rows * count, WORKGROUP, target),
        ...cost(rows, count, outputs),
      })),
    };
  },
  workgroup: backwardData(workgroupProduct),
  subgroup: backwardData(subgroupProduct),
  matrix: backwardData(matrixProduct),
  quad: backwardData(quadProduct),
  tunings: { workgroup: ({ target }) => [...workgroupTunings(target), ...skinnyTunings], subgroup: () => subgroupTunings("backward-data") },
  poorFallbacks,
});

/** The gradient of the weight as a matrix product. */
const backwardWeight =
  (multiply: Multiply) =>
  ({ inputs: { x }, outputs: { dweight }, target, tuning }: CallOf<typeof ops.innerProductBackwardWeight>) =>
    products(multiply, { rows: x.shape[0], shape: dweight.shape, windowed: ["result"], target, tuning }, () => ({
      phase: "backward-filter",
      accumulate: false,
      bind: { result: "dweight" },
    }));

export const innerProductBackwardWeight = kernel(ops.innerProductBackwardWeight, {
  textbook: ({ inputs: { x }, outputs: { dweight }, target }) => {
    const [rows] = x.shape;
    const [inputs, outputs] = dweight.shape;
    return {
      launches: overItems(inputs, { dweight: outputs }, target, (first, count) => ({
        shader: "inner-product-backward-weight.wgsl",
        params: { WORKGROUP },
        dims: { rows, inputs, outputs, first, count },
        workgroups: flat(count * outputs, WORKGROUP, target),
        ...cost(rows, count, outputs),
      })),
    };
  },
  workgroup: backwardWeight(workgroupProduct),
  subgroup: backwardWeight(subgroupProduct),
  matrix: backwardWeight(matrixProduct),
  quad: backwardWeight(quadProduct),
  tunings: { workgroup: ({ target }) => workgroupTunings(target), subgroup: () => subgroupTunings("backward-filter") },
  poorFallbacks,
});

interface Rows {
  readonly rows: number;
  /** Shape of the weight: [inputs, outputs]. */
  readonly shape: Shape;
  /** The kernel's variables that have the weight's shape. */
  readonly windowed: readonly string[];
  readonly target: Target;
  readonly tuning: Tuning | undefined;
}

/** A product for each slice of the weight's rows, as a 1 x 1 convolution over one line of `rows` pixels. Null where the family refuses. */
export function products(
  multiply: Multiply,
  { rows, shape: [inputs, outputs], windowed, target, tuning }: Rows,
  productOf: (part: Part) => Omit<Product, "geometry" | "strides" | "unsplit" | "cost">,
): Lowering | null {
  return inParts(partsOf(inputs, Object.fromEntries(windowed.map((name) => [name, outputs])), target), (part) => {
    const { first, count } = part;
    const line = { images: 1, height: 1, width: rows, oh: 1, ow: rows, groups: 1, kh: 1, kw: 1, stride: 1, pad: 0 };
    const geometry = { ...line, channels: count, outputs };
    const strides = { xStride: inputs, xFirst: first, yStride: outputs, yFirst: 0 };
    const product = productOf(part);
    const unsplit = product.phase === "backward-filter";
    return multiply({ ...product, unsplit, geometry, strides, cost: cost(rows, count, outputs) }, target, tuning);
  });
}

/** Multiplications and additions of any of the three passes, and the bytes of its three tensors. */
const cost = (rows: number, inputs: number, outputs: number): { flops: number; bytes: number } => ({
  flops: 2 * rows * inputs * outputs,
  bytes: BYTES_PER_ELEMENT * (rows * inputs + inputs * outputs + rows * outputs),
});
