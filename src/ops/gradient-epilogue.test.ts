// What the optional ports of gradient ops mean, by the op that each stands for.
import { expect, test } from "vitest";
import type { Array64, TensorType } from "../graph/op.ts";
import { sizeOf, type Shape } from "../tensor/shape.ts";
import { averagePoolBackward } from "./average-pool.ts";
import { lrnBackward } from "./lrn.ts";
import { reluBackward } from "./relu.ts";

const f32 = (...shape: number[]): TensorType => ({ shape, dtype: "f32" });
const wave = (shape: Shape, speed: number): Array64 => ({
  shape,
  data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(speed * i)),
});

const window = { size: 3, stride: 2, pad: 0 };

test("a gate is the gradient of the ReLU that it is the output of, after an addend is added", () => {
  const attributes = { ...window, height: 5, width: 5 };
  const [dy, gate, addend] = [wave([2, 2, 2, 4], 1), wave([2, 5, 5, 4], 2), wave([2, 5, 5, 4], 3)];
  const outputs = { dx: f32(2, 5, 5, 4) };
  const bare = averagePoolBackward.reference({ dy }, attributes, outputs).dx;
  const sum = { shape: addend.shape, data: bare.map((value, i) => value + addend.data[i]) };
  const expected = reluBackward.reference({ y: gate, dy: sum }, {}, outputs).dx;
  expect(averagePoolBackward.reference({ dy, gate, addend }, attributes, outputs).dx).toEqual(expected);
  expect(expected).not.toEqual(sum.data);
});

test("gates and addends of another shape are refused", () => {
  const attributes = { ...window, height: 5, width: 5 };
  expect(() => averagePoolBackward.infer({ dy: f32(1, 2, 2, 4), addend: f32(1, 2, 2, 4) }, attributes, "pool.dx")).toThrow(
    'averagePoolBackward "pool.dx": addend must be [1, 5, 5, 4] as dx is, got [1, 2, 2, 4]',
  );
  expect(() =>
    lrnBackward.infer({ x: f32(9, 4), dy: f32(9, 4), gate: f32(4, 9) }, { size: 5, alpha: 1, beta: 1, k: 1 }, "norm.dx"),
  ).toThrow('lrnBackward "norm.dx": gate must be [9, 4] as dx is, got [4, 9]');
});
