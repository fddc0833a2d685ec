// Do probabilities mean what they say? Brier's score, a reliability table, and logistic recalibration, in float64.
import { rootOf } from "./root.ts";
import type { Numbers } from "./roc.ts";

/** Mean of (p - label)^2; Brier 1950, Mon Weather Rev 78:1. */
export function brier(probabilities: Numbers, labels: Numbers): number {
  let sum = 0;
  for (let i = 0; i < labels.length; i++) sum += (probabilities[i] - labels[i]) ** 2;
  return sum / labels.length;
}

export interface ReliabilityBin {
  readonly cases: number;
  readonly positives: number;
  /** Mean probability of the bin's cases. */
  readonly predicted: number;
}

/** Cases in ascending order of probability (of the same, in the order given), cut into bins of equal count, or one more. Empty ones are left out. */
export function equalCountBins(probabilities: Numbers, labels: Numbers, bins: number): ReliabilityBin[] {
  const order = Array.from(labels, (_, i) => i).sort((a, b) => probabilities[a] - probabilities[b] || a - b);
  const cut = (bin: number): number => Math.floor((bin * order.length) / bins);
  return Array.from({ length: bins }, (_, bin) => order.slice(cut(bin), cut(bin + 1)))
    .filter((cases) => cases.length > 0)
    .map((cases) => ({
      cases: cases.length,
      positives: cases.filter((i) => labels[i] === 1).length,
      predicted: cases.reduce((sum, i) => sum + probabilities[i], 0) / cases.length,
    }));
}

/** Mean of |observed - predicted| over bins, by their counts; Naeini 2015, AAAI, there with bins of equal width. */
export function expectedCalibrationError(bins: readonly ReliabilityBin[]): number {
  const total = bins.reduce((sum, { cases }) => sum + cases, 0);
  return bins.reduce((sum, { cases, positives, predicted }) => sum + (cases / total) * Math.abs(positives / cases - predicted), 0);
}

export interface LogisticFit {
  readonly intercept: number;
  readonly slope: number;
  readonly interceptError: number;
  readonly slopeError: number;
}

/**
 * Maximum likelihood of logit P(label = 1) = intercept + slope score, with Wald's standard errors; of log-odds it is Cox's recalibration
 * (1958, Biometrika 45:562): 0 and 1 where calibrated. Null where no maximum exists: the classes do not overlap (Albert & Anderson 1984,
 * Biometrika 71:1), or all scores are one.
 */
export function fitLogistic(scores: Numbers, labels: Numbers): LogisticFit | null {
  const [ofPositives, ofNegatives] = [1, 0].map((label) => Array.from(scores).filter((_, i) => labels[i] === label));
  const overlap = Math.max(...ofNegatives) > Math.min(...ofPositives) && Math.max(...ofPositives) > Math.min(...ofNegatives);
  if (!overlap) return null;
  // Newton's steps on standardised scores, so that their unit does not matter.
  const centre = Array.from(scores).reduce((a, b) => a + b, 0) / scores.length;
  const scale = Math.sqrt(Array.from(scores).reduce((sum, score) => sum + (score - centre) ** 2, 0) / scores.length);
  const x = Array.from(scores, (score) => (score - centre) / scale);
  let [a, b] = [0, 0];
  let at = likelihood(x, labels, a, b);
  for (let step = 0; step < 100; step++) {
    const determinant = at.haa * at.hbb - at.hab * at.hab;
    const da = (at.hbb * at.ga - at.hab * at.gb) / determinant;
    const db = (at.haa * at.gb - at.hab * at.ga) / determinant;
    // Halved while it does not climb: the likelihood is concave, so some part of it does, but for rounding at the top.
    let part = 1;
    let next = likelihood(x, labels, a + da, b + db);
    while (next.value < at.value && part > 1e-3) next = likelihood(x, labels, a + (part /= 2) * da, b + part * db);
    a += part * da;
    b += part * db;
    at = next;
    if (Math.abs(da) + Math.abs(db) < 1e-13 * (1 + Math.abs(a) + Math.abs(b))) break;
  }
  const determinant = at.haa * at.hbb - at.hab * at.hab;
  const [vaa, vbb, vab] = [at.hbb / determinant, at.haa / determinant, -at.hab / determinant];
  const shift = centre / scale;
  return {
    intercept: a - b * shift,
    slope: b / scale,
    interceptError: Math.sqrt(vaa + shift * shift * vbb - 2 * shift * vab),
    slopeError: Math.sqrt(vbb) / scale,
  };
}

/**
 * Calibration in the large: the intercept of the same model with the slope fixed at 1, 0 where the mean probability is the share of
 * positives, above 0 where probabilities are too low on the whole; Cox 1958, and Van Calster et al. 2019, BMC Med 17:230. Null where the
 * likelihood is flat about its maximum: probabilities all but 0 and 1.
 */
export function fitIntercept(scores: Numbers, labels: Numbers): { readonly intercept: number; readonly interceptError: number } | null {
  const x = Array.from(scores);
  // The gradient falls as the intercept grows, from positives to minus negatives.
  const intercept = rootOf((a) => -likelihood(x, labels, a, 1).ga, -FARTHEST, FARTHEST);
  const { haa } = likelihood(x, labels, intercept, 1);
  const interceptError = 1 / Math.sqrt(haa);
  return interceptError < LARGEST_ERROR ? { intercept, interceptError } : null;
}

/** No score of logOdds is farther from 0. */
const FARTHEST = 250;
/** In log-odds: an interval this wide says that nothing is known. */
const LARGEST_ERROR = 10;

interface Likelihood {
  readonly value: number;
  /** Gradient and information by intercept (a) and slope (b). */
  readonly ga: number;
  readonly gb: number;
  readonly haa: number;
  readonly hab: number;
  readonly hbb: number;
}

function likelihood(x: readonly number[], labels: Numbers, a: number, b: number): Likelihood {
  let [value, ga, gb, haa, hab, hbb] = [0, 0, 0, 0, 0, 0];
  for (const [i, xi] of x.entries()) {
    const logit = a + b * xi;
    const p = 1 / (1 + Math.exp(-logit));
    const weight = p * (1 - p);
    value += labels[i] * logit - Math.max(0, logit) - Math.log1p(Math.exp(-Math.abs(logit)));
    ga += labels[i] - p;
    gb += (labels[i] - p) * xi;
    haa += weight;
    hab += weight * xi;
    hbb += weight * xi * xi;
  }
  return { value, ga, gb, haa, hab, hbb };
}
