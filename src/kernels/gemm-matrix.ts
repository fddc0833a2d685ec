// The matrix product on an adapter's matrix units: both factors rounded to f16, sums in f32. Device code: shaders/gemm/gemm-matrix.wgsl with one of three
// passes in its slot (shaders/gemm/gemm-matrix-*.wgsl). Runs only where it is named or allowed (`--family matrix`, `--math half`) and the adapter has
// subgroup matrices (Dawn's toggle allow_unsafe_apis). Gradients below 2^-24 round to 0: training scales its loss. Compiled for GPUs, never yet run on
// one: no adapter with matrix units was available. The tests run it with plain WGSL in place of the units.
import { ceilDiv } from "../tensor/shape.ts";
import { extents, inFours, inTiles, wholeDepth, type Product } from "./gemm.ts";
import type { Lowering, Target } from "./kernel.ts";

/** Rows and columns of a workgroup's tile, largest first; its subgroups make a quarter each. */
const SIDES = [128, 64];
const SUBGROUPS = 4;
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
  const { phase, geometry } = product;
  const { subgroupMatrix, subgroupSize, maxInvocationsPerWorkgroup, workgroupMemoryBytes } = target;
  if (!subgroupMatrix || subgroupSize < 16 || (phase === "backward-data" && geometry.stride !== 1)) return null;
  const { M, N, K } = subgroupMatrix;
  const invocations = SUBGROUPS * subgroupSize;
  if (DEPTH % K !== 0 || invocations > maxInvocationsPerWorkgroup || !inFours(product)) return null;

  // The tiles of a and b, a matrix of each subgroup on its way out, and the sums of a bias.
  const bytes = (side: number): number => 4 * side * LINE + 4 * SUBGROUPS * M * N + 16 * invocations;
  const fitting = SIDES.filter((side) => (side / 2) % M === 0 && (side / 2) % N === 0 && bytes(side) <= workgroupMemoryBytes);
  const small = fitting.at(-1);
  if (small === undefined) return null;
  const { rows, columns } = extents(product);
  const tiles = (side: number): number => ceilDiv(rows, side) * ceilDiv(columns, side);
  // Large tiles where they are enough and compute little more beyond edges. A sum over pixels is split into as many parts as are needed.
  const suits = (side: number): boolean =>
    tiles(side) * geometry.groups >= ENOUGH && tiles(side) * side ** 2 <= 1.125 * tiles(small) * small ** 2;
  const side = (phase !== "backward-filter" && fitting.find(suits)) || small;
  return inTiles(product, target, {
    shader: "gemm-matrix",
    rows: side,
    columns: side,
    params: { LANES: subgroupSize, M, N, K, ROWS: side, COLUMNS: side },
    depth: wholeDepth(product),
  });
}
