// How the 1 x 1 convolutions of an inception module are launched that share their input: as one matrix product over all their columns (fast
// families), or one after the other. Device code: shaders/gemm/gemm-subgroup.wgsl and gemm-workgroup.wgsl with shaders/lib/inception-*.wgsl,
// shaders/joined-steps.wgsl, and that of convolutions.
import type { TensorType } from "../graph/op.ts";
import * as ops from "../ops/inception.ts";
import { BYTES_PER_ELEMENT, ceilDiv, sizeOf } from "../tensor/shape.ts";
import { conv2d, conv2dBackwardData, geometry } from "./conv2d.ts";
import { inFours, inTiles, stridesOf, type CallOf, type Product, type Tiling } from "./gemm.ts";
import { subgroupTile } from "./gemm-subgroup.ts";
import { workgroupTile } from "./gemm-workgroup.ts";
import { conv2dUpdate } from "./update.ts";
import { areTwoRanges, joinedSteps, stepsOf } from "./joined-steps.ts";
import { bound, kernel, type Family, type Launch, type Layout, type Lowering, type Target, type Tuning } from "./kernel.ts";

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
  workgroup: (call) => forwardAtOnce(call, WORKGROUP_FORWARD) ?? forwardInTurn("workgroup")(call),
  subgroup: (call) => forwardAtOnce(call, SUBGROUP_FORWARD) ?? forwardInTurn("subgroup")(call),
  quad: (call) => forwardInTurn("quad")(call),
});

export const inceptionBackwardData = kernel(ops.inceptionBackwardData, {
  textbook: (call) => backwardInTurn("textbook")(call) as Lowering,
  workgroup: (call) => backwardAtOnce(call, WORKGROUP_BACKWARD_DATA) ?? backwardInTurn("workgroup")(call),
  subgroup: (call) => backwardAtOnce(call, SUBGROUP_BACKWARD_DATA) ?? backwardInTurn("subgroup")(call),
  quad: (call) => backwardInTurn("quad")(call),
});

export const inceptionUpdate = kernel(ops.inceptionUpdate, {
  textbook: (call) => updateInTurn("textbook")(call) as Lowering,
  workgroup: (call) => updateOfSums(call) ?? updateInTurn("workgroup")(call),
  subgroup: (call) => updateAtOnce(call) ?? updateInTurn("subgroup")(call),
  quad: (call) => updateInTurn("quad")(call),
});

/** The device code of all branches as one product in a family. */
interface Code {
  readonly tile: typeof subgroupTile;
  readonly slots: Readonly<Record<string, string>>;
  /** The same of the launch that adds the parts of split sums. */
  readonly sumSlots?: Readonly<Record<string, string>>;
  /** The variable that holds the parameters. */
  readonly parameters: string;
  /** Parameters of a single convolution's product that this code does not declare. */
  readonly undeclared: readonly string[];
}

const subgroupCode = (phase: string): Code => ({ tile: subgroupTile, slots: { phase }, parameters: "parameters", undeclared: ["BIAS"] });
const SUBGROUP_FORWARD = subgroupCode("lib/inception-forward.wgsl");
const SUBGROUP_BACKWARD_DATA = subgroupCode("lib/inception-backward-data.wgsl");
const SUBGROUP_UPDATE = subgroupCode("lib/inception-update.wgsl");
const RUNS = { columns: "lib/inception-runs.wgsl" };
const WORKGROUP_FORWARD: Code = {
  tile: gpuTile,
  slots: { ...RUNS, result: "lib/inception-forward-result.wgsl", filter: "lib/inception-filter.wgsl" },
  sumSlots: { run: "lib/inception-run.wgsl", result: "lib/inception-sums-result.wgsl" },
  parameters: "filters",
  undeclared: [],
};
const WORKGROUP_BACKWARD_DATA: Code = {
  tile: gpuTile,
  slots: { phase: "lib/inception-backward-data-fours.wgsl", late: "lib/inception-late-outputs.wgsl" },
  parameters: "filters",
  undeclared: ["STRIDE"],
};
const WORKGROUP_UPDATE: Code = {
  tile: splitWorkgroupTile,
  slots: {
    ...RUNS,
    phase: "gemm/gemm-workgroup-backward-filter.wgsl",
    gradients: "lib/inception-gradients.wgsl",
    late: "lib/inception-late-gradients.wgsl",
  },
  parameters: "parameters",
  undeclared: [],
};

