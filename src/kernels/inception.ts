// How the 1 x 1 convolutions of an inception module are launched that share their input: as one matrix product over all their columns (fast
// families), or one after the other. Device code: shaders/gemm/gemm-subgroup.wgsl with shaders/lib/inception_*.wgsl, and that of convolutions.
import type { TensorType } from "../graph/op.ts";
import * as ops from "../ops/inception.ts";
import { BYTES_PER_ELEMENT, ceilDiv, sizeOf } from "../tensor/shape.ts";
import { conv2d, conv2dBackwardData, geometry } from "./conv2d.ts";
import { inTiles, stridesOf, type CallOf, type Product } from "./gemm.ts";
import { subgroupTile } from "./gemm-subgroup.ts";
import { conv2dUpdate } from "./update.ts";
import { bound, kernel, type Family, type Launch, type Layout, type Lowering } from "./kernel.ts";

type Forward = CallOf<typeof ops.inception>;
type BackwardData = CallOf<typeof ops.inceptionBackwardData>;
type Update = CallOf<typeof ops.inceptionUpdate>;

const BRANCHES = [0, 1, 2] as const;
const PARAMETERS = ["filter0", "bias0", "filter1", "bias1", "filter2", "bias2"] as const;
const MOMENTA = ["filter0V", "bias0V", "filter1V", "bias1V", "filter2V", "bias2V"] as const;
const FILTERS = ["filter0", "filter1", "filter2"] as const;

const filtersOf = ({ filter0, filter1, filter2 }: Record<(typeof FILTERS)[number], TensorType>): TensorType[] => [
  filter0,
  filter1,
  filter2,
];
const outputsOf = ({ shape }: TensorType): number => shape[shape.length - 1];

export const inception = kernel(ops.inception, {
  textbook: (call) => forwardInTurn("textbook")(call) as Lowering,
  workgroup: (call) => forwardInTurn("workgroup")(call),
  subgroup: (call) => forwardAtOnce(call) ?? forwardInTurn("subgroup")(call),
  quad: (call) => forwardInTurn("quad")(call),
});

export const inceptionBackwardData = kernel(ops.inceptionBackwardData, {
  textbook: (call) => backwardInTurn("textbook")(call) as Lowering,
  workgroup: (call) => backwardInTurn("workgroup")(call),
  subgroup: (call) => backwardAtOnce(call) ?? backwardInTurn("subgroup")(call),
  quad: (call) => backwardInTurn("quad")(call),
});

export const inceptionUpdate = kernel(ops.inceptionUpdate, {
  textbook: (call) => updateInTurn("textbook")(call) as Lowering,
  workgroup: (call) => updateInTurn("workgroup")(call),
  subgroup: (call) => updateAtOnce(call) ?? updateInTurn("subgroup")(call),
  quad: (call) => updateInTurn("quad")(call),
});

/** All branches as one product. */
interface AtOnce {
  readonly call: Pick<Forward | BackwardData | Update, "target" | "layouts" | "spanBytes">;
  readonly filters: readonly TensorType[];
  /** What lies as the shared input does, and as the first branch's output, by port. */
  readonly inner: readonly [port: string, type: TensorType];
  readonly outer: readonly [port: string, type: TensorType];
  /** `reduced` of branches 1 and 2, or its gradient. */
  readonly reduced: TensorType;
  readonly product: Omit<Product, "geometry" | "strides" | "cost">;
  /** Variables bound to the ranges of memory that hold several states. */
  readonly spans: Readonly<Record<string, readonly string[]>>;
  readonly dims: Readonly<Record<string, number>>;
  /** Device code. */
  readonly phase: string;
}

/** Null where tensors need slices, outputs are not in fours, or the parameters do not lie together. */
function atOnce({ call, filters, inner, outer, reduced, spans, dims, phase, ...rest }: AtOnce): Lowering | null {
  const { target, layouts, spanBytes } = call;
  const widths = filters.map(outputsOf);
  const [x, y] = [inner[1], outer[1]];
  const ranges = Object.values(spans).map((ports) => spanBytes?.(ports) ?? Infinity);
  if (Math.max(...ranges, ...[x, y, reduced].map(bytesOf)) > target.maxBindingBytes || widths.some((outputs) => outputs % 4 !== 0))
    return null;
  const [images, height, width, channels] = x.shape;
  const whole = geometry(x.shape, [1, 1, 1, channels, sum(widths)], y.shape, { stride: 1, pad: 0 });
  const product: Product = {
    ...rest.product,
    geometry: whole,
    strides: stridesOf(whole, layouts?.[inner[0]], layouts?.[outer[0]] ?? { stride: widths[0], first: 0 }),
    cost: costOf(images * height * width, channels, widths),
  };
  const tile = subgroupTile(product, target, undefined, product.phase === "backward-data" ? undefined : widths);
  if (!tile) return null;
  // Where branches are columns, a tile of columns belongs to one of them.
  const tiles = product.phase === "backward-data" ? null : widths.map((outputs) => ceilDiv(outputs, tile.columns));
  const { launches } = inTiles(product, target, {
    ...tile,
    ...(tiles && { columnTiles: sum(tiles) }),
    slots: { phase },
    dims: { ...dims, ...branchDims(widths, tiles ?? [0, 0, 0]) },
  });
  return spanned(launches, spans);
}

