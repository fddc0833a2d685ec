// Inner product, the fully connected layer: what it means.
// x: [rows, inputs]; weight: [inputs, outputs]; bias: [outputs]; y: [rows, outputs].
import { op, type Port, type TensorType } from "../graph/op.ts";
import { formatShape, sizeOf, type Shape } from "../tensor/shape.ts";
import { sumOfProducts } from "./bounds.ts";
import { sumPixels } from "./conv2d.ts";
import { dropped, requireRandom, type DropoutAttributes } from "./dropout.ts";
import { DX_OVER_ADDEND, requireEpilogue, withEpilogue, type EpiloguePorts } from "./gradient-epilogue.ts";

export interface InnerProductAttributes {
  /** y is the maximum of the sum and 0. A pass sets it once gradients are made. Default false. */
  relu?: boolean;
  /** Then elements are dropped, as by the op of that name. A pass sets it, with the port `random`. */
  dropout?: DropoutAttributes;
}

/** y[r, o] = bias[o] + sum over i of x[r, i] * weight[i, o]. */
export const innerProduct = op<{ x: Port; weight: Port; bias?: Port; random?: Port }, { y: Port }, InnerProductAttributes>({
  name: "innerProduct",
  infer({ x, weight, bias, random }, { dropout }, label) {
    const where = `innerProduct "${label}"`;
    if (dropout && !random) throw new Error(`${where}: dropout needs the port random`);
    if (random) requireRandom("innerProduct", label, random);
    if (x.shape.length !== 2) throw new Error(`${where}: x must be [rows, inputs], got ${formatShape(x.shape)}: flatten it first`);
    if (weight.shape.length !== 2) throw new Error(`${where}: weight must be [inputs, outputs], got ${formatShape(weight.shape)}`);
    const [rows, inputs] = x.shape;
    const [wanted, outputs] = weight.shape;
    if (inputs !== wanted) throw new Error(`${where}: weight needs ${wanted} inputs, x has ${formatShape(x.shape)}`);
    if (bias && sizeOf(bias.shape) !== outputs) {
      throw new Error(`${where}: bias must have ${outputs} values, got ${formatShape(bias.shape)}`);
    }
    return { y: f32([rows, outputs]) };
  },
  reference({ x, weight, bias, random }, { relu, dropout }, { y: { shape } }) {
    const [rows, outputs] = shape;
    const y = new Float64Array(sizeOf(shape));
    for (let r = 0; r < rows; r++) {
      for (let o = 0; o < outputs; o++) y[r * outputs + o] = bias ? bias.data[o] : 0;
    }
    forEachWeight(x.shape, outputs, (xAt, weightAt, yAt) => (y[yAt] += x.data[xAt] * weight.data[weightAt]));
    const activated = relu ? y.map((value) => Math.max(value, 0)) : y;
    return { y: dropout && random ? dropped({ shape, data: activated }, random, dropout) : activated };
  },
  // With the scale of a dropout and the product with it.
  bound: sumOfProducts(({ inputs: { weight } }) => weight.shape[0] + 1, 2),
  gradient({ graph, inputs: { x, weight, bias }, dy: { y: dy }, attributes: { relu, dropout }, needs, label }) {
    if (relu || dropout) throw new Error(`internal: innerProduct "${label}" was fused with its neighbours before gradients were made`);
    if (!dy) return {};
    return {
      x: needs("x") ? graph.add(innerProductBackwardData, { dy, weight }, {}, `${label}.dx`).dx : undefined,
      weight: needs("weight") ? graph.add(innerProductBackwardWeight, { x, dy }, {}, `${label}.dweight`).dweight : undefined,
      bias: bias && needs("bias") ? graph.add(sumPixels, { x: dy }, {}, `${label}.dbias`).y : undefined,
    };
  },
});

export interface InnerProductBackwardDataAttributes {
  /** Factor of dx: the scale of a dropout that a pass merged into this op. Default 1. */
  scale?: number;
}

/** dx[r, i] = scale * sum over o of dy[r, o] * weight[i, o]. */
export const innerProductBackwardData = op<{ dy: Port; weight: Port } & EpiloguePorts, { dx: Port }, InnerProductBackwardDataAttributes>({
  name: "innerProductBackwardData",
  inPlace: DX_OVER_ADDEND,
  infer({ dy, weight, ...epilogue }, _attributes, label) {
    const dx = f32([dy.shape[0], weight.shape[0]]);
    requireEpilogue("innerProductBackwardData", label, epilogue, dx);
    return { dx };
  },
  reference({ dy, weight, ...epilogue }, { scale = 1 }, { dx: { shape } }) {
    const dx = new Float64Array(sizeOf(shape));
    forEachWeight(shape, dy.shape[1], (dxAt, weightAt, dyAt) => (dx[dxAt] += scale * dy.data[dyAt] * weight.data[weightAt]));
    return { dx: withEpilogue(dx, epilogue) };
  },
  bound: sumOfProducts(({ inputs: { weight } }) => weight.shape[1] + 1, 2),
});

/** dweight[i, o] = sum over r of x[r, i] * dy[r, o]: a sum, not a mean. */
export const innerProductBackwardWeight = op<{ x: Port; dy: Port }, { dweight: Port }, object>({
  name: "innerProductBackwardWeight",
  infer: ({ x, dy }) => ({ dweight: f32([x.shape[1], dy.shape[1]]) }),
  reference({ x, dy }, _attributes, { dweight: { shape } }) {
    const dweight = new Float64Array(sizeOf(shape));
    forEachWeight(x.shape, dy.shape[1], (xAt, weightAt, dyAt) => (dweight[weightAt] += x.data[xAt] * dy.data[dyAt]));
    return { dweight };
  },
  bound: sumOfProducts(({ inputs: { x } }) => x.shape[0]),
});

const f32 = (shape: Shape): TensorType => ({ shape, dtype: "f32" });

/** Visits every product of the sum with its places in x, weight and y. The three passes are three bodies of this loop. */
function forEachWeight([rows, inputs]: Shape, outputs: number, visit: (xAt: number, weightAt: number, yAt: number) => void): void {
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < outputs; o++) visit(r * inputs + i, i * outputs + o, r * outputs + o);
    }
  }
}
