// Two runs compared: against the areas and the variance by DeLong's formulas, worked out by hand on few cases.
import { expect, test } from "vitest";
import { normalCdf } from "../statistics/normal.ts";
import { comparePaired, countSeen, seenCases } from "./compare.ts";
import type { CaseScore } from "./evaluate.ts";

/** Scores by case number; odd numbers are positive. */
const scores = (values: Readonly<Record<number, number>>): Map<number, CaseScore> =>
  new Map(Object.entries(values).map(([index, p]) => [Number(index), { case: 0, label: Number(index) % 2, p: [1 - p, p] }]));

// Positives 1, 3, 5 and negatives 0, 2.
const first = scores({ 0: 0.1, 1: 0.9, 2: 0.4, 3: 0.8, 5: 0.3 });
const second = scores({ 0: 0.1, 1: 0.5, 2: 0.6, 3: 0.7, 5: 0.8 });

test("both areas, their difference and its test", () => {
  const { cases, positives, negatives, areas, difference } = comparePaired(first, second);
  expect({ cases, positives, negatives }).toEqual({ cases: 5, positives: 3, negatives: 2 });
  // Wins of each positive over the two negatives: 2, 2, 1 of first; 1, 2, 2 of second.
  expect(areas.map(({ auc }) => auc)).toEqual([5 / 6, 5 / 6]);
  // V10: 1, 1, 1/2 and 1/2, 1, 1; V01: 1, 2/3 and 1, 2/3. The differences: 1/2, 0, -1/2 and 0, 0. Variance: (1/4 + 1/4) / 2 / 3.
  const se = Math.sqrt(1 / 12);
  expect(difference.difference).toBe(0);
  expect(difference.high).toBeCloseTo(1.959963984540054 * se, 9);
  expect(difference.p).toBe(1);
  expect(areas[0].interval[1]).toBe(1);
  // Variance of either: S10 / 3 + S01 / 2 = (1/12) / 3 + (1/18) / 2.
  expect(areas[0].interval[0]).toBeCloseTo(5 / 6 - 1.959963984540054 * Math.sqrt(1 / 36 + 1 / 36), 9);
});

test("a difference has the sign of first less second, and its p is the normal law's", () => {
  const better = scores({ 0: 0.1, 1: 0.9, 2: 0.2, 3: 0.8, 5: 0.7 });
  const { difference } = comparePaired(better, first);
  // V10 differs by 0, 0, 1/2, V01 by 0, 1/3: variance (1/12) / 3 + (1/18) / 2.
  const z = 1 / 6 / Math.sqrt(1 / 36 + 1 / 36);
  expect(difference.difference).toBeCloseTo(1 / 6, 12);
  expect(difference.p).toBeCloseTo(2 * normalCdf(-z), 9);
  expect(comparePaired(first, better).difference.difference).toBeCloseTo(-1 / 6, 12);
});

test("a case that one run lacks is left out; the order of cases plays no part", () => {
  const more = new Map([...scores({ 7: 0.5, 8: 0.5 }), ...[...first].reverse()]);
  expect(comparePaired(more, second)).toEqual(comparePaired(first, second));
});

test("a run against itself: no difference, and the test says that it is none", () => {
  expect(comparePaired(first, first).difference).toMatchObject({ difference: 0, p: 1, degenerate: true });
});

test("too few cases are refused", () => {
  const few = scores({ 0: 0.1, 1: 0.9, 3: 0.4 });
  expect(() => comparePaired(few, few)).toThrow("2 positive and 1 negative cases that both runs score: it takes two of each");
});

test("what a run sees is recorded by split, and found again in other cases", () => {
  const prints = (...pixels: string[][]) => ({ manifestHash: "m", cases: pixels.map((own) => ({ pixels: own, people: [] })) });
  const facts = { label: 0, side: null, images: 1, pictures: false, notes: [] };
  const cases = [
    { ...facts, index: 0, split: "train" as const },
    { ...facts, index: 2, split: "val" as const },
    { ...facts, index: 3, split: "train" as const },
  ];
  const seen = seenCases({ cases, fingerprints: prints(["d", "a"], ["test"], ["v"], ["a", "b"]) });
  expect(seen).toEqual({
    train: ["a", "b", "d"],
    val: ["v"],
    cases: [0, 2, 3].map((index) => [index, expect.stringMatching(/^[0-9a-f]{16}$/)]),
  });
  const others = prints(["x"], ["y", "b"], ["a"], ["v"]);
  expect(countSeen([0, 1, 2, 3], others, seen.train)).toBe(2);
  expect(countSeen([0, 3], others, seen.train)).toBe(0);
  expect(countSeen([0, 3], others, seen.val)).toBe(1);
});
