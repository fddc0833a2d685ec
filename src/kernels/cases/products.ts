// Cases of convolution and of inner products, all passes.
import type { ops } from "../../ops/index.ts";
import { floats, normal, words, type Cases, type CaseInput } from "./case.ts";

interface Convolution {
  readonly x: readonly [images: number, height: number, width: number, channels: number];
  readonly filter: readonly [groups: number, kh: number, kw: number, channels: number, outputs: number];
  readonly stride: number;
  readonly pad: number;
  readonly maxBindingBytes?: number;
}

/** The three passes run on the same convolutions. */
const convolutions: Readonly<Record<string, Convolution>> = {
  "control: 3 x 3": { x: [2, 14, 14, 32], filter: [1, 3, 3, 32, 64], stride: 1, pad: 1 },
  "1 x 1, as an inception block reduces": { x: [2, 14, 14, 96], filter: [1, 1, 1, 96, 16], stride: 1, pad: 0 },
  "5 x 5": { x: [2, 14, 14, 16], filter: [1, 5, 5, 16, 48], stride: 1, pad: 2 },
  "as AlexNet conv1: stride 4, 3 channels padded to 4": { x: [1, 67, 67, 4], filter: [1, 11, 11, 4, 96], stride: 4, pad: 0 },
  "as GoogLeNet conv1: stride 2, padded": { x: [1, 32, 32, 4], filter: [1, 7, 7, 4, 64], stride: 2, pad: 3 },
  "as AlexNet conv2: two groups": { x: [1, 13, 13, 48], filter: [2, 5, 5, 24, 32], stride: 1, pad: 2 },
  "few channels in two groups": { x: [2, 9, 9, 16], filter: [2, 3, 3, 8, 8], stride: 1, pad: 1 },
  "few channels, few pixels": { x: [7, 2, 2, 16], filter: [1, 3, 3, 16, 12], stride: 1, pad: 1 },
  "rows left over by the stride": { x: [2, 10, 9, 8], filter: [1, 3, 3, 8, 16], stride: 2, pad: 0 },
  "channels and outputs not multiples of 4": { x: [2, 9, 7, 5], filter: [1, 3, 3, 5, 7], stride: 1, pad: 1 },
  "odd groups": { x: [1, 8, 8, 9], filter: [3, 3, 3, 3, 5], stride: 1, pad: 1 },
  "97 channels": { x: [1, 9, 8, 97], filter: [1, 3, 2, 97, 12], stride: 1, pad: 1 },
  "stride 3": { x: [5, 11, 10, 12], filter: [1, 3, 3, 12, 32], stride: 3, pad: 1 },
  "pixels that no window reaches": { x: [1, 9, 11, 8], filter: [1, 2, 2, 8, 8], stride: 4, pad: 0 },
  "one channel, one output": { x: [1, 9, 9, 1], filter: [1, 3, 3, 1, 1], stride: 1, pad: 1 },
  "one pixel": { x: [3, 1, 1, 16], filter: [1, 3, 3, 16, 32], stride: 1, pad: 1 },
  "kernel as large as the image": { x: [2, 6, 6, 16], filter: [1, 6, 6, 16, 64], stride: 1, pad: 0 },
  "not square": { x: [2, 6, 17, 8], filter: [1, 3, 5, 8, 16], stride: 1, pad: 1 },
  "outputs between tiles": { x: [2, 7, 7, 20], filter: [1, 3, 3, 20, 100], stride: 1, pad: 1 },
  "more than a binding holds": { x: [7, 8, 8, 8], filter: [1, 3, 3, 8, 8], stride: 1, pad: 1, maxBindingBytes: 4096 },
  // Winograd's larger tiles would make filters that no binding holds.
  "twice what a binding holds": { x: [4, 16, 16, 16], filter: [1, 3, 3, 16, 16], stride: 1, pad: 1, maxBindingBytes: 32768 },
};

const eachConvolution = <T>(make: (shapes: Convolution & { y: readonly number[]; outputs: number }) => T): Record<string, T> =>
  Object.fromEntries(
    Object.entries(convolutions).map(([title, convolution]) => {
      const { x, filter, stride, pad, maxBindingBytes } = convolution;
      const [groups, kh, kw, , perGroup] = filter;
      const windows = (extent: number, kernel: number): number => Math.floor((extent + 2 * pad - kernel) / stride) + 1;
      const outputs = groups * perGroup;
      const made = make({ ...convolution, y: [x[0], windows(x[1], kh), windows(x[2], kw), outputs], outputs });
      return [title, maxBindingBytes === undefined ? made : { ...made, target: { maxBindingBytes } }];
    }),
  );

