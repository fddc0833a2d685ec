import { describe, expect, test } from "vitest";
import { chiSquaredTail, logGamma } from "./gamma.ts";

// Computed to 40 digits with mpmath and rounded.
describe("logGamma", () => {
  test.each([
    [0.1, 2.252712651734206],
    [0.5, 0.5723649429247001],
    [2.5, 0.2846828704729192],
    [10, 12.80182748008147],
    [55.5, 166.32150615984037],
    [500, 2605.1158503617339],
  ])("at %d", (x, expected) => expect(Math.abs(logGamma(x) / expected - 1)).toBeLessThan(1e-13));

  test("is 0 at 1 and 2, and refuses 0", () => {
    expect(logGamma(1)).toBeCloseTo(0, 14);
    expect(logGamma(2)).toBeCloseTo(0, 14);
    expect(() => logGamma(0)).toThrow(/expected x > 0, got 0/);
  });
});

describe("chiSquaredTail", () => {
  test.each([
    [0.01, 1, 0.9203443254459421],
    [3.841458820694124, 1, 0.05],
    [2.5339779262, 2, 0.2816784904908793],
    [7, 7, 0.42887985755305474],
    [20, 7, 0.005569683072945571],
    [80, 7, 1.377501829742615e-14],
    [300, 3, 9.94875834632771e-65],
    [12, 28, 0.9963715072612772],
  ])("%d on %d degrees of freedom", (x, degreesOfFreedom, expected) => {
    expect(Math.abs(chiSquaredTail(x, degreesOfFreedom) / expected - 1)).toBeLessThan(1e-12);
  });

  test("both ends, and no degrees of freedom", () => {
    expect([chiSquaredTail(0, 3), chiSquaredTail(Infinity, 3)]).toEqual([1, 0]);
    expect(() => chiSquaredTail(1, 0)).toThrow(/expected degrees of freedom > 0/);
  });
});
