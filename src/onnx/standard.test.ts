// Every operator that is read, with the shapes and attributes that ONNX's text names, against standard-fixture.ts in float64. Each case is a model of
// one node or a few, written to bytes, read, imported and run.
import { describe, expect, test } from "vitest";
import { philox, unitFloat } from "../tensor/philox.ts";
import { floats, ints, modelOf, run64, type Said, type SaidModel, type SaidNode } from "./model-fixture.ts";
import * as standard from "./standard-fixture.ts";
import type { Nd, WindowsSaid } from "./standard-fixture.ts";
import type { HostTensor } from "./tensor.ts";

/** Float32 values in [-1, 1). */
function noise(shape: readonly number[], stream = 1): Nd {
  const size = shape.reduce((a, b) => a * b, 1);
  return { shape, data: Array.from({ length: size }, (_, i) => Math.fround(2 * unitFloat(philox([stream, 0], [i, 0, 0, 0])[0]) - 1)) };
}

const constant = ({ shape, data }: Nd): HostTensor => floats(shape, ...data);

interface Case {
  readonly operator: string;
  readonly title: string;
  readonly model: SaidModel;
  readonly feeds: Readonly<Record<string, Nd>>;
  readonly expected: readonly Nd[];
}

const cases: Case[] = [];

interface OneNode {
  readonly operator: string;
  readonly title: string;
  readonly x: Nd;
  /** Constants after x. */
  readonly constants?: readonly (HostTensor | null)[];
  readonly attributes?: Readonly<Record<string, Said>>;
  readonly opset?: number;
  readonly expected: Nd | readonly Nd[];
}

/** A case of one node whose first input is fed. */
function one({ operator, title, x, constants = [], attributes = {}, opset = 13, expected }: OneNode): void {
  const all = Array.isArray(expected) ? (expected as readonly Nd[]) : [expected as Nd];
  const outputs = all.map((_, at) => `y${at}`);
  const names = constants.map((known, at) => (known ? `c${at}` : ""));
  const initializers = Object.fromEntries(constants.flatMap((known, at) => (known ? [[`c${at}`, known]] : [])));
  const node: SaidNode = { operator, inputs: ["x", ...names], outputs, attributes };
  cases.push({
    operator,
    title,
    model: { nodes: [node], inputs: { x: x.shape }, outputs, initializers, opset },
    feeds: { x },
    expected: all,
  });
}

const said = ({ kernel, strides, pads, dilations, ceil, auto }: WindowsSaid): Record<string, Said> => ({
  kernel_shape: kernel,
  ...(strides && { strides }),
  ...(pads && { pads }),
  ...(dilations && { dilations }),
  ...(ceil && { ceil_mode: 1 }),
  ...(auto && { auto_pad: auto }),
});

const WINDOWS: Readonly<Record<string, WindowsSaid>> = {
  "3 x 3": { kernel: [3, 3] },
  "1 x 1": { kernel: [1, 1] },
  "a rectangle": { kernel: [2, 4] },
  "strides 2": { kernel: [3, 3], strides: [2, 2] },
  "strides by axis": { kernel: [3, 3], strides: [2, 1] },
  "even pads": { kernel: [3, 3], pads: [1, 1, 1, 1] },
  "pads by axis": { kernel: [3, 3], pads: [1, 0, 1, 0] },
  "uneven pads": { kernel: [3, 2], pads: [2, 0, 1, 1] },
  "uneven pads and strides": { kernel: [3, 3], strides: [2, 2], pads: [0, 1, 1, 0] },
  dilations: { kernel: [3, 3], dilations: [2, 2], pads: [2, 2, 2, 2] },
  "dilations by axis": { kernel: [2, 3], dilations: [3, 1], pads: [1, 1, 2, 0], strides: [1, 2] },
  "auto_pad VALID": { kernel: [3, 3], strides: [2, 2], auto: "VALID" },
  "auto_pad SAME_UPPER": { kernel: [3, 3], strides: [2, 2], auto: "SAME_UPPER" },
  "auto_pad SAME_LOWER": { kernel: [3, 3], strides: [2, 2], auto: "SAME_LOWER" },
  "auto_pad SAME_UPPER, even kernel": { kernel: [2, 4], auto: "SAME_UPPER" },
  "auto_pad SAME_LOWER, even kernel": { kernel: [2, 4], auto: "SAME_LOWER" },
  "auto_pad SAME_UPPER, dilations": { kernel: [3, 3], dilations: [2, 1], auto: "SAME_UPPER" },
};
const IMAGE = noise([2, 4, 7, 8]);