export const conv2d: Cases<typeof ops.conv2d> = {
  ...eachConvolution(({ x, filter, outputs, stride, pad }) => ({
    inputs: { x: normal(x), filter: normal(filter, 0.1), bias: normal([outputs]) },
    attributes: { stride, pad },
  })),
  "no bias": { inputs: { x: normal([2, 7, 7, 16]), filter: normal([1, 3, 3, 16, 32]) }, attributes: { stride: 1, pad: 1 } },
  "ReLU in the epilogue": {
    inputs: { x: normal([2, 7, 7, 16]), filter: normal([1, 3, 3, 16, 32], 0.1), bias: normal([32]) },
    attributes: { stride: 1, pad: 1, relu: true },
  },
  "a residual and ReLU in the epilogue": {
    inputs: {
      x: normal([2, 7, 7, 16]),
      filter: normal([1, 3, 3, 16, 32], 0.1),
      bias: normal([32]),
      addend: normal([2, 7, 7, 32]),
    },
    attributes: { stride: 1, pad: 1, relu: true },
  },
  "ReLU6 in the epilogue": {
    inputs: { x: normal([2, 7, 7, 16], 4), filter: normal([1, 3, 3, 16, 32], 0.3), bias: normal([32]) },
    attributes: { stride: 1, pad: 1, relu: true, most: 6 },
  },
  "a residual of an odd number of channels, no bias": {
    inputs: { x: normal([1, 5, 6, 9]), filter: normal([1, 1, 1, 9, 7]), addend: normal([1, 5, 6, 7]) },
    attributes: { stride: 1, pad: 0 },
  },
  "a residual, in slices": {
    inputs: {
      x: normal([7, 8, 8, 8]),
      filter: normal([1, 3, 3, 8, 8], 0.1),
      bias: normal([8]),
      addend: normal([7, 8, 8, 8]),
    },
    attributes: { stride: 1, pad: 1, relu: true },
    target: { maxBindingBytes: 4096 },
  },
  "a residual, of a sum that a GPU splits": {
    inputs: {
      x: normal([1, 2, 2, 512]),
      filter: normal([1, 3, 3, 512, 64], 0.05),
      bias: normal([64]),
      addend: normal([1, 2, 2, 64]),
    },
    attributes: { stride: 1, pad: 1, relu: true },
    target: { cpu: false },
  },
};

export const conv2dBackwardData: Cases<typeof ops.conv2dBackwardData> = {
  ...eachConvolution(({ x, y, filter, stride, pad }) => ({
    inputs: { dy: normal(y), filter: normal(filter, 0.1) },
    attributes: { stride, pad, height: x[1], width: x[2] },
  })),
  gated: {
    inputs: { dy: normal([2, 7, 7, 32]), filter: normal([1, 3, 3, 16, 32], 0.1), gate: normal([2, 7, 7, 16]) },
    attributes: { stride: 1, pad: 1, height: 7, width: 7 },
  },
  "gated, added to a sum, in slices": {
    inputs: {
      dy: normal([7, 8, 8, 8]),
      filter: normal([1, 3, 3, 8, 8], 0.1),
      gate: normal([7, 8, 8, 8]),
      addend: normal([7, 8, 8, 8]),
    },
    attributes: { stride: 1, pad: 1, height: 8, width: 8 },
    target: { maxBindingBytes: 4096 },
  },
};

const step = { momentum: 0.9, decay: 0.01, rateMultiplier: 1, biasDecay: 0, biasRateMultiplier: 2 } as const;

export const conv2dUpdate: Cases<typeof ops.conv2dUpdate> = {
  ...eachConvolution(({ x, y, filter, outputs, stride, pad }) => ({
    inputs: {
      x: normal(x),
      dy: normal(y),
      w: normal(filter),
      v: normal(filter),
      bias: normal([outputs]),
      biasV: normal([outputs]),
      rate: floats(0.01, 1),
    },
    attributes: { stride, pad, ...step },
  })),
  "two groups, of a sum that a GPU splits, parameters side by side": {
    inputs: {
      x: normal([2, 14, 14, 16]),
      dy: normal([2, 14, 14, 24]),
      w: normal([2, 3, 3, 8, 12]),
      bias: normal([24]),
      v: normal([2, 3, 3, 8, 12]),
      biasV: normal([24]),
      rate: floats(0.01, 1),
    },
    attributes: { stride: 1, pad: 1, ...step },
    states: ["w", "bias", "v", "biasV"],
    target: { cpu: false },
  },
};

