import { describe, expect, test } from "vitest";
import { binormalCovariance, detectableDifference, hanleyMcNeilVariance, pairedPower } from "./power.ts";
import { simulatedRejections } from "./simulation.ts";

test.each([
  [55, 55, 0.0217],
  [70, 40, 0.0199],
  [80, 30, 0.0193],
])("Hanley and McNeil's standard error of 0.95 at %d and %d", (m, n, expected) => {
  expect(Math.sqrt(hanleyMcNeilVariance(0.95, m, n))).toBeCloseTo(expected, 4);
});

describe("binormalCovariance", () => {
  // By numerical integration of conditional normals, with mpmath.
  test.each([
    [0.95, 0.95, 1, 55, 55, 0.00036163910970409284],
    [0.9, 0.95, 0.5, 55, 55, 0.00021094557082596634],
    [0.75, 0.85, 0, 55, 55, 0],
    [0.75, 0.85, 0.8, 80, 30, 0.0015653521472264401],
  ])("areas %d and %d, correlation %d, %d and %d cases", (first, second, correlation, m, n, expected) => {
    expect(Math.abs(binormalCovariance({ aucs: [first, second], correlation }, m, n) - expected)).toBeLessThan(1e-13);
  });

  test("at 1/2 without correlation it is Mann and Whitney's variance, (m + n + 1) / (12 m n)", () => {
    expect(binormalCovariance({ aucs: [0.5, 0.5], correlation: 1 }, 20, 30)).toBeCloseTo(51 / (12 * 600), 14);
  });
});

describe("detectable differences", () => {
  const design = { positives: 55, negatives: 55, alpha: 0.05 };

  test("are found with just the power wanted, and shrink with correlation and with cases", () => {
    const difference = detectableDifference(0.85, 0.5, 0.8, design) ?? NaN;
    expect(pairedPower({ aucs: [0.85, 0.85 + difference], correlation: 0.5 }, design)).toBeCloseTo(0.8, 10);
    expect(detectableDifference(0.85, 0.8, 0.8, design)).toBeLessThan(difference);
    expect(detectableDifference(0.85, 0.5, 0.8, { ...design, positives: 200, negatives: 200 })).toBeLessThan(difference);
  });

  test("do not exist where even a perfect model would be missed too often, as the formula has it", () => {
    expect(detectableDifference(0.98, 0.5, 0.8, design)).toBeNull();
  });
});

describe("simulated cohorts", () => {
  /** Weyl's sequence, scrambled by a sine: good enough for a share to two digits. */
  const uniform = (cohort: number, draw: number): number => {
    const value = Math.sin(cohort * 12.9898 + draw * 78.233 + 1) * 43758.5453;
    return value - Math.floor(value);
  };
  const options = { cohorts: 400, uniform };
  const design = { positives: 55, negatives: 55, alpha: 0.05 };

  test("equal areas differ significantly about as often as alpha", () => {
    const share = simulatedRejections({ aucs: [0.8, 0.8], correlation: 0.5 }, design, options);
    expect(share).toBeGreaterThan(0.02);
    expect(share).toBeLessThan(0.09);
  });

  test("a perfect model differs significantly from a poor one always, and never from itself", () => {
    expect(simulatedRejections({ aucs: [0.6, 1], correlation: 0.5 }, design, { cohorts: 20, uniform })).toBe(1);
    expect(simulatedRejections({ aucs: [1, 1], correlation: 0.5 }, design, { cohorts: 20, uniform })).toBe(0);
  });

  test("the detectable difference is found about as often as asked for", () => {
    const difference = detectableDifference(0.8, 0.5, 0.8, design) ?? NaN;
    const share = simulatedRejections({ aucs: [0.8, 0.8 + difference], correlation: 0.5 }, design, options);
    expect(share).toBeGreaterThan(0.7);
    expect(share).toBeLessThan(0.9);
  });
});
