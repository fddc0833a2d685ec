// The matrix product through workgroup memory. Device code: shaders/gemm/gemm-workgroup.wgsl with one of three passes in its slot
// (shaders/gemm/gemm-workgroup-*.wgsl).
import { BYTES_PER_ELEMENT, ceilDiv } from "../tensor/shape.ts";
import { extents, inFours, inTiles, mostParts, SHORTEST_PART, wholeDepth, type Product, type Tiling } from "./gemm.ts";
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
/**
 * Fewer invocations do more each, which suits processors: 2.8 to 4.6 GFLOPS on a software adapter with 8 lanes, 1.7 times what SMALL computes.
 */
const FOR_PROCESSORS: Tile = { ROWS: 64, COLUMNS: 64, MICRO: 8, DEPTH: 8 };
/** For GPUs. All lie in the 16 KiB that every adapter has, and their invocations have all the same loads. */
const TILES: readonly Tile[] = [
  { ROWS: 128, COLUMNS: 128, MICRO: 8, DEPTH: 8 },
  { ROWS: 128, COLUMNS: 64, MICRO: 8, DEPTH: 8 },
  FOR_PROCESSORS,
  { ROWS: 64, COLUMNS: 32, MICRO: 4, DEPTH: 16 },
  { ROWS: 32, COLUMNS: 32, MICRO: 4, DEPTH: 16 },
];
/** What a tuner may try. */
const TRIED: readonly Tile[] = [...TILES, SMALL, { ROWS: 128, COLUMNS: 128, MICRO: 8, DEPTH: 16 }];

/** Assumed number of a GPU's processors: WebGPU does not report it. */
const PROCESSORS = 132;
/** Fewest workgroups that such a GPU is given where k can be split: three for every two processors. */
const LEAST = 200;

/**
 * The product through workgroup memory, for any shape: of few rows, on GPUs, by the kernel of gemm-skinny.ts. Null where the adapter's workgroups are
 * too small for the tile, or almost all of a tile were waste.
 */
export function workgroupProduct(product: Product, target: Target, tuning?: Tuning): Lowering | null {
  if (extents(product).columns < 4) return null;
  if (tuning?.["SKINNY"]) return skinnyProduct(product, target, tuning);
  const skinny = tuning || target.cpu ? null : skinnyProduct(product, target);
  if (skinny) return skinny;
  const tiling = workgroupTile(product, target, tuning);
  return tiling && inTiles(product, target, tiling);
}

/** How a product is cut into tiles; null where it cannot be. `widths`: of runs of columns each of which starts a tile, if not one alone. */
export function workgroupTile(product: Product, target: Target, tuning?: Tuning, widths?: readonly number[]): Tiling | null {
  const { phase, geometry } = product;
  const { columns } = extents(product);
  const offered = tuning ? TRIED.filter((one) => Object.entries(one).every(([name, value]) => tuning[name] === value)) : TILES;
  const depth = wholeDepth(product);
  const work = { product, depth, widths: widths ?? [columns] };
  const cut: Cut | null = target.cpu && !tuning ? { tile: FOR_PROCESSORS } : bestCut(work, offered, target);
  if (!cut || !fits(cut.tile, target)) return null;
  return {
    shader: "gemm-workgroup",
    rows: cut.tile.ROWS,
    columns: cut.tile.COLUMNS,
    depth,
    ...(cut.parts && { parts: cut.parts }),
    params: { ...cut.tile, ...(phase === "backward-data" && { STRIDE: geometry.stride }) },
    slots: { ...(!inFours(product) && { elements: "gemm/gemm-ones.wgsl" }) },
  };
}

/** Tiles that a tuner may try; on a processor, which is slow to compile large ones and has no use for them, one. */
export const workgroupTunings = (target: Target): readonly Tuning[] =>
  target.cpu ? [{ ...SMALL }] : TRIED.filter((tile) => fits(tile, target)).map((tile) => ({ ...tile }));

