// The exact test of two classifiers' accuracy on the same cases.
import { binomialAtLeast } from "./beta.ts";

export interface McNemarTest {
  readonly onlyFirst: number;
  readonly onlySecond: number;
  /** Two-sided; 1 where the two never disagree. */
  readonly p: number;
}

/**
 * Of the cases on which just one of two is right, is either right more often? Twice the smaller tail of a binomial law with p = 1/2.
 * McNemar 1947, Psychometrika 12:153, in its exact form.
 */
export function mcnemar(first: readonly boolean[], second: readonly boolean[]): McNemarTest {
  if (first.length !== second.length) throw new Error(`mcnemar: expected the same cases of both, got ${first.length} and ${second.length}`);
  const onlyFirst = first.filter((right, i) => right && !second[i]).length;
  const onlySecond = second.filter((right, i) => right && !first[i]).length;
  const disagree = onlyFirst + onlySecond;
  return { onlyFirst, onlySecond, p: Math.min(1, 2 * binomialAtLeast(Math.max(onlyFirst, onlySecond), disagree, 0.5)) };
}
