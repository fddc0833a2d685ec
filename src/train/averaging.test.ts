// The running mean of weights against a mean in float64.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { tensor } from "../tensor/tensor.ts";
import { averagedEpochs, withWeights, type RunningMean } from "./averaging.ts";

const weights = (...values: number[]) => new Map([["fc/weight", tensor([values.length], Float32Array.from(values))]]);
const meanOf = (rows: readonly number[][]): RunningMean | null =>
  rows.reduce<RunningMean | null>((mean, row) => withWeights(mean, weights(...row)), null);

test("the last share of the epochs, and one at least", () => {
  expect([0.25, 0.5, 0.01, 1].map((share) => averagedEpochs(24, share))).toEqual([6, 12, 1, 24]);
});

test("it is the mean, and what is constant stays as it is", () => {
  const mean = meanOf([
    [1, 0.1],
    [2, 0.1],
    [6, 0.1],
  ]);
  expect(mean?.count).toBe(3);
  expect(mean?.mean.get("fc/weight")).toEqual(tensor([2], Float32Array.of(3, 0.1)));
});

test("it is within the rounding of float32 of the exact mean", () => {
  const value = fc.float({ min: -10, max: 10, noNaN: true });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 40 }), (values) => {
      const exact = values.reduce((sum, each) => sum + each, 0) / values.length;
      const [found] = meanOf(values.map((each) => [each]))?.mean.get("fc/weight")?.data ?? [];
      expect(Math.abs(found - exact)).toBeLessThan(values.length * 10 * 2 ** -22);
    }),
    { seed: 1803 },
  );
});
