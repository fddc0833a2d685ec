// The forward matrix product on an adapter's matrix units, inputs rounded to f16. Device code: shaders/gemm/gemm-matrix.wgsl. Runs only where it is named
// (`--family matrix`) and the adapter has subgroup matrices (Dawn's toggle allow_unsafe_apis). Compiled, never yet run: no adapter with them was at
// hand, so neither its speed nor its results are measured. Forward only: gradients would fall out of f16's range without a scale on the loss.
import { extents, inTiles, type Product } from "./gemm.ts";
import type { Lowering, Target } from "./kernel.ts";

const TILE = 64;
const SUBGROUPS = 4;
/** What a subgroup makes of the tile, both ways, and elements of k per step. */
const QUARTER = 32;
const DEPTH = 16;

/** The product; null for gradients, for what does not divide by 4, and where the adapter has no matrices that divide a tile. */
export function matrixProduct(product: Product, target: Target): Lowering | null {
  const { phase, geometry, strides } = product;
  const { channels, outputs, kh, kw } = geometry;
  const { subgroupMatrix, subgroupSize } = target;
  if (phase !== "forward" || !subgroupMatrix || subgroupSize < 16) return null;
  const { M, N, K } = subgroupMatrix;
  if (QUARTER % M !== 0 || QUARTER % N !== 0 || DEPTH % K !== 0 || SUBGROUPS * subgroupSize > target.maxInvocationsPerWorkgroup)
    return null;
  if ([channels, outputs, ...Object.values(strides)].some((extent) => extent % 4 !== 0)) return null;
  const depth = kh * kw * extents(product).depth;
  return inTiles(product, target, {
    shader: "gemm-matrix",
    rows: TILE,
    columns: TILE,
    params: { LANES: subgroupSize, M, N, K },
    depth,
  });
}
