// Training seeds as readers: what another training and other cases would change together. Obuchowski & Rockette 1995, Commun Stat Simul
// Comput 24:285, in the design in which each reader reads under one test (Hillis 2014, Stat Med 33:330, page 344): the seeds of an arm are
// nested in the arm. Degrees of freedom after Hillis 2007, Stat Med 26:596.
import { studentQuantile, studentTwoSided } from "./beta.ts";
import { logitInterval, type Delong } from "./delong.ts";
import type { Interval } from "./interval.ts";

/** Areas under the curves of all seeds of all arms, and their covariance over cases. */
type Areas = Pick<Delong, "aucs" | "covariance">;

export interface ReaderMean extends Interval {
  readonly mean: number;
  /** Standard deviation of the areas, with J - 1. */
  readonly sd: number;
  readonly standardError: number;
  /** Infinite where all areas are equal. */
  readonly degreesOfFreedom: number;
  /** The same by the logit of the mean, brought back: inside (0, 1), and closer to its level. Null where the mean is 0 or 1. */
  readonly logit: Interval | null;
}

/** An arm in parts: the mean square between its J areas, and the mean covariance of two of them. */
interface Arm {
  readonly count: number;
  readonly mean: number;
  readonly meanSquare: number;
  /** Hillis' Cov2. */
  readonly covariance: number;
}

function armOf({ aucs, covariance }: Areas, curves: readonly number[]): Arm {
  const count = curves.length;
  if (count < 2) throw new Error(`readers: wants at least two curves of an arm, got ${count}`);
  // By differences of two, so that equal areas have exactly no mean square.
  const pairs = curves.flatMap((a, i) => curves.slice(i + 1).map((b) => [a, b] as const));
  const squares = pairs.reduce((sum, [a, b]) => sum + (aucs[a] - aucs[b]) ** 2, 0);
  const shared = pairs.reduce((sum, [a, b]) => sum + covariance[a * aucs.length + b], 0);
  return {
    count,
    mean: curves.reduce((sum, k) => sum + aucs[k], 0) / count,
    meanSquare: squares / (count * (count - 1)),
    covariance: shared / pairs.length,
  };
}

/** Degrees of freedom of a variance whose mean squares alone are uncertain: Satterthwaite 1946, Biometrics 2:110, as Hillis 2007 uses it. */
function degreesOfFreedom(variance: number, arms: readonly Arm[]): number {
  const uncertain = arms.reduce((sum, { meanSquare, count }) => sum + (meanSquare / count) ** 2 / (count - 1), 0);
  return uncertain === 0 ? Infinity : variance ** 2 / uncertain;
}

/**
 * Mean area of the arm that holds `curves`, with the interval for other seeds and other cases: its variance is MS / J + max(Cov2, 0), MS the
 * mean square between seeds; Hillis 2007, section 5.3 ("single test inference using only corresponding data"). low and high are not clipped. Throws on fewer than two curves.
 */
export function readerMean(areas: Areas, curves: readonly number[], level = 0.95): ReaderMean {
  const arm = armOf(areas, curves);
  const variance = arm.meanSquare / arm.count + Math.max(0, arm.covariance);
  const standardError = Math.sqrt(variance);
  const df = degreesOfFreedom(variance, [arm]);
  const quantile = studentQuantile((1 + level) / 2, df);
  const reach = quantile * standardError;
  return {
    mean: arm.mean,
    sd: Math.sqrt(arm.meanSquare),
    standardError,
    degreesOfFreedom: df,
    low: arm.mean - reach,
    high: arm.mean + reach,
    logit: logitInterval(arm.mean, standardError, quantile),
  };
}

export interface ReaderComparison extends Interval {
  /** First mean less second. */
  readonly difference: number;
  readonly standardError: number;
  readonly degreesOfFreedom: number;
  /** 0 where difference and standard error are 0, infinite where the standard error alone is. */
  readonly t: number;
  /** Two-sided. */
  readonly p: number;
  /** The standard error is 0: t and p follow from convention. */
  readonly degenerate: boolean;
}

/**
 * Have two arms the same mean area? Variance of the difference: MS1 / J1 + MS2 / J2 + max(Cov2 of the first + Cov2 of the second - 2 Cov3, 0),
 * Cov3 the mean covariance of an area of either arm. With equal J this is Hillis' (2014, page 344) (2 / J) (MS[R(T)] + J max(Cov2 - Cov3, 0)). Each arm keeps
 * its own mean square, as arms differ in how much a seed decides: Satterthwaite's degrees of freedom then lie between J - 1 and Hillis'
 * pooled ones, which they equal where both mean squares are equal.
 */
export function compareReaders(areas: Areas, first: readonly number[], second: readonly number[], level = 0.95): ReaderComparison {
  const arms = [armOf(areas, first), armOf(areas, second)];
  const k = areas.aucs.length;
  const across = first.reduce((sum, a) => sum + second.reduce((inner, b) => inner + areas.covariance[a * k + b], 0), 0);
  const cases = arms[0].covariance + arms[1].covariance - (2 * across) / (first.length * second.length);
  const variance = arms.reduce((sum, { meanSquare, count }) => sum + meanSquare / count, 0) + Math.max(0, cases);
  const standardError = Math.sqrt(variance);
  const difference = arms[0].mean - arms[1].mean;
  const degenerate = standardError === 0;
  const t = degenerate && difference === 0 ? 0 : difference / standardError;
  const df = degreesOfFreedom(variance, arms);
  const reach = studentQuantile((1 + level) / 2, df) * standardError;
  return {
    difference,
    standardError,
    degreesOfFreedom: df,
    t,
    p: studentTwoSided(t, df),
    degenerate,
    low: difference - reach,
    high: difference + reach,
  };
}
