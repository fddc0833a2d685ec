// The matrix product in registers. Device code: shaders/gemm/gemm-subgroup.wgsl with one of three passes in its slot (shaders/gemm/gemm-subgroup-*.wgsl).
import { roundUp } from "../tensor/shape.ts";
import { extents, inTiles, type Phase, type Product, type Tiling } from "./gemm.ts";
import type { Lowering, Target, Tuning } from "./kernel.ts";

/** Subgroups that the kernel is written for. */
const LANES = [4, 8, 16, 32];

interface Tile {
  readonly ROWS: number;
  readonly COLUMNS: number;
  /** Elements along k that one lane loads at once: 2 or 4; always four channels in the filter pass. */
  readonly VECTOR?: number;
}

/** The product in registers; null where channels do not divide as its vectors need, or the adapter has no fixed subgroups. */
export function subgroupProduct(product: Product, target: Target, tuning?: Tuning): Lowering | null {
  const tiling = subgroupTile(product, target, tuning);
  return tiling && inTiles(product, target, tiling);
}

/** How a product is cut into tiles; null where it cannot be. */
export function subgroupTile(product: Product, target: Target, tuning?: Tuning): Tiling | null {
  const { channels, outputs } = product.geometry;
  const { xFirst, yFirst, xStride, yStride } = product.strides;
  const lanes = target.subgroupSize;
  if (!LANES.includes(lanes) || [channels, outputs, xFirst, yFirst, xStride, yStride].some((extent) => extent % 4 !== 0)) return null;
  const tile = tuning ? tuned(product, tuning, lanes) : tileFor(product.phase, { ...extents(product), lanes });
  if (!tile) return null;
  const { ROWS, COLUMNS, VECTOR } = tile;
  return {
    shader: "gemm-subgroup",
    rows: ROWS,
    columns: 4 * COLUMNS * lanes,
    params: { LANES: lanes, ROWS, COLUMNS, ...(VECTOR && { VECTOR, Along: `vec${VECTOR}f` }) },
  };
}

/** Tiles that a tuner may try; those beyond are not unrolled by the drivers met so far. */
export const subgroupTunings = (phase: Phase): readonly Tuning[] =>
  phase === "backward-filter"
    ? [16, 32].flatMap((ROWS) => [1, 2].map((COLUMNS) => ({ ROWS, COLUMNS })))
    : [8, 16, 24, 32].flatMap((ROWS) =>
        [1, 2].flatMap((COLUMNS) => (ROWS * COLUMNS > 48 ? [] : [2, 4].map((VECTOR) => ({ ROWS, COLUMNS, VECTOR })))),
      );

/** The tile that a table asks for; null where the product does not divide into it. */
function tuned(product: Product, { ROWS, COLUMNS, VECTOR }: Tuning, lanes: number): Tile | null {
  const { depth } = extents(product);
  const divides = VECTOR === undefined || depth % (VECTOR * Math.max(1, lanes / ROWS)) === 0;
  return divides ? { ROWS, COLUMNS, ...(VECTOR !== undefined && { VECTOR }) } : null;
}

/**
 * Sizes of a tile. Measured on a 2-core software adapter with subgroups of 8, in GFLOPS of a 3 x 3 layer (64 to 256 channels, batch 4):
 * forward 32 x 32 with two channels at once 65, 24 x 64 68, 16 x 64 60, 24 x 32 with four 59; gradient of the input 32 x 32 with two outputs at
 * once 59, 24 x 64 54, 16 x 32 with four 55; gradient of the filter 32 x 64 54, 32 x 32 and 16 x 64 44. Larger tiles are not unrolled and fall
 * to 5 to 15. Four rows of an inner product, in GB/s of weights: forward 8 x 64 7.5, 4 x 64 6.7; gradient of the input 8 x 32 with four outputs
 * at once 7.0, with two 4.5; gradient of the weight 32 x 64 4.9, 32 x 32 4.0.
 */
function tileFor(
  phase: Phase,
  { rows, columns, depth, lanes }: { rows: number; columns: number; depth: number; lanes: number },
): Tile | null {
  // Two vectors of columns a lane, unless that computes more than a tenth for nothing.
  const wide = roundUp(columns, 8 * lanes) / roundUp(columns, 4 * lanes) <= 1.1 ? 2 : 1;
  if (phase === "backward-filter") return lanes < 16 ? { ROWS: 32, COLUMNS: wide } : { ROWS: 64, COLUMNS: 1 };
  const few = { ROWS: rows <= 8 ? 8 : 16, ...(phase === "forward" ? { COLUMNS: wide, VECTOR: 2 } : { COLUMNS: 1, VECTOR: 4 }) };
  const tile = rows <= 16 ? few : { ROWS: 32, COLUMNS: lanes < 8 ? 2 : 1, VECTOR: 2 };
  // Lanes beyond the rows of a tile take the next elements along k.
  return depth % (tile.VECTOR * Math.max(1, lanes / tile.ROWS)) === 0 ? tile : null;
}
