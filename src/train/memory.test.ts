// The batch that fits into memory.
import { expect, test } from "vitest";
import { largestBatch } from "./memory.ts";

test("the largest batch that fits is found, and none where the parameters alone are too many", () => {
  const bytesOf = (batch: number): number => 1000 + 10 * batch;
  expect(largestBatch(bytesOf, 1500, 2000)).toBe(100);
  expect(largestBatch(bytesOf, 1500, 2009)).toBe(100);
  expect(largestBatch(bytesOf, 2, 1010)).toBe(1);
  expect(largestBatch(bytesOf, 1500, 1000)).toBe(0);
});
