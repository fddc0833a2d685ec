// The matrix product that every pass of a convolution and of an inner product is: what its families share (gemm-subgroup.ts, gemm-quad.ts,
// gemm-workgroup.ts with gemm-skinny.ts, gemm-matrix.ts). An inner product is a 1 x 1 convolution over its rows.
import type { Op } from "../graph/op.ts";
import { BYTES_PER_ELEMENT, ceilDiv, roundUp } from "../tensor/shape.ts";
import { flat, type Call, type Launch, type Layout, type Lowering, type Target, type Tuning, type Slice } from "./kernel.ts";
import type { DropoutAttributes } from "../ops/dropout.ts";
import type { UpdateAttributes } from "../ops/update.ts";
import { dropoutDims } from "./dropout.ts";
import { joinedSteps, stepsOf } from "./joined-steps.ts";
import { rectifierDims } from "./rectifier.ts";
import { sums } from "./sum-pixels.ts";
import { within, type Part } from "./slices.ts";

const WORKGROUP = 64;

/** Fewest elements of a sum that are worth a workgroup of a GPU. */
export const SHORTEST_PART = 128;

/** A convolution as the kernel knows it. Channels and outputs are those of one group. */
export type Geometry = Readonly<
  Record<"images" | "height" | "width" | "oh" | "ow" | "groups" | "channels" | "outputs" | "kh" | "kw" | "stride" | "pad", number>
>;

/** Where channels lie that are part of a wider tensor: elements from pixel to pixel, and the first channel. */
export type Strides = Readonly<Record<"xStride" | "xFirst" | "yStride" | "yFirst", number>>;

export const PHASES = ["forward", "backward-data", "backward-filter"] as const;
export type Phase = (typeof PHASES)[number];

export interface Product {
  readonly phase: Phase;
  readonly geometry: Geometry;
  readonly strides: Strides;
  /** Add to what the result holds instead of starting from the bias or from zero. */
  readonly accumulate: boolean;
  /** Forward only: add to what the result holds, and the bias as well. */
  readonly addend?: boolean;
  /** Its sums are not split over partial results: the result is a slice of a tensor, or launches are taken apart. */
  readonly unsplit?: boolean;
  /** Ports that the kernel's variables are bound to that have no port of their own name. */
  readonly bind: { readonly filters?: string; readonly result?: string; readonly random?: string };
  readonly cost: { readonly flops: number; readonly bytes: number };
  /** What the kernel's variables see of tensors that are cut. A kernel of one launch gets them from `inParts`. */
  readonly slices?: Readonly<Record<string, Slice>>;
  /** Forward only: whether there is a port `bias`, and the epilogue of a sum. */
  readonly bias?: boolean;
  readonly relu?: boolean;
  readonly most?: number;
  readonly dropout?: DropoutAttributes;
  /** Gradient of the input only: a factor, and whether there is a port `gate`. */
  readonly scale?: number;
  readonly gate?: boolean;
  /** Gradient of the filter only: what it does to the ports w, v, bias and biasV, instead of being a result. */
  readonly update?: UpdateAttributes;
  /** Filter and bias lie in one range of memory, and so do their momenta, apart from the first. */
  readonly together?: boolean;
  /** The bias is updated with another part of the weight. */
  readonly withoutBias?: boolean;
}

/** Extents of a product's result, and of one step of its sum as the kernels go: taps are walked by themselves. */
export function extents({ phase, geometry }: Product): { rows: number; columns: number; depth: number } {
  const { images, height, width, oh, ow, channels, outputs, kh, kw } = geometry;
  if (phase === "forward") return { rows: images * oh * ow, columns: outputs, depth: channels };
  if (phase === "backward-data") return { rows: images * height * width, columns: channels, depth: outputs };
  return { rows: kh * kw * channels, columns: outputs, depth: images * oh * ow };
}

/** The extent of k over all taps. */
export function wholeDepth(product: Product): number {
  const { depth } = extents(product);
  return product.phase === "backward-filter" ? depth : product.geometry.kh * product.geometry.kw * depth;
}

/** Whether all that is loaded and stored comes in fours. */
export const inFours = ({ geometry: { channels, outputs }, strides }: Product): boolean =>
  [channels, outputs, ...Object.values(strides)].every((extent) => extent % 4 === 0);

