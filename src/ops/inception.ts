// What the three 1 x 1 convolutions of an inception module do that share its input (figure 2b of Szegedy et al. 2015): the 1x1 branch and the two
// reductions before 3x3 and 5x5. What they mean; a pass makes these ops of three convolutions.
// x: [images, height, width, channels]; filter i: [1, 1, 1, channels, outputs i]; y: outputs of the first; reduced: of the other two, side by side.
import { op, type Array64, type Op, type Port, type TensorType } from "../graph/op.ts";
import { formatShape, sizeOf } from "../tensor/shape.ts";
import { sumOfProducts } from "./bounds.ts";
import { concat, slice } from "./concat.ts";
import { conv2d, conv2dBackwardData } from "./conv2d.ts";
import { conv2dUpdate, updateBound, type UpdateAttributes } from "./update.ts";
import { DX_OVER_ADDEND, requireEpilogue, withEpilogue, type EpiloguePorts } from "./gradient-epilogue.ts";

export interface Filters {
  filter0: Port;
  filter1: Port;
  filter2: Port;
}

export interface InceptionAttributes {
  /** y and reduced are the maximum of the sums and 0. Default false. */
  relu?: boolean;
}

const ONE_BY_ONE = { stride: 1, pad: 0 };

/** y = conv2d(x, filter0, bias0); reduced = concat(conv2d(x, filter1, bias1), conv2d(x, filter2, bias2)). */
export const inception: Op<{ x: Port; bias0: Port; bias1: Port; bias2: Port } & Filters, { y: Port; reduced: Port }, InceptionAttributes> =
  op({
    name: "inception",
    strided: ["x", "y", "reduced"],
    infer({ x, ...parameters }, _attributes, label) {
      const outputs = [0, 1, 2].map((i) => {
        const { [`filter${i}` as "filter0"]: filter, [`bias${i}` as "bias0"]: bias } = parameters;
        requireOneByOne("inception", label, filter);
        return conv2d.infer({ x, filter, bias }, ONE_BY_ONE, label).y.shape;
      });
      const [y, second, third] = outputs;
      return { y: f32(y), reduced: f32([...y.slice(0, 3), second[3] + third[3]]) };
    },
    reference({ x, filter0, filter1, filter2, bias0, bias1, bias2 }, { relu = false }, { y }) {
      const branch = (filter: Array64, bias: Array64): Array64 => {
        const shape = [...y.shape.slice(0, 3), sizeOf(bias.shape)];
        return { shape, data: conv2d.reference({ x, filter, bias }, { ...ONE_BY_ONE, relu }, { y: f32(shape) }).y };
      };
      const [first, second, third] = [branch(filter0, bias0), branch(filter1, bias1), branch(filter2, bias2)];
      const wide = f32([...y.shape.slice(0, 3), second.shape[3] + third.shape[3]]);
      return { y: first.data, reduced: concat.reference({ x0: second, x1: third }, {}, { y: wide }).y };
    },
    bound: sumOfProducts(({ inputs: { x } }) => x.shape[3] + 1),
  });

/** dx = the sum of the three convolutions' gradients, with its epilogue. */
export const inceptionBackwardData: Op<{ dy: Port; dreduced: Port } & Filters & EpiloguePorts, { dx: Port }, object> = op({
  name: "inceptionBackwardData",
  inPlace: DX_OVER_ADDEND,
  strided: ["dx", "dy", "gate"],
  infer({ dy, filter0, filter1, filter2, ...epilogue }, _attributes, label) {
    for (const filter of [filter0, filter1, filter2]) requireOneByOne("inceptionBackwardData", label, filter);
    const dx = f32([...dy.shape.slice(0, 3), filter0.shape[3]]);
    requireEpilogue("inceptionBackwardData", label, epilogue, dx);
    return { dx };
  },
  reference({ dy, dreduced, filter0, filter1, filter2, ...epilogue }, _attributes, { dx }) {
    const [, height, width] = dx.shape;
    const cut = (first: number, count: number): Array64 => {
      const shape = [...dy.shape.slice(0, 3), count];
      return { shape, data: slice.reference({ x: dreduced }, { first, count }, { y: f32(shape) }).y };
    };
    const [second, third] = [filter1.shape[4], filter2.shape[4]];
    const parts = [
      { dy, filter: filter0 },
      { dy: cut(0, second), filter: filter1 },
      { dy: cut(second, third), filter: filter2 },
    ].map((part) => conv2dBackwardData.reference(part, { ...ONE_BY_ONE, height, width }, { dx }).dx);
    return {
      dx: withEpilogue(
        parts[0].map((value, i) => value + parts[1][i] + parts[2][i]),
        epilogue,
      ),
    };
  },
  bound: sumOfProducts(({ inputs: { dy, dreduced } }) => dy.shape[3] + dreduced.shape[3] + 1),
});

