// DeLong's test tried on made-up cohorts: how often does it come out below alpha? Large-sample formulas promise little at 15 or 110 cases.
import { compareAucs, delong } from "./delong.ts";
import { normalQuantile } from "./normal.ts";
import type { BinormalPair, TestDesign } from "./power.ts";

export interface SimulationOptions {
  readonly cohorts: number;
  /** A random number in [0, 1) that is a function of both arguments alone. */
  readonly uniform: (cohort: number, draw: number) => number;
}

/** So many standard deviations apart two classes never meet: an area of 1. */
const APART = 40;

/** Share of cohorts from the binormal model in which p < alpha, whichever model is ahead. */
export function simulatedRejections(
  { aucs, correlation }: BinormalPair,
  { positives, negatives, alpha }: TestDesign,
  { cohorts, uniform }: SimulationOptions,
): number {
  const labels = Array.from({ length: positives + negatives }, (_, i) => Number(i < positives));
  const shifts = aucs.map((auc) => Math.min(APART, Math.SQRT2 * normalQuantile(auc)));
  const rest = Math.sqrt(1 - correlation * correlation);
  let rejected = 0;
  for (let cohort = 0; cohort < cohorts; cohort++) {
    const first = new Float64Array(labels.length);
    const second = new Float64Array(labels.length);
    labels.forEach((label, i) => {
      // Two normal draws from two uniform ones; Box & Muller 1958, Ann Math Stat 29:610.
      const radius = Math.sqrt(-2 * Math.log(1 - uniform(cohort, 2 * i)));
      const angle = 2 * Math.PI * uniform(cohort, 2 * i + 1);
      const [u, v] = [radius * Math.cos(angle), radius * Math.sin(angle)];
      first[i] = u + label * shifts[0];
      second[i] = correlation * u + rest * v + label * shifts[1];
    });
    if (compareAucs(delong([first, second], labels), 0, 1).p < alpha) rejected++;
  }
  return rejected / cohorts;
}
