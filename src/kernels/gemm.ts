// The matrix product in registers that every pass of a convolution and of an inner product is. Device code: shaders/gemm_subgroup.wgsl, with one of
// three passes in its slot (shaders/lib/gemm_subgroup_*.wgsl). An inner product is a 1 x 1 convolution over its rows.
import { ceilDiv, roundUp } from "../tensor/shape.ts";
import { flat, type Launch, type Lowering, type Target } from "./kernel.ts";
import { sums } from "./sum-pixels.ts";

/** A convolution as the kernel knows it. Channels and outputs are those of one group. */
export type Geometry = Readonly<
  Record<"images" | "height" | "width" | "oh" | "ow" | "groups" | "channels" | "outputs" | "kh" | "kw" | "stride" | "pad", number>
>;

/** Where channels lie that are part of a wider tensor: elements from pixel to pixel, and the first channel. */
export interface Strides {
  readonly xStride: number;
  readonly xFirst: number;
  readonly yStride: number;
  readonly yFirst: number;
}

export const PASSES = ["forward", "backward_data", "backward_filter"] as const;
export type Pass = (typeof PASSES)[number];

export interface Product {
  readonly pass: Pass;
  readonly geometry: Geometry;
  readonly strides: Strides;
  /** Add to what the result holds instead of starting from the bias or from zero. */
  readonly accumulate: boolean;
  /** Forward only. */
  readonly bias: boolean;
  /** Ports that the kernel's `filters` and `result` are bound to; x and dy have their own names. */
  readonly bind: { readonly filters?: string; readonly result: string };
  readonly cost: { readonly flops: number; readonly bytes: number };
}

/** Subgroups that the kernel is written for. */
const LANES = [4, 8, 16, 32];

interface Tile {
  readonly ROWS: number;
  readonly COLUMNS: number;
  /** Elements of k that one lane loads at once; for the filter pass, how often its step is unrolled. */
  readonly VECTOR: number;
}

/** The launches of one product; null where channels do not divide as its vectors need, or the adapter has no fixed subgroups. */
export function subgroupProduct(product: Product, target: Target): Lowering | null {
  const { pass, geometry, strides } = product;
  const { images, height, width, oh, ow, groups, channels, outputs, kh, kw } = geometry;
  const lanes = target.subgroupSize;
  if (!LANES.includes(lanes) || channels % 4 !== 0 || outputs % 4 !== 0 || strides.xFirst % 4 !== 0 || strides.yFirst % 4 !== 0)
    return null;
  const rows = { forward: images * oh * ow, backward_data: images * height * width, backward_filter: kh * kw * channels }[pass];
  const columns = pass === "backward_data" ? channels : outputs;
  const depth = { forward: channels, backward_data: outputs, backward_filter: images * oh * ow }[pass];
  const tile = tileFor(pass, { rows, columns, depth, lanes });
  if (!tile) return null;

  const rowTiles = ceilDiv(rows, tile.ROWS);
  const columnTiles = ceilDiv(columns, 4 * tile.COLUMNS * lanes);
  const whole = rowTiles * columnTiles * groups;
  // k is split where there are too few tiles to go round; partial results are then added in order.
  const splits = pass === "backward_filter" ? Math.max(1, Math.min(ceilDiv(target.cpu ? 4 : 512, whole), Math.floor(depth / 64))) : 1;
  const chunk = pass === "backward_filter" ? roundUp(ceilDiv(depth, splits), 8) : 0;
  const parts = pass === "backward_filter" ? ceilDiv(depth, chunk) : 1;
  const tiles = whole * parts;
  const { filters, result } = product.bind;
  const launch: Launch = {
    shader: "gemm_subgroup.wgsl",
    slots: {
      ...(pass !== "forward" && { pass: `lib/gemm_subgroup_${pass}.wgsl` }),
      ...(pass === "forward" && !product.bias && { bias: "lib/no_bias.wgsl" }),
    },
    params: {
      LANES: lanes,
      ROWS: tile.ROWS,
      COLUMNS: tile.COLUMNS,
      ...(product.accumulate && parts === 1 && { ACCUMULATE: "true" }),
      ...(pass === "backward_filter" ? { UNROLL: tile.VECTOR } : { VECTOR: tile.VECTOR, Vector: `vec${tile.VECTOR}f` }),
      ...(pass === "backward_data" && { UNIT_STRIDE: String(geometry.stride === 1) }),
    },
    dims: { ...geometry, ...strides, rows, columns, rowTiles, columnTiles, tiles, chunk },
    bind: { ...(filters && { filters }), result: parts > 1 ? "partial" : result },
    workgroups: flat(tiles, 1, target),
    ...product.cost,
  };
  if (parts === 1) return { launches: [launch] };
  const size = rows * groups * outputs;
  const reduce = sums({ pixels: parts, channels: size, chunk: parts, accumulate: product.accumulate ? 1 : 0 }, target, {
    x: "partial",
    y: result,
  });
  return { launches: [launch, reduce], scratch: { partial: parts * size } };
}

/**
 * The tile with the least waste. Measured on a 2-core software adapter with subgroups of 8: 16 rows by 64 columns, two steps of k at a time, is
 * fastest where it fits; 16 by 32 with four steps comes next; few rows (a small batch of an inner product) want flat tiles.
 */
function tileFor(
  pass: Pass,
  { rows, columns, depth, lanes }: { rows: number; columns: number; depth: number; lanes: number },
): Tile | null {
  if (pass === "backward_filter") {
    const narrow = columns <= 4 * lanes || (columns % (8 * lanes) !== 0 && columns % (8 * lanes) <= 4 * lanes && columns < 16 * lanes);
    return { ROWS: 16, COLUMNS: narrow ? 1 : 2, VECTOR: 1 };
  }
  const few = rows <= 8;
  const ROWS = few ? (rows <= 4 ? 4 : 8) : 16;
  const deep = Math.max(1, lanes / ROWS);
  const wide = 8 * lanes;
  const wasted = (width: number): number => (ceilDiv(columns, width) * width) / columns;
  const candidates: Tile[] = [
    { ROWS, COLUMNS: 2, VECTOR: 2 },
    { ROWS, COLUMNS: 1, VECTOR: 4 },
    { ROWS, COLUMNS: 1, VECTOR: 2 },
  ];
  const fitting = candidates.filter(({ VECTOR }) => depth % (VECTOR * deep) === 0);
  if (fitting.length === 0) return null;
  const cost = ({ COLUMNS, VECTOR }: Tile): number => wasted((wide / 2) * COLUMNS) * (COLUMNS === 2 ? 1 : VECTOR === 4 ? 1.15 : 1.3);
  return fitting.reduce((best, tile) => (cost(tile) < cost(best) ? tile : best));
}

/** Strides of tensors that lie alone. */
export const dense = ({ groups, channels, outputs }: Geometry): Strides => ({
  xStride: groups * channels,
  xFirst: 0,
  yStride: groups * outputs,
  yFirst: 0,
});
