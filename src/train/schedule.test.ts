// Learning rates against the published solvers' own numbers.
import { expect, test } from "vitest";
import { fixedRate, polyRate, stepRate, warmedUp } from "./schedule.ts";

test("step divides after every so many steps and not before, as AlexNet's solver does every 100,000", () => {
  const rate = stepRate(0.01, { every: 100_000, gamma: 0.1 });
  expect([0, 99_999].map((step) => rate.at(step))).toEqual([0.01, 0.01]);
  expect(rate.at(100_000)).toBeCloseTo(0.001, 12);
  expect(rate.at(199_999)).toBeCloseTo(0.001, 12);
  expect(rate.at(349_999)).toBeCloseTo(1e-5, 14);
});

test("poly falls to zero at the last step and stays there, as GoogLeNet's quick solver does with power 0.5", () => {
  const rate = polyRate(0.01, { steps: 2_400_000, power: 0.5 });
  expect(rate.at(0)).toBe(0.01);
  expect(rate.at(1_800_000)).toBeCloseTo(0.005, 12);
  expect(rate.at(2_400_000)).toBe(0);
  expect(rate.at(2_500_000)).toBe(0);
  expect(polyRate(0.02, { steps: 4, power: 1 }).at(3)).toBeCloseTo(0.005, 12);
});

test("fixed stays", () => {
  expect([0, 1, 1e6].map((step) => fixedRate(0.01).at(step))).toEqual([0.01, 0.01, 0.01]);
});

test("a schedule says what it is", () => {
  expect(stepRate(0.01, { every: 100, gamma: 0.1 }).description).toBe("step(0.01, every 100, gamma 0.1)");
  expect(polyRate(0.01, { steps: 60, power: 0.5 }).description).toBe("poly(0.01, 60 steps, power 0.5)");
  expect(fixedRate(0.01).description).toBe("fixed(0.01)");
});

test("a warm-up rises in a straight line to the schedule, and leaves it alone after that", () => {
  const rate = warmedUp(polyRate(0.01, { steps: 100, power: 1 }), 4);
  expect([0, 1, 3, 4, 50].map((step) => rate.at(step))).toEqual([0.0025, 0.00495, 0.0097, 0.0096, 0.005]);
  expect(rate.description).toBe("poly(0.01, 100 steps, power 1), warmed up over 4 steps");
  const plain = fixedRate(0.01);
  expect(warmedUp(plain, 0)).toBe(plain);
});

test("a schedule without steps is refused", () => {
  expect(() => stepRate(0.01, { every: 0, gamma: 0.1 })).toThrow("every must be at least 1 step, got 0");
  expect(() => polyRate(0.01, { steps: NaN, power: 1 })).toThrow("steps must be at least 1, got NaN");
});
