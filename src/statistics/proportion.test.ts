import { describe, expect, test } from "vitest";
import { clopperPearson, wilson } from "./proportion.ts";

describe("clopperPearson", () => {
  // Beta quantiles from SciPy.
  test.each([
    [3, 10, 0.06673951117773447, 0.6524528500599973],
    [1, 10, 0.0025285785444617848, 0.4450161170281954],
    [50, 100, 0.39832112950330095, 0.601678870496699],
    [99, 100, 0.9455406146079194, 0.9997468539670226],
    [7, 8, 0.47349032912479344, 0.9968402764687481],
    [104, 110, 0.8850533748777115, 0.9797222790304512],
    [13, 15, 0.5953973033966279, 0.9834240865599164],
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

test.each([
  [3, 2],
  [-1, 5],
  [1.5, 5],
  [0, 0],
])("counts %d of %d are refused", (successes, trials) => {
  expect(() => wilson(successes, trials)).toThrow(/expected whole counts/);
  expect(() => clopperPearson(successes, trials)).toThrow(/expected whole counts/);
});
