import { expect, test } from "vitest";
import { confusionMatrix, likeliestClass, logOdds } from "./confusion.ts";

test("log-odds keep apart what 1 - p would tie, and stay finite", () => {
  expect(logOdds(0.75, 0.25)).toBeCloseTo(Math.log(3), 15);
  expect(logOdds(1, 1e-30)).toBeGreaterThan(logOdds(1, 1e-20));
  expect(logOdds(1, 0)).toBeCloseTo(150 * Math.LN2, 10);
  expect(logOdds(0, 1)).toBeCloseTo(-150 * Math.LN2, 10);
});

test("the most probable class is the first of equals", () => {
  expect(likeliestClass([0.2, 0.5, 0.3])).toBe(1);
  expect(likeliestClass([0.4, 0.4, 0.2])).toBe(0);
});

test("the confusion matrix has the truth in its rows", () => {
  expect(confusionMatrix([0, 0, 1, 2, 2], [0, 2, 1, 2, 1], 3)).toEqual([
    [1, 0, 1],
    [0, 1, 0],
    [0, 1, 1],
  ]);
  expect(() => confusionMatrix([0], [3], 3)).toThrow(/case 0 is of class 0, said 3; expected 0 to 2/);
});
