import { describe, expect, test } from "vitest";
import { perfectSeparation, ruleOfThree } from "./separation.ts";

describe("perfectSeparation", () => {
  test.each([
    [55, 55, 0.935, 0.935, 0.9924, 0.9944],
    [60, 50, 0.94, 0.929, 0.9923, 0.9944],
    [80, 30, 0.955, 0.884, 0.9902, 0.9928],
    [10, 5, 0.692, 0.478, 0.773, 0.822],
  ])("%d positives and %d negatives", (m, n, sensitivity, specificity, twoSided, oneSided) => {
    const bounds = perfectSeparation(m, n);
    expect(Math.abs(bounds.sensitivityLow - sensitivity)).toBeLessThan(5.1e-4);
    expect(Math.abs(bounds.specificityLow - specificity)).toBeLessThan(5.1e-4);
    expect(Math.abs(bounds.binormalAucLow - twoSided)).toBeLessThan(5.1e-4);
    expect(Math.abs(perfectSeparation(m, n, 0.9).binormalAucLow - oneSided)).toBeLessThan(5.1e-4);
  });

  test("one pair separates as often as its area says", () => {
    expect(perfectSeparation(1, 1).binormalAucLow).toBeCloseTo(0.025, 12);
  });
});

test("the rule of three: nothing in 55 cases leaves room for 5.5 %, nothing in 2 for everything", () => {
  expect(ruleOfThree(55)).toBeCloseTo(0.9455, 4);
  expect(ruleOfThree(10)).toBeCloseTo(0.7, 15);
  expect(ruleOfThree(2)).toBe(0);
});
