// The matrix product through workgroup memory. Device code: shaders/gemm/gemm-workgroup.wgsl with one of three passes in its slot
// (shaders/gemm/gemm-workgroup-*.wgsl).
import { ceilDiv } from "../tensor/shape.ts";
import { extents, inTiles, type Product } from "./gemm.ts";
import { skinnyProduct } from "./gemm-skinny.ts";
import type { Lowering, Target, Tuning } from "./kernel.ts";

interface Tile {
  readonly ROWS: number;
  readonly COLUMNS: number;
  /** Rows and columns of the results of one invocation. */
  readonly MICRO: 4 | 8;
  /** Elements of k per step. */
  readonly DEPTH: 8 | 16;
}

const SMALL: Tile = { ROWS: 64, COLUMNS: 64, MICRO: 4, DEPTH: 16 };
const LOW: Tile = { ROWS: 32, COLUMNS: 64, MICRO: 4, DEPTH: 16 };
/**
 * Fewer invocations do more each, which suits processors: 2.8 to 4.6 GFLOPS on a software adapter with 8 lanes, 1.7 times what SMALL computes. With 4
 * lanes 0.15: SwiftShader runs both sides of every branch, so that all invocations load blocks of a and of b.
 */
const FOR_PROCESSORS: Tile = { ROWS: 64, COLUMNS: 64, MICRO: 8, DEPTH: 8 };
/** Largest first. All lie in the 16 KiB that every adapter has, and an invocation has one block of 16 elements on its way. */
const LARGE: readonly Tile[] = [
  { ROWS: 128, COLUMNS: 128, MICRO: 8, DEPTH: 8 },
  { ROWS: 128, COLUMNS: 64, MICRO: 8, DEPTH: 8 },
  { ROWS: 64, COLUMNS: 128, MICRO: 8, DEPTH: 8 },
];
/** What a tuner may try. */
const TILES: readonly Tile[] = [
  LOW,
  SMALL,
  FOR_PROCESSORS,
  ...LARGE,
  { ROWS: 128, COLUMNS: 128, MICRO: 8, DEPTH: 16 },
];

/** Assumed number of a GPU's processors: WebGPU does not report it. */
const PROCESSORS = 128;

/**
 * The product through workgroup memory, for any shape: of few rows, on GPUs, by the kernel of gemm-skinny.ts. Null where the adapter's workgroups are
 * too small for the tile, or almost all of a tile were waste.
 */
export function workgroupProduct(product: Product, target: Target, tuning?: Tuning): Lowering | null {
  const { columns, depth } = extents(product);
  if (columns < 4) return null;
  if (tuning?.["SKINNY"]) return skinnyProduct(product, target, tuning);
  const skinny = tuning || target.cpu ? null : skinnyProduct(product, target);
  if (skinny) return skinny;
  const tile = tuning
    ? TILES.find((one) => Object.entries(one).every(([name, value]) => tuning[name] === value))
    : tileFor(product, target);
  if (!tile || !fits(tile, target)) return null;
  const { kh, kw } = product.geometry;
  const whole = product.phase === "backward-filter" ? depth : kh * kw * depth;
  const fours = divides(product);
  return inTiles(product, target, {
    shader: "gemm-workgroup",
    rows: tile.ROWS,
    columns: tile.COLUMNS,
    params: { ...tile, ...(product.phase === "backward-data" && { STRIDE: product.geometry.stride }) },
    slots: {
      ...(!fours && { elements: "gemm/gemm-workgroup-ones.wgsl" }),
      ...(!fours && product.dropout && { dropout: "lib/dropout-epilogue-scalar.wgsl" }),
    },
    dims: { depth: whole, ...(product.phase !== "backward-filter" && { chunk: whole }) },
  });
}

/** Tiles that a tuner may try; on a processor, which is slow to compile large ones and has no use for them, one. */
export const workgroupTunings = (target: Target): readonly Tuning[] =>
  target.cpu ? [{ ...SMALL }] : TILES.filter((tile) => fits(tile, target)).map((tile) => ({ ...tile }));

/** Whether all that is loaded and stored comes in fours. */
function divides({ geometry: { channels, outputs }, strides: { xFirst, xStride, yFirst, yStride } }: Product): boolean {
  return [channels, outputs, xFirst, xStride, yFirst, yStride].every((extent) => extent % 4 === 0);
}

function fits({ ROWS, COLUMNS, MICRO, DEPTH }: Tile, { maxInvocationsPerWorkgroup, workgroupMemoryBytes }: Target): boolean {
  // A line of a tile has one vector more than it holds.
  const vectors = DEPTH * (ROWS / 4 + COLUMNS / 4 + 1);
  return (ROWS * COLUMNS) / MICRO ** 2 <= maxInvocationsPerWorkgroup && 16 * vectors <= workgroupMemoryBytes;
}

/**
 * The largest tile that gives every processor two and wastes little more on edges than the smallest does: the larger a tile, the fewer loads, but
 * what lies beyond an edge is computed for nothing. Not measured on a GPU: none was available.
 */
function tileFor(product: Product, target: Target): Tile {
  if (target.cpu) return FOR_PROCESSORS;
  const { rows, columns, depth } = extents(product);
  if (rows <= 32) return LOW;
  const tiles = ({ ROWS, COLUMNS }: Tile): number => ceilDiv(rows, ROWS) * ceilDiv(columns, COLUMNS);
  const computed = (tile: Tile): number => tiles(tile) * tile.ROWS * tile.COLUMNS;
  // A sum over pixels is split where there are too few.
  const parts = product.phase === "backward-filter" && !product.unsplit ? Math.ceil(depth / 64) : 1;
  const large = LARGE.find(
    (tile) =>
      fits(tile, target) && tiles(tile) * product.geometry.groups * parts >= 2 * PROCESSORS && computed(tile) <= 1.125 * computed(SMALL),
  );
  return large ?? SMALL;
}
