import { expect, test } from "vitest";
import { mcnemar } from "./mcnemar.ts";

const sides = (onlyFirst: number, onlySecond: number, both = 20): [boolean[], boolean[]] => {
  const of = (...counts: [value: boolean, count: number][]): boolean[] =>
    counts.flatMap(([value, count]) => Array<boolean>(count).fill(value));
  return [of([true, onlyFirst], [false, onlySecond], [true, both]), of([false, onlyFirst], [true, onlySecond], [true, both])];
};

// SciPy's binomtest.
test.each([
  [1, 8, 0.0390625],
  [3, 3, 1],
  [0, 6, 0.03125],
  [15, 5, 0.04138946533203125],
  [0, 0, 1],
])("%d cases that only the first has right, %d that only the second has", (onlyFirst, onlySecond, p) => {
  const result = mcnemar(...sides(onlyFirst, onlySecond));
  expect([result.onlyFirst, result.onlySecond]).toEqual([onlyFirst, onlySecond]);
  expect(result.p).toBeCloseTo(p, 13);
});

test("other cases are refused", () => expect(() => mcnemar([true], [])).toThrow(/expected the same cases of both, got 1 and 0/));
