// Winograd's convolution for 3 x 3 filters with stride 1 (Lavin and Gray 2015, arXiv:1509.09308), forward and for the gradient of the input. Filters
// and overlapping tiles of the input become points, each point is a matrix product over all tiles, and the products become tiles of the output:
// F(2x2, 3x3) multiplies 2.25 times less than the definition, F(4x4, 3x3) 4 times. Both compute other sums than the definition says, with larger
// errors, so that only sessions with "fast" math have the family. Device code: shaders/winograd-filter.wgsl, winograd-input.wgsl,
// winograd-output.wgsl, and in between a product of gemm.ts.
import { BYTES_PER_ELEMENT, ceilDiv } from "../tensor/shape.ts";
import type { Multiply, Product } from "./gemm.ts";
import { rectifierDims } from "./rectifier.ts";
import { subgroupProduct } from "./gemm-subgroup.ts";
import { workgroupProduct } from "./gemm-workgroup.ts";
import { flat, type Launch, type Lowering, type Target, type Tuning, type Slice } from "./kernel.ts";

const WORKGROUP = 64;

/** Multiplications and additions that each of the transforms takes: for a filter, a tile of the input, a tile of the output. */
const TRANSFORMS = {
  2: { filter: 35, input: 32, output: 24 },
  4: { filter: 108, input: 228, output: 130 },
} as const;

/** Outputs along a side of a tile. */
export type Tile = keyof typeof TRANSFORMS;

/** In order of preference: though tiles of 4 x 4 reach beyond odd edges, they have been the faster on every layer of both networks. */
const TILES: readonly Tile[] = [4, 2];

/**
 * Fewer tiles do not repay the transform of the filters. Gain in processor time over the subgroup family on a busy 2-core software adapter, batch 4,
 * forward and for the gradient of the input (medians of interleaved rounds): GoogLeNet's conv2/3x3 (784 tiles) 1.4 to 1.9 and 1.9, 3a and 3b (196)
 * 2.0 to 2.1 and 2.1 to 2.3, 4a to 4e (64) 1.2 to 1.6 and 1.5 to 1.7, 5a and 5b (16) 1.2 and 1.0 to 1.2; AlexNet's conv3 to conv5 (64) 1.2 to 1.4
 * and 1.2 to 1.6. Of 16 tiles' time 2 / 5 goes into the filters.
 */
const LEAST_TILES = 16;

export const winogradTunings: readonly Tuning[] = TILES.map((TILE) => ({ TILE }));

/** The convolution through tiles; null where it is not of this kind, does not go in vectors of four, or would not gain. */
export const winogradProduct: Multiply = (product, target, tuning) => {
  const { phase, geometry, strides } = product;
  const { channels, outputs, kh, kw, stride, pad } = geometry;
  if (phase === "backward-filter" || kh !== 3 || kw !== 3 || stride !== 1 || pad > 2) return null;
  if ([channels, outputs, ...Object.values(strides)].some((extent) => extent % 4 !== 0)) return null;
  for (const tile of TILES) {
    if (tuning && tuning["TILE"] !== tile) continue;
    const tiled = tilesOf(product, tile);
    if (!tuning && tiled.tiles < LEAST_TILES) return null;
    const lowering = throughTiles(tiled, target);
    if (lowering) return lowering;
  }
  return null;
};

/** Null where a scratch would be larger than a binding. */
function throughTiles(tiled: Tiled, target: Target): Lowering | null {
  const { groups, channels, outputs } = tiled.product.geometry;
  const { tiles, points, input, output } = tiled;
  const filters = points * groups * channels * outputs;
  const fitting = Math.floor(target.maxBindingBytes / BYTES_PER_ELEMENT / points / Math.max(input.channels, output.channels));
  if (fitting === 0 || filters * BYTES_PER_ELEMENT > target.maxBindingBytes) return null;
  // A processor keeps what one launch leaves to the next in its cache, if it is little.
  const most = Math.min(tiles, fitting, target.cpu ? 64 : tiles);

  const launches = [filterTransform(tiled, target)];
  for (let firstTile = 0; firstTile < tiles; firstTile += most) {
    const part = { firstTile, count: Math.min(most, tiles - firstTile) };
    const multiplied = pointProducts(tiled, part, target);
    if (!multiplied) return null;
    launches.push(inputTransform(tiled, part, target), ...multiplied, outputTransform(tiled, part, target));
  }
  return { launches, scratch: { U: filters, V: most * points * input.channels, M: most * points * output.channels } };
}

/** The size of tiles that launches work in, where they are Winograd's. */
export const tileOf = (launches: readonly Pick<Launch, "slots">[]): Tile | undefined =>
  TILES.find((tile) => launches.some(({ slots }) => slots?.["tile"] === tileFile(tile)));

const tileFile = (tile: Tile): string => `lib/winograd-${tile}.wgsl`;

/** Images on one side of the convolution. Channels are those of all groups. */
interface Side {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Elements from one pixel to the next, and before the first. */
  readonly stride: number;
  readonly first: number;
}

/** A product in tiles. The gradient of the input is a convolution of dy, padded to where each output still reaches, with the filter turned. */
interface Tiled {
  readonly product: Product;
  readonly tile: Tile;
  readonly points: number;
  readonly input: Side;
  readonly output: Side;
  readonly pad: number;
  /** Tiles of an image, and of all. */
  readonly down: number;
  readonly across: number;
  readonly tiles: number;
}

