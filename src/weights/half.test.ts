// 16-bit floats against values of IEEE 754 binary16 and bfloat16 known by definition.
import { expect, test } from "vitest";
import { bfloatToFloat, halfToFloat } from "./half.ts";

test.each([
  [0x0000, 0],
  [0x8000, -0],
  [0x3c00, 1],
  [0xc000, -2],
  [0x3555, 0.333251953125],
  [0x7bff, 65504],
  [0x0400, 2 ** -14],
  [0x03ff, 2 ** -14 - 2 ** -24],
  [0x8001, -(2 ** -24)],
  [0x7c00, Infinity],
  [0xfc00, -Infinity],
  [0x7e00, NaN],
])("binary16 %i is %f", (bits, value) => {
  expect(halfToFloat(bits)).toBe(value);
});

test("binary16 rises with its bits", () => {
  const positive = Array.from({ length: 0x7c01 }, (_, bits) => halfToFloat(bits));
  expect(positive.findIndex((value, bits) => bits > 0 && !(value > positive[bits - 1]))).toBe(-1);
});

test.each([
  [0x3f80, 1],
  [0xc040, -3],
  [0x4049, 3.140625],
  [0x0001, 2 ** -133],
  [0x8000, -0],
  [0xff80, -Infinity],
  [0x7fc0, NaN],
])("bfloat16 %i is %f", (bits, value) => {
  expect(bfloatToFloat(bits)).toBe(value);
});
