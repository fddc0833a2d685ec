// The matrix product in registers that every pass of a convolution and of an inner product is. Device code: shaders/gemm_subgroup.wgsl, with one of
// three passes in its slot (shaders/lib/gemm_subgroup_*.wgsl). An inner product is a 1 x 1 convolution over its rows.
import { BYTES_PER_ELEMENT, ceilDiv, roundUp } from "../tensor/shape.ts";
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
  /** Elements along k that one lane loads at once: 2 or 4; always four channels in the filter pass. */
  readonly VECTOR?: number;
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
  const size = rows * groups * outputs;
  // A sum over pixels is split where there are too few tiles to go round; partial results are then added in order.
  const most = Math.min(Math.floor(depth / 64), Math.floor(target.maxBindingBytes / (size * BYTES_PER_ELEMENT)));
  const splits = pass === "backward_filter" ? Math.max(1, Math.min(ceilDiv(target.cpu ? 4 : 512, whole), most)) : 1;
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
      ...(tile.VECTOR && { VECTOR: tile.VECTOR, Vector: `vec${tile.VECTOR}f` }),
    },
    dims: {
      ...geometry,
      ...strides,
      rows,
      columns,
      rowTiles,
      columnTiles,
      tiles,
      chunk,
      accumulate: product.accumulate && parts === 1 ? 1 : 0,
    },
    bind: { ...(filters && { filters }), result: parts > 1 ? "partial" : result },
    workgroups: flat(tiles, 1, target),
    ...product.cost,
  };
  if (parts === 1) return { launches: [launch] };
  const reduce = sums({ pixels: parts, channels: size, chunk: parts, accumulate: product.accumulate ? 1 : 0 }, target, {
    x: "partial",
    y: result,
  });
  return { launches: [launch, reduce], scratch: { partial: parts * size } };
}

/**
 * Sizes of a tile. Measured on a 2-core software adapter with subgroups of 8, in GFLOPS over the layers of both networks: forward 16 x 64 with
 * two channels at once 57, 16 x 32 with four 52; gradient of the input 16 x 32 with four outputs at once 53, 16 x 64 with two 39 to 50; gradient
 * of the filter 32 x 32 46, 16 x 64 44, 16 x 32 33. Four rows of an inner product: forward 8 x 64 19, 4 x 64 11; backward 8 x 32 8.
 */
function tileFor(
  pass: Pass,
  { rows, columns, depth, lanes }: { rows: number; columns: number; depth: number; lanes: number },
): Tile | null {
  if (pass === "backward_filter") return { ROWS: 4 * Math.max(8, Math.min(lanes, 16)), COLUMNS: 1 };
  const ROWS = rows <= 8 ? 8 : 16;
  const narrow = { ROWS, COLUMNS: 1, VECTOR: 4 };
  const wide = { ROWS, COLUMNS: 2, VECTOR: 2 };
  // The wide tile is a tenth faster, where it does not compute more than that for nothing.
  const wasted = roundUp(columns, 8 * lanes) / roundUp(columns, 4 * lanes);
  const tile = pass === "backward_data" || wasted > 1.1 ? narrow : wide;
  // Lanes beyond the rows of a tile take the next elements along k.
  return depth % (tile.VECTOR * Math.max(1, lanes / ROWS)) === 0 ? tile : null;
}

/** Strides of tensors that lie alone. */
export const dense = ({ groups, channels, outputs }: Geometry): Strides => ({
  xStride: groups * channels,
  xFirst: 0,
  yStride: groups * outputs,
  yFirst: 0,
});
