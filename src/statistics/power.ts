// What a cohort of m positives and n negatives can show about areas under ROC curves, before any score is seen.
import { normalCdf, normalQuantile } from "./normal.ts";
import { rootOf } from "./root.ts";

/** Variance of an area, as if scores were exponential; Hanley & McNeil 1982, Radiology 143:29, equations 1 and 2. */
export function hanleyMcNeilVariance(auc: number, positives: number, negatives: number): number {
  const q1 = auc / (2 - auc);
  const q2 = (2 * auc * auc) / (1 + auc);
  const square = auc * auc;
  return (auc * (1 - auc) + (positives - 1) * (q1 - square) + (negatives - 1) * (q2 - square)) / (positives * negatives);
}

/** Two models of the same cases: areas, and the correlation of their scores within a class, both classes normal with one variance. */
export interface BinormalPair {
  readonly aucs: readonly [number, number];
  readonly correlation: number;
}

/**
 * Covariance of two areas in the binormal model: of all quadruples of cases, mn share both, mn(n-1) the positive, mn(m-1) the negative;
 * the differences of scores correlate by rho where both are shared and by rho / 2 where one is. With one model twice, rho is 1.
 */
export function binormalCovariance({ aucs: [first, second], correlation }: BinormalPair, positives: number, negatives: number): number {
  if (first === 1 || second === 1) return 0;
  const [h, k] = [normalQuantile(first), normalQuantile(second)];
  const both = correlation === 1 && first === second ? first : bivariateCdf(h, k, correlation);
  const one = bivariateCdf(h, k, correlation / 2);
  const product = first * second;
  return (both - product + (positives + negatives - 2) * (one - product)) / (positives * negatives);
}

const binormalVariance = (auc: number, positives: number, negatives: number): number =>
  binormalCovariance({ aucs: [auc, auc], correlation: 1 }, positives, negatives);

/** Phi2(h, k; rho) = Phi(h) Phi(k) + integral from 0 to rho of phi2(h, k; r) dr, |rho| < 1; Plackett 1954, Biometrika 41:351. Simpson's rule. */
function bivariateCdf(h: number, k: number, rho: number): number {
  // Over r = sin(t), which takes the root out of the denominator.
  const to = Math.asin(rho);
  const density = (t: number): number => Math.exp(-(h * h - 2 * h * k * Math.sin(t) + k * k) / (2 * Math.cos(t) ** 2));
  const steps = 256;
  let sum = density(0) + density(to);
  for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * density((i * to) / steps);
  return normalCdf(h) * normalCdf(k) + (sum * to) / (3 * steps) / (2 * Math.PI);
}

export interface TestDesign {
  readonly positives: number;
  readonly negatives: number;
  /** Two-sided. */
  readonly alpha: number;
}

/** Chance that the paired test of these two comes out below alpha in favour of the second: Phi(difference / se - z). Large-sample. */
export function pairedPower(pair: BinormalPair, { positives, negatives, alpha }: TestDesign): number {
  const [first, second] = pair.aucs;
  const variance =
    binormalVariance(first, positives, negatives) +
    binormalVariance(second, positives, negatives) -
    2 * binormalCovariance(pair, positives, negatives);
  return normalCdf((second - first) / Math.sqrt(variance) - normalQuantile(1 - alpha / 2));
}

/** The smallest area above `auc` that the paired test finds with the power wanted, less `auc`; null where it would not find even 1 so often. */
export function detectableDifference(auc: number, correlation: number, power: number, design: TestDesign): number | null {
  const excess = (second: number): number => pairedPower({ aucs: [auc, second], correlation }, design) - power;
  if (excess(1) < 0) return null;
  return rootOf(excess, auc + 1e-6, 1) - auc;
}
