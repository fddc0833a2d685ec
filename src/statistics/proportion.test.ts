import { describe, expect, test } from "vitest";
import { clopperPearson, perfectSeparation, wilson } from "./proportion.ts";

describe("clopperPearson", () => {
  // Beta quantiles from SciPy.
  test.each([
    [3, 10, 0.06673951117773447, 0.6524528500599973],
    [1, 10, 0.0025285785444617848, 0.4450161170281954],
    [50, 100, 0.39832112950330095, 0.601678870496699],
    [99, 100, 0.9455406146079194, 0.9997468539670226],
    [7, 8, 0.47349032912479344, 0.9968402764687481],
  ])("%d of %d", (successes, trials, low, high) => {
    const interval = clopperPearson(successes, trials);
    expect(Math.abs(interval.low - low)).toBeLessThan(1e-12);
    expect(Math.abs(interval.high - high)).toBeLessThan(1e-12);
  });

  test("no success and no failure", () => {
    expect(clopperPearson(0, 20)).toEqual({ low: 0, high: 1 - clopperPearson(20, 20).low });
    expect(clopperPearson(20, 20).high).toBe(1);
    expect(clopperPearson(1, 1, 0.9).low).toBeCloseTo(0.05, 15);
  });
});

describe("wilson", () => {
  // Newcombe 1998, Stat Med 17:857, table I, method 3.
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])("%d of %d", (successes, trials, low, high) => {
    const interval = wilson(successes, trials);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });
});

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

test.each([
  [3, 2],
  [-1, 5],
  [1.5, 5],
  [0, 0],
])("counts %d of %d are refused", (successes, trials) => {
  expect(() => wilson(successes, trials)).toThrow(/wants whole counts/);
  expect(() => clopperPearson(successes, trials)).toThrow(/wants whole counts/);
});