const forwardAtOnce = (call: Forward): Lowering | null =>
  atOnce({
    call,
    filters: filtersOf(call.inputs),
    inner: ["x", call.inputs.x],
    outer: ["y", call.outputs.y],
    reduced: call.outputs.reduced,
    product: { phase: "forward", accumulate: false, bias: true, relu: call.attributes.relu ?? false, bind: {} },
    spans: { parameters: PARAMETERS },
    dims: NO_MOMENTA,
    phase: "lib/inception-forward.wgsl",
  });

const backwardAtOnce = (call: BackwardData): Lowering | null =>
  atOnce({
    call,
    filters: filtersOf(call.inputs),
    inner: ["dx", call.outputs.dx],
    outer: ["dy", call.inputs.dy],
    reduced: call.inputs.dreduced,
    product: {
      phase: "backward-data",
      accumulate: call.inputs.addend !== undefined,
      gate: call.inputs.gate !== undefined,
      bind: { result: "dx" },
    },
    spans: { parameters: FILTERS },
    dims: { bias0At: 0, bias1At: 0, bias2At: 0, ...NO_MOMENTA },
    phase: "lib/inception-backward-data.wgsl",
  });

const updateAtOnce = (call: Update): Lowering | null =>
  atOnce({
    call,
    filters: filtersOf(call.inputs),
    inner: ["x", call.inputs.x],
    outer: ["dy", call.inputs.dy],
    reduced: call.inputs.dreduced,
    product: { phase: "backward-filter", accumulate: false, unsplit: true, update: call.attributes, bind: {} },
    spans: { parameters: PARAMETERS, momenta: MOMENTA },
    dims: {},
    phase: "lib/inception-update.wgsl",
  });

/** Outputs of the branches, and where the tiles of the second and the third begin. */
const branchDims = ([outputs0, outputs1, outputs2]: readonly number[], tiles: readonly number[]): Record<string, number> => ({
  outputs0,
  outputs1,
  outputs2,
  firstTile1: tiles[0],
  firstTile2: tiles[0] + tiles[1],
});

/** For shaders that have no momenta. */
const NO_MOMENTA = { filter0VAt: 0, filter1VAt: 0, filter2VAt: 0, bias0VAt: 0, bias1VAt: 0, bias2VAt: 0 };

/** The launch with its parameters in ranges of memory, instead of the slots of single convolutions. */
const spanned = (launches: readonly Launch[], spans: AtOnce["spans"]): Lowering => ({
  launches: launches.map(({ slots, params, ...launch }) => {
    const { bias: _, finish: __, ...others } = slots ?? {};
    const { BIAS: ___, ...tunables } = params ?? {};
    return { ...launch, params: tunables, slots: { ...others, branches: "lib/inception-dims.wgsl" }, spans };
  }),
});

const costOf = (pixels: number, channels: number, widths: readonly number[]): Product["cost"] => ({
  flops: 2 * pixels * channels * sum(widths),
  bytes: BYTES_PER_ELEMENT * (pixels * (channels + sum(widths)) + channels * sum(widths)),
});

const bytesOf = ({ shape }: TensorType): number => sizeOf(shape) * BYTES_PER_ELEMENT;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Where branches lie in `reduced` and its gradient: 1 and 2 side by side. */
function layoutsOf([, second, third]: readonly number[]): readonly (Layout | undefined)[] {
  const stride = second + third;
  return [undefined, { stride, first: 0 }, { stride, first: second }];
}

