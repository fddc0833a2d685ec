// The matrix product on the four lanes of a quad, for software adapters with subgroups of four. Device code: shaders/gemm/gemm-quad.wgsl with one of three
// passes in its slot (shaders/gemm/gemm-quad-*.wgsl).
import { inTiles, type Product } from "./gemm.ts";
import type { Lowering, Target } from "./kernel.ts";

/** Tiles of 16 x 16; null where channels do not divide by 4 or subgroups are not quads, and for gradients of an input through a stride. */
export function quadProduct(product: Product, target: Target): Lowering | null {
  const { channels, outputs, stride } = product.geometry;
  if (product.phase === "backward-data" && stride > 1) return null;
  const extents = [channels, outputs, ...Object.values(product.strides)];
  if (target.subgroupSize !== 4 || extents.some((extent) => extent % 4 !== 0)) return null;
  return inTiles(product, target, { shader: "gemm-quad", rows: 16, columns: 16 });
}
