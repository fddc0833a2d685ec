// The matrix product that every pass of a convolution and of an inner product is, in registers or through workgroup memory. Device code:
// shaders/gemm_subgroup.wgsl and gemm_workgroup.wgsl, with one of three passes in their slot (shaders/lib/gemm_*.wgsl). An inner product is a
// 1 x 1 convolution over its rows.
import type { Op } from "../graph/op.ts";
import { BYTES_PER_ELEMENT, ceilDiv, roundUp } from "../tensor/shape.ts";
import { flat, type Call, type Launch, type Lowering, type Target } from "./kernel.ts";
import { sums } from "./sum-pixels.ts";
import { within, type Part } from "./windows.ts";

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
  /** The result is a window of a tensor: its sums are not split over partial results. */
  readonly unsplit?: true;
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

/** Extents of a product's result, and of one step of its sum as the kernels go: taps are walked by themselves. */
function extents({ pass, geometry }: Product): { rows: number; columns: number; depth: number } {
  const { images, height, width, oh, ow, channels, outputs, kh, kw } = geometry;
  if (pass === "forward") return { rows: images * oh * ow, columns: outputs, depth: channels };
  if (pass === "backward_data") return { rows: images * height * width, columns: channels, depth: outputs };
  return { rows: kh * kw * channels, columns: outputs, depth: images * oh * ow };
}

/** The product in registers; null where channels do not divide as its vectors need, or the adapter has no fixed subgroups. */
export function subgroupProduct(product: Product, target: Target): Lowering | null {
  const { channels, outputs } = product.geometry;
  const { xFirst, yFirst, xStride, yStride } = product.strides;
  const lanes = target.subgroupSize;
  if (!LANES.includes(lanes) || [channels, outputs, xFirst, yFirst, xStride, yStride].some((extent) => extent % 4 !== 0)) return null;
  const tile = tileFor(product.pass, { ...extents(product), lanes });
  if (!tile) return null;
  const { ROWS, COLUMNS, VECTOR } = tile;
  return inTiles(product, target, {
    shader: "gemm_subgroup",
    rows: ROWS,
    columns: 4 * COLUMNS * lanes,
    params: { LANES: lanes, ROWS, COLUMNS, ...(VECTOR && { VECTOR, Vector: `vec${VECTOR}f` }) },
  });
}

/** The product through workgroup memory, for any shape; null where the adapter's workgroups are too small, or almost all of a tile were waste. */
export function workgroupProduct(product: Product, target: Target): Lowering | null {
  const { columns, depth } = extents(product);
  const { kh, kw } = product.geometry;
  if (target.maxInvocationsPerWorkgroup < 256 || target.workgroupMemoryBytes < 8704 || columns < 4) return null;
  const whole = product.pass === "backward_filter" ? depth : kh * kw * depth;
  return inTiles(product, target, {
    shader: "gemm_workgroup",
    rows: 64,
    columns: 64,
    dims: { depth: whole, ...(product.pass !== "backward_filter" && { chunk: whole }) },
  });
}

interface Tiling {
  readonly shader: "gemm_subgroup" | "gemm_workgroup";
  /** Of the result, that one workgroup makes. */
  readonly rows: number;
  readonly columns: number;
  readonly params?: Readonly<Record<string, number | string>>;
  /** What this shader wants to know besides. */
  readonly dims?: Readonly<Record<string, number>>;
}

