// results.json and cases.json are read back as they were written, whatever could not be estimated in them, and what is damaged is named with its place.
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { parsed } from "../../platform/json.ts";
import { madeUpStudy } from "../report/report-fixture.ts";
import { analyse } from "./analyse.ts";
import { ANALYSIS, COHORT_CASES } from "./result-schema.ts";
import type { CohortCase } from "./result.ts";

const source = { file: "results.json", what: "the results of a study" };
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("an analysis comes back as it was", () => {
  test.each([
    ["of eight models and three seeds", {}],
    ["of a model that separates the classes, and a run that did not learn", { perfect: true, stuck: true }],
    ["of one model and one seed", { seeds: [0], models: ["alexnet-untrained-plain"] as const }],
  ])("%s", (_, options) => {
    const analysis = asJson(madeUpStudy({ samples: 10, ...options }).analysis);
    expect(parsed(ANALYSIS, analysis, source)).toEqual(analysis);
  });

  test("without sides, without strata, and with one class on validation", () => {
    const labels = ["none", "none", "none", "none", "none", "none", "hemorrhage", "hemorrhage", "hemorrhage"];
    const cohort = labels.map((label, i): CohortCase => ({ case: i, split: i < 2 ? "val" : "test", label }));
    const name = { model: "m", network: "alexnet", pretrained: false, augmented: false, initialWeights: "untrained", seed: 0 };
    const scores = (["val", "test"] as const).map((split) => ({
      ...name,
      split,
      cases: cohort.filter((item) => item.split === split).map((item) => ({ ...item, probabilities: [0.5, 0.5], score: 0 })),
    }));
    const plan = { classes: ["none", "hemorrhage"], primarySeed: 0, bootstrap: { samples: 10, seed: 0 }, simulatedCohorts: 10 };
    const analysis = asJson(analyse(scores, cohort, plan));
    expect(parsed(ANALYSIS, analysis, source)).toEqual(analysis);
  });
});

test.each([
  ["no model", { models: [] }, "models"],
  ["a p-value of 7", { equalAreas: { chiSquared: { value: 1 }, degreesOfFreedom: 7, p: 7, degenerate: false } }, "equalAreas.p"],
  ["a null for a number", { cohort: { cases: null, counts: [], splits: [] } }, "cohort.cases"],
  ["a verdict of another kind", { claims: [{ claim: "c", verdict: "true", evidence: "e" }] }, "claims.0.verdict"],
  ["a list for a text", { cautions: [[]] }, "cautions.0"],
])("%s is refused with file and place", (_, damage, place) => {
  const analysis = { ...madeUpStudy({ samples: 10, seeds: [0], models: ["alexnet-untrained-plain"] }).analysis, ...damage };
  expect(() => parsed(ANALYSIS, asJson(analysis), source)).toThrow(`results.json: not the results of a study, at ${place}: `);
});

test("cases: numbers, splits and what is known of them", () => {
  const cases = [
    { case: 0, split: "val", label: "left", strata: { volumeMl: 3, tilted: true } },
    { case: 1, split: "test", label: "none" },
  ];
  expect(v.parse(COHORT_CASES, cases)).toEqual(cases);
  for (const damage of [{ case: -1 }, { split: "holdout" }, { label: null }, { strata: { name: "x" } }])
    expect(v.safeParse(COHORT_CASES, [{ ...cases[0], ...damage }]).success, JSON.stringify(damage)).toBe(false);
});
