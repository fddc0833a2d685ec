// Products by constants, batch normalisation, and operators over rows: softmax, means and sums, against standard-fixture.ts.
import { floats, ints } from "./model-fixture.ts";
import { compare, constant, IMAGE, listOfCases, noise } from "./standard-cases-fixture.ts";
import * as standard from "./standard-fixture.ts";
import type { Nd } from "./standard-fixture.ts";

const { cases, one } = listOfCases();

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

compare(cases, 60);
