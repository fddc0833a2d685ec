// Models of several nodes: what is folded, moved and fused between them, against standard-fixture.ts.
import { floats, ints, type SaidNode } from "./model-fixture.ts";
import { type Case, compare, constant, IMAGE, noise } from "./standard-cases-fixture.ts";
import * as standard from "./standard-fixture.ts";
import type { Nd } from "./standard-fixture.ts";
import type { HostTensor } from "./tensor.ts";

const cases: Case[] = [];

/** Models of several nodes. */
function several(
  operator: string,
  title: string,
  nodes: readonly SaidNode[],
  x: Nd,
  expected: Nd,
  initializers: Readonly<Record<string, HostTensor>> = {},
): void {
  cases.push({
    operator,
    title,
    model: { nodes, inputs: { x: x.shape }, outputs: ["y"], initializers },
    feeds: { x },
    expected: [expected],
  });
}
{
  const grouped = standard.reshape(IMAGE, [2, 2, 2, 7, 8]);
  const shuffled = standard.reshape(standard.transpose(grouped, [0, 2, 1, 3, 4]), [2, 4, 7, 8]);
  const w = noise([4, 4, 1, 1], 6);
  several(
    "Transpose",
    "channel shuffle between convolutions",
    [
      { operator: "Conv", inputs: ["x", "w"], outputs: ["a"] },
      { operator: "Reshape", inputs: ["a", "split"], outputs: ["b"] },
      { operator: "Transpose", inputs: ["b"], outputs: ["c"], attributes: { perm: [0, 2, 1, 3, 4] } },
      { operator: "Reshape", inputs: ["c", "join"], outputs: ["d"] },
      { operator: "Conv", inputs: ["d", "w"], outputs: ["y"] },
    ],
    IMAGE,
    (() => {
      const a = standard.conv(IMAGE, w, null, 1, { kernel: [1, 1] });
      const b = standard.reshape(standard.transpose(standard.reshape(a, [2, 2, 2, 7, 8]), [0, 2, 1, 3, 4]), [2, 4, 7, 8]);
      return standard.conv(b, w, null, 1, { kernel: [1, 1] });
    })(),
    { w: constant(w), split: ints(2, 2, 2, 7, 8), join: ints(2, 4, 7, 8) },
  );
  several(
    "Transpose",
    "channel shuffle of an input",
    [
      { operator: "Reshape", inputs: ["x", "split"], outputs: ["b"] },
      { operator: "Transpose", inputs: ["b"], outputs: ["c"], attributes: { perm: [0, 2, 1, 3, 4] } },
      { operator: "Reshape", inputs: ["c", "join"], outputs: ["y"] },
    ],
    IMAGE,
    shuffled,
    { split: ints(2, 2, 2, 7, 8), join: ints(2, 4, 7, 8) },
  );
  const fc = noise([224, 3], 8);
  several(
    "Gemm",
    "features of an image in its own order of axes",
    [
      { operator: "Relu", inputs: ["x"], outputs: ["r"] },
      { operator: "MaxPool", inputs: ["r"], outputs: ["p"], attributes: { kernel_shape: [1, 1] } },
      { operator: "Flatten", inputs: ["p"], outputs: ["f"] },
      { operator: "Sigmoid", inputs: ["f"], outputs: ["s"] },
      { operator: "Gemm", inputs: ["s", "w"], outputs: ["y"] },
    ],
    IMAGE,
    standard.matMul(
      standard.map(standard.reshape(IMAGE, [2, 224]), (value) => 1 / (1 + Math.exp(-Math.max(value, 0)))),
      fc,
    ),
    { w: constant(fc) },
  );
  several(
    "Shape",
    "arithmetic of shapes: rows of all that is not images",
    [
      { operator: "MaxPool", inputs: ["x"], outputs: ["p"], attributes: { kernel_shape: [2, 2] } },
      { operator: "Shape", inputs: ["p"], outputs: ["shape"] },
      { operator: "Gather", inputs: ["shape", "zero"], outputs: ["images"], attributes: { axis: 0 } },
      { operator: "Unsqueeze", inputs: ["images", "axes"], outputs: ["list"] },
      { operator: "Concat", inputs: ["list", "rest"], outputs: ["wanted"], attributes: { axis: 0 } },
      { operator: "Reshape", inputs: ["p", "wanted"], outputs: ["y"] },
    ],
    IMAGE,
    standard.reshape(standard.maxPool(IMAGE, { kernel: [2, 2] }), [2, 168]),
    { zero: { dims: [], kind: "int", data: Float64Array.of(0) }, axes: ints(0), rest: ints(-1) },
  );
  several(
    "Constant",
    "of a tensor, added",
    [
      { operator: "Constant", inputs: [], outputs: ["c"], attributes: { value: floats([1], 3) } },
      { operator: "Add", inputs: ["x", "c"], outputs: ["y"] },
    ],
    IMAGE,
    standard.map(IMAGE, (value) => value + 3),
  );
  several(
    "ConstantOfShape",
    "a filter of ones",
    [
      { operator: "ConstantOfShape", inputs: ["shape"], outputs: ["w"], attributes: { value: floats([1], 1) } },
      { operator: "Conv", inputs: ["x", "w"], outputs: ["y"] },
    ],
    IMAGE,
    standard.conv(IMAGE, { shape: [2, 4, 3, 3], data: Array.from({ length: 72 }, () => 1) }, null, 1, { kernel: [3, 3] }),
    { shape: ints(2, 4, 3, 3) },
  );
  const rgb = noise([2, 3, 4, 4]);
  const channel = (at: number): SaidNode[] => [
    { operator: "Gather", inputs: ["x", `i${at}`], outputs: [`g${at}`], attributes: { axis: 1 } },
    { operator: "Unsqueeze", inputs: [`g${at}`, "axes"], outputs: [`u${at}`] },
    { operator: "Mul", inputs: [`u${at}`, "factor"], outputs: [`m${at}`] },
    { operator: "Add", inputs: [`m${at}`, "offset"], outputs: [`a${at}`] },
  ];
  several(
    "Gather",
    "each channel by itself, as torchvision's GoogLeNet prepares its input",
    [
      ...channel(0),
      ...channel(1),
      ...channel(2),
      { operator: "Concat", inputs: ["a0", "a1", "a2"], outputs: ["y"], attributes: { axis: 1 } },
    ],
    rgb,
    standard.map(rgb, (value) => 0.25 * value - 0.5),
    {
      ...Object.fromEntries([0, 1, 2].map((at) => [`i${at}`, { dims: [], kind: "int", data: Float64Array.of(at) } as const])),
      axes: ints(1),
      factor: floats([], 0.25),
      offset: floats([], -0.5),
    },
  );
  const wd = noise([4, 1, 3, 3], 3);
  const [scale, b, mean] = [1, 2, 3].map((stream) => noise([4], stream));
  const variance = standard.map(noise([4], 4), (value) => Math.fround(value + 1.5));
  const moments = { scale: constant(scale), b: constant(b), mean: constant(mean), variance: constant(variance) };
  const norm = { operator: "BatchNormalization", inputs: ["a", "scale", "b", "mean", "variance"], outputs: ["y"] };
  const normed = (x: Nd): Nd => standard.batchNorm(x, scale, b, mean, variance, Math.fround(1e-5));
  several(
    "BatchNormalization",
    "folded into a convolution",
    [{ operator: "Conv", inputs: ["x", "w", "b"], outputs: ["a"] }, norm],
    IMAGE,
    normed(standard.conv(IMAGE, w, b, 1, { kernel: [1, 1] })),
    { ...moments, w: constant(w) },
  );
  several(
    "BatchNormalization",
    "folded into a depthwise convolution",
    [{ operator: "Conv", inputs: ["x", "w"], outputs: ["a"], attributes: { group: 4 } }, norm],
    IMAGE,
    normed(standard.conv(IMAGE, wd, null, 4, { kernel: [3, 3] })),
    { ...moments, w: constant(wd) },
  );
  several(
    "BatchNormalization",
    "folded into a dilated convolution in groups",
    [{ operator: "Conv", inputs: ["x", "w"], outputs: ["a"], attributes: { group: 2, dilations: [2, 1] } }, norm],
    IMAGE,
    normed(standard.conv(IMAGE, noise([4, 2, 2, 2], 5), null, 2, { kernel: [2, 2], dilations: [2, 1] })),
    { ...moments, w: constant(noise([4, 2, 2, 2], 5)) },
  );
}

