// The gamma function and the upper tail of the chi-squared law, in float64, to about 13 digits.

/** Lanczos's series with g = 7 and 9 terms, coefficients by Godfrey 2001 ("A note on the computation of the convergent Lanczos formula"). */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** ln Gamma(x) for x > 0. */
export function logGamma(x: number): number {
  if (!(x > 0)) throw new Error(`logGamma: expected x > 0, got ${x}`);
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x); // DLMF 5.5.3
  const t = x + 6.5;
  const series = LANCZOS.reduce((sum, coefficient, i) => (i === 0 ? coefficient : sum + coefficient / (x - 1 + i)), 0);
  return Math.log(Math.sqrt(2 * Math.PI) * series) + (x - 0.5) * Math.log(t) - t;
}

/** P(X >= x) of a chi-squared X with `degreesOfFreedom`, df: Q(df / 2, x / 2). */
export function chiSquaredTail(x: number, degreesOfFreedom: number): number {
  if (!(degreesOfFreedom > 0) || Number.isNaN(x))
    throw new Error(`chiSquaredTail: expected degrees of freedom > 0 and a number, got ${x} on ${degreesOfFreedom}`);
  if (x <= 0) return 1;
  if (x === Infinity) return 0;
  const [a, half] = [degreesOfFreedom / 2, x / 2];
  const front = Math.exp(a * Math.log(half) - half - logGamma(a));
  return half < a + 1 ? 1 - front * lowerSeries(a, half) : front * upperFraction(a, half);
}

/** P(a, x) over x^a e^-x / Gamma(a): sum of x^k / (a (a + 1) ... (a + k)); DLMF 8.11.4. */
function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= x / (a + k);
    sum += term;
  }
  return sum;
}

/** Q(a, x) over the same: 1/(x + 1 - a - 1 (1 - a)/(x + 3 - a - 2 (2 - a)/(x + 5 - a - ...))); DLMF 8.9.2, from its tail up. */
function upperFraction(a: number, x: number): number {
  let fraction = 0;
  for (let k = 500; k > 0; k--) fraction = (k * (k - a)) / (x + 2 * k + 1 - a - fraction);
  return 1 / (x + 1 - a - fraction);
}
