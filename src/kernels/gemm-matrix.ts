// The matrix product on an adapter's matrix units: both factors rounded to f16, sums in f32. Device code: shaders/gemm/gemm-matrix.wgsl with one of three
// passes in its slot (shaders/gemm/gemm-matrix-*.wgsl). Runs only where it is named or allowed (`--family matrix`, `--math half`) and the adapter has
// subgroup matrices (Dawn's toggle allow_unsafe_apis). Gradients below 2^-24 round to 0: training scales its loss. Compiled for GPUs, never yet run on
// one: no adapter with matrix units was available. On a processor plain WGSL takes the place of the units, which checks everything else.
import { ceilDiv } from "../tensor/shape.ts";
import { extents, inTiles, type Product } from "./gemm.ts";
import type { Lowering, Target } from "./kernel.ts";

/** Rows and columns of a workgroup's tile, and of a subgroup's part of it. */
interface Tile {
  readonly ROWS: number;
  readonly COLUMNS: number;
  readonly HIGH: number;
  readonly WIDE: number;
}

/** Largest first. */
const TILES: readonly Tile[] = [
  { ROWS: 128, COLUMNS: 128, HIGH: 64, WIDE: 64 },
  { ROWS: 64, COLUMNS: 64, HIGH: 32, WIDE: 32 },
];
/** Elements of k per step, and of a line of a tile in workgroup memory. */
const DEPTH = 32;
const LINE = DEPTH + 8;
/** Workgroups that keep a large GPU busy. */
const ENOUGH = 256;

/**
 * The product; null for shapes and layouts that do not divide by 4, for gradients of the input of a convolution with a stride, and where the adapter
 * has no matrices that divide a tile.
 */
export function matrixProduct(product: Product, target: Target): Lowering | null {
  const { phase, geometry, strides } = product;
  const { channels, outputs, kh, kw, stride } = geometry;
  const { subgroupMatrix, subgroupSize } = target;
  if (!subgroupMatrix || subgroupSize < 16 || (phase === "backward-data" && stride !== 1)) return null;
  const { M, N, K } = subgroupMatrix;
  if ([channels, outputs, ...Object.values(strides)].some((extent) => extent % 4 !== 0)) return null;
  const tile = tileFor(product, target);
  if (!tile || DEPTH % K !== 0) return null;
  const depth = extents(product).depth * (phase === "backward-filter" ? 1 : kh * kw);
  return inTiles(product, target, {
    shader: "gemm-matrix",
    rows: tile.ROWS,
    columns: tile.COLUMNS,
    params: { LANES: subgroupSize, M, N, K, ...tile },
    ...(target.cpu && { slots: { units: "gemm/gemm-matrix-plain.wgsl", entry: "gemm/gemm-matrix-plain-entry.wgsl" } }),
    depth,
  });
}

/** The largest tile that fits the adapter, gives it enough workgroups and computes little more beyond edges than the smallest; else the smallest. */
function tileFor(product: Product, target: Target): Tile | undefined {
  const fitting = TILES.filter((tile) => fits(tile, target));
  const small = fitting.at(-1);
  // Sums over pixels are split into as many parts as are needed, and each part of a large tile is a large partial result.
  if (!small || target.cpu || product.phase === "backward-filter") return small;
  const { rows, columns } = extents(product);
  const tiles = ({ ROWS, COLUMNS }: Tile): number => ceilDiv(rows, ROWS) * ceilDiv(columns, COLUMNS);
  const computed = (tile: Tile): number => tiles(tile) * tile.ROWS * tile.COLUMNS;
  return fitting.find((tile) => tiles(tile) * product.geometry.groups >= ENOUGH && computed(tile) <= 1.125 * computed(small)) ?? small;
}

function fits({ ROWS, COLUMNS, HIGH, WIDE }: Tile, target: Target): boolean {
  const { M, N } = target.subgroupMatrix as { M: number; N: number };
  const subgroups = (ROWS / HIGH) * (COLUMNS / WIDE);
  const invocations = subgroups * target.subgroupSize;
  // The tiles of a and b, a matrix of each subgroup on its way out, and the sums of a bias. Plain WGSL has f32 for f16.
  const bytes = (target.cpu ? 4 : 2) * (ROWS + COLUMNS) * LINE + 4 * subgroups * M * N + 16 * invocations;
  const divides = HIGH % M === 0 && WIDE % N === 0 && ((ROWS * DEPTH) / 4) % invocations === 0 && (COLUMNS * DEPTH) / 4 / invocations >= 1;
  return divides && invocations <= target.maxInvocationsPerWorkgroup && bytes <= target.workgroupMemoryBytes;
}
