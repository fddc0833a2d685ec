import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { interleave, quantile, ratioByRound, timingOf } from "./statistics.ts";

const times = fc.array(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 30 });

describe("quantile", () => {
  test("the median of an odd number is the middle one, of an even number lies half way", () => {
    expect(quantile([3, 1, 2], 0.5)).toBe(2);
    expect(quantile([4, 1, 2, 3], 0.5)).toBe(2.5);
  });

  test("quartiles of five are the second and the fourth", () => {
    expect([0.25, 0.75].map((share) => quantile([50, 10, 40, 20, 30], share))).toEqual([20, 40]);
  });

  test("it lies within the values, and grows with the share", () => {
    fc.assert(
      fc.property(times, fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (values, a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map((share) => quantile(values, share));
        expect(low).toBeGreaterThanOrEqual(Math.min(...values));
        expect(high).toBeLessThanOrEqual(Math.max(...values) * (1 + 1e-12));
        expect(low).toBeLessThanOrEqual(high * (1 + 1e-12));
      }),
    );
  });

  test("nothing has no quantile", () => {
    expect(() => quantile([], 0.5)).toThrow(/no value/);
  });
});

test("a timing keeps all times in their order, to five digits", () => {
  const timing = timingOf([3.000001, 1, 2]);
  expect(timing).toEqual({ median: 2, p25: 1.5, p75: 2.5, min: 1, runs: 3, times: [3, 1, 2] });
});

describe("ratioByRound", () => {
  test("a disturbance that hits a whole round leaves the ratio alone", () => {
    expect(ratioByRound([2, 20, 2, 2], [1, 10, 1, 1])).toBe(2);
  });

  test("rounds that do not pair up are refused", () => {
    expect(() => ratioByRound([1, 2], [1])).toThrow(/2 rounds of one, 1 of the other/);
  });
});

describe("interleave", () => {
  const recorder = (order: string[], abortAfter = Infinity) => {
    const controller = new AbortController();
    const candidate = (name: string) => ({
      run: async () => {
        order.push(name);
        if (order.length >= abortAfter) controller.abort();
        return order.length;
      },
    });
    return { candidates: ["a", "b", "c"].map(candidate), signal: controller.signal };
  };

  test("everyone warms up, then each round begins with the next one", async () => {
    const order: string[] = [];
    const { candidates, signal } = recorder(order);
    const measured = await interleave(candidates, { rounds: 3, warmUps: 1, signal });
    expect(order.join("").match(/.../g)).toEqual(["abc", "abc", "bca", "cab"]);
    expect(measured).toEqual([
      [4, 9, 11],
      [5, 7, 12],
      [6, 8, 10],
    ]);
  });

  test("a round that is interrupted does not count for anyone", async () => {
    const order: string[] = [];
    const { candidates, signal } = recorder(order, 7);
    const measured = await interleave(candidates, { rounds: 3, warmUps: 1, signal });
    expect(order).toHaveLength(7);
    expect(measured).toEqual([[4], [5], [6]]);
  });
});
