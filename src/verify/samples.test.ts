// A restricted definition must give what the whole one gives at the same place.
import { expect, test } from "vitest";
import { cases } from "../kernels/cases/index.ts";
import type { Case, CaseInput } from "../kernels/cases/case.ts";
import { ops } from "../ops/index.ts";
import type { Op } from "../graph/op.ts";
import { philox, unitFloat } from "../tensor/philox.ts";
import { sizeOf, type Shape } from "../tensor/shape.ts";
import type { Node } from "../graph/graph.ts";
import { isCheckable, partOf, withoutDropout, type Checkable } from "./samples.ts";

const CHECKABLE: readonly Checkable[] = [
  "conv2d",
  "conv2dBackwardData",
  "conv2dBackwardFilter",
  "conv2dUpdate",
  "inception",
  "inceptionBackwardData",
  "innerProduct",
  "innerProductBackwardData",
  "innerProductBackwardWeight",
  "innerProductUpdate",
];
const TITLES = [
  "odd groups",
  "rows left over by the stride",
  "not square",
  "extents not multiples of 4",
  "no bias",
  "gated",
  "gated, added to a sum",
  "as inception 3a",
];

const problems = CHECKABLE.flatMap((name) =>
  Object.entries<Case>(cases[name])
    .filter(([title]) => TITLES.includes(title))
    .map(([title, tested]) => ({ name, title, tested })),
);

const random = (shape: Shape, stream: number): { shape: Shape; data: Float32Array } => ({
  shape,
  data: Float32Array.from({ length: sizeOf(shape) }, (_, i) => unitFloat(philox([stream, 9], [i, 0, 0, 0])[0]) - 0.5),
});

test.each(problems)("$name: $title", ({ name, tested: { inputs, attributes } }) => {
  const op: Op = ops[name];
  const given = Object.fromEntries(Object.entries<CaseInput>(inputs).map(([port, { shape }], stream) => [port, random(shape, stream)]));
  const outputs = op.infer(inputs, attributes, name) as Record<string, { shape: Shape; dtype: "f32" }>;
  const widened = Object.fromEntries(
    Object.entries(given).map(([port, { shape, data }]) => [port, { shape, data: Float64Array.from(data) }]),
  );
  const [[port, { shape }]] = Object.entries(outputs);
  const whole: Float64Array = op.reference(widened, attributes, outputs)[port];

  const places = new Set<string>();
  for (let sample = 0; sample < 8; sample++) {
    const { [port]: expected, ...part } = partOf(name, { ...given, [port]: { shape, data: Float32Array.from(whole) } }, sample);
    const restricted = "groups" in attributes ? { ...attributes, groups: 1 } : attributes;
    const got: Float64Array = op.reference(part, restricted, { [port]: { shape: expected.shape, dtype: "f32" } })[port];
    expect(got.length).toBe(expected.data.length);
    expected.data.forEach((value, i) => expect(got[i]).toBeCloseTo(value, 6));
    places.add(expected.data.join());
  }
  expect(places.size, "different samples").toBeGreaterThan(2);
});

test("dropout is taken out of what is checked, and nothing else is", () => {
  const { inputs, attributes } = cases.innerProduct["ReLU and dropout in the epilogue"];
  const values = Object.fromEntries(
    Object.entries<CaseInput>(inputs).map(([name, { shape, dtype }], id) => [name, { id, name, shape, dtype }]),
  );
  const node: Node = { op: ops.innerProduct, inputs: values, outputs: {}, attributes: { ...attributes }, label: "fc" };
  expect(isCheckable(node)).toBe(false);
  const plain = withoutDropout(node);
  expect(isCheckable(plain)).toBe(true);
  expect(plain.attributes).toEqual({ relu: true });
  expect(Object.keys(plain.inputs)).toEqual(Object.keys(values).filter((port) => port !== "random"));
  expect(withoutDropout(plain)).toBe(plain);
});

test("every problem above is there", () => {
  expect(problems.length).toBeGreaterThanOrEqual(4 * 3 + 4 + 3 + 3);
});
