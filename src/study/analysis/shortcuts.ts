// What trivial features of the images reach on the held-out cases, for comparison with the models. In which direction a feature separates is taken
// from the other cases, so that the areas are no more optimistic than a model's.
import { FEATURES, type Feature, type Trivia } from "../../dataset/trivia.ts";
import { aucInterval, delong } from "../../statistics/delong.ts";
import type { Interval } from "../../statistics/interval.ts";
import { auc } from "../../statistics/roc.ts";
import type { CohortCase } from "./result.ts";

export interface Shortcut {
  readonly feature: Feature;
  /** On the held-out cases; below 0.5 where the direction of the other cases does not hold there. */
  readonly auc: number;
  readonly interval: Interval;
}

/** trivia: by case; absent where a case has no images. Empty where a kind of cases is missing. */
export function shortcutsOf(cohort: readonly CohortCase[], trivia: ReadonlyMap<number, Trivia>): Shortcut[] {
  const known = cohort.flatMap((item) => {
    const own = trivia.get(item.case);
    return own ? [{ split: item.split, label: item.label === "none" ? 0 : 1, own }] : [];
  });
  const held = known.filter(({ split }) => split === "test");
  const others = known.filter(({ split }) => split !== "test");
  const fewest = (cases: typeof known): number => Math.min(...[0, 1].map((kind) => cases.filter(({ label }) => label === kind).length));
  if (fewest(held) < 2 || fewest(others) < 1) return [];
  return FEATURES.map((feature) => {
    const area = auc(
      others.map(({ own }) => own[feature]),
      others.map(({ label }) => label),
    );
    const sign = area < 0.5 ? -1 : 1;
    const { aucs, covariance } = delong(
      [held.map(({ own }) => sign * own[feature])],
      held.map(({ label }) => label),
    );
    const { low, high } = aucInterval(aucs[0], covariance[0]);
    return { feature, auc: aucs[0], interval: { low, high } };
  });
}

/** How far below the best model a feature still comes near it, and the least that counts. */
const NEAR = 0.05;
const LEAST = 0.6;

/** The features that come near a model's area, or reach it. */
export const near = (shortcuts: readonly Shortcut[], area: number): Shortcut[] =>
  shortcuts.filter((one) => one.auc >= Math.max(LEAST, area - NEAR)).toSorted((a, b) => b.auc - a.auc);
