// 16-bit floats against values of IEEE 754 binary16 and bfloat16 known by definition.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { bfloatToFloat, floatToHalf, halfToFloat } from "./half.ts";

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

test("each of the 65,536 patterns of binary16 comes back from its float32", () => {
  const changed = Array.from({ length: 0x10000 }, (_, bits) => bits).filter((bits) => {
    const value = halfToFloat(bits);
    return Number.isNaN(value) ? !Number.isNaN(halfToFloat(floatToHalf(value))) : floatToHalf(value) !== bits;
  });
  expect(changed).toEqual([]);
});

test("halfway between two neighbours the even one is taken, and beside it the nearer one, down to the subnormals", () => {
  const wrong: number[] = [];
  // Of float32, the numbers next to the middle of two halves: 2^-24 of it away at most.
  const next = new Uint32Array(1);
  const beside = (value: number, by: number): number => {
    const view = new Float32Array(next.buffer);
    view[0] = value;
    next[0] += by;
    return view[0];
  };
  for (let bits = 0; bits < 0x7bff; bits++) {
    const middle = (halfToFloat(bits) + halfToFloat(bits + 1)) / 2;
    const even = bits % 2 === 0 ? bits : bits + 1;
    if (floatToHalf(middle) !== even || floatToHalf(-middle) !== (0x8000 | even)) wrong.push(bits);
    if (floatToHalf(beside(middle, -1)) !== bits || floatToHalf(beside(middle, 1)) !== bits + 1) wrong.push(bits);
  }
  expect(wrong).toEqual([]);
});

test.each([
  [65504, 0x7bff],
  [65519.99609375, 0x7bff],
  [65520, 0x7c00],
  [-1e30, 0xfc00],
  [-Infinity, 0xfc00],
  [NaN, 0x7e00],
  [2 ** -25, 0x0000],
  [2 ** -25 * (1 + 2 ** -23), 0x0001],
  [-(2 ** -149), 0x8000],
])("%f is written as binary16 %i", (value, bits) => {
  expect(floatToHalf(value)).toBe(bits);
});

test("no other binary16 is nearer than the one that is written", () => {
  fc.assert(
    fc.property(fc.float({ min: -65504, max: 65504, noNaN: true }), (value) => {
      const bits = floatToHalf(value);
      const away = Math.abs(halfToFloat(bits) - value);
      for (const other of [bits - 1, bits + 1].filter((near) => (near & 0x7fff) < 0x7c00 && near >= 0))
        expect(Math.abs(halfToFloat(other) - value)).toBeGreaterThanOrEqual(away);
    }),
    { seed: 754 },
  );
});
