// Every op's gradient against central differences in float64 on its own reference. Kinks are excluded by construction: inputs of maxima and
// of ReLU lie further apart, and further from 0, than a difference reaches.
import { expect, test } from "vitest";
import { differentiate } from "../graph/autodiff.ts";
import { Graph, type Value } from "../graph/graph.ts";
import { interpret } from "../graph/interpret.ts";
import { op, type Op, type Port } from "../graph/op.ts";
import { philox, unitFloat } from "../tensor/philox.ts";
import { sameShape, sizeOf, type DType, type Shape } from "../tensor/shape.ts";
import { ops } from "./index.ts";

interface Input {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly data: readonly number[];
}

interface GradientCase {
  readonly inputs: Readonly<Record<string, Input>>;
  readonly attributes?: object;
}

const uniform = (i: number, stream: number): number => unitFloat(philox([stream, 0], [i, 0, 0, 0])[0]);

/** Values in [-1, 1). */
const noise = (...shape: number[]): Input => {
  const data = Array.from({ length: sizeOf(shape) }, (_, i) => 2 * uniform(i, sizeOf(shape)) - 1);
  return { shape, dtype: "f32", data };
};

/** Values in random order, 0.1 from each other and at least 0.025 from 0. */
const apart = (...shape: number[]): Input => {
  const length = sizeOf(shape);
  const order = Array.from({ length }, (_, i) => i).sort((a, b) => uniform(a, length) - uniform(b, length));
  return { shape, dtype: "f32", data: order.map((rank) => 0.1 * (rank - Math.floor(length / 2) + 0.25)) };
};

const words = (...data: number[]): Input => ({ shape: [data.length], dtype: "u32", data });

const lrn = { size: 5, alpha: 1, beta: 0.75, k: 1 };

const cases: Record<string, Record<string, GradientCase>> = {
  add: { control: { inputs: { a: noise(2, 3), b: noise(2, 3) } } },
  averagePool: {
    control: { inputs: { x: noise(2, 5, 5, 2) }, attributes: { size: 3, stride: 2, pad: 0 } },
    "padded and clipped": { inputs: { x: noise(1, 4, 6, 3) }, attributes: { size: 3, stride: 2, pad: 1 } },
    "of everything": { inputs: { x: noise(2, 3, 3, 2) }, attributes: { size: 3, stride: 1, pad: 0 } },
  },
  channelsFirst: { control: { inputs: { x: noise(2, 3, 2, 4) }, attributes: { channels: 3 } } },
  channelsLast: { control: { inputs: { x: noise(2, 3, 3, 2) }, attributes: { channels: 4 } } },
  concat: {
    control: { inputs: { x0: noise(1, 2, 2, 3), x1: noise(1, 2, 2, 1), x2: noise(1, 2, 2, 2) } },
    "one input": { inputs: { x0: noise(2, 3) } },
    "inputs out of order": { inputs: { x1: noise(3, 2), x0: noise(3, 1) } },
  },
  conv2d: {
    control: {
      inputs: { x: noise(2, 4, 5, 3), filter: noise(1, 3, 3, 3, 2), bias: noise(2) },
      attributes: { stride: 1, pad: 0 },
    },
    "padded, no bias": { inputs: { x: noise(1, 4, 3, 2), filter: noise(1, 3, 3, 2, 3) }, attributes: { stride: 1, pad: 1 } },
    "strided, a row left over": { inputs: { x: noise(1, 6, 6, 2), filter: noise(1, 3, 3, 2, 2) }, attributes: { stride: 2, pad: 0 } },
    "in groups": { inputs: { x: noise(1, 4, 4, 4), filter: noise(2, 3, 3, 2, 3), bias: noise(6) }, attributes: { stride: 1, pad: 1 } },
    "1 x 1": { inputs: { x: noise(2, 2, 3, 5), filter: noise(1, 1, 1, 5, 3), bias: noise(3) }, attributes: { stride: 1, pad: 0 } },
  },
  dropout: { control: { inputs: { x: noise(3, 7), random: words(1, 2, 3, 0) }, attributes: { ratio: 0.4, stream: 5 } } },
  innerProduct: {
    control: { inputs: { x: noise(3, 5), weight: noise(5, 2), bias: noise(2) } },
    "no bias": { inputs: { x: noise(1, 4), weight: noise(4, 3) } },
  },
  lrn: {
    control: { inputs: { x: noise(3, 7) }, attributes: lrn },
    "fewer channels than the window": { inputs: { x: noise(2, 3) }, attributes: { ...lrn, size: 9 } },
    "window of 1": { inputs: { x: noise(2, 3) }, attributes: { ...lrn, size: 1 } },
    "other constants": { inputs: { x: noise(2, 6) }, attributes: { size: 3, alpha: 0.5, beta: 1.5, k: 2 } },
  },
  maxPool: {
    control: { inputs: { x: apart(2, 5, 5, 2) }, attributes: { size: 3, stride: 2, pad: 0 } },
    "last window clipped": { inputs: { x: apart(1, 6, 4, 3) }, attributes: { size: 3, stride: 2, pad: 0 } },
    padded: { inputs: { x: apart(1, 4, 5, 2) }, attributes: { size: 3, stride: 1, pad: 1 } },
  },
  relu: { control: { inputs: { x: apart(3, 5) } } },
  reshape: { control: { inputs: { x: noise(2, 3, 2) }, attributes: { shape: [4, 3] } } },
  slice: {
    control: { inputs: { x: noise(2, 2, 6) }, attributes: { first: 1, count: 3 } },
    "from the first": { inputs: { x: noise(3, 5) }, attributes: { first: 0, count: 2 } },
    "to the last": { inputs: { x: noise(3, 5) }, attributes: { first: 4, count: 1 } },
  },
  softmax: { control: { inputs: { x: noise(3, 5) } }, "one class": { inputs: { x: noise(2, 1) } } },
  softmaxLoss: {
    control: { inputs: { x: noise(3, 5), labels: words(4, 0, 2) }, attributes: { weight: 1 } },
    weighted: { inputs: { x: noise(2, 3), labels: words(1, 1) }, attributes: { weight: 0.3 } },
  },
};