function tilesOf(product: Product, tile: Tile): Tiled {
  const { phase, strides } = product;
  const { images, height, width, oh, ow, groups, channels, outputs, pad } = product.geometry;
  const x = { height, width, channels: groups * channels, stride: strides.xStride, first: strides.xFirst };
  const y = { height: oh, width: ow, channels: groups * outputs, stride: strides.yStride, first: strides.yFirst };
  const [input, output] = phase === "forward" ? [x, y] : [y, x];
  const [down, across] = [ceilDiv(output.height, tile), ceilDiv(output.width, tile)];
  const points = (tile + 2) ** 2;
  return {
    product,
    tile,
    points,
    input,
    output,
    down,
    across,
    pad: phase === "forward" ? pad : 2 - pad,
    tiles: images * down * across,
  };
}

/** Tiles that one round of launches works on: all, unless the scratch would be too large. */
interface Part {
  readonly firstTile: number;
  readonly count: number;
}

function filterTransform({ product: { phase, geometry, bind }, tile, points }: Tiled, target: Target): Launch {
  const { groups, channels, outputs } = geometry;
  const filters = groups * channels * outputs;
  return {
    shader: "winograd-filter.wgsl",
    slots: { tile: tileFile(tile) },
    params: { WORKGROUP },
    dims: { groups, size: (channels * outputs) / 2, turned: phase === "forward" ? 0 : 1 },
    ...(bind.filters && { bind: { filters: bind.filters } }),
    workgroups: flat(filters / 2, WORKGROUP, target),
    flops: TRANSFORMS[tile].filter * filters,
    bytes: BYTES_PER_ELEMENT * (9 + points) * filters,
  };
}

function inputTransform({ product, tile, points, input, pad, down, across }: Tiled, part: Part, target: Target): Launch {
  const channels = input.channels / 4;
  const port = product.phase === "forward" ? "x" : "dy";
  return {
    shader: "winograd-input.wgsl",
    slots: { tile: tileFile(tile) },
    params: { WORKGROUP },
    dims: {
      count: part.count * channels,
      firstTile: part.firstTile,
      down,
      across,
      height: input.height,
      width: input.width,
      channels,
      pad,
      xStride: input.stride / 4,
      xFirst: input.first / 4,
    },
    bind: { x: port },
    ...slicesOf(product, { x: port }),
    workgroups: flat(part.count * channels, WORKGROUP, target),
    flops: TRANSFORMS[tile].input * part.count * input.channels,
    bytes: BYTES_PER_ELEMENT * (tile ** 2 + points) * part.count * input.channels,
  };
}

function outputTransform({ product, tile, points, output, down, across }: Tiled, part: Part, target: Target): Launch {
  const { bias, gate, accumulate, addend, bind } = product;
  const outputs = output.channels / 4;
  return {
    shader: "winograd-output.wgsl",
    slots: { tile: tileFile(tile), ...(!bias && { bias: "lib/no-bias.wgsl" }), ...(gate && { gate: "lib/relu-gate.wgsl" }) },
    params: { WORKGROUP },
    dims: {
      count: part.count * outputs,
      firstTile: part.firstTile,
      down,
      across,
      height: output.height,
      width: output.width,
      outputs,
      yStride: output.stride / 4,
      yFirst: output.first / 4,
      ...rectifierDims(product),
      accumulate: accumulate || addend ? 1 : 0,
    },
    bind: { y: bind.result as string },
    ...slicesOf(product, { y: "result", gate: "gate" }),
    workgroups: flat(part.count * outputs, WORKGROUP, target),
    flops: TRANSFORMS[tile].output * part.count * output.channels,
    bytes: BYTES_PER_ELEMENT * (tile ** 2 + points) * part.count * output.channels,
  };
}

/** A 1 x 1 convolution over the tiles; every point of every group is a group of its own. */
function pointProducts({ product: { phase, geometry }, points, input, output }: Tiled, { count }: Part, target: Target): Launch[] | null {
  const { channels, outputs } = geometry;
  const groups = points * geometry.groups;
  const size = channels * outputs;
  const [x, y] = phase === "forward" ? [input, output] : [output, input];
  const product: Product = {
    phase,
    geometry: { images: 1, height: 1, width: count, oh: 1, ow: count, groups, channels, outputs, kh: 1, kw: 1, stride: 1, pad: 0 },
    strides: { xStride: points * x.channels, xFirst: 0, yStride: points * y.channels, yFirst: 0 },
    accumulate: false,
    unsplit: true,
    bind: { filters: "U", result: "M" },
    cost: { flops: 2 * groups * count * size, bytes: BYTES_PER_ELEMENT * groups * (count * (channels + outputs) + size) },
  };
  const lowering = (target.cpu ? subgroupProduct(product, target) : null) ?? workgroupProduct(product, target);
  // What the product takes for x or dy lies in V; so does the gate that it does not read.
  const from = phase === "forward" ? { x: "V" } : { dy: "V", gate: "V" };
  return lowering && lowering.launches.map((launch) => ({ ...launch, bind: { ...launch.bind, ...from } }));
}

/** What the transforms' variables see of a tensor that is cut, by the product's name for each. */
function slicesOf({ slices }: Product, names: Readonly<Record<string, string>>): { slices?: Record<string, Slice> } {
  if (!slices) return {};
  const seen = Object.entries(names).flatMap(([variable, name]) => (name in slices ? [[variable, slices[name]] as const] : []));
  return { slices: Object.fromEntries(seen) };
}