for (const [title, windows] of Object.entries(WINDOWS)) {
  for (const [groups, outputs] of [
    [1, 3],
    [2, 6],
    [4, 4],
  ]) {
    const w = noise([outputs, 4 / groups, ...windows.kernel], 2);
    const b = noise([outputs], 3);
    const grouped = groups === 1 ? "" : groups === 4 ? ", depthwise" : `, ${groups} groups`;
    one({
      operator: "Conv",
      title: title + grouped,
      x: IMAGE,
      constants: groups === 2 ? [constant(w)] : [constant(w), constant(b)],
      attributes: { ...said(windows), group: groups },
      expected: standard.conv(IMAGE, w, groups === 2 ? null : b, groups, windows),
    });
  }
}
{
  const w = noise([8, 1, 3, 3], 2);
  one({
    operator: "Conv",
    title: "depthwise, two outputs for each channel",
    x: IMAGE,
    constants: [constant(w)],
    attributes: { group: 4 },
    expected: standard.conv(IMAGE, w, null, 4, { kernel: [3, 3] }),
  });
  const rgb = noise([1, 3, 6, 6]);
  const w3 = noise([5, 3, 3, 3], 2);
  one({
    operator: "Conv",
    title: "of a colour image",
    x: rgb,
    constants: [constant(w3)],
    expected: standard.conv(rgb, w3, null, 1, { kernel: [3, 3] }),
  });
  const gray = noise([2, 1, 6, 6]);
  const w1 = noise([5, 1, 3, 3], 2);
  one({
    operator: "Conv",
    title: "of one channel, operator set 1",
    x: gray,
    constants: [constant(w1)],
    opset: 1,
    expected: standard.conv(gray, w1, null, 1, { kernel: [3, 3] }),
  });
}

const POOLS: Readonly<Record<string, WindowsSaid>> = {
  ...WINDOWS,
  "rounded up": { kernel: [3, 3], strides: [2, 2], ceil: true },
  "rounded up, padded": { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], ceil: true },
  "rounded up, a window behind the image": { kernel: [2, 2], strides: [3, 3], pads: [1, 1, 1, 1], ceil: true },
  "rounded up, uneven pads": { kernel: [3, 3], strides: [2, 3], pads: [0, 1, 2, 1], ceil: true },
};
for (const [title, windows] of Object.entries(POOLS)) {
  one({ operator: "MaxPool", title, x: IMAGE, attributes: said(windows), opset: 12, expected: standard.maxPool(IMAGE, windows) });
  for (const countPad of [false, true])
    one({
      operator: "AveragePool",
      title: `${title}${countPad ? ", padding counts" : ""}`,
      x: IMAGE,
      attributes: { ...said(windows), ...(countPad && { count_include_pad: 1 }) },
      opset: 19,
      expected: standard.averagePool(IMAGE, windows, countPad),
    });
}
one({
  operator: "MaxPool",
  title: "operator set 1",
  x: IMAGE,
  attributes: { kernel_shape: [2, 2] },
  opset: 1,
  expected: standard.maxPool(IMAGE, { kernel: [2, 2] }),
});
one({ operator: "GlobalAveragePool", title: "a rectangle", x: IMAGE, expected: standard.averagePool(IMAGE, { kernel: [7, 8] }, false) });
{
  const square = noise([2, 4, 6, 6]);
  one({ operator: "GlobalAveragePool", title: "a square", x: square, expected: standard.averagePool(square, { kernel: [6, 6] }, false) });
}
one({ operator: "GlobalMaxPool", title: "a rectangle", x: IMAGE, expected: standard.maxPool(IMAGE, { kernel: [7, 8] }) });

