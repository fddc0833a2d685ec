// In place of gemm-matrix.ts where WebGPU has no subgroup matrices, as in browsers: the family refuses everything, and pages do not carry its code.
import type { Multiply } from "./gemm.ts";

export const matrixProduct: Multiply = () => null;
