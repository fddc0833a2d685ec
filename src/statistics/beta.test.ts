import { describe, expect, test } from "vitest";
import { binomialAtLeast, incompleteBeta, studentQuantile, studentTwoSided } from "./beta.ts";

// Computed to 40 digits with mpmath and rounded.
describe("incompleteBeta", () => {
  test.each([
    [2, 3, 0.4, 0.5248],
    [0.5, 0.5, 0.1, 0.20483276469913347],
    [55, 56, 0.5, 0.5379513041008586],
    [104.5, 0.5, 0.99, 0.14773286576895708],
    [0.5, 110, 0.02, 0.9647809354108586],
    [20, 2, 0.97, 0.8700709486827954],
    [300, 200, 0.62, 0.8190699881577962],
  ])("I(%d, %d) at %d", (a, b, x, expected) => expect(Math.abs(incompleteBeta(a, b, x) / expected - 1)).toBeLessThan(1e-11));

  test("both ends, and what has no value", () => {
    expect([incompleteBeta(2, 3, 0), incompleteBeta(2, 3, 1)]).toEqual([0, 1]);
    for (const [a, b, x] of [
      [0, 1, 0.5],
      [1, 1, 1.5],
      [1, 1, NaN],
    ])
      expect(() => incompleteBeta(a, b, x)).toThrow(/expected a, b > 0/);
  });
});

test("binomial tails: of two tosses, at least one head in 3 of 4; of four, at least three in 5 of 16", () => {
  expect(binomialAtLeast(1, 2, 0.5)).toBeCloseTo(0.75, 14);
  expect(binomialAtLeast(3, 4, 0.5)).toBeCloseTo(5 / 16, 14);
  expect([binomialAtLeast(0, 4, 0.5), binomialAtLeast(5, 4, 0.5)]).toEqual([1, 0]);
});

test.each([
  [2, 10, 0.07338803477074037],
  [0, 3, 1],
  [12, 5, 7.089492517161522e-5],
  [-3.1, 197, 0.0022186068433345985],
])("Student's two tails at %d with %d degrees of freedom", (t, degreesOfFreedom, expected) => {
  expect(Math.abs(studentTwoSided(t, degreesOfFreedom) / expected - 1)).toBeLessThan(1e-11);
});

test.each([
  // Closed forms for 1 and 2 degrees of freedom: tan(pi (p - 1/2)), and (2p - 1) sqrt(2 / (1 - (2p - 1)^2)).
  [0.975, 1, Math.tan(0.475 * Math.PI)],
  [0.975, 2, 0.95 * Math.sqrt(2 / (1 - 0.95 ** 2))],
  // Tables; the normal law.
  [0.975, 4, 2.7764451051977987],
  [0.975, Infinity, 1.959963984540054],
])("Student's quantile of %d with %d degrees of freedom", (p, degreesOfFreedom, expected) => {
  expect(Math.abs(studentQuantile(p, degreesOfFreedom) / expected - 1)).toBeLessThan(1e-9);
});

test("Student's law goes over into the normal one without a step", () => {
  expect(studentTwoSided(2.5, 999_999) / studentTwoSided(2.5, 1_000_001)).toBeCloseTo(1, 4);
  expect(studentTwoSided(Infinity, 3)).toBe(0);
  expect(() => studentQuantile(0.3, 3)).toThrow("wants a probability in [0.5, 1), got 0.3");
});