{
  const x = noise([2, 7, 3, 4]);
  for (const [title, size, alpha, beta, bias] of [
    ["of 3", 3, 0.2, 0.5, 2],
    ["of 5", 5, 1, 0.75, 1],
    ["of 9: more than there are channels", 9, 0.1, 0.75, 1],
  ] as const)
    one({
      operator: "LRN",
      title,
      x,
      attributes: { size, alpha: { float: alpha }, beta: { float: beta }, bias: { float: bias } },
      expected: standard.lrn(x, size, Math.fround(alpha), beta, bias),
    });
  one({ operator: "LRN", title: "the defaults", x, attributes: { size: 3 }, expected: standard.lrn(x, 3, 1e-4, 0.75, 1) });
}

for (const x of [IMAGE, noise([5, 4]), noise([2, 3, 4]), noise([7]), noise([2, 2, 2, 3, 2])]) {
  const axes = `${x.shape.length} axes`;
  const wide: Nd = { ...x, data: x.data.map((value) => Math.fround(4 * value)) };
  const unary = (operator: string, f: (value: number) => number, attributes: Readonly<Record<string, Said>> = {}, title = axes): void =>
    one({ operator, title, x: wide, attributes, expected: standard.map(wide, f) });
  unary("Relu", (value) => Math.max(value, 0));
  unary("LeakyRelu", (value) => (value < 0 ? Math.fround(0.01) * value : value));
  unary("Sigmoid", (value) => 1 / (1 + Math.exp(-value)));
  unary("Tanh", Math.tanh);
  unary("Identity", (value) => value);
  unary("Neg", (value) => -value);
  if (x.shape.length !== 2) continue;
  unary("LeakyRelu", (value) => (value < 0 ? 0.25 * value : value), { alpha: { float: 0.25 } }, "alpha");
  unary("Elu", (value) => (value < 0 ? Math.exp(value) - 1 : value));
  unary("Elu", (value) => (value < 0 ? 2 * (Math.exp(value) - 1) : value), { alpha: { float: 2 } }, "alpha");
  unary(
    "HardSigmoid",
    (value) => Math.max(0, Math.min(1, 0.5 * value + 0.25)),
    { alpha: { float: 0.5 }, beta: { float: 0.25 } },
    "alpha and beta",
  );
  unary("HardSwish", (value) => value * Math.max(0, Math.min(1, value / 6 + 0.5)));
}
{
  const x: Nd = { shape: [3, 4], data: noise([3, 4]).data.map((value) => Math.fround(8 * value)) };
  const clipped = (least: number, most: number): Nd => standard.map(x, (value) => Math.min(Math.max(value, least), most));
  one({
    operator: "Clip",
    title: "operator set 6",
    x,
    attributes: { min: { float: 0 }, max: { float: 6 } },
    opset: 6,
    expected: clipped(0, 6),
  });
  one({ operator: "Clip", title: "inputs", x, constants: [floats([], -1), floats([], 2)], expected: clipped(-1, 2) });
  one({ operator: "Clip", title: "no minimum", x, constants: [null, floats([], 2)], expected: clipped(-Infinity, 2) });
  one({ operator: "Clip", title: "no maximum", x, constants: [floats([], 0)], expected: clipped(0, Infinity) });
  one({ operator: "Clip", title: "neither", x, expected: x });
}

