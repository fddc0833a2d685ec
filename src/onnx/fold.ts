// Operators on constants, computed while a model is read: the arithmetic of shapes, and weights that other nodes make.
import { sizeOf, type Shape } from "../tensor/shape.ts";
import { floatTensor, intTensor, type HostTensor } from "./tensor.ts";
import type { Reading } from "./refused.ts";

/** Elements that a folded tensor may have: weights of a fully connected layer of VGG are half of it. */
export const MAX_ELEMENTS = 2 ** 28;

/** Throws where a constant that a node makes would not be one of these networks. */
export function requireSize(reading: Reading, shape: Shape): void {
  if (shape.some((extent) => !Number.isInteger(extent) || extent < 0) || sizeOf(shape) > MAX_ELEMENTS)
    reading.refuse(`a constant of [${shape.join(", ")}]`);
}

/** A tensor of the same kind with other values. */
export function like({ kind }: Pick<HostTensor, "kind">, dims: Shape, values: ArrayLike<number>): HostTensor {
  return kind === "float" ? floatTensor(dims, Float32Array.from(values)) : intTensor(dims, values);
}

type Fold = (reading: Reading, inputs: readonly (HostTensor | null)[]) => HostTensor;

const input = (reading: Reading, inputs: readonly (HostTensor | null)[], at: number): HostTensor =>
  inputs[at] ?? reading.refuse(`input ${at} is missing`);

/** Axes from an input or, in older operator sets, from an attribute; null where there are none. */
export function axesOf(reading: Reading, given: HostTensor | null | undefined, name = "axes"): readonly number[] | null {
  return given ? [...given.data] : reading.ints(name);
}

/** An axis counted from the front. */
export function axisOf(reading: Reading, axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (!(positive >= 0 && positive < Math.max(rank, 1))) reading.refuse(`axis ${axis} does not exist in ${rank} axes`);
  return positive;
}

/** Shape of the element-wise combination of two. */
export function broadcastShape(reading: Reading, a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  const extent = (shape: Shape, axis: number): number => shape[axis - (rank - shape.length)] ?? 1;
  return Array.from({ length: rank }, (_, axis) => {
    const [one, other] = [extent(a, axis), extent(b, axis)];
    if (one !== other && one !== 1 && other !== 1) reading.refuse(`shapes [${a.join(", ")}] and [${b.join(", ")}] do not broadcast`);
    return one === 1 ? other : one;
  });
}

/** Steps in a tensor's values from one index to the next, by axis of `shape`; 0 where the tensor is repeated. */
function stepsIn(dims: Shape, shape: Shape): number[] {
  let step = 1;
  const steps = shape.map(() => 0);
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    if (dims[axis] !== 1) steps[axis + shape.length - dims.length] = step;
    step *= dims[axis];
  }
  return steps;
}

/** The values of a tensor repeated to a shape that it broadcasts to. */
export function expanded({ dims, data }: HostTensor, shape: Shape): Float64Array {
  return strided(data, shape, stepsIn(dims, shape), 0);
}

