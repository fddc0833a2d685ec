// The matrix product that every pass of a convolution and of an inner product is: what gemm-subgroup.ts and gemm-workgroup.ts, its two fast
// families, share. An inner product is a 1 x 1 convolution over its rows.
import type { Op } from "../graph/op.ts";
import { BYTES_PER_ELEMENT, ceilDiv, roundUp } from "../tensor/shape.ts";
import { flat, type Call, type Launch, type Layout, type Lowering, type Target, type Tuning } from "./kernel.ts";
import { sums } from "./sum-pixels.ts";
import { within, type Part } from "./windows.ts";

/** A convolution as the kernel knows it. Channels and outputs are those of one group. */
export type Geometry = Readonly<
  Record<"images" | "height" | "width" | "oh" | "ow" | "groups" | "channels" | "outputs" | "kh" | "kw" | "stride" | "pad", number>
>;

/** Where channels lie that are part of a wider tensor: elements from pixel to pixel, and the first channel. */
export type Strides = Readonly<Record<"xStride" | "xFirst" | "yStride" | "yFirst", number>>;

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
  /** Results are the maximum of the sum and 0. */
  readonly relu?: boolean;
  /** Ports that the kernel's `filters` and `result` are bound to; x and dy have their own names. */
  readonly bind: { readonly filters?: string; readonly result: string };
  readonly cost: { readonly flops: number; readonly bytes: number };
}

/** Extents of a product's result, and of one step of its sum as the kernels go: taps are walked by themselves. */
export function extents({ pass, geometry }: Product): { rows: number; columns: number; depth: number } {
  const { images, height, width, oh, ow, channels, outputs, kh, kw } = geometry;
  if (pass === "forward") return { rows: images * oh * ow, columns: outputs, depth: channels };
  if (pass === "backward_data") return { rows: images * height * width, columns: channels, depth: outputs };
  return { rows: kh * kw * channels, columns: outputs, depth: images * oh * ow };
}

export interface Tiling {
  readonly shader: "gemm_subgroup" | "gemm_workgroup";
  /** Of the result, that one workgroup makes. */
  readonly rows: number;
  readonly columns: number;
  readonly params?: Readonly<Record<string, number | string>>;
  /** What this shader wants to know besides. */
  readonly dims?: Readonly<Record<string, number>>;
}

export function inTiles(product: Product, target: Target, { shader, params, ...tile }: Tiling): Lowering {
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
      relu: product.relu ? 1 : 0,
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

/** What the lowering of an op is called with. */
export type CallOf<O> = O extends Op<infer P, infer Q, infer A> ? Call<P, Q, A> : never;

/** The launches of one product; null where the family cannot run it. */
export type Multiply = (product: Product, target: Target, tuning?: Tuning) => Lowering | null;

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

/** Strides of what lies as the input of a convolution does and as its output: dense, unless a layout says where. */
export const stridesOf = ({ groups, channels, outputs }: Geometry, x?: Layout, y?: Layout): Strides => ({
  xStride: x?.stride ?? groups * channels,
  xFirst: x?.first ?? 0,
  yStride: y?.stride ?? groups * outputs,
  yFirst: y?.first ?? 0,
});