export const conv2dBackwardFilter: Cases<typeof ops.conv2dBackwardFilter> = eachConvolution(({ x, y, filter, stride, pad }) => ({
  inputs: { x: normal(x), dy: normal(y) },
  attributes: { stride, pad, groups: filter[0], kh: filter[1], kw: filter[2] },
}));

/** The 1 x 1 convolutions of a module: pixels, channels, and the outputs of its three branches. */
const module = (pixels: readonly [number, number, number], channels: number, [n0, n1, n2]: readonly [number, number, number]) => {
  const filter = (outputs: number): CaseInput => normal([1, 1, 1, channels, outputs], 0.1);
  const filters = { filter0: filter(n0), filter1: filter(n1), filter2: filter(n2) };
  return {
    forward: { x: normal([...pixels, channels]), ...filters, bias0: normal([n0]), bias1: normal([n1]), bias2: normal([n2]) },
    backward: { dy: normal([...pixels, n0]), dreduced: normal([...pixels, n1 + n2]), ...filters },
    momenta: {
      filter0V: filter(n0),
      filter1V: filter(n1),
      filter2V: filter(n2),
      bias0V: normal([n0]),
      bias1V: normal([n1]),
      bias2V: normal([n2]),
    },
    dx: normal([...pixels, channels]),
  };
};
const modules = {
  "as inception 3a": module([2, 14, 14], 192, [64, 96, 16]),
  "pixels and outputs between tiles": module([3, 5, 7], 40, [48, 24, 8]),
  "channels not a multiple of 4": module([1, 5, 5], 6, [6, 5, 3]),
};
const FILTERS = ["filter0", "filter1", "filter2"];
const PARAMETERS = ["filter0", "bias0", "filter1", "bias1", "filter2", "bias2"];
/** A GPU splits the sums of each of its passes. */
const split = module([2, 5, 5], 512, [144, 128, 24]);
const GPU = { cpu: false };

const eachModule = <T>(make: (shapes: ReturnType<typeof module>) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(modules).map(([title, shapes]) => [title, make(shapes)]));

export const inception: Cases<typeof ops.inception> = {
  ...eachModule(({ forward }) => ({ inputs: forward, attributes: { relu: true }, states: PARAMETERS })),
  "without ReLU, parameters apart": { inputs: modules["as inception 3a"].forward, attributes: {} },
  "on a GPU, not split": { inputs: modules["as inception 3a"].forward, attributes: { relu: true }, states: PARAMETERS, target: GPU },
  "on a GPU, split": { inputs: split.forward, attributes: { relu: true }, states: PARAMETERS, target: GPU },
};

export const inceptionBackwardData: Cases<typeof ops.inceptionBackwardData> = {
  ...eachModule(({ backward }) => ({ inputs: backward, attributes: {}, states: FILTERS })),
  "gated, added to a sum": {
    inputs: { ...modules["as inception 3a"].backward, gate: modules["as inception 3a"].dx, addend: modules["as inception 3a"].dx },
    attributes: {},
    states: FILTERS,
  },
  "on a GPU, not split, gated": {
    inputs: { ...modules["as inception 3a"].backward, gate: modules["as inception 3a"].dx },
    attributes: {},
    states: FILTERS,
    target: GPU,
  },
  "on a GPU, split, gated, added to a sum": {
    inputs: { ...split.backward, gate: split.dx, addend: split.dx },
    attributes: {},
    states: FILTERS,
    target: GPU,
  },
  "gated, added to a sum, parameters apart": {
    inputs: { ...modules["as inception 3a"].backward, gate: modules["as inception 3a"].dx, addend: modules["as inception 3a"].dx },
    attributes: {},
  },
};

const updateOf = ({ forward, backward, momenta }: ReturnType<typeof module>) => ({
  inputs: { ...forward, dy: backward.dy, dreduced: backward.dreduced, ...momenta, rate: floats(0.01, 1) },
  attributes: step,
});

export const inceptionUpdate: Cases<typeof ops.inceptionUpdate> = {
  ...eachModule(updateOf),
  "on a GPU": { ...updateOf(split), states: [...PARAMETERS, ...PARAMETERS.map((port) => `${port}V`)], target: GPU },
};

