// Variance and covariance of areas under correlated ROC curves, and the paired test of two of them, in float64.
// DeLong, DeLong & Clarke-Pearson 1988, Biometrics 44:837; placements by mid-ranks as in Sun & Xu 2014, IEEE SPL 21:1389.
import { studentTwoSided } from "./beta.ts";
import type { Interval } from "./interval.ts";
import { normalCdf, normalQuantile } from "./normal.ts";
import { midRanks, splitByLabel, type Numbers } from "./roc.ts";

export interface Delong {
  /** m and n. */
  readonly positives: number;
  readonly negatives: number;
  /** [K] */
  readonly aucs: Float64Array;
  /** [K, K] */
  readonly covariance: Float64Array;
  /** 2 n V10 [m] and 2 m V01 [n] per curve: wins over the other class, doubled so that ties (1/2) stay whole numbers. */
  readonly wins: readonly Wins[];
}

interface Wins {
  readonly ofPositives: Float64Array;
  readonly ofNegatives: Float64Array;
}

/**
 * Areas under K curves of the same cases and their covariance matrix. `curves` holds K score arrays, `labels` 0 or 1 a case.
 * Throws on unequal lengths, scores that are not finite, or fewer than 2 cases of a class.
 */
export function delong(curves: readonly Numbers[], labels: Numbers): Delong {
  if (curves.length === 0) throw new Error("delong: expected at least one curve");
  const splits = curves.map((scores, k) => splitByLabel(curves.length > 1 ? `delong: curve ${k}` : "delong", scores, labels, 2));
  const { positives, negatives } = splits[0];
  const [m, n] = [positives.length, negatives.length];
  const wins = curves.map((scores): Wins => {
    const pooled = midRanks(scores, [...positives, ...negatives]);
    return {
      ofPositives: midRanks(scores, positives).map((rank, i) => 2 * (pooled[i] - rank)),
      ofNegatives: midRanks(scores, negatives).map((rank, j) => 2 * (m - (pooled[m + j] - rank))),
    };
  });
  const covariance = new Float64Array(curves.length ** 2);
  wins.forEach((a, r) => wins.forEach((b, s) => (covariance[r * curves.length + s] = covarianceOf(a, b))));
  const aucs = Float64Array.from(wins, ({ ofPositives }) => sum(ofPositives) / (2 * m * n));
  return { positives: m, negatives: n, aucs, covariance, wins };
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

/** S10 / m + S01 / n; DeLong 1988, equation 6. */
function covarianceOf(a: Wins, b: Wins): number {
  const [m, n] = [a.ofPositives.length, a.ofNegatives.length];
  const s10 = coproduct(a.ofPositives, b.ofPositives) / (2 * n * m) ** 2 / (m - 1);
  const s01 = coproduct(a.ofNegatives, b.ofNegatives) / (2 * m * n) ** 2 / (n - 1);
  return s10 / m + s01 / n;
}

/** Sum over i of (m a_i - sum a)(m b_i - sum b), m the count: every factor is a whole number, so a constant gives exactly 0. */
function coproduct(a: Float64Array, b: Float64Array): number {
  const [sumA, sumB] = [sum(a), sum(b)];
  let total = 0;
  for (let i = 0; i < a.length; i++) total += (a.length * a[i] - sumA) * (b.length * b[i] - sumB);
  return total;
}

/**
 * auc +- z standardError, clipped to [0, 1]. A perfect curve has variance 0 and its interval, [1, 1], says nothing: show
 * perfectSeparation (separation.ts) beside it.
 */
export function aucInterval(auc: number, variance: number, level = 0.95): Interval {
  const reach = normalQuantile((1 + level) / 2) * Math.sqrt(variance);
  return { low: Math.max(0, auc - reach), high: Math.min(1, auc + reach) };
}

/**
 * By the logit of the area, so that it stays inside (0, 1): logit auc +- z standardError / (auc (1 - auc)), brought back; Qin & Hotilovac
 * 2008, Stat Methods Med Res 17:207. Null where the area is 0 or 1.
 */
export const aucLogitInterval = (auc: number, variance: number, level = 0.95): Interval | null =>
  logitInterval(auc, Math.sqrt(variance), normalQuantile((1 + level) / 2));

/** The same of any estimate in [0, 1], with a quantile of its own: logit value +- quantile standardError / (value (1 - value)), brought back. */
export function logitInterval(value: number, standardError: number, quantile: number): Interval | null {
  if (value <= 0 || value >= 1) return null;
  const logit = Math.log(value / (1 - value));
  const reach = (quantile * standardError) / (value * (1 - value));
  return { low: 1 / (1 + Math.exp(reach - logit)), high: 1 / (1 + Math.exp(-reach - logit)) };
}

export interface AucComparison extends Interval {
  /** Difference of the areas, first minus second; low and high are its interval, not clipped. */
  readonly difference: number;
  readonly standardError: number;
  /** difference / standardError; 0 when both are 0, infinite when the standard error alone is. */
  readonly z: number;
  /** Two-sided, 2 Phi(-|z|). */
  readonly p: number;
  /** The standard error is 0, so z and p follow from convention and not from the normal law: say so wherever they are printed. */
  readonly degenerate: boolean;
}

/** Tests whether curves `first` and `second` of the same cases have the same area. */
export function compareAucs({ aucs, wins }: Delong, first: number, second: number, level = 0.95): AucComparison {
  for (const k of [first, second])
    if (!(k in wins)) throw new Error(`compareAucs: there is no curve ${k}, expected 0 to ${wins.length - 1}`);
  // The variance of a difference is that of the differences: nothing cancels, and equal curves give exactly 0.
  const differences = {
    ofPositives: wins[first].ofPositives.map((w, i) => w - wins[second].ofPositives[i]),
    ofNegatives: wins[first].ofNegatives.map((w, j) => w - wins[second].ofNegatives[j]),
  };
  const difference = aucs[first] - aucs[second];
  const standardError = Math.sqrt(covarianceOf(differences, differences));
  const degenerate = standardError === 0;
  const z = degenerate && difference === 0 ? 0 : difference / standardError;
  const reach = normalQuantile((1 + level) / 2) * standardError;
  return { difference, standardError, z, p: 2 * normalCdf(-Math.abs(z)), degenerate, low: difference - reach, high: difference + reach };
}

export interface UnpairedComparison {
  /** First area minus second. */
  readonly difference: number;
  readonly t: number;
  /** Satterthwaite's. */
  readonly degreesOfFreedom: number;
  /** Two-sided. */
  readonly p: number;
}

/**
 * Tests whether a model has the same area on two sets that share no case (thin and thick slices, say); as pROC's roc.test does it. Null
 * where neither area has a variance.
 */
export function compareUnpaired(first: Delong, second: Delong): UnpairedComparison | null {
  const variances = [first.covariance[0], second.covariance[0]];
  const sizes = [first, second].map(({ positives, negatives }) => positives + negatives);
  const variance = variances[0] + variances[1];
  if (variance === 0) return null;
  const difference = first.aucs[0] - second.aucs[0];
  const t = difference / Math.sqrt(variance);
  const degreesOfFreedom = variance ** 2 / (variances[0] ** 2 / (sizes[0] - 1) + variances[1] ** 2 / (sizes[1] - 1));
  return { difference, t, degreesOfFreedom, p: studentTwoSided(t, degreesOfFreedom) };
}
