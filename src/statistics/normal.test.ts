import { describe, expect, test } from "vitest";
import { normalCdf, normalPdf, normalQuantile } from "./normal.ts";

// Computed to 40 digits and rounded.
const CDF: [x: number, p: number][] = [
  [-30, 4.906713927148187e-198],
  [-20, 2.7536241186062337e-89],
  [-10, 7.619853024160525e-24],
  [-5, 2.866515718791939e-7],
  [-2.6, 0.004661188023718749],
  [-2.5, 0.006209665325776135],
  [-2.4, 0.008197535924596131],
  [-1, 0.15865525393145705],
  [-0.5, 0.3085375387259869],
  [-1e-8, 0.4999999960105772],
  [0, 0.5],
  [0.3, 0.6179114221889527],
  [1, 0.8413447460685429],
  [2.5, 0.9937903346742238],
  [3, 0.9986501019683699],
  [6, 0.9999999990134123],
];

const QUANTILE: [p: number, x: number][] = [
  [1e-300, -37.0470962993612],
  [1e-100, -21.273453560965326],
  [1e-20, -9.262340089798407],
  [1e-5, -4.264890793922825],
  [0.025, -1.9599639845400543],
  [0.3, -0.5244005127080408],
  [0.4999, -0.00025066283008800747],
  [0.975, 1.9599639845400538],
];

describe("standard normal", () => {
  test.each(CDF)("the lower tail at %d keeps 12 digits", (x, p) => {
    expect(Math.abs(normalCdf(x) / p - 1)).toBeLessThan(3e-13);
  });

  test.each(QUANTILE)("the quantile of %d keeps 12 digits", (p, x) => {
    expect(Math.abs(normalQuantile(p) / x - 1)).toBeLessThan(3e-13);
  });

  test("both ends", () => {
    expect(normalCdf(-Infinity)).toBe(0);
    expect(normalCdf(Infinity)).toBe(1);
    expect(normalQuantile(0)).toBe(-Infinity);
    expect(normalQuantile(1)).toBe(Infinity);
    expect(normalQuantile(0.5)).toBeCloseTo(0, 15);
    expect(Number.isFinite(normalQuantile(Number.MIN_VALUE))).toBe(true);
  });

  test("the density at 0 is 1 / sqrt(2 pi)", () => expect(normalPdf(0)).toBeCloseTo(0.3989422804014327, 15));

  test("NaN stays NaN, and a p outside [0, 1] is refused", () => {
    expect(normalCdf(NaN)).toBeNaN();
    for (const p of [-0.1, 1.1, NaN]) expect(() => normalQuantile(p)).toThrow(/expected a probability in \[0, 1\]/);
  });
});