export const sumPixels: Cases<typeof ops.sumPixels> = {
  control: { inputs: { x: normal([2, 14, 14, 64]) }, attributes: {} },
  "a batch of rows": { inputs: { x: normal([32, 1000]) }, attributes: {} },
  "channels not a multiple of 4": { inputs: { x: normal([2, 9, 11, 5]) }, attributes: {} },
  "one channel": { inputs: { x: normal([2, 9, 11, 1]) }, attributes: {} },
  "one pixel": { inputs: { x: normal([1, 96]) }, attributes: {} },
  "more than a binding holds": { inputs: { x: normal([700, 12]) }, attributes: {}, target: { maxBindingBytes: 8192 } },
};

interface Product {
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly maxBindingBytes?: number;
}

const products: Readonly<Record<string, Product>> = {
  "control: a fully connected layer": { rows: 8, inputs: 256, outputs: 512 },
  "as a classifier of ImageNet": { rows: 4, inputs: 1024, outputs: 1000 },
  "two classes": { rows: 32, inputs: 256, outputs: 2 },
  "three classes": { rows: 5, inputs: 100, outputs: 3 },
  "one row": { rows: 1, inputs: 512, outputs: 64 },
  "extents not multiples of 4": { rows: 7, inputs: 33, outputs: 29 },
  "one input": { rows: 4, inputs: 1, outputs: 16 },
  "rows that half fill a tile": { rows: 12, inputs: 48, outputs: 160 },
  "more rows than a tile": { rows: 100, inputs: 64, outputs: 96 },
  "a weight larger than a binding": { rows: 4, inputs: 128, outputs: 64, maxBindingBytes: 16384 },
  "a weight in uneven slices": { rows: 20, inputs: 200, outputs: 32, maxBindingBytes: 16384 },
};

const eachProduct = <T>(make: (product: Record<"x" | "weight" | "y", CaseInput> & Product) => T): Record<string, T> =>
  Object.fromEntries(
    Object.entries(products).map(([title, product]) => {
      const { rows, inputs, outputs, maxBindingBytes } = product;
      const made = make({ ...product, x: normal([rows, inputs]), weight: normal([inputs, outputs], 0.1), y: normal([rows, outputs]) });
      return [title, maxBindingBytes === undefined ? made : { ...made, target: { maxBindingBytes } }];
    }),
  );

export const innerProduct: Cases<typeof ops.innerProduct> = {
  ...eachProduct(({ x, weight, outputs }) => ({ inputs: { x, weight, bias: normal([outputs]) }, attributes: {} })),
  "no bias": { inputs: { x: normal([4, 64]), weight: normal([64, 32]) }, attributes: {} },
  "ReLU in the epilogue, in slices": {
    inputs: { x: normal([4, 128]), weight: normal([128, 32], 0.1), bias: normal([32]) },
    attributes: { relu: true },
    target: { maxBindingBytes: 8192 },
  },
  "ReLU and dropout in the epilogue": {
    inputs: { x: normal([5, 64]), weight: normal([64, 48], 0.1), bias: normal([48]), random: words(3, 1, 9, 0) },
    attributes: { relu: true, dropout: { ratio: 0.4, stream: 2 } },
  },
  "dropout in the epilogue, in slices": {
    inputs: { x: normal([4, 128]), weight: normal([128, 32], 0.1), bias: normal([32]), random: words(3, 1, 9, 0) },
    attributes: { dropout: { ratio: 0.7, stream: 1 } },
    target: { maxBindingBytes: 8192 },
  },
};

export const innerProductBackwardData: Cases<typeof ops.innerProductBackwardData> = {
  ...eachProduct(({ y, weight }) => ({ inputs: { dy: y, weight }, attributes: {} })),
  "gated and scaled, as before a dropout": {
    inputs: { dy: normal([4, 32]), weight: normal([64, 32]), gate: normal([4, 64]) },
    attributes: { scale: 2 },
  },
  "gated, added to a sum, in slices": {
    inputs: { dy: normal([4, 32]), weight: normal([128, 32]), gate: normal([4, 128]), addend: normal([4, 128]) },
    attributes: {},
    target: { maxBindingBytes: 8192 },
  },
};

export const innerProductUpdate: Cases<typeof ops.innerProductUpdate> = eachProduct(({ x, y, weight, outputs }) => ({
  inputs: { x, dy: y, w: weight, v: weight, bias: normal([outputs]), biasV: normal([outputs]), rate: floats(0.01, 1) },
  attributes: step,
}));

export const innerProductBackwardWeight: Cases<typeof ops.innerProductBackwardWeight> = eachProduct(({ x, y }) => ({
  inputs: { x, dy: y },
  attributes: {},
}));