export interface Tiling {
  readonly shader: "gemm-quad" | "gemm-subgroup" | "gemm-workgroup" | "gemm-skinny" | "gemm-matrix";
  /** Rows and columns of the result per workgroup. */
  readonly rows: number;
  readonly columns: number;
  readonly params?: Readonly<Record<string, number | string>>;
  /** Besides those of the pass and of epilogues, or instead of them. */
  readonly slots?: Readonly<Record<string, string>>;
  /** The same of the launch that adds the parts of split sums. */
  readonly sumSlots?: Readonly<Record<string, string>>;
  /** The extent of k as the kernel walks it, and into how many parts it is split. Default: that of `extents`, and only sums over pixels are split. */
  readonly depth?: number;
  readonly parts?: number;
  /** Where columns are not one run but several, each of which starts a tile. */
  readonly columnTiles?: number;
  /** Further fields of this shader's Dims. */
  readonly dims?: Readonly<Record<string, number>>;
}

export function inTiles(product: Product, target: Target, { shader, params, slots, sumSlots, ...tile }: Tiling): Lowering {
  const { phase, geometry, strides } = product;
  const { rows, columns, ...shape } = extents(product);
  const depth = tile.depth ?? shape.depth;
  const rowTiles = ceilDiv(rows, tile.rows);
  const columnTiles = tile.columnTiles ?? ceilDiv(columns, tile.columns);
  const whole = rowTiles * columnTiles * geometry.groups;
  const size = rows * columns * geometry.groups;
  // A sum over pixels is split where there are too few tiles to go round; partial results are then added in order.
  const wanted = tile.parts ?? (phase === "backward-filter" ? Math.min(ceilDiv(target.cpu ? 2 : 512, whole), Math.floor(depth / 64)) : 1);
  const splits = Math.max(1, Math.min(wanted, mostParts(product, target)));
  // A multiple of what any kernel goes in one step.
  const chunk = roundUp(ceilDiv(depth, splits), 16);
  const parts = splits === 1 ? 1 : ceilDiv(depth, chunk);
  const { update } = product;
  const { filters, result, random } = product.bind;
  const elements = slots?.["elements"];
  // What becomes of a sum: where k is split, in a launch of its own.
  const epilogue = {
    slots: {
      ...(phase === "forward" && !product.bias && { bias: "lib/no-bias.wgsl" }),
      ...(product.dropout && { dropout: `lib/dropout-epilogue${elements ? "-scalar" : ""}.wgsl` }),
    },
    bind: {
      ...(result && { result }),
      ...(random && { random }),
      ...(phase === "backward-data" && !product.gate && { gate: "dy" }),
    },
  };
  const apart = parts > 1 && phase !== "backward-filter";
  const launch: Launch = {
    shader: `gemm/${shader}.wgsl`,
    slots: {
      ...(phase !== "forward" && { phase: `gemm/${shader}-${phase}.wgsl` }),
      ...(!apart && epilogue.slots),
      ...(update && parts === 1 && { finish: `gemm/${shader}-update.wgsl` }),
      ...slots,
      ...(apart && { result: "gemm/gemm-part-result.wgsl" }),
    },
    params: { ...params, ...(update && { BIAS: "true" }) },
    dims: {
      ...geometry,
      ...strides,
      rows,
      columns,
      rowTiles,
      columnTiles,
      tiles: whole * parts,
      depth,
      chunk,
      ...tile.dims,
      accumulate: parts === 1 ? joining(product) : 0,
      ...activationDims(product),
      ...rectifierDims(product),
      scale: product.scale ?? 1,
      gated: product.gate ? 1 : 0,
      biased: product.withoutBias ? 0 : 1,
      ...updateDims(update ?? NO_UPDATE),
    },
    bind: { ...(filters && { filters }), ...(apart ? {} : epilogue.bind), ...(parts > 1 && { result: "partial" }) },
    workgroups: flat(whole * parts, 1, target),
    ...product.cost,
  };
  if (parts === 1) return { launches: [launch] };
  const scratch = { partial: parts * size };
  if (update) {
    const sums = { parts, groups: geometry.groups, rows, outputs: columns, update };
    const step = product.together && !target.cpu && columns % 4 === 0 ? stepOfSums(sums, target) : sgdOfSums(sums, target);
    return { launches: [launch, step], scratch: { partial: parts * geometry.groups * (rows + 1) * columns } };
  }
  if (apart) {
    const vector = elements ? 1 : 4;
    const add: Launch = {
      shader: "gemm-sums.wgsl",
      slots: {
        ...epilogue.slots,
        ...(phase !== "forward" && { result: `gemm/gemm-${phase}-result.wgsl` }),
        ...(elements && { elements }),
        ...sumSlots,
      },
      params: { WORKGROUP },
      dims: { ...launch.dims, tiles: parts, accumulate: joining(product) },
      joins: !target.cpu && !elements && !product.dropout && geometry.groups === 1 && !sumSlots,
      bind: epilogue.bind,
      workgroups: flat(size / vector, WORKGROUP, target),
      flops: parts * size,
      bytes: BYTES_PER_ELEMENT * (parts + 1) * size,
    };
    return { launches: [launch, add], scratch };
  }
  const reduce = sums({ pixels: parts, channels: size, chunk: parts, accumulate: product.accumulate ? 1 : 0 }, target, {
    x: "partial",
    ...(result && { y: result }),
  });
  return { launches: [launch, reduce], scratch };
}