function inTiles(product: Product, target: Target, { shader, params, ...tile }: Tiling): Lowering {
  const { pass, geometry, strides } = product;
  const { rows, columns, depth } = extents(product);
  const rowTiles = ceilDiv(rows, tile.rows);
  const columnTiles = ceilDiv(columns, tile.columns);
  const whole = rowTiles * columnTiles * geometry.groups;
  const size = rows * columns * geometry.groups;
  // A sum over pixels is split where there are too few tiles to go round; partial results are then added in order.
  const most = Math.min(Math.floor(depth / 64), Math.floor(target.maxBindingBytes / (size * BYTES_PER_ELEMENT)));
  const split = pass === "backward_filter" && !product.unsplit;
  const splits = split ? Math.max(1, Math.min(ceilDiv(target.cpu ? 4 : 512, whole), most)) : 1;
  // A multiple of what any kernel goes in one step.
  const chunk = roundUp(ceilDiv(depth, splits), 16);
  const parts = split ? ceilDiv(depth, chunk) : 1;
  const { filters, result } = product.bind;
  const launch: Launch = {
    shader: `${shader}.wgsl`,
    slots: {
      ...(pass !== "forward" && { pass: `lib/${shader}_${pass}.wgsl` }),
      ...(pass === "forward" && !product.bias && { bias: "lib/no_bias.wgsl" }),
    },
    params: { ...params, ...(product.accumulate && parts === 1 && { ACCUMULATE: "true" }) },
    dims: {
      ...geometry,
      ...strides,
      rows,
      columns,
      rowTiles,
      columnTiles,
      tiles: whole * parts,
      chunk,
      ...tile.dims,
    },
    bind: { ...(filters && { filters }), result: parts > 1 ? "partial" : result },
    workgroups: flat(whole * parts, 1, target),
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
 * Sizes of a tile. Measured on a 2-core software adapter with subgroups of 8, in GFLOPS of a 3 x 3 layer (64 to 256 channels, batch 4):
 * forward 32 x 32 with two channels at once 65, 24 x 64 68, 16 x 64 60, 24 x 32 with four 59; gradient of the input 32 x 32 with two outputs at
 * once 59, 24 x 64 54, 16 x 32 with four 55; gradient of the filter 32 x 64 54, 32 x 32 and 16 x 64 44. Larger tiles are not unrolled and fall
 * to 5 to 15. Four rows of an inner product, in GB/s of weights: forward 8 x 64 7.5, 4 x 64 6.7; gradient of the input 8 x 32 with four outputs
 * at once 7.0, with two 4.5; gradient of the weight 32 x 64 4.9, 32 x 32 4.0.
 */
function tileFor(
  pass: Pass,
  { rows, columns, depth, lanes }: { rows: number; columns: number; depth: number; lanes: number },
): Tile | null {
  // Two vectors of columns a lane, unless that computes more than a tenth for nothing.
  const wide = roundUp(columns, 8 * lanes) / roundUp(columns, 4 * lanes) <= 1.1 ? 2 : 1;
  if (pass === "backward_filter") return lanes < 16 ? { ROWS: 32, COLUMNS: wide } : { ROWS: 64, COLUMNS: 1 };
  const few = { ROWS: rows <= 8 ? 8 : 16, ...(pass === "forward" ? { COLUMNS: wide, VECTOR: 2 } : { COLUMNS: 1, VECTOR: 4 }) };
  const tile = rows <= 16 ? few : { ROWS: 32, COLUMNS: lanes < 8 ? 2 : 1, VECTOR: 2 };
  // Lanes beyond the rows of a tile take the next elements along k.
  return depth % (tile.VECTOR * Math.max(1, lanes / tile.ROWS)) === 0 ? tile : null;
}

/** What the lowering of an op is called with. */
export type CallOf<O> = O extends Op<infer P, infer Q, infer A> ? Call<P, Q, A> : never;

/** The launches of one product; null where the family cannot run it. */
export type Multiply = (product: Product, target: Target) => Lowering | null;

/** A product for each part of a tensor that is cut; its first launch sees the part's windows. Null where the family refuses one. */
export function inParts(parts: readonly Part[], productOf: (part: Part) => Lowering | null): Lowering | null {
  const launches: Launch[] = [];
  let partial = 0;
  for (const part of parts) {
    const lowering = productOf(part);
    if (!lowering) return null;
    const [first, ...rest] = lowering.launches;
    launches.push(within(part, first), ...rest);
    partial = Math.max(partial, lowering.scratch?.["partial"] ?? 0);
  }
  return { launches, ...(partial > 0 && { scratch: { partial } }) };
}

/** Strides of tensors that lie alone. */
export const dense = ({ groups, channels, outputs }: Geometry): Strides => ({
  xStride: groups * channels,
  xFirst: 0,
  yStride: groups * outputs,
  yFirst: 0,
});
