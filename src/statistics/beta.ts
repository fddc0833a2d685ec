// The incomplete beta function and the two tails that are read off it, binomial and Student's, in float64, to about 12 digits.
import { logGamma } from "./gamma.ts";
import { normalCdf, normalQuantile } from "./normal.ts";
import { rootOf } from "./root.ts";

/** I_x(a, b), regularised, for a, b > 0 and x in [0, 1]. */
export function incompleteBeta(a: number, b: number, x: number): number {
  if (!(a > 0 && b > 0 && x >= 0 && x <= 1)) throw new Error(`incompleteBeta: expected a, b > 0 and x in [0, 1], got ${a}, ${b}, ${x}`);
  if (x === 0 || x === 1) return x;
  // The fraction converges fast on this side of the mean; DLMF 8.17.4 mirrors the other.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(b, a, 1 - x);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return front / (a * continuedFraction(a, b, x));
}

/** 1 + d1/(1 + d2/(1 + ...)) of DLMF 8.17.22, from its tail up. */
function continuedFraction(a: number, b: number, x: number): number {
  let fraction = 1;
  for (let m = 300; m >= 0; m--) {
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    const even = ((m + 1) * (b - m - 1) * x) / ((a + 2 * m + 1) * (a + 2 * m + 2));
    fraction = 1 + odd / (1 + even / fraction);
  }
  return fraction;
}

/** P(X >= successes) of a binomial X; DLMF 8.17.5. */
export function binomialAtLeast(successes: number, trials: number, p: number): number {
  if (successes <= 0) return 1;
  return successes > trials ? 0 : incompleteBeta(successes, trials - successes + 1, p);
}

/** From here on Student's law is the normal one to the digits that anybody prints. */
const NORMAL_FROM = 1e6;

/** P(|T| >= |t|) of Student's T, with infinite degrees of freedom the normal law's; Abramowitz & Stegun 26.5.27. */
export function studentTwoSided(t: number, degreesOfFreedom: number): number {
  if (!Number.isFinite(t)) return 0;
  if (degreesOfFreedom >= NORMAL_FROM) return 2 * normalCdf(-Math.abs(t));
  return incompleteBeta(degreesOfFreedom / 2, 0.5, degreesOfFreedom / (degreesOfFreedom + t * t));
}

/** The t with P(T <= t) = p, for p of at least 1/2, by halving. */
export function studentQuantile(p: number, degreesOfFreedom: number): number {
  if (!(p >= 0.5 && p < 1)) throw new Error(`studentQuantile: wants a probability in [0.5, 1), got ${p}`);
  if (degreesOfFreedom >= NORMAL_FROM) return normalQuantile(p);
  return rootOf((t) => 2 * (1 - p) - studentTwoSided(t, degreesOfFreedom), 0, 1e9);
}