/** A node on constants, whose output is added to x. */
function folded(
  operator: string,
  title: string,
  constants: readonly HostTensor[],
  expected: Nd,
  attributes: SaidNode["attributes"] = {},
): void {
  const x = noise([2, 3]);
  const names = constants.map((_, at) => `c${at}`);
  several(
    operator,
    title,
    [
      { operator, inputs: names, outputs: ["known"], attributes },
      { operator: "Cast", inputs: ["known"], outputs: ["float"], attributes: { to: 1 } },
      { operator: "Add", inputs: ["x", "float"], outputs: ["y"] },
    ],
    x,
    standard.broadcast(x, expected, (a, b) => a + b),
    Object.fromEntries(constants.map((known, at) => [names[at], known])),
  );
}
{
  const row = floats([3], 2.25, -0.5, 4);
  const whole = (value: number): HostTensor => ({ dims: [], kind: "int", data: Float64Array.of(value) });
  const values = (...data: number[]): Nd => ({ shape: [data.length], data });
  folded("Size", "of a row", [row], values(3));
  folded("Range", "with a step", [whole(1), whole(7), whole(2)], values(1, 3, 5));
  folded("Range", "downwards, its limit left out", [whole(5), whole(-1), whole(-2)], values(5, 3, 1));
  folded("Expand", "by an axis", [row, ints(2, 3)], { shape: [2, 3], data: [2.25, -0.5, 4, 2.25, -0.5, 4] });
  folded("Equal", "whole numbers", [ints(1, 2, 3), ints(1, 5, 3)], values(1, 0, 1));
  folded("Where", "one value for all others", [ints(1, 0, 1), row, floats([1], 9)], values(2.25, 9, 4));
  folded("Floor", "of a row", [row], values(2, -1, 4));
  folded("Ceil", "of a row", [row], values(3, 0, 4));
  folded("Neg", "of a row", [row], values(-2.25, 0.5, -4));
  folded("Sqrt", "of a row", [floats([3], 2.25, 0.25, 4)], values(1.5, 0.5, 2));
  folded("Reciprocal", "of a row", [row], values(1 / Math.fround(2.25), -2, 0.25));
  folded("Div", "whole numbers, towards 0", [ints(7, -7, 6), ints(2)], values(3, -3, 3));
  folded("Slice", "with a step", [row, ints(2), ints(-4), ints(0), ints(-1)], values(4, -0.5, 2.25));
  folded("Cast", "to whole numbers, towards 0", [row], values(2, 0, 4), { to: 7 });
}

compare(cases, 24);
