// Resampling of patients: what the area, its part and the sensitivity at a given specificity come to in cohorts drawn with replacement from this
// one, positives and negatives apart, so that both keep their numbers. All curves see the same resamples, and so their differences do.
// Efron & Tibshirani 1993, An Introduction to the Bootstrap, chapters 6 and 13.
import type { Interval } from "./interval.ts";
import { areaUpTo, mcClish, splitByLabel, type Numbers } from "./roc.ts";

export interface Resampled {
  /** [samples] of each curve. */
  readonly aucs: Float64Array;
  /** The largest sensitivity whose specificity is at least `specificity`. */
  readonly sensitivities: Float64Array;
  /** Scaled areas of the part with a specificity of at least `partialFrom`. */
  readonly partialAucs: Float64Array;
}

export interface ResamplingOptions {
  readonly samples: number;
  readonly specificity: number;
  readonly partialFrom: number;
  /** A random number in [0, 1) that is a function of both arguments alone. */
  readonly uniform: (sample: number, draw: number) => number;
}

/** Throws as splitByLabel does, on any curve. */
export function resample(
  curves: readonly Numbers[],
  labels: Numbers,
  { samples, specificity, partialFrom, uniform }: ResamplingOptions,
): Resampled[] {
  const splits = curves.map((scores, k) => splitByLabel(`resample: curve ${k}`, scores, labels));
  const { positives, negatives } = splits[0];
  const [m, n] = [positives.length, negatives.length];
  let allowed = 0;
  while ((n - allowed - 1) / n >= specificity) allowed++;
  const descending = curves.map((scores) => [...positives, ...negatives].sort((a, b) => scores[b] - scores[a]));
  const results = curves.map(() => ({
    aucs: new Float64Array(samples),
    sensitivities: new Float64Array(samples),
    partialAucs: new Float64Array(samples),
  }));
  const across = 1 - partialFrom;
  const times = new Uint32Array(labels.length);
  for (let sample = 0; sample < samples; sample++) {
    times.fill(0);
    for (let i = 0; i < m; i++) times[positives[Math.floor(uniform(sample, i) * m)]]++;
    for (let j = 0; j < n; j++) times[negatives[Math.floor(uniform(sample, m + j) * n)]]++;
    for (const [k, order] of descending.entries()) {
      const { wins, found, part } = walk(order, curves[k], { labels, times, allowed, across: across * n });
      results[k].aucs[sample] = wins / (m * n);
      results[k].sensitivities[sample] = found / m;
      results[k].partialAucs[sample] = mcClish(part / (m * n), across);
    }
  }
  return results;
}

interface Walk {
  readonly labels: Numbers;
  /** How often each case was drawn. */
  readonly times: Numbers;
  /** False alarms up to which positives are found, and up to which area counts. */
  readonly allowed: number;
  readonly across: number;
}

/** Down the scores: pairs won by positives (ties 1/2), positives found before too many false alarms, and pairs of the part of the curve. */
function walk(
  order: readonly number[],
  scores: Numbers,
  { labels, times, allowed, across }: Walk,
): { wins: number; found: number; part: number } {
  let [truePositives, falsePositives, wins, found, part] = [0, 0, 0, 0, 0];
  for (let at = 0; at < order.length;) {
    let [positives, negatives] = [0, 0];
    const score = scores[order[at]];
    for (; at < order.length && scores[order[at]] === score; at++) {
      if (labels[order[at]] === 1) positives += times[order[at]];
      else negatives += times[order[at]];
    }
    wins += negatives * (truePositives + positives / 2);
    part += areaUpTo(across, [falsePositives, truePositives], [falsePositives + negatives, truePositives + positives]);
    truePositives += positives;
    falsePositives += negatives;
    if (falsePositives <= allowed) found = truePositives;
  }
  return { wins, found, part };
}

/** The middle `level` of the values, by quantiles that join order statistics linearly (Hyndman & Fan 1996, Am Stat 50:361, definition 7). */
export function percentileInterval(values: Numbers, level = 0.95): Interval {
  const sorted = Float64Array.from(values).sort();
  const quantile = (p: number): number => {
    const position = p * (sorted.length - 1);
    const below = Math.floor(position);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
  };
  return { low: quantile((1 - level) / 2), high: quantile((1 + level) / 2) };
}
