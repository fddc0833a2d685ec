// The band around a ROC curve, held to what is known of it.
import { expect, test } from "vitest";
import type { ScoredCase } from "../analysis/result.ts";
import { rocBand } from "./roc-band.ts";

const plan = { classes: ["none", "hemorrhage"], primarySeed: 0, bootstrap: { samples: 400, seed: 1 } };
const caseOf = (label: string, score: number, i: number): ScoredCase => ({ case: i, label, score, probabilities: [0.5, 0.5] });

/** Positives lie `apart` above negatives, on a grid of scores. */
const cohort = (each: number, apart: number): ScoredCase[] =>
  ["none", "hemorrhage"].flatMap((label, k) => Array.from({ length: each }, (_, i) => caseOf(label, i / each + k * apart, k * each + i)));

test("a perfect curve has a band without width, at the top", () => {
  for (const { low, high } of rocBand(cohort(30, 2), plan)) expect([low, high]).toEqual([1, 1]);
});

test("the band holds the curve, is about as wide as a share of so many cases, and narrows with more", () => {
  const widthAt = (each: number): number => {
    // Uniform scores half apart: sensitivity at a false alarm rate of 0.2 is 0.7.
    const point = rocBand(cohort(each, 0.5), plan).find(({ falsePositiveRate }) => falsePositiveRate === 0.2);
    if (!point) throw new Error("the band has no point at 0.2");
    expect(point.low).toBeLessThan(0.7);
    expect(point.high).toBeGreaterThan(0.7);
    return point.high - point.low;
  };
  expect(widthAt(50)).toBeGreaterThan(0.2);
  expect(widthAt(50)).toBeLessThan(0.5);
  expect(widthAt(400)).toBeLessThan(0.6 * widthAt(50));
});
