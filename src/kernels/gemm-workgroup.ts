// The matrix product through workgroup memory. Device code: shaders/gemm_workgroup.wgsl with one of three passes in its slot
// (shaders/lib/gemm_workgroup_*.wgsl).
import { extents, inTiles, type Product } from "./gemm.ts";
import type { Lowering, Target } from "./kernel.ts";

/** The product through workgroup memory, for any shape; null where the adapter's workgroups are too small, or almost all of a tile were waste. */
export function workgroupProduct(product: Product, target: Target): Lowering | null {
  if (product.dropout || product.gate || product.update || (product.scale ?? 1) !== 1) return null;
  const { columns, depth } = extents(product);
  const { kh, kw } = product.geometry;
  if (target.maxInvocationsPerWorkgroup < 256 || target.workgroupMemoryBytes < 8704 || columns < 4) return null;
  const whole = product.pass === "backward_filter" ? depth : kh * kw * depth;
  return inTiles(product, target, {
    shader: "gemm_workgroup",
    rows: 64,
    columns: 64,
    dims: { depth: whole, ...(product.pass !== "backward_filter" && { chunk: whole }) },
  });
}
