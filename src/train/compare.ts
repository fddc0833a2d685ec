// Two runs on the same cases: both areas under the ROC curve, and DeLong's paired test of their difference. What a run has learnt from must not be among
// the cases, so a run records the fingerprints of its cases.
import type { Dataset } from "../dataset/dataset.ts";
import type { Fingerprints } from "../dataset/leakage.ts";
import { aucInterval, compareAucs, delong, type AucComparison } from "../statistics/delong.ts";
import { positiveScore, type CaseScore } from "./evaluate.ts";

/** The file of a run folder with the fingerprints of its cases. */
export const SEEN_CASES = "seen-cases.json";

/** Names of the pixels (pixelHash) of a run's cases, sorted. */
export interface SeenCases {
  readonly train: readonly string[];
  readonly val: readonly string[];
}

/** What a run sees of a dataset. */
export function seenCases({ cases, fingerprints }: Pick<Dataset, "cases" | "fingerprints">): SeenCases {
  const of = (wanted: string): string[] => {
    const own = cases.filter(({ split }) => split === wanted);
    return [...new Set(own.flatMap(({ index }) => fingerprints.cases[index]?.pixels ?? []))].sort();
  };
  return { train: of("train"), val: of("val") };
}

/** How many of some cases have pixels that a run has seen. */
export function countSeen(indices: readonly number[], { cases }: Fingerprints, seen: readonly string[]): number {
  const known = new Set(seen);
  return indices.filter((index) => cases[index]?.pixels.some((hash) => known.has(hash))).length;
}

export interface Area {
  readonly auc: number;
  /** DeLong's 95 % interval. */
  readonly interval: readonly [number, number];
}

export interface PairedComparison {
  /** Cases that both runs score. */
  readonly cases: number;
  readonly positives: number;
  readonly negatives: number;
  readonly areas: readonly [Area, Area];
  /** First area less second. */
  readonly difference: Pick<AucComparison, "difference" | "low" | "high" | "p" | "degenerate">;
}

/** Compares the scores of two runs, each by case number; a case that one of them lacks is left out. Throws where fewer than two cases of a kind are left. */
export function comparePaired(first: ReadonlyMap<number, CaseScore>, second: ReadonlyMap<number, CaseScore>): PairedComparison {
  const shared = [...first.keys()].filter((index) => second.has(index)).sort((a, b) => a - b);
  const both = [first, second].map((scores) => shared.map((index) => scores.get(index) as CaseScore));
  const labels = both[0].map(({ label }) => (label > 0 ? 1 : 0));
  const positives = labels.filter((label) => label === 1).length;
  const negatives = labels.length - positives;
  if (positives < 2 || negatives < 2)
    throw new Error(
      `two areas cannot be compared on ${positives} positive and ${negatives} negative cases that both runs score: it takes two of each`,
    );
  const curves = delong(
    both.map((scores) => scores.map(positiveScore)),
    labels,
  );
  const areaOf = (k: 0 | 1): Area => {
    const { low, high } = aucInterval(curves.aucs[k], curves.covariance[3 * k]);
    return { auc: curves.aucs[k], interval: [low, high] };
  };
  const { difference, low, high, p, degenerate } = compareAucs(curves, 0, 1);
  return {
    cases: shared.length,
    positives,
    negatives,
    areas: [areaOf(0), areaOf(1)],
    difference: { difference, low, high, p, degenerate },
  };
}
