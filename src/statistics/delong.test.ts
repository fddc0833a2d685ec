// Constants of the published data sets: pROC's own tests (aSAH) and the SAS/STAT example "Comparing ROC curves" (ovarian).
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aucInterval, aucLogitInterval, compareAucs, compareUnpaired, delong, type Delong } from "./delong.ts";
import { contrastTest } from "./joint-test.ts";
import { auc } from "./roc.ts";

fc.configureGlobal({ seed: 1988 });

const expectNear = (actual: number, expected: number, tolerance = 1e-10): void =>
  expect(Math.abs(actual - expected), `${actual} is not ${expected}`).toBeLessThanOrEqual(tolerance);

const covarianceAt = (result: Delong, r: number, s: number): number => result.covariance[r * result.aucs.length + s];

const SHARED = process.env["STRIATUM_SHARED"] ?? join(import.meta.dirname, "../../../shared");
const ASAH = join(SHARED, "stats/aSAH.csv");

describe.skipIf(!existsSync(ASAH))("aSAH, 41 poor and 72 good outcomes", () => {
  const NAMES = ["wfns", "s100b", "ndka"];
  const read = (names = NAMES, keep: (outcome: string, gender: string) => boolean = () => true): Delong => {
    const [header, ...rows] = readFileSync(ASAH, "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(","))
      .filter((row, i) => i === 0 || keep(row[2], row[3]));
    const column = (name: string): string[] => rows.map((row) => row[header.indexOf(name)]);
    return delong(
      names.map((name) => column(name).map(Number)),
      column("outcome").map((outcome) => Number(outcome === "Poor")),
    );
  };

  test.each([
    ["wfns", 0.823678861788618, 0.00146991470882363, 0.748534874, 0.8988228492],
    ["s100b", 0.731368563685637, 0.00266868245717244, 0.6301182117, 0.8326189156],
    ["ndka", 0.611957994579946, 0.0031908105493913, 0.501244999271703, 0.722670989888189],
  ])("%s: area, variance and interval", (name, area, variance, low, high) => {
    const result = read();
    const k = NAMES.indexOf(name);
    expect([result.positives, result.negatives]).toEqual([41, 72]);
    expectNear(result.aucs[k], area);
    expectNear(covarianceAt(result, k, k), variance);
    const interval = aucInterval(result.aucs[k], covarianceAt(result, k, k));
    expectNear(interval.low, low, 1e-7);
    expectNear(interval.high, high, 1e-7);
    if (name === "ndka") expectNear(interval.low, low);
  });

  test.each([
    ["wfns", "s100b", 0.00119615567376754, 2.20898359144091, 0.0271757822291882, 0.0104061769564846, 0.174214419249478],
    ["wfns", "ndka", -0.000532967856762438, 2.79777591868904, 0.00514557970691098, 0.0634011709339876, 0.3600405634833566],
    ["ndka", "s100b", -0.000756164938056579, -1.39077002573558, 0.164295175223054, -0.2876917446341914, 0.0488706064228094],
  ])("%s against %s", (first, second, covariance, z, p, low, high) => {
    const result = read();
    const [r, s] = [NAMES.indexOf(first), NAMES.indexOf(second)];
    const comparison = compareAucs(result, r, s);
    expectNear(covarianceAt(result, r, s), covariance);
    expectNear(comparison.z, z);
    expectNear(comparison.p, p);
    expectNear(comparison.low, low);
    expectNear(comparison.high, high);
    expect(comparison.degenerate).toBe(false);
  });

  test.each([
    ["wfns", "s100b", 1.43490640926908, 0.152825378808796, 206.66],
    ["wfns", "ndka", 3.10125096778969, 0.00220950791756457, 197.13],
    ["ndka", "s100b", -1.55995743389685, 0.120192832430845, 222.24],
  ])("%s against %s, as if of other patients", (first, second, t, p, degreesOfFreedom) => {
    const comparison = compareUnpaired(read([first]), read([second]));
    expectNear(comparison?.t ?? NaN, t);
    expectNear(comparison?.p ?? NaN, p);
    expectNear(comparison?.degreesOfFreedom ?? NaN, degreesOfFreedom, 5e-3);
  });

  test("women alone", () => {
    const women = read(["ndka"], (_, gender) => gender === "Female");
    expect(women.positives + women.negatives).toBe(71);
    expectNear(women.aucs[0], 0.6671428571);
    const interval = aucInterval(women.aucs[0], women.covariance[0]);
    expectNear(interval.low, 0.5261398281);
    expectNear(interval.high, 0.8081458862);
  });

  test("placements of every patient", () => {
    const { wins, positives, negatives } = read();
    const [, ...rows] = readFileSync(join(SHARED, "stats/aSAH_placements.csv"), "utf8").trim().split("\n");
    const listed = (outcome: string, k: number): number[] =>
      rows
        .map((row) => row.split(","))
        .filter((row) => row[1] === outcome)
        .map((row) => Number(row[2 + k]));
    for (const k of NAMES.keys()) {
      listed("Poor", k).forEach((v10, i) => expectNear(wins[k].ofPositives[i] / (2 * negatives), v10));
      listed("Good", k).forEach((v01, j) => expectNear(wins[k].ofNegatives[j] / (2 * positives), v01));
    }
  });
});

// DeLong 1988's own example: 43 patients, popind 1 in 31; the K-G score counts the other way and stands here as 10 - score.
const ALBUMIN = [
  3, 3.2, 3.9, 2.8, 3.2, 0.9, 2.5, 1.6, 3.8, 3.7, 3.2, 3.8, 4.1, 3.6, 4.3, 3.6, 2.3, 4.2, 4, 3.5, 3.8, 3, 4.5, 3.7, 3.1, 4.1, 4.3, 4.3, 3.2,
  2.6, 3.3, 1.7, 3.7, 3.3, 4.2, 3.5, 2.9, 2.1, 2.8, 4, 3.3, 3.7, 3.6,
];
const PROTEIN = [
  5.8, 6.3, 6.8, 4.8, 5.8, 4, 5.7, 5.6, 5.7, 6.7, 5.4, 6.6, 6.6, 5.7, 7, 6.7, 4.4, 7.6, 6.6, 5.8, 6.8, 4.7, 7.4, 7.4, 6.6, 8.2, 7, 6.5, 5.1,
  4.7, 6.8, 4, 6.1, 6.3, 7.7, 6.2, 5.7, 4.8, 6.2, 7, 5.7, 6.9, 6.6,
];
const KG_SCORE = [
  0, 5, 7, 4, 7, 5, 2, 5, 5, 4, 6, 4, 5, 5, 6, 6, 4, 6, 4, 4, 3, 2, 5, 5, 4, 4, 5, 6, 5, 4, 4, 3, 5, 3, 4, 5, 1, 3, 2, 3, 4, 5, 5,
];
const POPIND = [
  0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1,
];

describe("ovarian cancer data of DeLong 1988", () => {
  const result = delong([ALBUMIN, PROTEIN, KG_SCORE], POPIND);

  test.each([
    [0, 0.7365591398, 0.0926943461, 0.5548816, 0.9182367],
    [1, 0.6478494624, 0.1000473756, 0.4517602, 0.8439387],
    [2, 0.7258064516, 0.102821609, 0.5242798, 0.9273331],
  ])("curve %d: area, standard error and interval", (k, area, standardError, low, high) => {
    expectNear(result.aucs[k], area);
    expectNear(Math.sqrt(covarianceAt(result, k, k)), standardError);
    const interval = aucInterval(result.aucs[k], covarianceAt(result, k, k));
    expectNear(interval.low, low, 1e-7);
    expectNear(interval.high, high, 1e-7);
  });

  test.each([
    [0, 2, 0.0107526882, 0.0953436177, 0.11277827, 0.9102063],
    [1, 2, -0.0779569892, 0.1046095887, -0.74521839, 0.4561397],
    [0, 1, 0.0887096774, 0.0557912233, 1.59002926, 0.1118282],
  ])("curve %d against curve %d", (r, s, difference, standardError, z, p) => {
    const comparison = compareAucs(result, r, s);
    expectNear(comparison.difference, difference);
    expectNear(comparison.standardError, standardError);
    expectNear(comparison.z, z, 1e-8);
    expectNear(comparison.p, p, 1e-7);
  });

  test("SAS's joint contrast of albumin and protein with the K-G score: chi-squared 2.5340 on 2 degrees of freedom, p 0.2817", () => {
    const { chiSquared, degreesOfFreedom, p, degenerate } = contrastTest(result, [
      [1, 0, -1],
      [0, 1, -1],
    ]);
    expect([degreesOfFreedom, degenerate]).toEqual([2, false]);
    expectNear(chiSquared, 2.5339779262);
    expectNear(p, 0.2816784905);
  });
});

describe("small vectors", () => {
  test("nine cases, AUC 0.8: placements, variance and a clipped interval", () => {
    const result = delong([[0.21, 0.32, 0.63, 0.35, 0.92, 0.79, 0.82, 0.99, 0.04]], [0, 1, 0, 0, 1, 1, 0, 1, 0]);
    expectNear(result.aucs[0], 0.8);
    expectNear(result.covariance[0], 0.02875);
    expect(Array.from(result.wins[0].ofPositives, (wins) => wins / 10)).toEqual([0.4, 1, 0.8, 1]);
    expect(Array.from(result.wins[0].ofNegatives, (wins) => wins / 8)).toEqual([1, 0.75, 0.75, 0.5, 1]);
    const interval = aucInterval(result.aucs[0], result.covariance[0]);
    expect(interval.high).toBe(1);
    expectNear(interval.low, 0.468, 5e-4);
  });

  const LABELS = [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0];
  const PERFECT = [0.9, 0.8, 0.95, 0.7, 0.85, 0.6, 0.1, 0.2, 0.3, 0.15, 0.4];
  const IMPERFECT = [0.9, 0.35, 0.95, 0.7, 0.85, 0.6, 0.1, 0.2, 0.5, 0.15, 0.4];

  test("a perfect curve has variance 0 and takes the other's in a comparison", () => {
    const result = delong([PERFECT, IMPERFECT], LABELS);
    expect(Array.from(result.aucs)).toEqual([1, 28 / 30]);
    expect(covarianceAt(result, 0, 0)).toBe(0);
    expect(covarianceAt(result, 0, 1)).toBe(0);
    expectNear(covarianceAt(result, 1, 1), 0.0061111, 1e-7);
    expect(aucInterval(1, 0)).toEqual({ low: 1, high: 1 });
    const comparison = compareAucs(result, 0, 1);
    expectNear(comparison.z, 0.8528029, 1e-7);
    expectNear(comparison.p, 0.3937687, 1e-7);
    expect(comparison.degenerate).toBe(false);
  });

  test("identical curves: z 0 and p 1; without spread but different: p 0, flagged", () => {
    const result = delong([IMPERFECT, IMPERFECT.map((score) => 10 * score), PERFECT, LABELS.map(() => 1 / 3)], LABELS);
    expect(compareAucs(result, 0, 1)).toMatchObject({ difference: 0, standardError: 0, z: 0, p: 1, degenerate: true });
    expect(result.aucs[3]).toBe(0.5);
    expect(covarianceAt(result, 3, 3)).toBe(0);
    expect(compareAucs(result, 2, 3)).toMatchObject({ difference: 0.5, standardError: 0, z: Infinity, p: 0, degenerate: true });
    expect(compareAucs(result, 3, 2)).toMatchObject({ z: -Infinity, p: 0, degenerate: true });
  });
});

test("the logit interval stays inside (0, 1), and a perfect curve has none", () => {
  const interval = aucLogitInterval(0.95, 0.0004);
  // logit 0.95 = 2.9444390, standard error 0.02 / 0.0475 = 0.4210526.
  expect(interval?.low).toBeCloseTo(0.8927545, 6);
  expect(interval?.high).toBeCloseTo(0.9774605, 6);
  expect([aucLogitInterval(1, 0), aucLogitInterval(0, 0)]).toEqual([null, null]);
});

test("two perfect curves of other cases do not differ significantly", () => {
  const perfect = delong([[1, 2, 3, 4]], [0, 0, 1, 1]);
  expect(compareUnpaired(perfect, perfect)).toBeNull();
});

describe("any scores", () => {
  const cohort = fc.tuple(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 2, max: 12 })).chain(([m, n]) =>
    fc.record({
      labels: fc.constant([...Array(m).fill(1), ...Array(n).fill(0)] as number[]),
      curves: fc.array(fc.array(fc.integer({ min: 0, max: 6 }), { minLength: m + n, maxLength: m + n }), { minLength: 2, maxLength: 2 }),
    }),
  );

  test("area and covariance are those of the kernel psi, written out over all pairs", () => {
    fc.assert(
      fc.property(cohort, ({ labels, curves }) => {
        const result = delong(curves, labels);
        const m = labels.filter((label) => label === 1).length;
        const n = labels.length - m;
        const psi = (x: number, y: number): number => (x > y ? 1 : x === y ? 0.5 : 0);
        const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
        const v10 = curves.map((s) => s.slice(0, m).map((x) => mean(s.slice(m).map((y) => psi(x, y)))));
        const v01 = curves.map((s) => s.slice(m).map((y) => mean(s.slice(0, m).map((x) => psi(x, y)))));
        const cov = (a: number[], b: number[]): number =>
          a.reduce((total, value, i) => total + (value - mean(a)) * (b[i] - mean(b)), 0) / (a.length - 1);
        for (let r = 0; r < 2; r++) {
          expectNear(result.aucs[r], mean(v10[r]), 1e-13);
          expect(result.aucs[r]).toBeCloseTo(auc(curves[r], labels), 13);
          for (let s = 0; s < 2; s++) expectNear(covarianceAt(result, r, s), cov(v10[r], v10[s]) / m + cov(v01[r], v01[s]) / n, 1e-13);
        }
        const { standardError } = compareAucs(result, 0, 1);
        expectNear(standardError ** 2, covarianceAt(result, 0, 0) + covarianceAt(result, 1, 1) - 2 * covarianceAt(result, 0, 1), 1e-13);
      }),
      { numRuns: 60 },
    );
  });

  test("exchanging the curves turns the sign of z alone", () => {
    fc.assert(
      fc.property(cohort, ({ labels, curves }) => {
        const result = delong(curves, labels);
        const [there, back] = [compareAucs(result, 0, 1), compareAucs(result, 1, 0)];
        expect(back.z + there.z === 0 || back.z === -there.z).toBe(true);
        expect(back.p).toBe(there.p);
      }),
      { numRuns: 60 },
    );
  });
});

describe("what cannot be judged is refused", () => {
  test.each([
    ["no curve", [], [0, 0, 1, 1], /expected at least one curve/],
    ["one negative", [[1, 2, 3]], [0, 1, 1], /expected at least 2 positive and 2 negative cases, got 2 and 1/],
    [
      "a NaN in the second curve",
      [
        [1, 2, 3, 4],
        [1, 2, NaN, 4],
      ],
      [0, 0, 1, 1],
      /curve 1: the score of case 2 is NaN/,
    ],
    [
      "unequal lengths",
      [
        [1, 2, 3, 4],
        [1, 2, 3],
      ],
      [0, 0, 1, 1],
      /curve 1: expected one score per label, got 3 scores and 4 labels/,
    ],
  ])("%s", (_, curves, labels, message) => expect(() => delong(curves, labels)).toThrow(message));

  test("a curve that is not there", () => {
    expect(() => compareAucs(delong([[1, 2, 3, 4]], [0, 0, 1, 1]), 0, 1)).toThrow("there is no curve 1, expected 0 to 0");
  });
});
