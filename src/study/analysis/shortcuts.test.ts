// Areas of trivial features on held-out cases, with the direction of the others.
import { expect, test } from "vitest";
import { FEATURES, type Trivia } from "../../dataset/trivia.ts";
import type { CohortCase } from "./result.ts";
import { near, shortcutsOf } from "./shortcuts.ts";

const cohort: CohortCase[] = Array.from({ length: 40 }, (_, i) => ({
  case: i,
  split: i < 20 ? "train" : "test",
  label: i % 2 === 1 ? "left" : "none",
}));
const trivia = (width: (item: CohortCase) => number): ReadonlyMap<number, Trivia> =>
  new Map(cohort.map((item) => [item.case, { ...Object.fromEntries(FEATURES.map((name) => [name, 1])), width: width(item) } as Trivia]));
const isPositive = ({ label }: CohortCase): boolean => label !== "none";
const areaOf = (width: (item: CohortCase) => number): number => shortcutsOf(cohort, trivia(width))[0].auc;

test("a direction is taken from the cases that are not held out", () => {
  expect(areaOf((item) => (isPositive(item) ? 10 : 20) + (item.case % 5))).toBe(1);
  expect(areaOf((item) => (isPositive(item) === (item.split === "test") ? 10 : 20) + (item.case % 5))).toBe(0);
  expect(
    shortcutsOf(
      cohort,
      trivia(() => 1),
    ).map(({ auc }) => auc),
  ).toEqual(FEATURES.map(() => 0.5));
});

test("what comes near a model is found, and nothing near chance", () => {
  const found = shortcutsOf(
    cohort,
    trivia((item) => (isPositive(item) && item.case % 3 > 0 ? 5 : 0) + (item.case % 4)),
  );
  const [{ auc }] = found;
  expect(near(found, auc + 0.04).map(({ feature }) => feature)).toEqual(["width"]);
  expect(near(found, auc + 0.06)).toEqual([]);
  expect(near(found, 0.5)).toHaveLength(1);
});

test("without two held-out cases of each kind there is none", () => {
  const few = cohort.filter((item) => item.split === "train" || item.case > 37);
  expect(
    shortcutsOf(
      few,
      trivia(() => 1),
    ),
  ).toEqual([]);
});
