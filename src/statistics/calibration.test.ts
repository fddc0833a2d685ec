import { describe, expect, test } from "vitest";
import { brier, equalCountBins, expectedCalibrationError, fitIntercept, fitLogistic } from "./calibration.ts";

test("Brier's score of four cases, by hand", () => {
  expect(brier([0.9, 0.2, 0.5, 1], [1, 0, 0, 1])).toBeCloseTo((0.01 + 0.04 + 0.25 + 0) / 4, 15);
});

describe("equalCountBins", () => {
  const PROBABILITIES = [0.9, 0.1, 0.2, 0.8, 0.3, 0.6, 0.4];
  const LABELS = [1, 0, 0, 1, 1, 0, 0];

  test("cuts the sorted cases into bins that differ by one", () => {
    const bins = equalCountBins(PROBABILITIES, LABELS, 3);
    expect(bins.map(({ cases, positives }) => [cases, positives])).toEqual([
      [2, 0],
      [2, 1],
      [3, 2],
    ]);
    expect(bins[0].predicted).toBeCloseTo(0.15, 15);
    // 2/7 |0 - 0.15| + 2/7 |0.5 - 0.35| + 3/7 |2/3 - 2.3/3|
    expect(expectedCalibrationError(bins)).toBeCloseTo((0.3 + 0.3 + 0.3) / 7, 14);
  });

  test("leaves out bins that few cases cannot fill", () => expect(equalCountBins([0.5, 0.1], [1, 0], 5)).toHaveLength(2));
});

describe("fitLogistic", () => {
  // Albumin of DeLong's ovarian data: 43 patients; the fit computed to 40 digits with mpmath.
  const ALBUMIN = [
    3, 3.2, 3.9, 2.8, 3.2, 0.9, 2.5, 1.6, 3.8, 3.7, 3.2, 3.8, 4.1, 3.6, 4.3, 3.6, 2.3, 4.2, 4, 3.5, 3.8, 3, 4.5, 3.7, 3.1, 4.1, 4.3, 4.3,
    3.2, 2.6, 3.3, 1.7, 3.7, 3.3, 4.2, 3.5, 2.9, 2.1, 2.8, 4, 3.3, 3.7, 3.6,
  ];
  const POPIND = [
    0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1,
  ];

  test("ovarian data: intercept, slope and their standard errors", () => {
    const fit = fitLogistic(ALBUMIN, POPIND);
    const expected = [-2.4645726025793047, 1.0520265264128552, 1.5912821178647303, 0.4859397582500269];
    [fit?.intercept, fit?.slope, fit?.interceptError, fit?.slopeError].forEach((value, i) => {
      expect(Math.abs((value ?? NaN) - expected[i])).toBeLessThan(1e-10);
    });
  });

  test("log-odds of the observed rates recalibrate to 0 and 1", () => {
    // 1 of 4 at ln(1/3), 3 of 4 at ln 3.
    const fit = fitLogistic(
      [-1, -1, -1, -1, 1, 1, 1, 1].map((sign) => sign * Math.log(3)),
      [1, 0, 0, 0, 1, 1, 1, 0],
    );
    expect(fit?.intercept).toBeCloseTo(0, 12);
    expect(fit?.slope).toBeCloseTo(1, 12);
  });

  test("far-out scores converge too", () => {
    const fit = fitLogistic([-80, -60, 70, 90, -75, 65], [0, 1, 1, 1, 0, 0]);
    expect(Number.isFinite(fit?.slope)).toBe(true);
    expect(fit?.slope).toBeGreaterThan(0);
    expect(fit?.slope).toBeLessThan(0.1);
  });

  test.each([
    ["perfect separation", [1, 2, 3, 4], [0, 0, 1, 1]],
    ["separation but for a shared value", [1, 2, 2, 4], [0, 0, 1, 1]],
    ["separation the wrong way round", [4, 3, 2, 1], [0, 0, 1, 1]],
    ["scores all the same", [2, 2, 2, 2], [0, 0, 1, 1]],
    ["one class", [1, 2, 3, 4], [1, 1, 1, 1]],
  ])("%s has no estimate", (_, scores, labels) => expect(fitLogistic(scores, labels)).toBeNull());
});

describe("fitIntercept", () => {
  test("the intercept that brings the mean probability to the share of positives", () => {
    // All at even odds, three of four positive: ln 3, with 1 / sqrt(4 * 3/16).
    const fit = fitIntercept([0, 0, 0, 0], [1, 1, 1, 0]);
    expect(fit?.intercept).toBeCloseTo(Math.log(3), 12);
    expect(fit?.interceptError).toBeCloseTo(Math.sqrt(4 / 3), 12);
    const scores = [-2, -1.3, 0.4, 0.2, 1.9, 3, -0.7];
    const found = fitIntercept(scores, [0, 1, 0, 1, 1, 1, 0])?.intercept ?? NaN;
    expect(scores.reduce((sum, score) => sum + 1 / (1 + Math.exp(-score - found)), 0)).toBeCloseTo(4, 12);
  });

  test("probabilities too high on the whole give an intercept below 0, whatever their order", () => {
    expect(fitIntercept([3, 3, 3, 3], [1, 0, 0, 0])?.intercept).toBeCloseTo(Math.log(1 / 3) - 3, 12);
  });

  test("probabilities all but 0 and 1 that are right have none", () => expect(fitIntercept([-90, -80, 85, 95], [0, 0, 1, 1])).toBeNull());
});