/** Three convolutions, one after the other. */
const forwardInTurn =
  (family: Family) =>
  (call: Forward): Lowering | null => {
    const { inputs, outputs, attributes, layouts } = call;
    const { x, bias0, bias1, bias2 } = inputs;
    const filters = filtersOf(inputs);
    const places = layoutsOf(filters.map(outputsOf));
    return together(
      BRANCHES.map((i) => {
        const [filter, bias] = [filters[i], [bias0, bias1, bias2][i]];
        const y = { shape: [...outputs.y.shape.slice(0, 3), outputsOf(filter)], dtype: "f32" } as const;
        const made = conv2d[family]?.({
          inputs: {
            x,
            filter,
            bias,
          },
          outputs: { y },
          attributes: {
            stride: 1,
            pad: 0,
            ...attributes,
          },
          target: call.target,
          label: call.label,
          layouts: present({
            x: layouts?.["x"],
            y: i === 0 ? layouts?.["y"] : places[i],
          }),
        });
        return made ? bound(made, { filter: `filter${i}`, bias: `bias${i}`, y: i === 0 ? "y" : "reduced", ...named(i) }) : null;
      }),
    );
  };

/** Three gradients, the later ones added to the first; the last is gated. */
const backwardInTurn =
  (family: Family) =>
  (call: BackwardData): Lowering | null => {
    const { inputs, outputs, layouts } = call;
    const { dy, addend, gate } = inputs;
    const filters = filtersOf(inputs);
    const places = layoutsOf(filters.map(outputsOf));
    const [, height, width] = outputs.dx.shape;
    return together(
      BRANCHES.map((i) => {
        const filter = filters[i];
        const own = { shape: [...dy.shape.slice(0, 3), outputsOf(filter)], dtype: "f32" } as const;
        const sumSoFar = i === 0 ? addend : outputs.dx;
        const made = conv2dBackwardData[family]?.({
          inputs: {
            dy: own,
            filter,
            ...(sumSoFar && { addend: sumSoFar }),
            ...(i === 2 && gate && { gate }),
          },
          outputs,
          attributes: {
            stride: 1,
            pad: 0,
            height,
            width,
          },
          target: call.target,
          label: call.label,
          layouts: present({
            dx: layouts?.["dx"],
            gate: layouts?.["gate"],
            dy: i === 0 ? layouts?.["dy"] : places[i],
          }),
        });
        return made ? bound(made, { filter: `filter${i}`, dy: i === 0 ? "dy" : "dreduced", ...named(i) }) : null;
      }),
    );
  };

/** Three updates. */
const updateInTurn =
  (family: Family) =>
  (call: Update): Lowering | null => {
    const { inputs, attributes, layouts } = call;
    const { x, dy, rate } = inputs;
    const filters = filtersOf(inputs);
    const places = layoutsOf(filters.map(outputsOf));
    return together(
      BRANCHES.map((i) => {
        const [w, bias] = [filters[i], inputs[`bias${i}`]];
        const own = { shape: [...dy.shape.slice(0, 3), outputsOf(w)], dtype: "f32" } as const;
        const made = conv2dUpdate[family]?.({
          inputs: { x, dy: own, w, v: w, bias, biasV: bias, rate },
          outputs: { nextW: w, nextV: w, nextBias: bias, nextBiasV: bias },
          attributes: { stride: 1, pad: 0, ...attributes },
          target: call.target,
          label: call.label,
          layouts: present({ x: layouts?.["x"], dy: i === 0 ? layouts?.["dy"] : places[i] }),
        });
        const states = { w: `filter${i}`, v: `filter${i}V`, bias: `bias${i}`, biasV: `bias${i}V` };
        return made ? bound(made, { ...states, dy: i === 0 ? "dy" : "dreduced", ...named(i) }) : null;
      }),
    );
  };

/** Scratch memory of each branch by itself. */
const named = (i: number): Record<string, string> =>
  Object.fromEntries(["partial", "dfilter", "dbias", "sums"].map((name) => [name, `${name}${i}`]));

const present = (layouts: Readonly<Record<string, Layout | undefined>>): Record<string, Layout> =>
  Object.fromEntries(Object.entries(layouts).filter((entry): entry is [string, Layout] => entry[1] !== undefined));

/** Null unless each could be lowered. */
function together(lowerings: readonly (Lowering | null)[]): Lowering | null {
  const made = lowerings.filter((lowering) => lowering !== null);
  if (made.length < lowerings.length) return null;
  const launches: Launch[] = made.flatMap(({ launches }) => launches);
  return { launches, scratch: Object.assign({}, ...made.map(({ scratch }) => scratch ?? {})) as Record<string, number> };
}
