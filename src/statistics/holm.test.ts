import * as fc from "fast-check";
import { expect, test } from "vitest";
import { holm } from "./holm.ts";

test("keeps the order given, never falls below a smaller one's, and stops at 1", () => {
  const adjusted = holm([0.01, 0.04, 0.03, 0.005, 0.9]);
  [0.04, 0.09, 0.09, 0.025, 0.9].forEach((p, i) => expect(adjusted[i]).toBeCloseTo(p, 14));
  expect(holm([0.6, 0.7])).toEqual([1, 1]);
  expect(holm([])).toEqual([]);
  expect(holm([0])).toEqual([0]);
});

test("lies between the p-value and Bonferroni's, and does not depend on the order", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 }), (p) => {
      const adjusted = holm(p);
      adjusted.forEach((value, i) => {
        expect(value).toBeGreaterThanOrEqual(p[i]);
        expect(value).toBeLessThanOrEqual(Math.min(1, p.length * p[i]));
      });
      expect(holm(p.toReversed())).toEqual(adjusted.toReversed());
    }),
    { seed: 1979, numRuns: 50 },
  );
});

test("what is not a p-value is refused", () => expect(() => holm([0.1, NaN])).toThrow("p-value 1 is NaN"));