/** Into how many parts a product's sums can be split: their results must fit into a binding, and images in slices would need as many results. */
export function mostParts(product: Product, { maxBindingBytes }: Target): number {
  const { rows, columns } = extents(product);
  if (product.unsplit || (product.slices && product.phase !== "backward-filter")) return 1;
  return Math.floor(maxBindingBytes / (rows * columns * product.geometry.groups * BYTES_PER_ELEMENT));
}

/** How a sum joins what the result holds, as the shaders know it. */
const joining = ({ accumulate, addend }: Pick<Product, "accumulate" | "addend">): number => (addend ? 2 : accumulate ? 1 : 0);

/** What becomes of a sum of the forward pass, for a shader that may drop. */
export const activationDims = ({ relu, dropout }: Pick<Product, "relu" | "dropout">): Record<string, number> => ({
  relu: relu ? 1 : 0,
  ...dropoutDims(dropout ?? { ratio: 0, stream: 0 }),
});

/** What a shader does with a gradient that updates. */
const updateDims = ({ momentum, decay, rateMultiplier, biasDecay, biasRateMultiplier }: UpdateAttributes): Record<string, number> => ({
  momentum,
  decay,
  rateMultiplier,
  biasDecay,
  biasRateMultiplier,
});
const NO_UPDATE: UpdateAttributes = { momentum: 0, decay: 0, rateMultiplier: 0, biasDecay: 0, biasRateMultiplier: 0 };

interface SplitSums {
  readonly parts: number;
  readonly groups: number;
  readonly rows: number;
  readonly outputs: number;
  readonly update: UpdateAttributes;
}

/** What sgdOfSums does, by a launch that the engine may join with others. */
function stepOfSums({ parts, groups, rows, outputs, update }: SplitSums, target: Target): Launch {
  const ports = { w: "w", v: "v", bias: "bias", biasV: "biasV" };
  const size = (rows + 1) * outputs;
  const steps = Array.from({ length: groups }, (_, group) =>
    stepsOf({ parts, size: groups * size, partialAt: group * size, columns: outputs, rows, outputs, group, ports }, update),
  );
  return joinedSteps(steps.flat(), target);
}

/** Adds the parts of a split sum, a filter's and its bias's, and takes the step. Ports: partial, w, v, bias, biasV, rate. */
function sgdOfSums({ parts, groups, rows, outputs, update }: SplitSums, target: Target): Launch {
  const vector = outputs % 4 === 0 ? 4 : 1;
  const size = groups * (rows + 1) * outputs;
  return {
    shader: "sgd-sums.wgsl",
    params: { WORKGROUP, Vector: vector === 4 ? "vec4f" : "f32" },
    dims: { parts, groups, rows, outputs: outputs / vector, ...updateDims(update) },
    workgroups: flat(size / vector, WORKGROUP, target),
    flops: (parts + 5) * size,
    bytes: BYTES_PER_ELEMENT * (parts + 4) * size,
  };
}

/** What the lowering of an op is called with. */
export type CallOf<O> = O extends Op<infer P, infer Q, infer A> ? Call<P, Q, A> : never;

/** The launches of one product; null where the family cannot run it. */
export type Multiply = (product: Product, target: Target, tuning?: Tuning) => Lowering | null;

/** A product for each part of a tensor that is cut; its first launch sees the part's slices. Null where the family refuses one. */
export function inParts(parts: readonly Part[], productOf: (part: Part) => Lowering | null): Lowering | null {
  const launches: Launch[] = [];
  const scratch: Record<string, number> = {};
  for (const part of parts) {
    const lowering = productOf(part);
    if (!lowering) return null;
    const [first, ...rest] = lowering.launches;
    launches.push(within(part, first), ...rest);
    for (const [name, elements] of Object.entries(lowering.scratch ?? {})) scratch[name] = Math.max(scratch[name] ?? 0, elements);
  }
  return { launches, scratch };
}

/** Strides of what lies as the input of a convolution does and as its output: dense, unless a layout says where. */
export const stridesOf = ({ groups, channels, outputs }: Geometry, x?: Layout, y?: Layout): Strides => ({
  xStride: x?.stride ?? groups * channels,
  xFirst: x?.first ?? 0,
  yStride: y?.stride ?? groups * outputs,
  yFirst: y?.first ?? 0,
});