/** loss = sum of r x. Its gradient is r because the loss is the end: what comes back is 1. */
const project = op<{ x: Port; r: Port }, { loss: Port }, object>({
  name: "project",
  infer: () => ({ loss: { shape: [1], dtype: "f32" } }),
  reference: ({ x, r }) => ({ loss: Float64Array.of(x.data.reduce((sum, value, i) => sum + value * r.data[i], 0)) }),
  gradient: ({ inputs: { r } }) => ({ x: r }),
});

/** The op's output projected on a random direction, and the gradient of that with respect to each float input. */
function build(tested: Op, { inputs, attributes = {} }: GradientCase) {
  const graph = new Graph();
  const values = Object.fromEntries(Object.entries(inputs).map(([port, { shape, dtype }]) => [port, graph.input(port, shape, dtype)]));
  const outputs: Record<string, Value> = graph.add(tested, values, attributes, tested.name);
  const [output] = Object.values(outputs);
  const direction = graph.input("direction", output.shape);
  const { loss } = graph.add(project, { x: output, r: direction }, {}, "loss");
  const wrt = Object.values(values).filter(({ dtype }) => dtype === "f32");
  const feeds: Record<string, readonly number[]> = {
    ...Object.fromEntries(Object.entries(inputs).map(([port, { data }]) => [port, data])),
    direction: noise(...output.shape).data,
  };
  return { graph, loss, wrt, feeds, gradients: differentiate(graph, [loss], wrt, ops) };
}

const STEP = 1e-4;
/** Central differences err by STEP^2 / 6 of a third derivative and by 2^-53 / STEP of the loss; both are of the order of 1 here. */
const TOLERANCE = 1e-7;

const everyCase = Object.entries(cases).flatMap(([name, byCase]) =>
  Object.entries(byCase).map(([title, tested]) => [name, title, tested] as const),
);

test.each(everyCase)("the gradient of %s is that of its reference: %s", (name, _title, tested) => {
  const { graph, loss, wrt, feeds, gradients } = build(ops[name as keyof typeof ops] as Op, tested);
  const analytic = interpret(graph, feeds);
  for (const value of wrt) {
    const gradient = gradients.get(value) as Value;
    expect(sameShape(gradient.shape, value.shape), `shape of the gradient of ${value.name}`).toBe(true);
    const at = feeds[value.name];
    const lossAt = (i: number, shift: number): number =>
      interpret(graph, { ...feeds, [value.name]: at.with(i, at[i] + shift) }).of(loss)[0];
    const numeric = at.map((_, i) => (lossAt(i, STEP) - lossAt(i, -STEP)) / (2 * STEP));
    const errors = numeric.map((slope, i) => Math.abs(slope - analytic.of(gradient)[i]));
    expect(Math.max(...errors), `${value.name}: ${numeric.join(", ")} against ${analytic.of(gradient).join(", ")}`).toBeLessThan(TOLERANCE);
  }
});

test("every op with a gradient is in the table above", () => {
  const differentiable = Object.values(ops).filter((tested) => "gradient" in tested);
  expect(Object.keys(cases).sort()).toEqual(differentiable.map((tested) => tested.name).sort());
});

test("an op is listed under its own name", () => {
  for (const [name, listed] of Object.entries(ops)) expect(listed.name).toBe(name);
});
