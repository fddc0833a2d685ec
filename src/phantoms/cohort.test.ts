// Who is in a cohort is counted, not drawn.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isPositive, makeCohort, type CaseSpec } from "./cohort.ts";

const count = (cases: readonly CaseSpec[], wanted: Partial<CaseSpec>): number =>
  cases.filter((spec) => Object.entries(wanted).every(([key, value]) => spec[key as keyof CaseSpec] === value)).length;

test.each(["quick", "study"] as const)(
  "a cohort of 170 %s phantoms has the published sizes: 45 training, 15 validation and 110 test cases, 20 right, 20 left and 20 none in the first 60",
  (kind) => {
    const cohort = makeCohort({ cases: 170, seed: 1, kind });
    for (const [split, right, left, none] of [
      ["train", 15, 15, 15],
      ["val", 5, 5, 5],
      ["test", 28, 27, 55],
    ] as const) {
      expect(count(cohort, { split, side: "right" })).toBe(right);
      expect(count(cohort, { split, side: "left" })).toBe(left);
      expect(count(cohort, { split, side: "none" })).toBe(none);
    }
  },
);

test("the quick cohort of 24 is 8 right, 8 left, 8 none; 12 train, 4 validate, 8 test", () => {
  const cohort = makeCohort({ cases: 24, seed: 1, kind: "quick" });
  for (const side of ["right", "left", "none"] as const) expect(count(cohort, { side })).toBe(8);
  expect([count(cohort, { split: "train" }), count(cohort, { split: "val" }), count(cohort, { split: "test" })]).toEqual([12, 4, 8]);
  for (const split of ["train", "val", "test"] as const)
    for (const label of ["hemorrhage", "none"] as const) expect(count(cohort, { split, label }), `${split} ${label}`).toBeGreaterThan(0);
});

test("any size is shared out whole, within one case of every share", () => {
  fc.assert(
    fc.property(fc.integer({ min: 6, max: 400 }), fc.constantFrom("quick" as const, "study" as const), (cases, kind) => {
      const cohort = makeCohort({ cases, seed: 0, kind });
      expect(cohort).toHaveLength(cases);
      expect(new Set(cohort.map(({ patient }) => patient)).size).toBe(cases);
      const [share, of] = cases < 60 ? [12, 24] : [45, 170];
      expect(Math.abs(count(cohort, { split: "train" }) - (share / of) * cases)).toBeLessThanOrEqual(1);
      for (const { label, side, stratum } of cohort) {
        expect(label === "hemorrhage").toBe(side !== "none");
        expect(isPositive(stratum)).toBe(side !== "none");
      }
    }),
    { numRuns: 60 },
  );
});

test("every stratum has its share", () => {
  const cohort = makeCohort({ cases: 170, seed: 2, kind: "study" });
  const positives = count(cohort, { label: "hemorrhage" });
  expect(Math.abs(count(cohort, { stratum: "hard" }) - 0.3 * positives)).toBeLessThan(1.5);
  expect(Math.abs(count(cohort, { stratum: "thalamicBleed" }) - 0.1 * (170 - positives))).toBeLessThan(1.5);
  const quick = makeCohort({ cases: 170, seed: 2, kind: "quick" });
  expect(Math.abs(count(quick, { stratum: "hard" }) - 0.1 * count(quick, { label: "hemorrhage" }))).toBeLessThan(1.5);
});

test("the seed decides the order and nothing else is left to chance", () => {
  const options = { cases: 30, kind: "quick" as const };
  expect(makeCohort({ ...options, seed: 1 })).toEqual(makeCohort({ ...options, seed: "1" }));
  const order = (seed: number): string[] => makeCohort({ ...options, seed }).map(({ split, side }) => split + side);
  expect(order(1)).not.toEqual(order(2));
  expect(order(1).sort()).toEqual(order(2).sort());
});

test("a cohort too small to split is refused", () => {
  expect(() => makeCohort({ cases: 5, seed: 1, kind: "quick" })).toThrow("makeCohort: expected 6 to 9999 cases, got 5");
  expect(() => makeCohort({ cases: 7.5, seed: 1, kind: "quick" })).toThrow("got 7.5");
});
