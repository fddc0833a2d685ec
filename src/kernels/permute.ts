// How axes are put into another order. Device code: shaders/permute.wgsl.
import type { TensorType } from "../graph/op.ts";
import * as ops from "../ops/permute.ts";
import { BYTES_PER_ELEMENT, sizeOf } from "../tensor/shape.ts";
import { flat, kernel, type Call, type Lowering } from "./kernel.ts";
import { overItems } from "./slices.ts";
import { inVectors, vectorType, type Vector } from "./windows.ts";

const WORKGROUP = 64;

type Permute = Call<{ x: TensorType }, { y: TensorType }, ops.PermuteAttributes>;

export const permute = kernel(
  ops.permute,
  inVectors(
    // Vectors need the last axis to stay the last.
    ({ inputs: { x }, attributes: { axes } }: Permute) => (axes.at(-1) === axes.length - 1 ? x.shape[axes.length - 1] : 1),
    ({ inputs: { x }, outputs: { y }, attributes: { axes }, target }: Permute, vector: Vector): Lowering => {
      const missing = ops.MAX_AXES - axes.length;
      const extents = [...Array.from({ length: missing }, () => 1), ...y.shape];
      const strides = [...Array.from({ length: missing }, () => 0), ...ops.stridesFor(x.shape, axes)].map((stride, at) =>
        at === ops.MAX_AXES - 1 ? stride : stride / vector,
      );
      const [, e1, e2, e3, e4, e5] = extents;
      // Cut where the first axis stays the first.
      const items = axes[0] === 0 ? y.shape[0] : 1;
      const each = sizeOf(y.shape) / items;
      return {
        launches: overItems(items, { x: each, y: each }, target, (_first, part) => {
          const count = (part * each) / vector;
          return {
            shader: "permute.wgsl",
            params: { WORKGROUP, ...vectorType(vector) },
            dims: { count, e1, e2, e3, e4, e5: e5 / vector, ...Object.fromEntries(strides.map((stride, at) => [`s${at}`, stride])) },
            workgroups: flat(count, WORKGROUP, target),
            flops: 0,
            bytes: 2 * BYTES_PER_ELEMENT * part * each,
          };
        }),
      };
    },
  ),
);
