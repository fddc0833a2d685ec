// Models against each other on the same cases: every pair, and the nine contrasts of the paper's abstract.
import { percentileInterval, type Resampled } from "../../statistics/bootstrap.ts";
import { compareAucs, type Delong } from "../../statistics/delong.ts";
import { holm } from "../../statistics/holm.ts";
import { contrastTest } from "../../statistics/joint-test.ts";
import { mcnemar } from "../../statistics/mcnemar.ts";
import { networkNamed } from "../../models/index.ts";
import type { Comparison, Contrast, JointTest, ModelName } from "./result.ts";
import { notEstimable } from "./estimates.ts";
import type { JudgedModel } from "./input.ts";
import { aucIfBoth, chooseThreshold, validationLoss } from "./model.ts";

/** All models of one seed, in one order throughout. */
export interface Together {
  readonly models: readonly JudgedModel[];
  readonly learned: readonly boolean[];
  readonly tested: Delong;
  readonly resampled: readonly Resampled[];
}

export function pairsOf(together: Together): Comparison[] {
  const { models } = together;
  return adjusted(models.flatMap((_, r) => models.slice(r + 1).map((_, s) => compare(together, r, r + 1 + s))));
}

/** Not adjusted yet: holm is p. */
function compare({ models, tested, resampled }: Together, r: number, s: number): Comparison {
  const { difference, standardError, low, high, z, p, degenerate } = compareAucs(tested, r, s);
  const differences = resampled[r].aucs.map((area, sample) => area - resampled[s].aucs[sample]);
  const [first, second] = [rightCases(models[r]), rightCases(models[s])];
  const exact = first && second && mcnemar(first, second);
  return {
    first: models[r].name.model,
    second: models[s].name.model,
    difference,
    standardError,
    low,
    high,
    bootstrap: percentileInterval(differences),
    z: Number.isFinite(z) ? { value: z } : notEstimable("infinite: neither curve has a variance, yet they differ"),
    p,
    holm: p,
    degenerate,
    perfect: [r, s].filter((k) => tested.aucs[k] === 1).map((k) => models[k].name.model),
    mcnemar: exact && { onlyFirstRight: exact.onlyFirst, onlySecondRight: exact.onlySecond, p: exact.p, holm: exact.p },
  };
}

/** Cases that the model calls correctly at its own threshold; null if it has none. */
function rightCases({ val, test }: JudgedModel): boolean[] | null {
  const { score } = chooseThreshold(val);
  return score === null ? null : test.scores.map((value, i) => value >= score === (test.labels[i] === 1));
}

/** With Holm's p-values over those given, of the areas and of the accuracies apart. */
function adjusted(comparisons: readonly Comparison[]): Comparison[] {
  const ofAreas = holm(comparisons.map(({ p }) => p));
  const exact = comparisons.flatMap((comparison) => comparison.mcnemar ?? []);
  const ofAccuracies = holm(exact.map(({ p }) => p));
  return comparisons.map((comparison, i) => ({
    ...comparison,
    holm: ofAreas[i],
    mcnemar: comparison.mcnemar && { ...comparison.mcnemar, holm: ofAccuracies[exact.indexOf(comparison.mcnemar)] },
  }));
}

const NETWORKS = ["alexnet", "googlenet"];

interface Planned {
  readonly kind: Contrast["kind"];
  readonly title: string;
  readonly first: (name: ModelName) => boolean;
  readonly second: (name: ModelName) => boolean;
}

/** Four of augmentation, four of pretraining; arXiv 1710.03823. The ninth depends on validation. */
const PLANNED: readonly Planned[] = (["augmentation", "pretraining"] as const).flatMap((kind) =>
  NETWORKS.flatMap((network) =>
    [false, true].map((fixed): Planned => {
      const title = networkNamed(network).title;
      const among = (changed: boolean) => (name: ModelName) =>
        name.network === network &&
        (kind === "augmentation"
          ? name.pretrained === fixed && name.augmented === changed
          : name.augmented === fixed && name.pretrained === changed);
      return {
        kind,
        title:
          kind === "augmentation"
            ? `${title}, ${fixed ? "pretrained" : "untrained"}: augmented against not augmented`
            : `${title}, ${fixed ? "augmented" : "not augmented"}: pretrained against untrained`,
        first: among(true),
        second: among(false),
      };
    }),
  ),
);

/** One of the nine contrasts, by the places of its models among those given; -1 where there is none. */
interface PlannedPair {
  readonly kind: Contrast["kind"];
  readonly title: string;
  readonly r: number;
  readonly s: number;
}

/** `best` finds the best of a network, chosen on validation. */
export const plannedPairs = (names: readonly ModelName[], best: (network: string) => number): PlannedPair[] => [
  ...PLANNED.map(({ kind, title, first, second }) => ({ kind, title, r: names.findIndex(first), s: names.findIndex(second) })),
  { kind: "network", title: "best GoogLeNet against best AlexNet, chosen on validation", r: best("googlenet"), s: best("alexnet") },
];

export function contrastsOf(together: Together): Contrast[] {
  const { models } = together;
  const planned = plannedPairs(
    models.map(({ name }) => name),
    (network) => bestOnValidation(together, network),
  );
  const tests = adjusted(planned.filter(({ r, s }) => r >= 0 && s >= 0).map(({ r, s }) => compare(together, r, s)));
  return planned.map(({ kind, title, r, s }): Contrast => {
    const [first, second] = [r, s].map((k) => models[k]?.name.model ?? null);
    const test = tests.find((comparison) => comparison.first === first && comparison.second === second) ?? null;
    return { kind, title, first, second, test, ...(!test && { reason: "this study does not contain both models" }) };
  });
}

/** Of the network's models that learned (of all, where none did) the one with the largest area on validation, at equality the lower loss; or -1. */
function bestOnValidation({ models, learned }: Together, network: string): number {
  const merit = models.map(({ val }) => ({ area: aucIfBoth(val).value ?? 0, loss: validationLoss(val) }));
  const all = [...models.keys()].filter((k) => models[k].name.network === network);
  const good = all.filter((k) => learned[k]);
  return (good.length > 0 ? good : all).reduce((best, k) => {
    if (best < 0 || merit[k].area > merit[best].area) return k;
    return merit[k].area === merit[best].area && merit[k].loss < merit[best].loss ? k : best;
  }, -1);
}

/** Are all areas the same? */
export function equalAreas({ tested }: Together): JointTest | null {
  const models = tested.aucs.length;
  if (models < 2) return null;
  const contrasts = Array.from({ length: models - 1 }, (_, i) =>
    Array.from({ length: models }, (_, k) => Number(k === 0) - Number(k === i + 1)),
  );
  const { chiSquared, degreesOfFreedom, p, degenerate } = contrastTest(tested, contrasts);
  return {
    chiSquared: Number.isFinite(chiSquared) ? { value: chiSquared } : notEstimable("infinite: curves without variance differ"),
    degreesOfFreedom,
    p,
    degenerate,
  };
}