/** Values by strides, one by one. */
function strided(data: ArrayLike<number>, shape: Shape, steps: readonly number[], first: number): Float64Array {
  const out = new Float64Array(sizeOf(shape));
  const index = shape.map(() => 0);
  let at = first;
  for (let i = 0; i < out.length; i++) {
    out[i] = data[at];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += steps[axis];
      if (++index[axis] < shape[axis]) break;
      at -= steps[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return out;
}

/** A tensor with its axes in another order. */
export function transposed(tensor: HostTensor, axes: readonly number[]): HostTensor {
  const { dims, data } = tensor;
  const steps = axes.map((axis) => sizeOf(dims.slice(axis + 1)));
  const shape = axes.map((axis) => dims[axis]);
  return like(tensor, shape, strided(data, shape, steps, 0));
}

const elementwise =
  (compute: (a: number, b: number, whole: boolean) => number): Fold =>
  (reading, inputs) => {
    const [a, b] = [input(reading, inputs, 0), aligned(reading, input(reading, inputs, 1), input(reading, inputs, 0).dims.length)];
    const shape = broadcastShape(reading, a.dims, b.dims);
    requireSize(reading, shape);
    const whole = a.kind === "int" && b.kind === "int";
    const [left, right] = [expanded(a, shape), expanded(b, shape)];
    return like(
      whole ? a : { kind: "float" },
      shape,
      left.map((value, i) => compute(value, right[i], whole)),
    );
  };

const unary =
  (compute: (x: number) => number): Fold =>
  (reading, inputs) => {
    const x = input(reading, inputs, 0);
    return like(x, x.dims, Float64Array.from(x.data, compute));
  };

/** The second operand of an element-wise operator, whose axes operator sets before 7 may have aligned elsewhere than at the end. */
export function aligned(reading: Reading, b: HostTensor, rank: number): HostTensor {
  if (reading.opset >= 7 || !reading.flag("broadcast") || !reading.has("axis")) return b;
  const behind = rank - axisOf(reading, reading.int("axis", 0), rank) - b.dims.length;
  if (behind < 0) reading.refuse("broadcast reaches beyond the last axis");
  return { ...b, dims: [...b.dims, ...Array.from({ length: behind }, () => 1)] };
}

/** The shape that Reshape asks for. */
export function reshapedTo(reading: Reading, from: Shape, wanted: readonly number[]): number[] {
  const zeroStays = !reading.flag("allowzero");
  const shape = wanted.map((extent, axis) =>
    extent === 0 && zeroStays ? (from[axis] ?? reading.refuse(`0 at axis ${axis} has no extent to keep`)) : extent,
  );
  const unknown = shape.indexOf(-1);
  if (unknown >= 0)
    shape[unknown] = sizeOf(from) / shape.reduce((product, extent, axis) => (axis === unknown ? product : product * extent), 1);
  if (shape.some((extent) => !Number.isInteger(extent) || extent < 0) || sizeOf(shape) !== sizeOf(from))
    reading.refuse(`[${from.join(", ")}] cannot become [${wanted.join(", ")}]`);
  return shape;
}

/** Where Slice begins, ends and steps, by axis: from inputs or, before operator set 10, attributes. */
export function sliceRanges(
  reading: Reading,
  shape: Shape,
  inputs: readonly (HostTensor | null)[],
): { readonly first: number; readonly count: number; readonly step: number }[] {
  const given = (at: number, name: string): readonly number[] | null => axesOf(reading, inputs[at], name);
  const starts = given(1, "starts") ?? reading.refuse("no starts");
  const ends = given(2, "ends") ?? reading.refuse("no ends");
  const axes = given(3, "axes") ?? starts.map((_, i) => i);
  const steps = given(4, "steps") ?? starts.map(() => 1);
  const ranges = shape.map((extent) => ({ first: 0, count: extent, step: 1 }));
  axes.forEach((given, i) => {
    const axis = axisOf(reading, given, shape.length);
    const extent = shape[axis];
    const step = steps[i];
    if (!Number.isInteger(step) || step === 0) reading.refuse(`step ${step}`);
    const within = (index: number): number => {
      const positive = index < 0 ? index + extent : index;
      return step > 0 ? Math.min(Math.max(positive, 0), extent) : Math.min(Math.max(positive, -1), extent - 1);
    };
    const [first, end] = [within(starts[i]), within(ends[i])];
    ranges[axis] = { first, count: Math.max(0, Math.ceil((end - first) / step)), step };
  });
  return ranges;
}

/** Axes with extent 1 taken out. */
export function squeezed(reading: Reading, shape: Shape, axes: readonly number[] | null): number[] {
  const out = axes
    ? axes.map((axis) => axisOf(reading, axis, shape.length))
    : shape.flatMap((extent, axis) => (extent === 1 ? [axis] : []));
  for (const axis of out) if (shape[axis] !== 1) reading.refuse(`axis ${axis} of [${shape.join(", ")}] has no extent of 1`);
  return shape.filter((_, axis) => !out.includes(axis));
}

/** Axes with extent 1 put in. */
export function unsqueezed(reading: Reading, shape: Shape, axes: readonly number[] | null): number[] {
  if (!axes) return reading.refuse("no axes");
  const rank = shape.length + axes.length;
  const put = axes.map((axis) => axisOf(reading, axis, rank));
  const rest = [...shape];
  return Array.from({ length: rank }, (_, axis) => (put.includes(axis) ? 1 : (rest.shift() ?? 1)));
}

/** [a, b, ...] with the axes up to `axis` as one and the others as another. */
export const flattenedAt = (shape: Shape, axis: number): number[] => [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))];

