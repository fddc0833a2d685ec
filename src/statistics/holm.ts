// Adjustment of p-values for many tests.

/**
 * Holm's step-down adjustment, in the order given: the i-th smallest of k is multiplied by k - i + 1, never falls below a smaller one's, and
 * stops at 1. Holm 1979, Scand J Stat 6:65. It holds the chance of any false rejection whatever the tests' dependence.
 */
export function holm(p: readonly number[]): number[] {
  for (const [i, value] of p.entries()) if (!(value >= 0 && value <= 1)) throw new Error(`holm: p-value ${i} is ${value}, expected [0, 1]`);
  const adjusted = p.slice();
  let floor = 0;
  const ascending = [...p.keys()].sort((a, b) => p[a] - p[b]);
  ascending.forEach((at, i) => {
    floor = Math.max(floor, Math.min(1, (p.length - i) * p[at]));
    adjusted[at] = floor;
  });
  return adjusted;
}
