// Operators element by element, against standard-fixture.ts.
import { floats, type Said } from "./model-fixture.ts";
import { compare, constant, IMAGE, listOfCases, noise } from "./standard-cases-fixture.ts";
import * as standard from "./standard-fixture.ts";
import type { Nd } from "./standard-fixture.ts";

const { cases, one } = listOfCases();

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

compare(cases, 115);
