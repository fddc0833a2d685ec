// The models on a second cohort: areas, calls at the threshold of validation, and what is said of areas below chance.
import { expect, test } from "vitest";
import { belowChance, externalCohort } from "./external.ts";
import type { ScoredCase } from "./result.ts";

const scored = (label: string, ...scores: number[]): ScoredCase[] =>
  scores.map((score, i) => ({ case: i, label, score, probabilities: [0.5, 0.5] }));

const val = [...scored("none", -2, -1), ...scored("left", 1, 2)];

test("areas are of the second cohort, calls at the threshold of the study's validation cases", () => {
  const cases = [...scored("none", -3, -1, 0.5), ...scored("hemorrhage", -0.2, 0.7, 3, 4)];
  const { positives, negatives, runs } = externalCohort([{ model: "m", seed: 1, val, cases }]);
  expect([positives, negatives]).toEqual([4, 3]);
  expect(runs[0]).toMatchObject({ model: "m", seed: 1, auc: 11 / 12 });
  // The threshold is 0, midway between the classes of validation; the best one here would be another.
  expect(runs[0].operating?.sensitivity).toMatchObject({ count: 3, of: 4 });
  expect(runs[0].operating?.specificity).toMatchObject({ count: 2, of: 3 });
});

test("validation cases of one kind give no threshold", () => {
  const cases = [...scored("none", -3, -1), ...scored("left", 1, 2)];
  expect(externalCohort([{ model: "m", seed: 0, val: scored("none", 1, 2), cases }]).runs[0].operating).toBeNull();
});

test("an area below chance is said to be, with what its interval allows", () => {
  const upside = [...scored("none", 2, 3, 4, 5), ...scored("left", -1, -2, -3, 2.5)];
  const [run] = externalCohort([{ model: "m", seed: 0, val, cases: upside }]).runs;
  expect(run.auc).toBeLessThan(0.2);
  expect(belowChance(run)).toBe("below chance");
  expect(belowChance({ auc: 0.45, interval: { low: 0.3, high: 0.6 } })).toBe("below chance, though chance is within its interval");
  expect(belowChance({ auc: 0.5, interval: { low: 0.3, high: 0.7 } })).toBeNull();
});
