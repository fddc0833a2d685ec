// Bounds of launches that round their factors.
import { expect, test } from "vitest";
import type { Array64 } from "../graph/op.ts";
import { innerProduct } from "../ops/inner-product.ts";
import { philox, unitFloat } from "../tensor/philox.ts";
import { boundOf } from "./launch-tolerance.ts";

/** To eleven binary digits (Veltkamp's splitting, in float32). */
function toHalf(value: number): number {
  const large = Math.fround(Math.fround(value) * 8193);
  return Math.fround(large - Math.fround(large - value));
}

const random = (shape: number[], stream: number, round = (value: number): number => value): Array64 => ({
  shape,
  data: Float64Array.from({ length: shape[0] * shape[1] }, (_, i) => round(2 * unitFloat(philox([stream, 0], [i, 0, 0, 0])[0]) - 1)),
});

test("factors rounded to half floats stay within the bound of matrix units and go beyond that of float32; one that is wrong by a hundredth goes beyond both", () => {
  const outputs = { y: { shape: [3, 4], dtype: "f32" as const } };
  const multiply = (x: Array64, weight: Array64): Float64Array => innerProduct.reference({ x, weight }, {}, outputs).y;
  const [x, weight] = [random([3, 256], 1), random([256, 4], 2)];
  const exact = multiply(x, weight);
  const rounded = multiply(random([3, 256], 1, toHalf), random([256, 4], 2, toHalf));
  const wrong = multiply(
    { ...x, data: x.data.map((value) => value * 1.01) },
    { ...weight, data: weight.data.map((value, i) => (i < 40 ? Math.abs(value) : value)) },
  );
  const beyond = (shader: string, y: Float64Array): boolean => {
    const allowed = boundOf("innerProduct", [{ shader }])({
      op: innerProduct,
      inputs: { x, weight },
      attributes: {},
      outputs,
      exact: { y: exact },
    });
    return y.some((value, i) => Math.abs(value - exact[i]) > allowed["y"][i]);
  };
  expect(beyond("gemm/gemm-matrix.wgsl", rounded)).toBe(false);
  expect(beyond("gemm/gemm-workgroup.wgsl", rounded)).toBe(true);
  expect(beyond("gemm/gemm-matrix.wgsl", wrong)).toBe(true);
});
