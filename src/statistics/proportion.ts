// Confidence bounds of a proportion (sensitivity, specificity, accuracy) from counts, and what can be said of a perfect ROC curve.
import type { Interval } from "./interval.ts";
import { normalCdf, normalPdf, normalQuantile } from "./normal.ts";

function checkCounts(what: string, successes: number, trials: number): void {
  const whole = Number.isInteger(successes) && Number.isInteger(trials);
  if (!whole || trials < 1 || successes < 0 || successes > trials) {
    throw new Error(`${what}: wants whole counts with 0 <= successes <= trials and trials >= 1, got ${successes} of ${trials}`);
  }
}

/** The score interval; Wilson 1927, J Am Stat Assoc 22:209. Close to the level on average, never outside [0, 1]. */
export function wilson(successes: number, trials: number, level = 0.95): Interval {
  checkCounts("wilson", successes, trials);
  const z = normalQuantile((1 + level) / 2);
  const p = successes / trials;
  const centre = p + (z * z) / (2 * trials);
  const reach = z * Math.sqrt((p * (1 - p)) / trials + (z / (2 * trials)) ** 2);
  const scale = 1 + (z * z) / trials;
  return { low: Math.max(0, (centre - reach) / scale), high: Math.min(1, (centre + reach) / scale) };
}

/** The exact interval: never covers less than the level; Clopper & Pearson 1934, Biometrika 26:404. */
export function clopperPearson(successes: number, trials: number, level = 0.95): Interval {
  checkCounts("clopperPearson", successes, trials);
  const tail = (1 - level) / 2;
  return { low: exactLow(successes, trials, tail), high: 1 - exactLow(trials - successes, trials, tail) };
}

/** The p at which `successes` or more of `trials` have probability `tail`. */
function exactLow(successes: number, trials: number, tail: number): number {
  if (successes === 0) return 0;
  if (successes === trials) return tail ** (1 / trials);
  // Below successes / trials the tail's terms fall, so its sum may start at its first term.
  return rootOf((p) => atLeast(successes, trials, p) - tail, 0, successes / trials);
}

/** P(X >= k) of a binomial X with 0 < k < n. */
function atLeast(k: number, n: number, p: number): number {
  let logFirst = k * Math.log(p) + (n - k) * Math.log1p(-p);
  for (let i = 0; i < n - k; i++) logFirst += Math.log((n - i) / (n - k - i));
  let term = Math.exp(logFirst);
  let sum = 0;
  for (let j = k; j <= n; j++) {
    sum += term;
    term *= ((n - j) / (j + 1)) * (p / (1 - p));
  }
  return sum;
}

/** Where the increasing function `f` crosses 0 between `low` and `high`, to the last bit, by halving. */
function rootOf(f: (x: number) => number, low: number, high: number): number {
  for (;;) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return middle;
    if (f(middle) < 0) low = middle;
    else high = middle;
  }
}

export interface PerfectSeparation {
  /** Exact lower bounds of sensitivity and specificity, both 1 in the sample; one-sided at (1 + level) / 2, as in clopperPearson. */
  readonly sensitivityLow: number;
  readonly specificityLow: number;
  /** The area at which two normal classes of equal variance separate perfectly with probability (1 - level) / 2. Rests on that model. */
  readonly binormalAucLow: number;
}

/**
 * Bounds for AUC = 1 on m positives and n negatives, where DeLong's interval is the empty statement [1, 1]. The binormal bound follows
 * the idea of Obuchowski & Lieber 2002, Acad Radiol 9:526.
 */
export function perfectSeparation(positives: number, negatives: number, level = 0.95): PerfectSeparation {
  checkCounts("perfectSeparation", positives, positives);
  checkCounts("perfectSeparation", negatives, negatives);
  const tail = (1 - level) / 2;
  const d = rootOf((shift) => separates(positives, negatives, shift) - tail, -40, 40);
  return {
    sensitivityLow: exactLow(positives, positives, tail),
    specificityLow: exactLow(negatives, negatives, tail),
    binormalAucLow: normalCdf(d / Math.SQRT2),
  };
}

/** P(min of m draws from N(shift, 1) > max of n from N(0, 1)) = integral of n Phi^(n-1) phi(x) (1 - Phi(x - shift))^m dx. */
function separates(m: number, n: number, shift: number): number {
  const [from, to, step] = [-9, 9, 1 / 64];
  let sum = 0;
  for (let x = from; x <= to; x += step) sum += n * normalCdf(x) ** (n - 1) * normalPdf(x) * normalCdf(shift - x) ** m;
  return sum * step;
}