const OPERATIONS = {
  Add: (a: number, b: number) => a + b,
  Sub: (a: number, b: number) => a - b,
  Mul: (a: number, b: number) => a * b,
  Div: (a: number, b: number) => a / b,
} as const;
const SECONDS: readonly (readonly number[])[] = [
  [],
  [1],
  [8],
  [7, 1],
  [4, 1, 1],
  [1, 4, 1, 1],
  [7, 8],
  [4, 7, 8],
  [1, 4, 7, 8],
  [2, 4, 7, 8],
  [2, 1, 1, 1],
  [2, 1, 7, 1],
];
for (const [operator, f] of Object.entries(OPERATIONS)) {
  for (const shape of SECONDS) {
    const b: Nd = { shape, data: noise(shape, 5).data.map((value) => Math.fround(value + 2)) };
    // A quotient is a product with the float32 inverse.
    const expected =
      operator === "Div"
        ? standard.broadcast(
            IMAGE,
            standard.map(b, (value) => Math.fround(1 / value)),
            OPERATIONS.Mul,
          )
        : standard.broadcast(IMAGE, b, f);
    one({ operator, title: `[2, 4, 7, 8] and a constant [${shape.join(", ")}]`, x: IMAGE, constants: [constant(b)], expected });
  }
  if (operator === "Div") continue;
  for (const [left, right] of [
    [
      [2, 4, 7, 8],
      [2, 4, 7, 8],
    ],
    [
      [2, 4, 7, 8],
      [2, 4, 1, 1],
    ],
    [
      [2, 4, 1, 1],
      [2, 4, 7, 8],
    ],
    [[3, 5], [5]],
    [
      [3, 1],
      [1, 5],
    ],
    [
      [2, 3, 4],
      [3, 1],
    ],
  ] as const) {
    const [a, b] = [noise(left), noise(right, 2)];
    const node = { operator, inputs: ["a", "b"], outputs: ["y"] };
    cases.push({
      operator,
      title: `[${left.join(", ")}] and [${right.join(", ")}]`,
      model: { nodes: [node], inputs: { a: left, b: right }, outputs: ["y"] },
      feeds: { a, b },
      expected: [standard.broadcast(a, b, f)],
    });
  }
  const c = noise([4], 7);
  const aligned: Nd = { shape: [4, 1, 1], data: c.data };
  one({
    operator,
    title: "operator set 6: broadcast along axis 1",
    x: IMAGE,
    constants: [constant(c)],
    attributes: { broadcast: 1, axis: 1 },
    opset: 6,
    expected: standard.broadcast(IMAGE, aligned, f),
  });
  const left = { operator, inputs: ["c", "x"], outputs: ["y"] };
  cases.push({
    operator,
    title: "a constant first",
    model: { nodes: [left], inputs: { x: IMAGE.shape }, outputs: ["y"], initializers: { c: constant(aligned) } },
    feeds: { x: IMAGE },
    expected: [standard.broadcast(aligned, IMAGE, f)],
  });
}
for (const count of [1, 2, 3]) {
  const parts = [1, 2, 3].slice(0, count).map((stream) => noise([2, 3, 4], stream));
  const names = parts.map((_, at) => `x${at}`);
  cases.push({
    operator: "Sum",
    title: `${count} inputs`,
    model: {
      nodes: [{ operator: "Sum", inputs: names, outputs: ["y"] }],
      inputs: Object.fromEntries(names.map((name) => [name, [2, 3, 4]])),
      outputs: ["y"],
    },
    feeds: Object.fromEntries(parts.map((part, at) => [names[at], part])),
    expected: [parts.reduce((a, b) => standard.broadcast(a, b, (one, other) => one + other))],
  });
}

{
  const a = noise([3, 5]);
  const b = noise([5, 4], 2);
  const turned = standard.transpose(b, [1, 0]);
  const product = standard.matMul(a, b);
  const c = noise([4], 3);
  const add = (x: Nd, y: Nd): Nd => standard.broadcast(x, y, (one, other) => one + other);
  one({ operator: "Gemm", title: "no bias", x: a, constants: [constant(b)], expected: product });
  one({ operator: "Gemm", title: "a bias for each output", x: a, constants: [constant(b), constant(c)], expected: add(product, c) });
  one({
    operator: "Gemm",
    title: "transB",
    x: a,
    constants: [constant(turned), constant(c)],
    attributes: { transB: 1 },
    expected: add(product, c),
  });
  one({
    operator: "Gemm",
    title: "transA",
    x: standard.transpose(a, [1, 0]),
    constants: [constant(b), constant(c)],
    attributes: { transA: 1 },
    expected: add(product, c),
  });
  one({
    operator: "Gemm",
    title: "a bias of one number",
    x: a,
    constants: [constant(b), floats([], 0.5)],
    expected: standard.map(product, (value) => value + 0.5),
  });
  one({
    operator: "Gemm",
    title: "a bias [1, 4]",
    x: a,
    constants: [constant(b), constant({ shape: [1, 4], data: c.data })],
    expected: add(product, c),
  });
  const whole = noise([3, 4], 9);
  one({ operator: "Gemm", title: "a bias [3, 4]", x: a, constants: [constant(b), constant(whole)], expected: add(product, whole) });
  const rows = noise([3, 1], 9);
  one({ operator: "Gemm", title: "a bias [3, 1]", x: a, constants: [constant(b), constant(rows)], expected: add(product, rows) });
  one({
    operator: "Gemm",
    title: "alpha and beta",
    x: a,
    constants: [constant(b), constant(c)],
    attributes: { alpha: { float: 0.5 }, beta: { float: 2 } },
    expected: add(
      standard.map(product, (value) => 0.5 * value),
      standard.map(c, (value) => 2 * value),
    ),
  });
  one({
    operator: "Gemm",
    title: "beta 0",
    x: a,
    constants: [constant(b), constant(c)],
    attributes: { beta: { float: 0 } },
    expected: product,
  });
  one({ operator: "MatMul", title: "two axes", x: a, constants: [constant(b)], expected: product });
  const deep = noise([2, 3, 5]);
  one({ operator: "MatMul", title: "three axes", x: deep, constants: [constant(b)], expected: standard.matMul(deep, b) });
}