/** All branches as one product. */
interface AtOnce {
  readonly call: Pick<Forward | BackwardData | Update, "target" | "layouts" | "spanBytes">;
  readonly filters: readonly TensorType[];
  /** Runs of columns each of which starts a tile; default: the branches. */
  readonly runs?: readonly number[];
  /** What lies as the shared input does, and as the first branch's output, by port. */
  readonly inner: readonly [port: string, type: TensorType];
  readonly outer: readonly [port: string, type: TensorType];
  /** `reduced` of branches 1 and 2, or its gradient. */
  readonly reduced: TensorType;
  readonly product: Omit<Product, "geometry" | "strides" | "cost">;
  /** Variables bound to the ranges of memory that hold several states. */
  readonly spans: Readonly<Record<string, readonly string[]>>;
  readonly dims: Readonly<Record<string, number>>;
  readonly code: Code;
}

/** Null where tensors need slices, outputs are not in fours, or the parameters do not lie together. */
function atOnce({ call, filters, runs = filters.map(outputsOf), inner, outer, reduced, spans, dims, code, ...rest }: AtOnce): Lowering | null {
  const { target, layouts } = call;
  const widths = filters.map(outputsOf);
  const [x, y] = [inner[1], outer[1]];
  const largest = Math.max(largestSpan(call, spans), bytesOf(x, layouts?.[inner[0]]), bytesOf(y, layouts?.[outer[0]]), bytesOf(reduced));
  if (largest > target.maxBindingBytes || widths.some((outputs) => outputs % 4 !== 0)) return null;
  const [images, height, width, channels] = x.shape;
  const whole = geometry(x.shape, [1, 1, 1, channels, sum(widths)], y.shape, { stride: 1, pad: 0 });
  const product: Product = {
    ...rest.product,
    geometry: whole,
    strides: stridesOf(whole, layouts?.[inner[0]], layouts?.[outer[0]] ?? { stride: widths[0], first: 0 }),
    cost: costOf(images * height * width, channels, widths),
  };
  const tile = code.tile(product, target, undefined, product.phase === "backward-data" ? undefined : runs);
  if (!tile) return null;
  // Where branches are columns, a tile of columns belongs to one run.
  const tiles = product.phase === "backward-data" ? null : runs.map((outputs) => ceilDiv(outputs, tile.columns));
  const { launches, scratch } = inTiles(product, target, {
    ...tile,
    ...(tiles && { columnTiles: sum(tiles) }),
    slots: code.slots,
    sumSlots: { ...code.sumSlots, ...BRANCHES_OF_DIMS },
    dims: { ...dims, ...branchDims(tiles ? runs : widths, tiles ?? [0, 0]) },
  });
  // Only biases are parameters of what becomes of a sum; the step of an update is the caller's.
  const [launch, ...adding] = launches.map((each, i) => spanned(each, i === 0 || product.bias ? spans : {}, code));
  return { launches: product.update ? [launch] : [launch, ...adding], ...(scratch && { scratch }) };
}

/** Bytes of the largest range of memory that holds several states; infinite where states do not lie together. */
const largestSpan = ({ spanBytes }: AtOnce["call"], spans: AtOnce["spans"]): number =>
  Math.max(0, ...Object.values(spans).map((ports) => spanBytes?.(ports) ?? Infinity));

const forwardAtOnce = (call: Forward, code: Code): Lowering | null =>
  atOnce({
    call,
    filters: filtersOf(call.inputs),
    inner: ["x", call.inputs.x],
    outer: ["y", call.outputs.y],
    reduced: call.outputs.reduced,
    product: { phase: "forward", accumulate: false, bias: true, relu: call.attributes.relu ?? false, bind: {} },
    spans: { [code.parameters]: PARAMETERS },
    dims: NO_MOMENTA,
    code,
  });

const backwardAtOnce = (call: BackwardData, code: Code): Lowering | null =>
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
    spans: { [code.parameters]: FILTERS },
    dims: { ...NO_FILTERS, ...NO_BIASES, ...NO_MOMENTA },
    code,
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
    code: SUBGROUP_UPDATE,
  });

