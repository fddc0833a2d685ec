// From the models' predictions to all statistics: a pure function, so that statistics can be repeated from predictions.csv at any time,
// on any machine, to the same digits.
import { resample } from "../../statistics/bootstrap.ts";
import { delong, aucInterval } from "../../statistics/delong.ts";
import {
  ANALYSIS_FORMAT,
  type Analysis,
  type AnalysisPlan,
  type Cohort,
  type CohortCase,
  type ModelAnalysis,
  type ModelScores,
  type RunAnalysis,
  type SeedAnalysis,
  type Split,
} from "./result.ts";
import { armAnalysis, armContrasts, armsOf } from "./arms.ts";
import { claimsOf } from "./claims.ts";
import { contrastsOf, equalAreas, pairsOf, type Together } from "./comparisons.ts";
import { uniformOf } from "./estimates.ts";
import { judgedModels, type JudgedModel } from "./input.ts";
import { runAnalysis } from "./learning.ts";
import { analyseModel, countsOf, PARTIAL_FROM, SPECIFICITY } from "./model.ts";
import { powerOf } from "./power.ts";

/**
 * Every number of results.json. `scores` hold each model and seed twice, on validation and on test, all of the same cases; `cohort` all
 * cases, those of training too. Throws, naming model, seed and case, where they do not fit together, or where test has fewer than two
 * cases of a class.
 */
export function analyse(scores: readonly ModelScores[], cohort: readonly CohortCase[], plan: AnalysisPlan): Analysis {
  const judged = judgedModels(scores, cohort, plan);
  const runs = judged.map((run) => runAnalysis(run, plan.classes.length));
  const learned = (run: JudgedModel): boolean => runs[judged.indexOf(run)].faults.length === 0;
  const seeds = [plan.primarySeed, ...new Set(judged.map(({ seed }) => seed).filter((seed) => seed !== plan.primarySeed))];
  const [primary, ...others] = seeds.map((seed) =>
    together(
      judged.filter((model) => model.seed === seed),
      learned,
      plan,
    ),
  );
  const bySeed = [primary, ...others].map((each, i) => seedAnalysis(each, seeds[i], i === 0));
  const models = primary.models.map((model, k) =>
    analyseModel({
      judged: model,
      resampled: primary.resampled[k],
      seeds: bySeed.flatMap((each) =>
        each.models.filter((own) => own.model === model.name.model).map(({ auc }) => ({ seed: each.seed, auc })),
      ),
      classes: plan.classes,
      learned: primary.learned[k],
    }),
  );
  const arms = armsOf(judged, learned);
  const contrastsOfArms = armContrasts(arms);
  const [{ val, test }] = primary.models;
  return {
    format: ANALYSIS_FORMAT,
    level: 0.95,
    plan,
    cohort: cohortOf(cohort, plan),
    runs,
    arms: arms.arms.map((arm) => armAnalysis(arm, arms)),
    armContrasts: contrastsOfArms,
    models,
    pairs: pairsOf(primary),
    contrasts: bySeed[0].contrasts,
    equalAreas: equalAreas(primary),
    seeds: bySeed,
    power: powerOf(countsOf(test), countsOf(val), plan),
    claims: claimsOf(arms, contrastsOfArms),
    cautions: cautionsOf(models, bySeed, runs),
  };
}

function together(models: readonly JudgedModel[], learned: (run: JudgedModel) => boolean, { bootstrap }: AnalysisPlan): Together {
  const { labels } = models[0].test;
  const curves = models.map(({ test }) => test.scores);
  return {
    models,
    learned: models.map(learned),
    tested: delong(curves, labels),
    resampled: resample(curves, labels, {
      samples: bootstrap.samples,
      specificity: SPECIFICITY,
      partialFrom: PARTIAL_FROM,
      uniform: uniformOf(bootstrap.seed, "bootstrap"),
    }),
  };
}

function seedAnalysis(each: Together, seed: number, primary: boolean): SeedAnalysis {
  const { aucs, covariance } = each.tested;
  return {
    seed,
    primary,
    models: each.models.map(({ name }, k) => ({
      model: name.model,
      auc: aucs[k],
      ...aucInterval(aucs[k], covariance[k * aucs.length + k]),
    })),
    contrasts: contrastsOf(each),
  };
}

const SPLITS: readonly Split[] = ["train", "val", "test"];

function cohortOf(cases: readonly CohortCase[], { classes }: AnalysisPlan): Cohort {
  const strata = [...new Set(cases.map((item) => item.strata?.stratum ?? ""))].toSorted();
  const of = (split: Split): CohortCase[] => cases.filter((item) => item.split === split);
  return {
    cases: cases.length,
    counts: SPLITS.flatMap((split) =>
      classes.flatMap((label) =>
        strata.flatMap((stratum) => {
          const count = of(split).filter((item) => item.label === label && (item.strata?.stratum ?? "") === stratum).length;
          return count > 0 ? [{ split, label, stratum, cases: count }] : [];
        }),
      ),
    ),
    splits: SPLITS.map((split) => {
      const negatives = of(split).filter(({ label }) => label === classes[0]).length;
      return { split, cases: of(split).length, positives: of(split).length - negatives, negatives };
    }),
  };
}

function cautionsOf(models: readonly ModelAnalysis[], seeds: readonly SeedAnalysis[], runs: readonly RunAnalysis[]): string[] {
  const [{ positives, negatives, threshold }] = models;
  const cautions = [
    `Thresholds and the best models are chosen on ${threshold.positives} positive and ${threshold.negatives} negative validation cases: another few cases could choose otherwise.`,
    seeds.length === 1
      ? "The tests speak of these trained models on other patients of the same kind. What another training run would change is not known: one seed was run, and no claim is judged."
      : "Tests of means speak of other seeds and other patients of the same kind; DeLong's tests of one seed's models, of other patients alone.",
  ];
  const failed = runs.filter(({ faults }) => faults.length > 0);
  if (failed.length > 0)
    cautions.push(
      `${failed.length} of ${runs.length} runs did not learn, and enter no mean and no claim: ${failed.map(({ model, seed }) => `${model}, seed ${seed}`).join("; ")}.`,
    );
  const perfect = models.filter(({ auc }) => auc.perfect);
  if (perfect.length > 0)
    cautions.push(
      `AUC 1.00 is perfect separation of ${positives} positives and ${negatives} negatives, not proof of perfection: DeLong's and the bootstrap's intervals are degenerate, and tests against such a model rest on the other's variance alone (${perfect.map(({ model }) => model).join(", ")}).`,
    );
  const flat = models.filter(({ roc }) => roc.length === 2).map(({ model }) => model);
  if (flat.length > 0) cautions.push(`One score for all cases, so AUC 0.5 by ties and no variance: ${flat.join(", ")}.`);
  if (seeds.length < 5)
    cautions.push(
      `${seeds.length === 1 ? "One training seed shows no spread" : `${seeds.length} training seeds show the spread roughly`}; five or more would be needed.`,
    );
  const missing = seeds[0].contrasts.filter(({ test }) => !test).length;
  if (missing > 0)
    cautions.push(
      missing === 9
        ? "None of the paper's 9 contrasts could be tested."
        : `${missing} of the paper's 9 contrasts could not be tested, and Holm's adjustment is over the other ${9 - missing}.`,
    );
  return cautions;
}
