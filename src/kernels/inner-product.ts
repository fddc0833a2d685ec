// How inner products are launched, in their three passes. Device code: shaders/inner_product.wgsl, inner_product_backward_data.wgsl and
// inner_product_backward_weight.wgsl (textbook). A weight larger than a binding may be (AlexNet's fc6: 144 MiB) comes in windows of its rows.
import * as ops from "../ops/inner-product.ts";
import { BYTES_PER_ELEMENT } from "../tensor/shape.ts";
import { flat, kernel } from "./kernel.ts";
import { overItems } from "./windows.ts";

const WORKGROUP = 64;

export const innerProduct = kernel(ops.innerProduct, {
  textbook: ({ inputs: { x, weight, bias }, target }) => {
    const [rows] = x.shape;
    const [inputs, outputs] = weight.shape;
    return {
      launches: overItems(inputs, { weight: outputs }, target, (first, count) => ({
        shader: "inner_product.wgsl",
        ...(bias ? {} : { slots: { bias: "lib/no_bias.wgsl" } }),
        params: { WORKGROUP },
        dims: { rows, inputs, outputs, first, count, accumulate: first > 0 ? 1 : 0 },
        workgroups: flat(rows * outputs, WORKGROUP, target),
        ...cost(rows, count, outputs),
      })),
    };
  },
});

export const innerProductBackwardData = kernel(ops.innerProductBackwardData, {
  textbook: ({ inputs: { dy, weight }, target }) => {
    const [rows] = dy.shape;
    const [inputs, outputs] = weight.shape;
    return {
      launches: overItems(inputs, { weight: outputs }, target, (first, count) => ({
        shader: "inner_product_backward_data.wgsl",
        params: { WORKGROUP },
        dims: { rows, inputs, outputs, first, count },
        workgroups: flat(rows * count, WORKGROUP, target),
        ...cost(rows, count, outputs),
      })),
    };
  },
});

export const innerProductBackwardWeight = kernel(ops.innerProductBackwardWeight, {
  textbook: ({ inputs: { x }, outputs: { dweight }, target }) => {
    const [rows] = x.shape;
    const [inputs, outputs] = dweight.shape;
    return {
      launches: overItems(inputs, { dweight: outputs }, target, (first, count) => ({
        shader: "inner_product_backward_weight.wgsl",
        params: { WORKGROUP },
        dims: { rows, inputs, outputs, first, count },
        workgroups: flat(count * outputs, WORKGROUP, target),
        ...cost(rows, count, outputs),
      })),
    };
  },
});

/** Multiplications and additions of any of the three passes, and the bytes of its three tensors. */
const cost = (rows: number, inputs: number, outputs: number): { flops: number; bytes: number } => ({
  flops: 2 * rows * inputs * outputs,
  bytes: BYTES_PER_ELEMENT * (rows * inputs + inputs * outputs + rows * outputs),
});