for (const x of [IMAGE, noise([5, 4])]) {
  const [scale, b, mean] = [1, 2, 3].map((stream) => noise([4], stream));
  const variance = standard.map(noise([4], 4), (value) => Math.fround(value + 1.5));
  const all = [scale, b, mean, variance].map(constant);
  const axes = `${x.shape.length} axes`;
  one({
    operator: "BatchNormalization",
    title: axes,
    x,
    constants: all,
    expected: standard.batchNorm(x, scale, b, mean, variance, Math.fround(1e-5)),
  });
  one({
    operator: "BatchNormalization",
    title: `${axes}, epsilon`,
    x,
    constants: all,
    attributes: { epsilon: { float: 0.25 } },
    expected: standard.batchNorm(x, scale, b, mean, variance, 0.25),
  });
  one({
    operator: "BatchNormalization",
    title: `${axes}, operator set 7`,
    x,
    constants: all,
    opset: 7,
    expected: standard.batchNorm(x, scale, b, mean, variance, Math.fround(1e-5)),
  });
}

{
  const x = noise([2, 3, 4]);
  for (const axis of [0, 1, 2, -1, -2]) {
    const place = axis < 0 ? axis + 3 : axis;
    for (const [operator, log] of [
      ["Softmax", false],
      ["LogSoftmax", true],
    ] as const) {
      one({ operator, title: `axis ${axis}`, x, attributes: { axis }, expected: standard.softmax(x, place, place + 1, log) });
      if (axis >= 0)
        one({
          operator,
          title: `axis ${axis}, operator set 11: all axes from there on`,
          x,
          attributes: { axis },
          opset: 11,
          expected: standard.softmax(x, axis, 3, log),
        });
    }
  }
  one({ operator: "Softmax", title: "no axis: the last", x, expected: standard.softmax(x, 2, 3) });
  one({ operator: "Softmax", title: "channels of an image", x: IMAGE, attributes: { axis: 1 }, expected: standard.softmax(IMAGE, 1, 2) });
  const large: Nd = { shape: [2, 3], data: [1000, 1001, -1000, 0, 1, 2] };
  one({ operator: "Softmax", title: "large scores", x: large, expected: standard.softmax(large, 1, 2) });

  for (const [axes, title] of [
    [[0], "the first"],
    [[1], "the middle"],
    [[2], "the last"],
    [[0, 2], "two"],
    [[-1], "counted from the end"],
  ] as const) {
    const over = axes.map((axis) => (axis < 0 ? axis + 3 : axis));
    for (const [operator, mean] of [
      ["ReduceMean", true],
      ["ReduceSum", false],
    ] as const) {
      const kept = standard.reduce(x, over, mean);
      const asInput = operator === "ReduceSum";
      const given = asInput ? { constants: [ints(...axes)] } : { attributes: { axes } };
      one({ operator, title: `${title} axis`, x, ...given, expected: kept });
      const left = x.shape.filter((_, axis) => !over.includes(axis));
      one({
        operator,
        title: `${title} axis, not kept`,
        x,
        constants: asInput ? [ints(...axes)] : [],
        attributes: { ...(asInput ? {} : { axes }), keepdims: 0 },
        expected: standard.reshape(kept, left),
      });
    }
  }
  one({ operator: "ReduceMean", title: "all axes", x, expected: standard.reduce(x, [0, 1, 2], true) });
  one({
    operator: "ReduceMean",
    title: "operator set 18: axes as an input",
    x,
    constants: [ints(1)],
    opset: 18,
    expected: standard.reduce(x, [1], true),
  });
  one({
    operator: "ReduceMean",
    title: "pixels of an image",
    x: IMAGE,
    attributes: { axes: [2, 3] },
    expected: standard.reduce(IMAGE, [2, 3], true),
  });
}