/** What Flatten's axis says. */
export function flattenAxis(reading: Reading, rank: number): number {
  const axis = reading.int("axis", 1);
  return axis === rank ? axis : axisOf(reading, axis, rank);
}

/** Floats, or whole numbers where the type is one of those. */
function cast(reading: Reading, inputs: readonly (HostTensor | null)[]): HostTensor {
  const x = input(reading, inputs, 0);
  const to = reading.int("to", 1);
  if ([1, 10, 11].includes(to)) return floatTensor(x.dims, Float32Array.from(x.data));
  if ([2, 3, 5, 6, 7, 9, 12, 13].includes(to)) return intTensor(x.dims, x.data.map(Math.trunc));
  return reading.refuse(`a cast to data type ${to}`);
}

function constant(reading: Reading): HostTensor {
  const ints = reading.ints("value_ints");
  const floats = reading.floats("value_floats");
  if (ints) return intTensor([ints.length], ints);
  if (floats) return floatTensor([floats.length], Float32Array.from(floats));
  if (reading.has("value_int")) return intTensor([], [reading.int("value_int", 0)]);
  if (reading.has("value_float")) return floatTensor([], Float32Array.of(reading.float("value_float", 0)));
  return reading.tensor("value") ?? reading.refuse("a constant of texts or of a sparse tensor");
}

function filled(reading: Reading, shape: Shape, value: HostTensor): HostTensor {
  requireSize(reading, shape);
  return value.kind === "float"
    ? floatTensor(shape, new Float32Array(sizeOf(shape)).fill(value.data[0]))
    : { dims: shape, kind: "int", data: new Float64Array(sizeOf(shape)).fill(value.data[0]) };
}

/** Concatenation along an axis. */
function joined(reading: Reading, inputs: readonly (HostTensor | null)[]): HostTensor {
  const parts = inputs.map((_, at) => input(reading, inputs, at));
  const axis = axisOf(reading, reading.int("axis", 1), parts[0].dims.length);
  const outer = sizeOf(parts[0].dims.slice(0, axis));
  const inner = parts.map(({ dims }) => sizeOf(dims.slice(axis)));
  const wide = inner.reduce((a, b) => a + b, 0);
  const out = new Float64Array(outer * wide);
  for (let row = 0, at = 0; row < outer; row++)
    for (const [i, { data }] of parts.entries()) {
      for (let k = 0; k < inner[i]; k++) out[at + k] = data[row * inner[i] + k];
      at += inner[i];
    }
  const extent = parts.reduce((sum, { dims }) => sum + dims[axis], 0);
  return like(parts[0], parts[0].dims.with(axis, extent), out);
}

function gathered(reading: Reading, inputs: readonly (HostTensor | null)[]): HostTensor {
  const [x, indices] = [input(reading, inputs, 0), input(reading, inputs, 1)];
  const axis = axisOf(reading, reading.int("axis", 0), x.dims.length);
  const extent = x.dims[axis];
  const inner = sizeOf(x.dims.slice(axis + 1));
  const outer = sizeOf(x.dims.slice(0, axis));
  const dims = [...x.dims.slice(0, axis), ...indices.dims, ...x.dims.slice(axis + 1)];
  requireSize(reading, dims);
  const values: number[] = [];
  for (let row = 0; row < outer; row++)
    for (const given of indices.data) {
      const index = given < 0 ? given + extent : given;
      if (!(index >= 0 && index < extent)) reading.refuse(`index ${given} does not exist in ${extent} elements`);
      for (let k = 0; k < inner; k++) values.push(x.data[(row * extent + index) * inner + k]);
    }
  return like(x, dims, values);
}

function sliced(reading: Reading, inputs: readonly (HostTensor | null)[]): HostTensor {
  const x = input(reading, inputs, 0);
  const ranges = sliceRanges(reading, x.dims, inputs);
  const steps = x.dims.map((_, axis) => sizeOf(x.dims.slice(axis + 1)));
  const first = ranges.reduce((sum, range, axis) => sum + range.first * steps[axis], 0);
  const shape = ranges.map(({ count }) => count);
  return like(
    x,
    shape,
    strided(
      x.data,
      shape,
      ranges.map(({ step }, axis) => step * steps[axis]),
      first,
    ),
  );
}

