// The matrix product of few rows, which reads the weight of an inner product once. Device code: shaders/gemm/gemm-skinny.wgsl with one of two passes in its
// slot (shaders/gemm/gemm-skinny-*.wgsl). A part of the family `workgroup`. Unmeasured on a GPU.
import { ceilDiv } from "../tensor/shape.ts";
import { extents, inFours, inTiles, SHORTEST_PART, type Product } from "./gemm.ts";
import type { Lowering, Target, Tuning } from "./kernel.ts";

const INVOCATIONS = 256;
/** Workgroups that a large GPU needs. */
const ENOUGH = 264;
/** Rows that the kernel is compiled for. */
const ROWS = [4, 8, 16];

/** Widths that a tuner may try: invocations beside each other, of four columns each. */
export const skinnyTunings: readonly Tuning[] = [4, 8, 16].map((BESIDE) => ({ SKINNY: 1, BESIDE }));

/**
 * A product of at most 16 rows; null where it is not that of an inner product, does not divide by 4, or is a weight's gradient, which reads no
 * weight.
 */
export function skinnyProduct(product: Product, target: Target, { BESIDE }: Tuning = skinnyTunings[0]): Lowering | null {
  const { phase, geometry } = product;
  const { groups, kh, kw, stride, pad } = geometry;
  const { rows, columns, depth } = extents(product);
  const ready = ROWS.find((many) => many >= rows);
  if (ready === undefined || phase === "backward-filter" || groups * kh * kw * stride !== 1 || pad !== 0) return null;
  if (!inFours(product)) return null;
  const memory = 4 * INVOCATIONS * 16;
  if (target.maxInvocationsPerWorkgroup < INVOCATIONS || target.workgroupMemoryBytes < memory) return null;
  const parts = Math.min(Math.floor(depth / SHORTEST_PART), ceilDiv(ENOUGH, ceilDiv(columns, 4 * BESIDE)));
  return inTiles(product, target, {
    shader: "gemm-skinny",
    rows: ready,
    columns: 4 * BESIDE,
    depth,
    parts,
    params: { ROWS: ready, BESIDE },
  });
}