const invocationsOf = ({ ROWS, COLUMNS, MICRO }: Tile): number => (ROWS * COLUMNS) / MICRO ** 2;

function fits(tile: Tile, { maxInvocationsPerWorkgroup, workgroupMemoryBytes }: Target): boolean {
  // A line of a tile has one vector more than it holds.
  const vectors = tile.DEPTH * ((tile.ROWS + tile.COLUMNS) / 4 + 1);
  return invocationsOf(tile) <= maxInvocationsPerWorkgroup && 16 * vectors <= workgroupMemoryBytes;
}

/** A product to cut, the extent of its k, and its runs of columns. */
interface Work {
  readonly product: Product;
  readonly depth: number;
  readonly widths: readonly number[];
}

/** A tile, and into how many parts k is split. */
interface Cut {
  readonly tile: Tile;
  readonly parts?: number;
}

/** The quickest cut by `cyclesOf` among those that give a GPU enough workgroups, where k is long enough for them; null where no tile fits. */
function bestCut(work: Work, offered: readonly Tile[], target: Target): Cut | null {
  const most = Math.max(1, Math.min(mostParts(work.product, target), Math.floor(work.depth / SHORTEST_PART)));
  const cuts = offered
    .filter((tile) => fits(tile, target))
    .flatMap((tile) => {
      const tiles = tilesOf(work, tile);
      const workgroups = [LEAST, ...[2, 3, 4, 6, 8].map((each) => each * PROCESSORS)];
      return workgroups.map((many) => ({ tile, parts: Math.min(most, ceilDiv(many, tiles)) }));
    });
  const costs = cuts.map((cut) => cyclesOf(work, cut));
  return cuts[costs.indexOf(Math.min(...costs))] ?? null;
}

function tilesOf({ product, widths }: Pick<Work, "product" | "widths">, { ROWS, COLUMNS }: Pick<Tile, "ROWS" | "COLUMNS">): number {
  const beside = widths.reduce((sum, width) => sum + ceilDiv(width, COLUMNS), 0);
  return ceilDiv(extents(product).rows, ROWS) * beside * product.geometry.groups;
}

/** Assumed of a GPU: multiply-adds of a processor per cycle, cycles until a load is there, of a tile's beginning and end, of a launch; bytes of memory per cycle. */
const GPU = { lanes: 128, load: 600, tile: 3000, launch: 8000, bandwidth: 1900 } as const;

/**
 * The cycles that a cut takes on an assumed GPU. The larger a tile, the fewer instructions a multiply-add takes (as compiled for RDNA 3), but what lies beyond
 * an edge is computed for nothing, and few tiles leave processors idle. Not measured on a GPU: none was available.
 */
function cyclesOf(work: Work, { tile, parts = 1 }: Cut): number {
  const { rows, columns } = extents(work.product);
  const { ROWS, COLUMNS, MICRO, DEPTH } = tile;
  const loads = (DEPTH * (ROWS + COLUMNS)) / 4 / invocationsOf(tile);
  const instructions = 1 + (110 + 25 * loads) / (MICRO ** 2 * DEPTH);
  const busiest = ceilDiv(tilesOf(work, tile) * parts, PROCESSORS);
  // A processor's registers hold 512 invocations with 128 of them each.
  const rounds = ceilDiv(busiest, (512 / invocationsOf(tile)) * (MICRO === 8 ? 1 : 2));
  const step = Math.max((busiest * instructions * ROWS * COLUMNS * DEPTH) / GPU.lanes, rounds * GPU.load);
  const adding =
    parts === 1 ? 0 : GPU.launch + (2 * parts * rows * columns * work.product.geometry.groups * BYTES_PER_ELEMENT) / GPU.bandwidth;
  return ceilDiv(work.depth, parts * DEPTH) * step + rounds * GPU.tile + adding;
}
