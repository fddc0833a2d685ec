// Operators element by element: activations, sums and products with broadcasting.
import type { ActivationKind } from "../../ops/activation.ts";
import { repeat } from "../../ops/axis.ts";
import { sameShape, sizeOf, type Shape } from "../../tensor/shape.ts";
import { aligned, broadcastShape, expanded, like, requireSize, transposed } from "../fold.ts";
import { channelsBehind, isKnown, natural, type Item, type Known, type Live } from "../live.ts";
import type { Operator, Replay } from "../replay.ts";
import type { Reading } from "../refused.ts";
import { asFloats, floatTensor } from "../tensor.ts";

/** A layer of one input that keeps its shape. */
const keeping =
  (apply: (replay: Replay, reading: Reading, x: Live, inputs: readonly (Item | null)[]) => Live["value"]): Operator =>
  (replay, reading, inputs) => {
    const given = replay.live(reading, inputs[0]);
    // What is only padding may become other than 0.
    const x = given.padded ? replay.dense(given) : given;
    return [{ ...x, value: apply(replay, reading, x, inputs) }];
  };

const active = (kind: ActivationKind, alpha?: readonly [string, number], beta?: readonly [string, number]): Operator =>
  keeping((replay, reading, x) =>
    replay.layers.activation(reading.name, x.value, kind, alpha && reading.float(...alpha), beta && reading.float(...beta)),
  );

const affine = (replay: Replay, name: string, x: Live, factor: number, offset: number): Live => ({
  ...x,
  value: replay.layers.activation(name, x.value, "affine", factor, offset),
});

const clip: Operator = keeping((replay, reading, x, [, least, most]) => {
  const limit = (given: Item | null | undefined, name: string, otherwise: number): number => {
    if (reading.opset < 11) return reading.float(name, otherwise);
    return given ? (replay.known(reading, given, name).known.data[0] ?? otherwise) : otherwise;
  };
  // Limits beyond float32 are none.
  const LARGEST = 3.4028234663852886e38;
  const within = (value: number): number => Math.min(Math.max(value, -LARGEST), LARGEST);
  return replay.layers.activation(
    reading.name,
    x.value,
    "clip",
    within(limit(least, "min", -LARGEST)),
    within(limit(most, "max", LARGEST)),
  );
});

type Sign = 1 | -1;

/** a + sign b. */
const sum =
  (sign: Sign): Operator =>
  (replay, reading, [a, b]) => {
    if (!a || !b) return reading.refuse("an input is missing");
    const [left, right] = alignedItems(reading, a, b);
    if (isKnown(right)) return [withConstant(replay, reading, replay.live(reading, left), right, "sum", sign)];
    if (isKnown(left)) {
      const x = replay.dense(right);
      return [withConstant(replay, reading, sign === 1 ? x : affine(replay, `${reading.name}.minus`, x, -1, 0), left, "sum", 1)];
    }
    const other = sign === 1 ? right : affine(replay, `${reading.name}.minus`, replay.dense(right), -1, 0);
    return [combined(replay, reading, left, other, (one, two) => replay.layers.add(reading.name, one, two))];
  };

/** The second operand with its axes where operator sets before 7 said. */
function alignedItems(reading: Reading, a: Item, b: Item): [Item, Item] {
  const rank = isKnown(a) ? a.known.dims.length : a.shape.length;
  if (isKnown(b)) return [a, { ...b, known: aligned(reading, b.known, rank) }];
  if (reading.opset < 7 && reading.flag("broadcast") && reading.has("axis"))
    reading.refuse("broadcasts a value that is not constant along an axis");
  return [a, b];
}

const product: Operator = (replay, reading, [a, b]) => {
  if (!a || !b) return reading.refuse("an input is missing");
  const [left, right] = alignedItems(reading, a, b);
  if (isKnown(right)) return [withConstant(replay, reading, replay.live(reading, left), right, "product", 1)];
  if (isKnown(left)) return [withConstant(replay, reading, right, left, "product", 1)];
  return [combined(replay, reading, left, right, (one, two) => replay.layers.multiply(reading.name, one, two))];
};

const quotient: Operator = (replay, reading, [a, b]) => {
  const divisor = replay.known(reading, b, "the divisor");
  const inverse = like(
    { kind: "float" },
    divisor.known.dims,
    Float64Array.from(divisor.known.data, (value) => 1 / value),
  );
  return product(replay, reading, [a ?? null, { known: inverse, initializer: divisor.initializer }]);
};

/** The sum of any number of inputs. */
const sums: Operator = (replay, reading, inputs) => {
  const [first, ...rest] = inputs;
  if (!first) return reading.refuse("there is nothing to sum");
  return [rest.reduce<Item>((total, next) => sum(1)(replay, reading, [total, next])[0], first)];
};

