// Outlines of regions that are known.
import { expect, test } from "vitest";
import { outlineOf, placedOutline } from "./outline.ts";

const lengthOf = (outline: readonly number[]): number => {
  let sum = 0;
  for (let i = 0; i < outline.length; i += 4) sum += Math.hypot(outline[i + 2] - outline[i], outline[i + 3] - outline[i + 1]);
  return sum;
};

test("the outline of a disc lies on its circle", () => {
  const side = 64;
  const shares = Float32Array.from({ length: side * side }, (_, i) => {
    const r = Math.hypot((i % side) + 0.5 - 30, Math.floor(i / side) + 0.5 - 34);
    return Math.min(1, Math.max(0, 12.5 - r));
  });
  const outline = outlineOf(shares, side, side);
  expect(outline.length).toBeGreaterThan(100);
  for (let i = 0; i < outline.length; i += 2) expect(Math.hypot(outline[i] - 30, outline[i + 1] - 34)).toBeCloseTo(12, 0);
  expect(lengthOf(outline)).toBeCloseTo(2 * Math.PI * 12, 0);
});

test("a region at the edge is closed, and nothing has no outline", () => {
  expect(lengthOf(outlineOf([1, 1, 1, 1], 2, 2))).toBeCloseTo(4 + 4 * Math.SQRT1_2, 10);
  expect(outlineOf([0, 0.4, 0.4, 0], 2, 2)).toEqual([]);
});

test("on a crop at another size the outline moves with the picture", () => {
  expect(placedOutline({ left: 10, top: 4, scaleX: 0.5, scaleY: 2 }, [12, 5, 14, 6])).toEqual([1, 2, 2, 4]);
});
