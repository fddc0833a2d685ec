// Confidence intervals of a proportion (sensitivity, specificity, accuracy) from counts.
import { binomialAtLeast } from "./beta.ts";
import type { Interval } from "./interval.ts";
import { normalQuantile } from "./normal.ts";
import { rootOf } from "./root.ts";

function checkCounts(what: string, successes: number, trials: number): void {
  const whole = Number.isInteger(successes) && Number.isInteger(trials);
  if (!whole || trials < 1 || successes < 0 || successes > trials) {
    throw new Error(`${what}: expected whole counts with 0 <= successes <= trials and trials >= 1, got ${successes} of ${trials}`);
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

/** The p at which `successes` or more of `trials` have probability `tail`: a quantile of the beta law. */
function exactLow(successes: number, trials: number, tail: number): number {
  if (successes === 0) return 0;
  if (successes === trials) return tail ** (1 / trials);
  return rootOf((p) => binomialAtLeast(successes, trials, p) - tail, 0, successes / trials);
}
