// What can be said of a perfect ROC curve, where DeLong's interval is the empty statement [1, 1].
import { normalCdf, normalPdf } from "./normal.ts";
import { clopperPearson } from "./proportion.ts";
import { rootOf } from "./root.ts";

export interface PerfectSeparation {
  /** Exact lower bounds of sensitivity and specificity, both 1 in the sample; one-sided at (1 + level) / 2, as in clopperPearson. */
  readonly sensitivityLow: number;
  readonly specificityLow: number;
  /** The area at which two normal classes of equal variance separate perfectly with probability (1 - level) / 2. Rests on that model. */
  readonly binormalAucLow: number;
}

/** Bounds for AUC = 1 on m positives and n negatives. The binormal one follows the idea of Obuchowski & Lieber 2002, Acad Radiol 9:526. */
export function perfectSeparation(positives: number, negatives: number, level = 0.95): PerfectSeparation {
  const sensitivityLow = clopperPearson(positives, positives, level).low;
  const specificityLow = clopperPearson(negatives, negatives, level).low;
  const separates = chanceOfSeparation(positives, negatives);
  const d = rootOf((shift) => separates(shift) - (1 - level) / 2, -40, 40);
  return { sensitivityLow, specificityLow, binormalAucLow: normalCdf(d / Math.SQRT2) };
}

/** shift -> P(min of m draws from N(shift, 1) > max of n from N(0, 1)) = integral of n Phi^(n-1) phi(x) (1 - Phi(x - shift))^m dx. */
function chanceOfSeparation(m: number, n: number): (shift: number) => number {
  // The integrand is smooth and ends flat, so plain sums at this step are right to the last digits.
  const step = 1 / 16;
  const maximum = Array.from({ length: 18 / step + 1 }, (_, i) => i * step - 9).map((x) => ({
    x,
    density: step * n * normalCdf(x) ** (n - 1) * normalPdf(x),
  }));
  return (shift) => maximum.reduce((sum, { x, density }) => sum + density * normalCdf(shift - x) ** m, 0);
}

/** What the absence of an event in `trials` lets say, roughly: its rate is below 3 / trials, 95 % one-sided; Hanley & Lippman-Hand 1983, JAMA 249:1743. */
export const ruleOfThree = (trials: number): number => Math.max(0, 1 - 3 / trials);
