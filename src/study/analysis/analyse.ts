// From the models' predictions to all statistics: a pure function, so that statistics can be repeated from predictions.csv at any time,
// on any machine, to the same digits.
import { resample } from "../../statistics/bootstrap.ts";
import { delong, aucInterval } from "../../statistics/delong.ts";
import type { Analysis, AnalysisPlan, Cohort, CohortCase, ModelAnalysis, ModelScores, SeedAnalysis, Split } from "./result.ts";
import { claimsOf } from "./claims.ts";
import { contrastsOf, equalAreas, pairsOf, type Together } from "./comparisons.ts";
import { uniformOf } from "./estimates.ts";
import { judgedModels, type JudgedModel } from "./input.ts";
import { analyseModel, countsOf, SPECIFICITY } from "./model.ts";
import { powerOf } from "./power.ts";

/**
 * Every number of results.json. `scores` hold each model and seed twice, on validation and on test, all of the same cases; `cohort` all
 * cases, those of training too. Throws, naming model, seed and case, where they do not fit together, or where test has fewer than two
 * cases of a class.
 */
export function analyse(scores: readonly ModelScores[], cohort: readonly CohortCase[], plan: AnalysisPlan): Analysis {
  const judged = judgedModels(scores, cohort, plan);
  const seeds = [plan.primarySeed, ...new Set(judged.map(({ seed }) => seed).filter((seed) => seed !== plan.primarySeed))];
  const [primary, ...others] = seeds.map((seed) =>
    together(
      judged.filter((model) => model.seed === seed),
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
    }),
  );
  const pairs = pairsOf(primary);
  const { contrasts } = bySeed[0];
  const [{ val, test }] = primary.models;
  return {
    format: "striatum-analysis-1",
    level: 0.95,
    plan,
    cohort: cohortOf(cohort, plan),
    models,
    pairs,
    contrasts,
    equalAreas: equalAreas(primary),
    seeds: bySeed,
    power: powerOf(countsOf(test), countsOf(val), plan),
    claims: claimsOf(models, contrasts, pairs),
    cautions: cautionsOf(models, bySeed),
  };
}

function together(models: readonly JudgedModel[], { bootstrap }: AnalysisPlan): Together {
  const { labels } = models[0].test;
  const curves = models.map(({ test }) => test.scores);
  return {
    models,
    tested: delong(curves, labels),
    resampled: resample(curves, labels, {
      samples: bootstrap.samples,
      specificity: SPECIFICITY,
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

function cautionsOf(models: readonly ModelAnalysis[], seeds: readonly SeedAnalysis[]): string[] {
  const [{ positives, negatives, threshold }] = models;
  const cautions = [
    `Thresholds and the best models are chosen on ${threshold.positives} positive and ${threshold.negatives} negative validation cases; other cases could lead to another choice.`,
    "The tests are about these trained models on other patients of the same kind. They do not cover what another training run would change; the seeds' spread shows that.",
  ];
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
    cautions.push(`${missing} of the paper's 9 contrasts could not be tested, and Holm's adjustment is over the other ${9 - missing}.`);
  return cautions;
}