const reshaped =
  (shapeOf: (reading: Reading, x: HostTensor, inputs: readonly (HostTensor | null)[]) => readonly number[]): Fold =>
  (reading, inputs) => {
    const x = input(reading, inputs, 0);
    return { ...x, dims: shapeOf(reading, x, inputs) };
  };

/** By operator; each is given constants alone. */
export const FOLDS: Readonly<Record<string, Fold>> = {
  Constant: constant,
  ConstantOfShape: (reading, inputs) =>
    filled(reading, [...input(reading, inputs, 0).data], reading.tensor("value") ?? floatTensor([1], Float32Array.of(0))),
  Shape: (reading, inputs) => shapeTensor(reading, input(reading, inputs, 0).dims),
  Size: (reading, inputs) => intTensor([], [sizeOf(input(reading, inputs, 0).dims)]),
  Identity: (reading, inputs) => input(reading, inputs, 0),
  Cast: cast,
  Gather: gathered,
  Slice: sliced,
  Concat: joined,
  Reshape: reshaped((reading, x, inputs) => reshapedTo(reading, x.dims, axesOf(reading, inputs[1], "shape") ?? reading.refuse("no shape"))),
  Flatten: reshaped((reading, x) => flattenedAt(x.dims, flattenAxis(reading, x.dims.length))),
  Squeeze: reshaped((reading, x, inputs) => squeezed(reading, x.dims, axesOf(reading, inputs[1]))),
  Unsqueeze: reshaped((reading, x, inputs) => unsqueezed(reading, x.dims, axesOf(reading, inputs[1]))),
  Transpose: (reading, inputs) => {
    const x = input(reading, inputs, 0);
    return transposed(x, permutation(reading, x.dims.length));
  },
  Expand: (reading, inputs) => {
    const x = input(reading, inputs, 0);
    const shape = broadcastShape(reading, x.dims, [...input(reading, inputs, 1).data]);
    requireSize(reading, shape);
    return like(x, shape, expanded(x, shape));
  },
  Range: (reading, inputs) => {
    const [start, limit, step] = [0, 1, 2].map((at) => input(reading, inputs, at).data[0]);
    const count = Math.max(0, Math.ceil((limit - start) / step));
    requireSize(reading, [count]);
    return like(
      input(reading, inputs, 0),
      [count],
      Array.from({ length: count }, (_, i) => start + i * step),
    );
  },
  Add: elementwise((a, b) => a + b),
  Sub: elementwise((a, b) => a - b),
  Mul: elementwise((a, b) => a * b),
  // Whole numbers are divided as in C.
  Div: elementwise((a, b, whole) => (whole ? Math.trunc(a / b) : a / b)),
  Equal: (reading, inputs) => ({ ...elementwise((a, b) => (a === b ? 1 : 0))(reading, inputs), kind: "int" }) as HostTensor,
  Where: (reading, inputs) => {
    const [condition, yes, no] = [0, 1, 2].map((at) => input(reading, inputs, at));
    const shape = broadcastShape(reading, condition.dims, broadcastShape(reading, yes.dims, no.dims));
    requireSize(reading, shape);
    const [chosen, other] = [expanded(yes, shape), expanded(no, shape)];
    return like(
      yes,
      shape,
      expanded(condition, shape).map((value, i) => (value === 0 ? other[i] : chosen[i])),
    );
  },
  Neg: unary((x) => -x),
  Floor: unary(Math.floor),
  Ceil: unary(Math.ceil),
  Sqrt: unary(Math.sqrt),
  Reciprocal: unary((x) => 1 / x),
};

/** The shape of a tensor as a tensor, or the part of it that Shape asks for. */
export function shapeTensor(reading: Reading, shape: Shape): HostTensor {
  const bound = (name: string, otherwise: number): number => {
    const given = reading.int(name, otherwise);
    return Math.min(Math.max(given < 0 ? given + shape.length : given, 0), shape.length);
  };
  const part = shape.slice(bound("start", 0), bound("end", shape.length));
  return intTensor([part.length], part);
}

/** Transpose's axes: the reverse where it does not say. */
export function permutation(reading: Reading, rank: number): readonly number[] {
  const axes = reading.ints("perm") ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  if (axes.length !== rank || new Set(axes).size !== rank || axes.some((axis) => !(axis >= 0 && axis < rank)))
    reading.refuse(`perm ${axes.join(", ")} for ${rank} axes`);
  return axes;
}