/** The gradients in parts, of which a second launch makes the update; null where there is one part. */
function updateOfSums(call: Update): Lowering | null {
  const { inputs, attributes, target, spanBytes } = call;
  const widths = filtersOf(inputs).map(outputsOf);
  if (!spanBytes || !areTwoRanges(spanBytes, { values: PARAMETERS, momenta: MOMENTA }, target)) return null;
  const made = atOnce({
    call,
    filters: filtersOf(inputs),
    // The gradients of the second and the third lie side by side.
    runs: [widths[0], widths[1] + widths[2]],
    inner: ["x", inputs.x],
    outer: ["dy", inputs.dy],
    reduced: inputs.dreduced,
    product: { phase: "backward-filter", accumulate: false, update: attributes, bind: {} },
    spans: {},
    dims: { ...NO_FILTERS, ...NO_BIASES, ...NO_MOMENTA },
    code: WORKGROUP_UPDATE,
  });
  // A few pixels make one part only, which has no second launch.
  if (!made?.scratch) return null;
  const [{ dims }] = made.launches;
  const { rows } = dims;
  const columns = sum(widths);
  const parts = dims["tiles"] / (dims["rowTiles"] * dims["columnTiles"]);
  const steps = BRANCHES.map((i) => {
    const ports = { w: `filter${i}`, v: `filter${i}V`, bias: `bias${i}`, biasV: `bias${i}V` };
    const partialAt = sum(widths.slice(0, i));
    return stepsOf({ parts, size: (rows + 1) * columns, partialAt, columns, rows, outputs: widths[i], group: 0, ports }, attributes);
  });
  return { ...made, launches: [...made.launches, joinedSteps(steps.flat(), target)] };
}

/** Outputs of the branches or runs, and where the tiles of the second and the third begin. */
const branchDims = ([outputs0, outputs1, outputs2 = 0]: readonly number[], tiles: readonly number[]): Record<string, number> => ({
  outputs0,
  outputs1,
  outputs2,
  firstTile1: tiles[0],
  firstTile2: tiles[0] + tiles[1],
});

const BRANCHES_OF_DIMS = { branches: "lib/inception-dims.wgsl" };

/** Places of states that a shader does not have. */
const NO_FILTERS = { filter0At: 0, filter1At: 0, filter2At: 0 };
const NO_BIASES = { bias0At: 0, bias1At: 0, bias2At: 0 };
const NO_MOMENTA = { filter0VAt: 0, filter1VAt: 0, filter2VAt: 0, bias0VAt: 0, bias1VAt: 0, bias2VAt: 0 };

/** The launch with its parameters in ranges of memory, instead of the slots of single convolutions. */
const spanned = ({ slots, params, ...launch }: Launch, spans: AtOnce["spans"], { undeclared }: Code): Launch => ({
  ...launch,
  params: without(params, undeclared),
  slots: { ...without(slots, ["bias", "finish"]), ...BRANCHES_OF_DIMS },
  ...(Object.keys(spans).length > 0 && { spans }),
});

const without = <T>(named: Readonly<Record<string, T>> = {}, names: readonly string[]): Record<string, T> =>
  Object.fromEntries(Object.entries(named).filter(([name]) => !names.includes(name)));

/** A tile for a GPU whose elements come in fours. */
function gpuTile(product: Product, target: Target, tuning?: Tuning, widths?: readonly number[]): Tiling | null {
  return target.cpu || !inFours(product) ? null : workgroupTile(product, target, tuning, widths);
}

/** A tile for sums in at least two parts. */
function splitWorkgroupTile(product: Product, target: Target, tuning?: Tuning, widths?: readonly number[]): Tiling | null {
  const tile = gpuTile(product, target, tuning, widths);
  return tile ? { ...tile, parts: Math.max(2, tile.parts ?? 1) } : null;
}

const costOf = (pixels: number, channels: number, widths: readonly number[]): Product["cost"] => ({
  flops: 2 * pixels * channels * sum(widths),
  bytes: BYTES_PER_ELEMENT * (pixels * (channels + sum(widths)) + channels * sum(widths)),
});

/** Bytes of what a tensor lies in. */
const bytesOf = ({ shape }: TensorType, layout?: Layout): number =>
  sizeOf(shape.slice(0, -1)) * (layout?.stride ?? shape[shape.length - 1]) * BYTES_PER_ELEMENT;
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
