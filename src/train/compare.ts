// Two runs on the same cases: both areas under the ROC curve, and DeLong's paired test of their difference. What a run has learnt from must not be among
// the cases, so a run records the fingerprints of its cases.
import * as v from "valibot";
import type { Dataset } from "../dataset/dataset.ts";
import type { Fingerprints } from "../dataset/leakage.ts";
import { parsedText } from "../platform/json.ts";
import { aucInterval, compareAucs, delong, type AucComparison } from "../statistics/delong.ts";
import { sha256Hex } from "../tensor/sha256.ts";
import { positiveScore, type CaseScore } from "./evaluate.ts";
import type { RunFolder } from "./run-folder.ts";

/** The file of a run folder with the fingerprints of its cases. */
export const SEEN_CASES = "seen-cases.json";

/** Names of the pixels (pixelHash) of a run's cases, sorted. */
export interface SeenCases {
  readonly train: readonly string[];
  readonly val: readonly string[];
  /** What stands for the pixels of each case, by its number in the list; absent in runs of earlier versions. */
  readonly cases?: readonly (readonly [index: number, pixels: string])[];
}

const SEEN = v.strictObject({
  train: v.array(v.string()),
  val: v.array(v.string()),
  cases: v.exactOptional(v.array(v.tuple([v.number(), v.string()]))),
});

/** What a run's folder says of its cases; null where it has none of a list. */
export async function readSeen(folder: RunFolder): Promise<SeenCases | null> {
  if (!(await folder.has(SEEN_CASES))) return null;
  return parsedText(SEEN, await folder.read(SEEN_CASES), { file: `${folder.path}/${SEEN_CASES}`, what: "the cases of a run" });
}

/** Throws, with their numbers, where the pixels of cases are not those that a run began with. */
export function expectSameCases(before: SeenCases, now: SeenCases, path: string): void {
  if (!before.cases || !now.cases) return;
  const known = new Map(before.cases);
  const others = now.cases.filter(([index, pixels]) => known.get(index) !== pixels).map(([index]) => index);
  if (others.length === 0 && now.cases.length === known.size) return;
  const listed = `${others.slice(0, SHOWN).join(", ")}${others.length > SHOWN ? ", ..." : ""}`;
  throw new Error(
    `${path}: the images of ${others.length} of ${now.cases.length} cases are not those that the run began with (cases ${listed}; the first of the list is 0): ` +
      "restore them, or train into another --out",
  );
}

const SHOWN = 10;

/** What a run sees of a dataset. */
export function seenCases({ cases, fingerprints }: Pick<Dataset, "cases" | "fingerprints">): SeenCases {
  const of = (wanted: string): string[] => {
    const own = cases.filter(({ split }) => split === wanted);
    return [...new Set(own.flatMap(({ index }) => fingerprints.cases[index]?.pixels ?? []))].sort();
  };
  const own = cases.filter(({ split }) => split === "train" || split === "val");
  const named = own.map(({ index }) => [index, sha256Hex(JSON.stringify(fingerprints.cases[index]?.pixels ?? []), 16)] as const);
  return { train: of("train"), val: of("val"), cases: named };
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
