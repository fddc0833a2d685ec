import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SPLITS, type Side } from "./manifest.ts";
import { assignSplits } from "./split.ts";

fc.configureGlobal({ seed: 1710 });

interface Case {
  readonly patient: string;
  readonly label: string;
  readonly side: Side | null;
}

const cohort = (...groups: [label: string, side: Side | null, count: number][]): Case[] =>
  groups.flatMap(([label, side, count]) => Array.from({ length: count }, (_, i) => ({ patient: `${label}${side}${i}`, label, side })));

const count = (cases: readonly Case[], splits: readonly string[], wanted: string, side?: Side | null): number =>
  cases.filter((item, i) => splits[i] === wanted && (side === undefined || item.side === side)).length;

describe("assignSplits", () => {
  test("60 patients, 20 right, 20 left, 20 without: 45 and 15, equal parts of each", () => {
    const cases = cohort(["bleed", "right", 20], ["bleed", "left", 20], ["none", null, 20]);
    const splits = assignSplits(cases, { seed: 0, patients: { train: 45, val: 15, test: 0 } });
    for (const side of ["right", "left", null] as const) {
      expect([count(cases, splits, "train", side), count(cases, splits, "val", side)]).toEqual([15, 5]);
    }
  });

  test("depends on the seed and not on the order of the cases", () => {
    const cases = cohort(["a", null, 30], ["b", null, 30]);
    const plan = { seed: 7, fractions: { train: 0.5, val: 0.2, test: 0.3 } };
    const splits = assignSplits(cases, plan);
    expect(assignSplits([...cases].reverse(), plan).reverse()).toEqual(splits);
    expect(assignSplits(cases, { ...plan, seed: 8 })).not.toEqual(splits);
  });

  test("is this split, on every machine", () => {
    const cases = cohort(["a", null, 4], ["b", null, 4]);
    const splits = assignSplits(cases, { seed: 1, patients: { train: 4, val: 2, test: 2 } });
    expect(splits.join(" ")).toMatchInlineSnapshot(`"test train train val val train train test"`);
  });

  test("sizes are exact, strata proportional within one, patients whole", () => {
    const some = fc.record({
      sizes: fc.tuple(fc.nat(30), fc.nat(30), fc.nat(30)),
      repeats: fc.integer({ min: 1, max: 3 }),
      cut: fc.tuple(fc.nat(100), fc.nat(100)),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(some, ({ sizes, repeats, cut, seed }) => {
        const once = cohort(["a", "left", sizes[0]], ["a", "right", sizes[1]], ["b", null, sizes[2]]);
        const cases = Array.from({ length: repeats }, () => once).flat();
        const test = Math.min(cut[0], once.length);
        const val = Math.min(cut[1], once.length - test);
        const patients = { train: once.length - test - val, val, test };
        const splits = assignSplits(cases, { seed, patients });
        for (const split of SPLITS) {
          expect(count(once, splits, split)).toBe(patients[split]);
          for (const side of ["left", "right", null] as const) {
            const share = (patients[split] * once.filter((item) => item.side === side).length) / Math.max(1, once.length);
            expect(Math.abs(count(once, splits, split, side) - share)).toBeLessThan(2);
          }
        }
        for (let i = 0; i < cases.length; i++) expect(splits[i]).toBe(splits[i % once.length]);
      }),
      { numRuns: 50 },
    );
  });

  test("in small lists each part gets its patients with a finding and without, training those that are left", () => {
    const cases = cohort(["none", null, 4], ["hemorrhage", "left", 3], ["hemorrhage", "right", 3]);
    for (let seed = 0; seed < 20; seed++) {
      const splits = assignSplits(cases, { seed, fractions: { train: 0.6, val: 0.2, test: 0.2 } });
      const counts = SPLITS.map((split) => [
        count(cases, splits, split, null),
        count(cases, splits, split, "left") + count(cases, splits, split, "right"),
      ]);
      expect(counts).toEqual([
        [1, 3],
        [1, 1],
        [2, 2],
      ]);
    }
  });

  test("a list without the class none, and one that is large enough, are split in plain proportion", () => {
    const plan = { seed: 1, fractions: { train: 0.6, val: 0.2, test: 0.2 } };
    const named = (label: string): string => assignSplits(cohort(["a", null, 5], [label, null, 3]), plan).join(" ");
    expect(named("b")).toMatchInlineSnapshot(`"test train train val train val train train"`);
    expect(named("none")).not.toBe(named("b"));
    const large = cohort(["none", null, 30], ["left", "left", 15], ["right", "right", 15]);
    const splits = assignSplits(large, plan);
    for (const side of [null, "left", "right"] as const)
      expect(SPLITS.map((split) => count(large, splits, split, side))).toEqual(side === null ? [18, 6, 6] : [9, 3, 3]);
  });

  test.each([
    [
      "counts that do not add up",
      { patients: { train: 5, val: 3, test: 1 } },
      "the dataset has 10 patients, but the plan (train 5, val 3, test 1) adds up to 9",
    ],
    ["halves of patients", { patients: { train: 5.5, val: 3.5, test: 1 } }, "the dataset has 10 patients"],
    ["fractions beyond 1", { fractions: { train: 0.8, val: 0.2, test: 0.2 } }, "fractions must add up to 1"],
    ["a negative size", { fractions: { train: 1.2, val: -0.2, test: 0 } }, "expected sizes of 0 or more"],
  ])("%s are refused", (_, plan, message) => {
    expect(() => assignSplits(cohort(["a", null, 5], ["b", null, 5]), { seed: 0, ...plan })).toThrow(message);
  });
});
