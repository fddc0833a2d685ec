// A joint test of contrasts of areas under correlated ROC curves; DeLong, DeLong & Clarke-Pearson 1988, Biometrics 44:837, equation 5.
import type { Delong } from "./delong.ts";
import { chiSquaredTail } from "./gamma.ts";

export interface ContrastTest {
  /** Infinite where a contrast without variance is not 0. */
  readonly chiSquared: number;
  /** Rank of the contrasts' covariance. */
  readonly degreesOfFreedom: number;
  readonly p: number;
  /** A contrast has no variance: it counts for nothing if it is 0, and decides alone if it is not. */
  readonly degenerate: boolean;
}

/** Below this part of the largest variance a contrast counts as a combination of those before it. */
const RANK_TOLERANCE = 1e-12;

/** Are all `contrasts` (rows of weights, one a curve) of the areas 0? chi-squared = d' (L S L')^-1 d with d = L areas. */
export function contrastTest(
  { aucs, covariance }: Pick<Delong, "aucs" | "covariance">,
  contrasts: readonly (readonly number[])[],
): ContrastTest {
  const k = aucs.length;
  for (const [i, row] of contrasts.entries()) {
    if (row.length !== k) throw new Error(`contrastTest: contrast ${i} has ${row.length} weights, expected one for each of ${k} curves`);
  }
  const times = (row: readonly number[], s: number): number => row.reduce((sum, weight, r) => sum + weight * covariance[r * k + s], 0);
  const variance = contrasts.map((a) => contrasts.map((b) => b.reduce((sum, weight, s) => sum + weight * times(a, s), 0)));
  const differences = contrasts.map((row) => row.reduce((sum, weight, r) => sum + weight * aucs[r], 0));
  return solve(variance, differences);
}

/** Elimination by the largest pivot: each step adds what its contrast says beyond those before it; what is left over has no variance. */
function solve(variance: number[][], differences: number[]): ContrastTest {
  const open = new Set(differences.keys());
  const smallest = RANK_TOLERANCE * Math.max(0, ...variance.map((row, i) => row[i]));
  let chiSquared = 0;
  while (open.size > 0) {
    const pivot = [...open].reduce((best, i) => (variance[i][i] > variance[best][best] ? i : best));
    if (variance[pivot][pivot] <= smallest) break;
    open.delete(pivot);
    chiSquared += differences[pivot] ** 2 / variance[pivot][pivot];
    for (const i of open) {
      const factor = variance[i][pivot] / variance[pivot][pivot];
      differences[i] -= factor * differences[pivot];
      for (const j of open) variance[i][j] -= factor * variance[pivot][j];
    }
  }
  const degreesOfFreedom = differences.length - open.size;
  const contradicted = [...open].some((i) => Math.abs(differences[i]) > 1e-12);
  if (contradicted) return { chiSquared: Infinity, degreesOfFreedom, p: 0, degenerate: true };
  return {
    chiSquared,
    degreesOfFreedom,
    p: degreesOfFreedom > 0 ? chiSquaredTail(chiSquared, degreesOfFreedom) : 1,
    degenerate: open.size > 0,
  };
}