/** x and a constant: a number, a number for each index of one axis, or a tensor. */
function withConstant(
  replay: Replay,
  reading: Reading,
  given: Live,
  { known, initializer }: Known,
  kind: "sum" | "product",
  sign: Sign,
): Live {
  const x = given.padded ? replay.dense(given) : given;
  const data = Float32Array.from(known.data, (value) => sign * value);
  const constant = floatTensor(known.dims, data);
  if (data.length === 1 && known.dims.length <= x.shape.length) {
    const [value] = data;
    return kind === "sum" ? affine(replay, reading.name, x, 1, value) : affine(replay, reading.name, x, value, 0);
  }
  const role = kind === "sum" ? "shift" : "scale";
  const layer = replay.layerOf(reading, initializer === null ? null : { known, initializer }, [role]);
  const axes = known.dims.flatMap((extent, axis) => (extent === 1 ? [] : [axis + x.shape.length - known.dims.length]));
  const [axis] = axes;
  const replaced = axes.length === 1 && replay.replacedClasses(reading) === data.length ? replay.options.classes : null;
  if (axes.length === 1 && axis >= 0 && x.shape[axis] === (replaced ?? data.length)) {
    const behind = replay.ordered(x, orderEndingIn(x, axis));
    const start = kind === "sum" ? 0 : 1;
    const vector =
      replaced === null
        ? replay.vector(layer, role, data, { start })
        : replay.vector(layer, role, new Float32Array(replaced).fill(start), { start });
    if (replaced !== null) replay.weights.delete(`${layer}/${role}`);
    return { ...behind, value: replay.layers.scaled(layer, behind.value, kind === "sum" ? null : vector, kind === "sum" ? vector : null) };
  }
  const dense = replay.dense(x);
  const shape = broadcastShape(reading, dense.shape, known.dims);
  const rank = shape.length;
  const whole = repeated(replay, reading, withRank(replay, dense, rank), shape);
  // A constant that is the same for every image is kept once.
  const sizes = shape.map((extent, at) => (at === 0 && (known.dims[known.dims.length - rank] ?? 1) === 1 ? 1 : extent));
  requireSize(reading, sizes);
  const values = like(constant, sizes, expanded(constant, sizes));
  const value = replay.vector(layer, role, asFloats(transposed(values, whole.order)), { shape: whole.order.map((at) => sizes[at]) });
  const other = repeated(replay, reading, { value, shape: sizes, order: whole.order }, shape);
  const y =
    kind === "sum"
      ? replay.layers.add(reading.name, whole.value, other.value)
      : replay.layers.multiply(reading.name, whole.value, other.value);
  return { value: y, shape, order: whole.order };
}

/** The value's own order, if the axis is the last there, else one in which it is. */
function orderEndingIn({ shape, order }: Live, axis: number): readonly number[] {
  if (order.at(-1) === axis) return order;
  if (axis === 1 && shape.length >= 4) return [...channelsBehind(shape.length).filter((at) => at !== 1), 1];
  return [...order.filter((at) => at !== axis), axis];
}

/** The value with axes of extent 1 in front, as broadcasting adds them. */
function withRank(replay: Replay, live: Live, rank: number): Live {
  const missing = rank - live.shape.length;
  return missing === 0 ? live : replay.withShape(replay.plain(live), [...Array.from({ length: missing }, () => 1), ...live.shape]);
}

/** Two values brought to one shape and order. */
function combined(
  replay: Replay,
  reading: Reading,
  a: Live,
  b: Live,
  combine: (a: Live["value"], b: Live["value"]) => Live["value"],
): Live {
  if (a.flattened && b.flattened && sameShape(a.flattened, b.flattened) && sameShape(a.shape, b.shape))
    return { ...a, value: combine(a.value, b.value) };
  const shape = broadcastShape(reading, a.shape, b.shape);
  const [left, right] = [a, b].map((live) => withRank(replay, replay.dense(live), shape.length));
  // The larger one stays as it lies.
  const { order } = sizeOf(left.shape) >= sizeOf(right.shape) ? left : right;
  const [one, two] = [left, right].map((live) => repeated(replay, reading, replay.ordered(live, order), shape));
  return { value: combine(one.value, two.value), shape, order };
}

/** The value repeated along the axes where its extent is 1. */
function repeated(replay: Replay, reading: Reading, live: Live, shape: Shape): Live {
  return natural(shape.length).reduce((x, axis) => {
    if (x.shape[axis] === shape[axis]) return x;
    const attributes = { axis: x.order.indexOf(axis), count: shape[axis], scale: 1 };
    return {
      ...x,
      value: replay.layers.op(repeat, { x: x.value }, attributes, `${reading.name}.repeat`).y,
      shape: x.shape.with(axis, shape[axis]),
    };
  }, live);
}

/** The value itself, in training with dropout. */
const dropout: Operator = (replay, reading, [input, ratio, training]) => {
  if (replay.isRead(reading, 1)) reading.refuse("its mask is read");
  if (training && replay.known(reading, training, "training_mode").known.data[0] !== 0)
    reading.refuse("training_mode true: that is for the trainer to say");
  const x = replay.live(reading, input);
  const given = ratio ? replay.known(reading, ratio, "the ratio").known.data[0] : reading.float("ratio", 0.5);
  return [{ ...x, value: replay.layers.dropout(reading.name, x.value, given) }];
};

export const ELEMENTS: Readonly<Record<string, Operator>> = {
  Relu: keeping((replay, reading, x) => replay.layers.relu(reading.name, x.value)),
  LeakyRelu: active("leakyRelu", ["alpha", 0.01]),
  Elu: active("elu", ["alpha", 1]),
  Sigmoid: active("sigmoid"),
  Tanh: active("tanh"),
  HardSigmoid: active("hardSigmoid", ["alpha", 0.2], ["beta", 0.5]),
  HardSwish: active("hardSwish"),
  Clip: clip,
  Neg: keeping((replay, reading, x) => affine(replay, reading.name, x, -1, 0).value),
  Add: sum(1),
  Sub: sum(-1),
  Mul: product,
  Div: quotient,
  Sum: sums,
  Dropout: dropout,
};