/** Ports of each branch i: filter, its momentum, bias, its momentum. */
type States = Record<`${"filter" | "bias"}${0 | 1 | 2}${"" | "V"}`, Port>;
type NextStates = Record<`next${"Filter" | "Bias"}${0 | 1 | 2}${"" | "V"}`, Port>;

const BRANCHES = [0, 1, 2] as const;
const IN_PLACE = BRANCHES.flatMap(
  (i) =>
    [
      [`filter${i}`, `nextFilter${i}`],
      [`filter${i}V`, `nextFilter${i}V`],
      [`bias${i}`, `nextBias${i}`],
      [`bias${i}V`, `nextBias${i}V`],
    ] as const,
);

/** Ports of each parameter: its value, its next value and its next momentum. */
const MODULE_STATES = BRANCHES.flatMap((i) =>
  ["Filter", "Bias"].map((kind) => [`${kind.toLowerCase()}${i}`, `next${kind}${i}`, `next${kind}${i}V`] as const),
);

/** What conv2dUpdate makes of each branch's filter and bias. */
export const inceptionUpdate: Op<{ x: Port; dy: Port; dreduced: Port; rate: Port } & States, NextStates, UpdateAttributes> = op({
  name: "inceptionUpdate",
  inPlace: IN_PLACE,
  strided: ["x", "dy"],
  infer(inputs, _attributes, label) {
    for (const i of BRANCHES) requireOneByOne("inceptionUpdate", label, inputs[`filter${i}`]);
    return Object.fromEntries(IN_PLACE.map(([from, to]) => [to, inputs[from]])) as Record<keyof NextStates, TensorType>;
  },
  reference({ x, dy, dreduced, rate, ...states }, attributes) {
    const widths = BRANCHES.map((i) => states[`filter${i}`].shape[4]);
    const gradients = BRANCHES.map((i) => {
      if (i === 0) return dy;
      const shape = [...dy.shape.slice(0, 3), widths[i]];
      return { shape, data: slice.reference({ x: dreduced }, { first: i === 1 ? 0 : widths[1], count: widths[i] }, { y: f32(shape) }).y };
    });
    const next = BRANCHES.map((i) => {
      const inputs = {
        x,
        dy: gradients[i],
        w: states[`filter${i}`],
        v: states[`filter${i}V`],
        bias: states[`bias${i}`],
        biasV: states[`bias${i}V`],
        rate,
      };
      const made = conv2dUpdate.reference(
        inputs,
        { ...ONE_BY_ONE, ...attributes },
        conv2dUpdate.infer(inputs as never, { ...ONE_BY_ONE, ...attributes }, ""),
      );
      return [
        [`nextFilter${i}`, made.nextW],
        [`nextFilter${i}V`, made.nextV],
        [`nextBias${i}`, made.nextBias],
        [`nextBias${i}V`, made.nextBiasV],
      ] as const;
    });
    return Object.fromEntries(next.flat()) as Record<keyof NextStates, Float64Array>;
  },
  bound: updateBound(MODULE_STATES),
});

const f32 = (shape: readonly number[]): TensorType => ({ shape, dtype: "f32" });

function requireOneByOne(name: string, label: string, { shape }: TensorType): void {
  if (shape.length !== 5 || shape.slice(0, 3).some((extent) => extent !== 1))
    throw new Error(`${name} "${label}": a filter must be [1, 1, 1, channels, outputs], got ${formatShape(shape)}`);
}