{
  const x = noise([2, 3, 4]);
  const shapes: readonly (readonly [string, readonly number[], readonly number[]])[] = [
    ["axes in another order of extents", [4, 2, 3], [4, 2, 3]],
    ["fewer axes", [2, 12], [2, 12]],
    ["more axes", [2, 3, 2, 2], [2, 3, 2, 2]],
    ["one axis", [24], [24]],
    ["one unknown", [2, -1, 2], [2, 6, 2]],
    ["0 keeps", [2, 0, 4, 1], [2, 3, 4, 1]],
    ["0 and unknown", [2, 0, 1, -1], [2, 3, 1, 4]],
  ];
  for (const [title, wanted, shape] of shapes)
    one({ operator: "Reshape", title, x, constants: [ints(...wanted)], expected: standard.reshape(x, shape) });
  one({
    operator: "Reshape",
    title: "operator set 1: an attribute",
    x,
    attributes: { shape: [6, 4] },
    opset: 1,
    expected: standard.reshape(x, [6, 4]),
  });
  one({ operator: "Reshape", title: "an image to rows", x: IMAGE, constants: [ints(2, -1)], expected: standard.reshape(IMAGE, [2, 224]) });
  for (const axis of [0, 1, 2, 3, -1, -2]) {
    const place = axis < 0 ? axis + 3 : axis;
    const shape = [x.shape.slice(0, place), x.shape.slice(place)].map((part) => part.reduce((a, b) => a * b, 1));
    one({ operator: "Flatten", title: `axis ${axis}`, x, attributes: { axis }, expected: standard.reshape(x, shape) });
  }
  one({ operator: "Flatten", title: "no axis: 1", x: IMAGE, expected: standard.reshape(IMAGE, [2, 224]) });
  for (const perm of [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ])
    one({ operator: "Transpose", title: perm.join(", "), x, attributes: { perm }, expected: standard.transpose(x, perm) });
  one({ operator: "Transpose", title: "no perm: reversed", x, expected: standard.transpose(x, [2, 1, 0]) });
  one({
    operator: "Transpose",
    title: "channels last",
    x: IMAGE,
    attributes: { perm: [0, 2, 3, 1] },
    expected: standard.transpose(IMAGE, [0, 2, 3, 1]),
  });
  const ones = noise([1, 3, 1, 4]);
  one({ operator: "Squeeze", title: "one axis", x: ones, constants: [ints(0)], expected: standard.reshape(ones, [3, 1, 4]) });
  one({ operator: "Squeeze", title: "an axis from the end", x: ones, constants: [ints(-2)], expected: standard.reshape(ones, [1, 3, 4]) });
  one({ operator: "Squeeze", title: "all of them", x: ones, expected: standard.reshape(ones, [3, 4]) });
  one({
    operator: "Squeeze",
    title: "operator set 11",
    x: ones,
    attributes: { axes: [0, 2] },
    opset: 11,
    expected: standard.reshape(ones, [3, 4]),
  });
  one({ operator: "Unsqueeze", title: "the first", x, constants: [ints(0)], expected: standard.reshape(x, [1, 2, 3, 4]) });
  one({ operator: "Unsqueeze", title: "two", x, constants: [ints(1, 4)], expected: standard.reshape(x, [2, 1, 3, 4, 1]) });
  one({
    operator: "Unsqueeze",
    title: "out of order, from the end",
    x,
    constants: [ints(-1, 0)],
    expected: standard.reshape(x, [1, 2, 3, 4, 1]),
  });
  one({
    operator: "Unsqueeze",
    title: "operator set 11",
    x,
    attributes: { axes: [2] },
    opset: 11,
    expected: standard.reshape(x, [2, 3, 1, 4]),
  });

  for (const [shape, axis] of [
    [[5], 0],
    [[2, 3], 0],
    [[2, 3], 1],
    [[2, 3], -1],
    [[2, 3, 4], 0],
    [[2, 3, 4], 1],
    [[2, 3, 4], 2],
    [[2, 3, 4, 5], 1],
    [[2, 3, 4, 5], 2],
    [[2, 3, 4, 5], 3],
    [[2, 3, 4, 5], -4],
  ] as const) {
    const place = axis < 0 ? axis + shape.length : axis;
    const parts = [noise(shape, 1), noise([...shape].with(place, 2), 2), noise(shape, 3)];
    const names = ["a", "b", "c"];
    cases.push({
      operator: "Concat",
      title: `[${shape.join(", ")}] along ${axis}`,
      model: {
        nodes: [{ operator: "Concat", inputs: names, outputs: ["y"], attributes: { axis } }],
        inputs: Object.fromEntries(parts.map((part, at) => [names[at], part.shape])),
        outputs: ["y"],
      },
      feeds: Object.fromEntries(parts.map((part, at) => [names[at], part])),
      expected: [standard.concat(parts, place)],
    });
  }

  one({
    operator: "Slice",
    title: "two axes",
    x,
    constants: [ints(0, 1), ints(1, 3), ints(0, 2)],
    expected: standard.slice(standard.slice(x, 0, 0, 1), 2, 1, 2),
  });
  one({ operator: "Slice", title: "from the end", x, constants: [ints(-3), ints(-1), ints(-1)], expected: standard.slice(x, 2, 1, 2) });
  one({ operator: "Slice", title: "beyond the end", x, constants: [ints(1), ints(1000), ints(1)], expected: standard.slice(x, 1, 1, 2) });
  one({
    operator: "Slice",
    title: "no axes",
    x,
    constants: [ints(1, 0, 2), ints(2, 2, 4)],
    expected: standard.slice(standard.slice(standard.slice(x, 0, 1, 1), 1, 0, 2), 2, 2, 2),
  });
  one({
    operator: "Slice",
    title: "operator set 9",
    x,
    attributes: { starts: [1], ends: [3], axes: [1] },
    opset: 9,
    expected: standard.slice(x, 1, 1, 2),
  });
  one({
    operator: "Slice",
    title: "channels of an image",
    x: IMAGE,
    constants: [ints(1), ints(3), ints(1)],
    expected: standard.slice(IMAGE, 1, 1, 2),
  });
  const halves = (axis: number, sizes: readonly number[], from = IMAGE): Nd[] =>
    sizes.map((size, at) =>
      standard.slice(
        from,
        axis,
        sizes.slice(0, at).reduce((a, b) => a + b, 0),
        size,
      ),
    );
  one({ operator: "Split", title: "equal parts", x: IMAGE, attributes: { axis: 1 }, expected: halves(1, [2, 2]) });
  one({ operator: "Split", title: "given sizes", x: IMAGE, constants: [ints(1, 3)], attributes: { axis: 1 }, expected: halves(1, [1, 3]) });
  one({
    operator: "Split",
    title: "operator set 11",
    x: IMAGE,
    attributes: { axis: 2, split: [3, 4] },
    opset: 11,
    expected: halves(2, [3, 4]),
  });
  one({
    operator: "Split",
    title: "operator set 18: uneven",
    x: IMAGE,
    attributes: { axis: 2, num_outputs: 2 },
    opset: 18,
    expected: halves(2, [4, 3]),
  });
  one({ operator: "Split", title: "the first axis", x: IMAGE, expected: halves(0, [1, 1]) });
  one({
    operator: "Gather",
    title: "some of an axis",
    x,
    constants: [ints(2, 0)],
    attributes: { axis: 1 },
    expected: standard.gather(x, 1, [2, 0]),
  });
  one({
    operator: "Gather",
    title: "from the end",
    x,
    constants: [ints(-1, -2)],
    attributes: { axis: 2 },
    expected: standard.gather(x, 2, [3, 2]),
  });
  one({
    operator: "Gather",
    title: "one",
    x,
    constants: [{ dims: [], kind: "int", data: Float64Array.of(1) }],
    expected: standard.reshape(standard.gather(x, 0, [1]), [3, 4]),
  });

  one({
    operator: "Pad",
    title: "an image",
    x: IMAGE,
    constants: [ints(0, 0, 1, 2, 0, 0, 3, 0)],
    expected: standard.pad(IMAGE, [0, 0, 1, 2], [0, 0, 3, 0], 0),
  });
  one({
    operator: "Pad",
    title: "a value",
    x: IMAGE,
    constants: [ints(0, 0, 1, 2, 0, 0, 3, 0), floats([], 1.5)],
    expected: standard.pad(IMAGE, [0, 0, 1, 2], [0, 0, 3, 0], 1.5),
  });
  one({
    operator: "Pad",
    title: "channels",
    x: IMAGE,
    constants: [ints(0, 1, 0, 0, 0, 2, 0, 0)],
    expected: standard.pad(IMAGE, [0, 1, 0, 0], [0, 2, 0, 0], 0),
  });
  one({
    operator: "Pad",
    title: "taken off",
    x: IMAGE,
    constants: [ints(0, 0, -1, 0, 0, 0, 0, -2)],
    expected: standard.pad(IMAGE, [0, 0, -1, 0], [0, 0, 0, -2], 0),
  });
  one({
    operator: "Pad",
    title: "two axes",
    x: noise([3, 4]),
    constants: [ints(1, 0, 0, 2)],
    expected: standard.pad(noise([3, 4]), [1, 0], [0, 2], 0),
  });
  one({
    operator: "Pad",
    title: "operator set 2",
    x: IMAGE,
    attributes: { pads: [0, 0, 1, 1, 0, 0, 1, 1], value: { float: 2 } },
    opset: 2,
    expected: standard.pad(IMAGE, [0, 0, 1, 1], [0, 0, 1, 1], 2),
  });
  one({
    operator: "Pad",
    title: "operator set 1",
    x: IMAGE,
    attributes: { paddings: [0, 0, 1, 1, 0, 0, 1, 1] },
    opset: 1,
    expected: standard.pad(IMAGE, [0, 0, 1, 1], [0, 0, 1, 1], 0),
  });
  one({
    operator: "Pad",
    title: "operator set 18: axes",
    x: IMAGE,
    constants: [ints(1, 2), null, ints(-1)],
    opset: 18,
    expected: standard.pad(IMAGE, [0, 0, 0, 1], [0, 0, 0, 2], 0),
  });

  one({ operator: "Dropout", title: "for inference", x, expected: x });
  one({ operator: "Dropout", title: "operator set 6", x, attributes: { ratio: { float: 0.3 } }, opset: 6, expected: x });
  one({ operator: "Dropout", title: "a ratio as an input", x, constants: [floats([], 0.3)], expected: x });
  one({ operator: "Cast", title: "to float", x, attributes: { to: 1 }, expected: x });
}

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

const operators = [...new Set(cases.map(({ operator }) => operator))];

describe.each(operators)("%s", (operator) => {
  const ofOperator = cases.filter((one) => one.operator === operator);
  test.each(ofOperator.map((one) => [one.title, one] as const))("%s", (_title, { model, feeds, expected }) => {
    const outputs = run64(modelOf(model), Object.fromEntries(Object.entries(feeds).map(([name, { data }]) => [name, data])));
    model.outputs.forEach((name, at) => {
      const got = outputs.get(name);
      expect(got?.shape).toEqual(expected[at].shape);
      const largest = Math.max(...expected[at].data.map(Math.abs), 1);
      const worst = Math.max(...expected[at].data.map((value, i) => Math.abs(value - (got?.data[i] ?? Number.NaN))));
      expect(worst).toBeLessThan(1e-6 * largest);
    });
  });
});

test("there are more cases than 170", () => {
  expect(cases.length).toBeGreaterThan(170);
  expect(new Set(cases.map(({ operator, title }) => `${operator} ${title}`)).size).toBe(cases.length);
});
