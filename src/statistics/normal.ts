// The standard normal distribution in float64: density, lower tail and quantile, each right to about 13 digits of its own size, however
// deep in the tail, because a p-value of 1e-20 is still a p-value.

const ROOT_TWO_PI = Math.sqrt(2 * Math.PI);

/** phi(x). */
export const normalPdf = (x: number): number => Math.exp((-x * x) / 2) / ROOT_TWO_PI;

/** P(Z <= x). The upper tail is normalCdf(-x), which keeps its digits where 1 - normalCdf(x) loses them. */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x < -CENTRE) return normalPdf(x) / tailFraction(-x);
  return x > CENTRE ? 1 - normalPdf(x) / tailFraction(x) : 0.5 + normalPdf(x) * centreSeries(x);
}

/** Beyond this the series for the centre would cancel against 1/2, and the continued fraction is short. */
const CENTRE = 2.5;

/** (Phi(x) - 1/2) / phi(x) = x + x^3/3 + x^5/(3*5) + ...; Marsaglia 2004, "Evaluating the normal distribution". */
function centreSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let odd = 3; Math.abs(term) > 1e-18 * Math.abs(sum); odd += 2) {
    term *= (x * x) / odd;
    sum += term;
  }
  return sum;
}

/** phi(x) / (1 - Phi(x)) = x + 1/(x + 2/(x + 3/(x + ...))), x > 0; Abramowitz & Stegun 26.2.14, from its tail up. */
function tailFraction(x: number): number {
  let fraction = x;
  for (let k = 200; k > 0; k--) fraction = x + k / fraction;
  return fraction;
}

/** The x with P(Z <= x) = p; -Infinity at 0, Infinity at 1. Throws outside [0, 1]. */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) throw new Error(`normalQuantile: expected a probability in [0, 1], got ${p}`);
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p === 0) return -Infinity;
  // Abramowitz & Stegun 26.2.23 is right to 4.5e-4; Halley's steps, whose error is cubed each time, do the rest.
  const t = Math.sqrt(-2 * Math.log(p));
  let x = (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t ** 3) - t;
  for (let step = 0; step < 3; step++) {
    const error = (normalCdf(x) - p) / normalPdf(x);
    x -= error / (1 + (x * error) / 2);
  }
  return x;
}
