// Pure values against published vectors and against themselves.
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { philox, unitFloat } from "./philox.ts";
import { sha256Hex } from "./sha256.ts";
import { permute, tensor } from "./tensor.ts";

test("philox gives the known answers of the Random123 distribution", () => {
  expect(philox([0, 0], [0, 0, 0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  const ones = 0xffffffff;
  expect(philox([ones, ones], [ones, ones, ones, ones])).toEqual([0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
  expect(philox([0xa4093822, 0x299f31d0], [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344])).toEqual([
    0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1,
  ]);
});

test("unit floats stay below 1 in float32", () => {
  expect(Math.fround(unitFloat(0xffffffff))).toBeLessThan(1);
  expect(unitFloat(0)).toBe(0);
});

test("sha256 equals the platform's at every length around a block", () => {
  for (let length = 0; length < 200; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 255);
    expect(sha256Hex(bytes)).toBe(createHash("sha256").update(bytes).digest("hex"));
  }
});

test("permute moves axes and undoes itself", () => {
  const nchw = tensor(
    [2, 3, 4, 5],
    Float32Array.from({ length: 120 }, (_, i) => i),
  );
  const nhwc = permute(nchw, [0, 2, 3, 1]);
  expect(nhwc.shape).toEqual([2, 4, 5, 3]);
  expect(nhwc.data[((1 * 4 + 2) * 5 + 3) * 3 + 2]).toBe(nchw.data[((1 * 3 + 2) * 4 + 2) * 5 + 3]);
  expect(permute(nhwc, [0, 3, 1, 2]).data).toEqual(nchw.data);
});

test("a tensor whose values do not fit its shape is refused", () => {
  expect(() => tensor([2, 3], new Float32Array(5))).toThrow("tensor: [2, 3] needs 6 values, got 5");
});
