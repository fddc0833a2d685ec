import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { auc, midRanks, operatingPoint, partialAuc, rocCurve, youdenPoint } from "./roc.ts";

fc.configureGlobal({ seed: 1988 });

const cohort = fc.tuple(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 1, max: 15 })).chain(([m, n]) =>
  fc.record({
    labels: fc.shuffledSubarray([...Array(m).fill(1), ...Array(n).fill(0)] as number[], { minLength: m + n }),
    scores: fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -4, max: 4, noNaN: true })), {
      minLength: m + n,
      maxLength: m + n,
    }),
  }),
);

describe("auc", () => {
  test("tied scores share the mean of their ranks", () => {
    expect(Array.from(midRanks([5, 7, 5, 1, 5], [0, 1, 2, 3, 4]))).toEqual([3, 5, 3, 1, 3]);
    expect(Array.from(midRanks([5, 7, 5, 1, 5], [1, 3]))).toEqual([2, 1]);
  });

  test.each([
    ["separated", [1, 2, 3, 4], [0, 0, 1, 1], 1],
    ["reversed", [4, 3, 2, 1], [0, 0, 1, 1], 0],
    ["all equal", [2, 2, 2, 2], [0, 1, 0, 1], 0.5],
    ["one tie of four pairs", [1, 2, 2, 3], [0, 0, 1, 1], 0.875],
  ])("%s", (_, scores, labels, area) => expect(auc(scores, labels)).toBe(area));

  test("is the area under the curve's straight lines, and 1 minus itself when labels are exchanged", () => {
    fc.assert(
      fc.property(cohort, ({ scores, labels }) => {
        const curve = rocCurve(scores, labels);
        const area = curve
          .slice(1)
          .reduce((sum, b, i) => sum + ((curve[i].specificity - b.specificity) * (curve[i].sensitivity + b.sensitivity)) / 2, 0);
        expect(auc(scores, labels)).toBeCloseTo(area, 12);
        const exchanged = labels.map((label) => 1 - label);
        expect(auc(scores, exchanged)).toBeCloseTo(1 - auc(scores, labels), 12);
      }),
    );
  });
});

describe("partialAuc", () => {
  test("from a specificity of 0 on it is the area", () => {
    fc.assert(
      fc.property(cohort, ({ scores, labels }) => {
        expect(partialAuc(rocCurve(scores, labels), 0)).toBeCloseTo(auc(scores, labels), 12);
      }),
    );
  });

  test("by hand: two of four positives before any negative, then a tie of one and one", () => {
    const curve = rocCurve([9, 8, 7, 3, 7, 2, 1, 0], [1, 1, 1, 1, 0, 0, 0, 0]);
    // Up to 1/8, half of the slope from (0, 1/2) to (1/4, 3/4): a mean height of 9/16.
    expect(partialAuc(curve, 7 / 8)).toBeCloseTo((1 + (9 / 128 - 1 / 128) / (1 / 8 - 1 / 128)) / 2, 14);
    expect(partialAuc(rocCurve([2, 1], [1, 0]), 0.9)).toBeCloseTo(1, 14);
    expect(partialAuc(rocCurve([1, 1], [1, 0]), 0.9)).toBeCloseTo(0.5, 14);
  });
});

describe("rocCurve", () => {
  test("one point a distinct score, from nobody to everybody", () => {
    const curve = rocCurve([0.2, 0.8, 0.5, 0.5, 0.9], [0, 0, 0, 1, 1]);
    expect(curve.map((p) => [p.threshold, p.truePositives, p.falsePositives])).toEqual([
      [Infinity, 0, 0],
      [0.9, 1, 0],
      [0.8, 1, 1],
      [0.5, 2, 2],
      [0.2, 2, 3],
    ]);
    expect(curve[2]).toMatchObject({ trueNegatives: 2, falseNegatives: 1, sensitivity: 0.5, specificity: 2 / 3 });
  });

  test("each point is the operating point at its threshold", () => {
    fc.assert(
      fc.property(cohort, ({ scores, labels }) => {
        for (const point of rocCurve(scores, labels)) expect(operatingPoint(scores, labels, point.threshold)).toEqual(point);
      }),
    );
  });
});

describe("youdenPoint", () => {
  test("cuts midway in the gap", () => {
    expect(youdenPoint([1, 2, 4, 9], [0, 0, 1, 1])).toMatchObject({ threshold: 3, sensitivity: 1, specificity: 1 });
  });

  test("prefers the more sensitive of two equals", () => {
    // Both cuts reach J = 1/2: above 3 (sensitivity 1/2, specificity 1) and above 1 (sensitivity 1, specificity 1/2).
    expect(youdenPoint([1, 3, 2, 4], [0, 0, 1, 1])).toMatchObject({ threshold: 1.5, sensitivity: 1, specificity: 0.5 });
  });

  test("between neighbouring doubles, and where calling everybody positive is best", () => {
    const next = 1 + Number.EPSILON;
    expect(youdenPoint([1, next], [0, 1])).toMatchObject({ threshold: next, sensitivity: 1, specificity: 1 });
    expect(youdenPoint([5, 5], [0, 1])).toMatchObject({ threshold: 5, sensitivity: 1, specificity: 0 });
  });

  test("no threshold does better, and the counts are those at its threshold", () => {
    fc.assert(
      fc.property(cohort, ({ scores, labels }) => {
        const best = youdenPoint(scores, labels);
        expect(operatingPoint(scores, labels, best.threshold)).toEqual(best);
        for (const p of rocCurve(scores, labels)) {
          expect(p.sensitivity + p.specificity).toBeLessThanOrEqual(best.sensitivity + best.specificity + 1e-12);
        }
      }),
    );
  });
});

describe("what cannot be judged is refused", () => {
  test.each([
    ["one class", [1, 2], [1, 1], "auc: expected at least 1 positive and 1 negative cases, got 2 and 0"],
    ["no cases", [], [], "got 0 and 0"],
    ["a NaN score", [1, NaN], [0, 1], "the score of case 1 is NaN"],
    ["an infinite score", [Infinity, 1], [0, 1], "the score of case 0 is Infinity"],
    ["unequal lengths", [1, 2, 3], [0, 1], "got 3 scores and 2 labels"],
    ["a class index", [1, 2, 3], [0, 1, 2], "the label of case 2 is 2, expected 0 (negative) or 1 (positive)"],
  ])("%s", (_, scores, labels, message) => expect(() => auc(scores, labels)).toThrow(message));

  test("a NaN threshold", () => expect(() => operatingPoint([1, 2], [0, 1], NaN)).toThrow("the threshold is NaN"));
});
