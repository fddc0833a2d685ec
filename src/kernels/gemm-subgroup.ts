// The matrix product in registers. Device code: shaders/gemm/gemm-subgroup.wgsl with one of three passes in its slot (shaders/gemm/gemm-subgroup-*.wgsl).
import { roundUp } from "../tensor/shape.ts";
import { extents, inFours, inTiles, type Phase, type Product, type Tiling } from "./gemm.ts";
import type { Lowering, Target, Tuning } from "./kernel.ts";

/** Subgroups that the kernel is written for. */
const LANES = [4, 8, 16, 32];

interface Tile {
  /** Rows and vectors of columns per lane. */
  readonly ROWS: number;
  readonly COLUMNS: number;
  /** Lanes that share a column: each has rows of its own. Default 1. */
  readonly ROW_GROUPS?: number;
  /** Elements along k that one lane loads at once: 2 or 4; always four channels in the filter pass. */
  readonly VECTOR?: number;
}

/** The product in registers; null where channels do not divide as its vectors need, or the adapter has no fixed subgroups. */
export function subgroupProduct(product: Product, target: Target, tuning?: Tuning): Lowering | null {
  const tiling = subgroupTile(product, target, tuning);
  return tiling && inTiles(product, target, tiling);
}

/** How a product is cut into tiles; null where it cannot be. `widths`: of runs of columns each of which starts a tile, if not one alone. */
export function subgroupTile(product: Product, target: Target, tuning?: Tuning, widths?: readonly number[]): Tiling | null {
  const lanes = target.subgroupSize;
  if (!LANES.includes(lanes) || !inFours(product)) return null;
  const tile = tuning ? tuned(product, tuning, lanes) : tileOf(product, lanes, widths);
  if (!tile) return null;
  const { ROWS, COLUMNS, VECTOR, ROW_GROUPS = 1 } = tile;
  // Two pixels at once in the filter pass make it a tenth faster. With two vectors of columns, or with four pixels, a driver gives up on unrolling.
  const PIXELS = product.phase === "backward-filter" && COLUMNS === 1 ? 2 : 1;
  return {
    shader: "gemm-subgroup",
    rows: ROWS * ROW_GROUPS,
    columns: (4 * COLUMNS * lanes) / ROW_GROUPS,
    params: {
      LANES: lanes,
      ROWS,
      COLUMNS,
      ...(ROW_GROUPS > 1 && { ROW_GROUPS }),
      ...(PIXELS > 1 && { PIXELS }),
      ...(VECTOR && { VECTOR, Along: `vec${VECTOR}f` }),
    },
  };
}

/** Tiles that a tuner may try; those beyond are not unrolled by the drivers met so far. */
export const subgroupTunings = (phase: Phase): readonly Tuning[] =>
  phase === "backward-filter"
    ? [...[16, 32].flatMap((ROWS) => [1, 2].map((COLUMNS) => ({ ROWS, COLUMNS }))), ...GROUPED]
    : [
        ...[8, 16, 24, 32].flatMap((ROWS) =>
          [1, 2].flatMap((COLUMNS) => (ROWS * COLUMNS > 48 ? [] : [2, 4].map((VECTOR) => ({ ROWS, COLUMNS, VECTOR })))),
        ),
        ...GROUPED.map((tile) => ({ ...tile, VECTOR: 2 })),
      ];

/** Tiles for few columns. */
const GROUPED = [
  { ROWS: 32, COLUMNS: 1, ROW_GROUPS: 2 },
  { ROWS: 16, COLUMNS: 1, ROW_GROUPS: 4 },
] as const;

/** The tile that a table asks for; null where the product does not divide into it. */
function tuned(product: Product, { ROWS, COLUMNS, VECTOR, ROW_GROUPS = 1 }: Tuning, lanes: number): Tile | null {
  const { depth } = extents(product);
  const divides = VECTOR === undefined || depth % (VECTOR * Math.max(1, lanes / (ROWS * ROW_GROUPS))) === 0;
  return divides && ROW_GROUPS <= lanes / 2 ? { ROWS, COLUMNS, ROW_GROUPS, ...(VECTOR !== undefined && { VECTOR }) } : null;
}

/** The tile of a product without a table: where its columns would leave lanes idle, these take rows. */
function tileOf(product: Product, lanes: number, widths?: readonly number[]): Tile | null {
  const { phase } = product;
  const shape = extents(product);
  const tile = tileFor(phase, { ...shape, lanes });
  // For a few rows, as inner products have, the loads of the weights are what counts.
  if (!tile || shape.rows <= 16 || lanes < 8) return tile;
  const groups = rowGroups(phase, { rows: shape.rows, widths: widths ?? [shape.columns], lanes });
  return groups === 1 ? tile : { ...tile, COLUMNS: 1, ROWS: groupedRows(shape.rows) / groups, ROW_GROUPS: groups };
}

/** Rows of a tile of several row groups: 64, unless that computes more than a tenth for nothing. */
const groupedRows = (rows: number): number => (roundUp(rows, 64) / roundUp(rows, 32) <= 1.1 ? 64 : 32);

/**
 * Row groups for columns of these widths. Two are worth their loads where a tile of one group computes a third more than is asked for, in the gradient of
 * the filter a half more; four where columns take a quarter of the lanes. Measured on layers of quarter networks at 64 pixels (8 lanes, one core): 16 columns
 * 1.3 to 1.7 times as fast in two groups (0.9 times for the gradient of a 1 x 1 filter), 8 columns 1.5 to 2 times in four, 48 columns 1.05 to 1.15 times in
 * two, 24 columns 0.8 times.
 */
function rowGroups(phase: Phase, { rows, widths, lanes }: { rows: number; widths: readonly number[]; lanes: number }): number {
  if (Math.max(...widths) <= lanes) return 4;
  const computed = (tileRows: number, groups: number): number =>
    roundUp(rows, tileRows) * widths.reduce((sum, width) => sum + roundUp(width, (4 * lanes) / groups), 0);
  const ratio = computed(32, 1) / computed(groupedRows(rows), 2);
  return ratio >= (phase === "backward-filter" ? 1.5 : 1.3) ? 2 : 1;
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
