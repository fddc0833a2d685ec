// What areas under ROC curves are and how well they are known: for tables beside a plan, and for scored cases.
import { aucInterval, aucLogitInterval, delong } from "../../statistics/delong.ts";
import { normalQuantile } from "../../statistics/normal.ts";
import { hanleyMcNeilVariance } from "../../statistics/power.ts";
import { rocCurve } from "../../statistics/roc.ts";
import type { RocSummary, StudyPrecision } from "./study-types.ts";

const AREAS = [0.75, 0.85, 0.9, 0.95];

/** What a number of test cases with and without the finding can show. Null where one kind is missing. */
export function studyPrecision(positives: number, negatives: number): StudyPrecision | null {
  if (positives < 1 || negatives < 1) return null;
  const intervals = AREAS.map((auc) => {
    const half = normalQuantile(0.975) * Math.sqrt(hanleyMcNeilVariance(auc, positives, negatives));
    return { auc, low: Math.max(0, auc - half), high: Math.min(1, auc + half) };
  });
  return { positives, negatives, intervals };
}

/**
 * The ROC curve of scored cases, its area and DeLong's 95 % interval, by the logit of the area where it lies inside (0, 1). Null with fewer than two cases of either
 * kind. `scores`: the higher, the likelier positive. `positive`: whether each case is.
 */
export function rocSummary(scores: readonly number[], positive: readonly boolean[]): RocSummary | null {
  const labels = positive.map(Number);
  const positives = labels.filter((label) => label === 1).length;
  if (positives < 2 || labels.length - positives < 2) return null;
  const { aucs, covariance } = delong([scores], labels);
  const [auc] = aucs;
  const { low, high } = aucLogitInterval(auc, covariance[0]) ?? aucInterval(auc, covariance[0]);
  const curve = rocCurve(scores, labels).map(({ sensitivity, specificity, threshold }) => ({ sensitivity, specificity, threshold }));
  return { positives, negatives: labels.length - positives, auc, low, high, curve };
}
