// The trained models on a second cohort: their areas there, and what they call at the thresholds from the study's own validation cases.
import { aucInterval, delong } from "../../statistics/delong.ts";
import type { Interval } from "../../statistics/interval.ts";
import { operatingPoint, youdenThreshold } from "../../statistics/roc.ts";
import { share } from "./estimates.ts";
import type { ScoredCase, Share } from "./result.ts";

export interface ExternalScores {
  readonly model: string;
  readonly seed: number;
  /** The study's validation cases. */
  readonly val: readonly ScoredCase[];
  /** All cases of the second cohort. */
  readonly cases: readonly ScoredCase[];
}

export interface ExternalRun {
  readonly model: string;
  readonly seed: number;
  readonly auc: number;
  /** DeLong's. */
  readonly interval: Interval;
  /** At the threshold from validation; null where validation holds one class only. */
  readonly operating: { readonly sensitivity: Share; readonly specificity: Share } | null;
}

export interface ExternalCohort {
  readonly positives: number;
  readonly negatives: number;
  readonly runs: readonly ExternalRun[];
}

const labelsOf = (cases: readonly ScoredCase[]): number[] => cases.map(({ label }) => (label === "none" ? 0 : 1));
const scoresOf = (cases: readonly ScoredCase[]): number[] => cases.map(({ score }) => score);

/** Throws where the second cohort has fewer than two cases of a kind. */
export function externalCohort(runs: readonly ExternalScores[]): ExternalCohort {
  const positives = labelsOf(runs[0].cases).filter((label) => label === 1).length;
  return { positives, negatives: runs[0].cases.length - positives, runs: runs.map(externalRun) };
}

function externalRun({ model, seed, val, cases }: ExternalScores): ExternalRun {
  const [scores, labels] = [scoresOf(cases), labelsOf(cases)];
  const { aucs, covariance } = delong([scores], labels);
  const { low, high } = aucInterval(aucs[0], covariance[0]);
  const threshold = youdenThreshold(scoresOf(val), labelsOf(val));
  return {
    model,
    seed,
    auc: aucs[0],
    interval: { low, high },
    operating: threshold === null ? null : operating(scores, labels, threshold),
  };
}

function operating(scores: readonly number[], labels: readonly number[], threshold: number): ExternalRun["operating"] {
  const { truePositives, falseNegatives, trueNegatives, falsePositives } = operatingPoint(scores, labels, threshold);
  return {
    sensitivity: share(truePositives, truePositives + falseNegatives),
    specificity: share(trueNegatives, trueNegatives + falsePositives),
  };
}

/** What is said of an area that is worse than guessing; null of any other. */
export function belowChance({ auc, interval }: Pick<ExternalRun, "auc" | "interval">): string | null {
  if (auc >= 0.5) return null;
  return interval.high < 0.5 ? "below chance" : "below chance, though chance is within its interval";
}
