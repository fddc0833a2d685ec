// The matrix product on the four lanes of a quad, for software adapters with subgroups of four. Device code: shaders/gemm/gemm-quad.wgsl with one of three
// passes in its slot (shaders/gemm/gemm-quad-*.wgsl).
import { extents, inFours, inTiles, type Product } from "./gemm.ts";
import type { Lowering, Target } from "./kernel.ts";

/**
 * Tiles of 16 x 16, or of 4 x 16 for up to four rows of pixels; null where channels do not divide by 4 or subgroups are not quads, and for gradients of
 * an input through a stride.
 */
export function quadProduct(product: Product, target: Target): Lowering | null {
  if (target.subgroupSize !== 4 || !inFours(product) || (product.phase === "backward-data" && product.geometry.stride > 1)) return null;
  const few = product.phase !== "backward-filter" && extents(product).rows <= 4;
  return inTiles(product, target, { shader: "gemm-quad", rows: few ? 4 : 16, columns: 16, ...(few && { params: { FEW: "true" } }) });
}
