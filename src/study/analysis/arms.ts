// Arms: the runs of one model that learned, as one mean, and the paper's contrasts between such means. What is said here holds for other seeds
// and other cases (statistics/readers.ts); what is said of one seed's models (comparisons.ts), for other cases alone.
import { intraclassCorrelation } from "../../statistics/agreement.ts";
import { delong, type Delong } from "../../statistics/delong.ts";
import { holm } from "../../statistics/holm.ts";
import { compareReaders, readerMean } from "../../statistics/readers.ts";
import type { ArmAnalysis, ArmComparison, ArmContrast, Estimate, ModelName } from "./result.ts";
import { plannedPairs } from "./comparisons.ts";
import { notEstimable } from "./estimates.ts";
import type { JudgedModel } from "./input.ts";
import { aucIfBoth, validationLoss } from "./model.ts";

export const ALPHA = 0.05;
export const ONE_SEED = "one seed: not judged";

/** Runs of all models; `tested` holds the areas of those that learned. */
export interface Arms {
  readonly arms: readonly Arm[];
  readonly tested: Delong | null;
  /** Seeds of the study. */
  readonly seeds: number;
}

export interface Arm {
  readonly name: ModelName;
  readonly runs: readonly JudgedModel[];
  readonly leftOut: readonly number[];
  /** Where the runs lie among the curves of `tested`. */
  readonly curves: readonly number[];
}

export function armsOf(judged: readonly JudgedModel[], learned: (run: JudgedModel) => boolean): Arms {
  const good = judged.filter(learned);
  const models = [...new Map(judged.map(({ name }) => [name.model, name])).values()];
  return {
    arms: models.map((name) => {
      const own = judged.filter((run) => run.name.model === name.model);
      const runs = own.filter(learned);
      return {
        name,
        runs,
        leftOut: own.filter((run) => !learned(run)).map(({ seed }) => seed),
        curves: runs.map((run) => good.indexOf(run)),
      };
    }),
    tested:
      good.length === 0
        ? null
        : delong(
            good.map(({ test }) => test.scores),
            good[0].test.labels,
          ),
    seeds: new Set(judged.map(({ seed }) => seed)).size,
  };
}

const finite = (value: number, reason: string): Estimate => (Number.isFinite(value) ? { value } : notEstimable(reason));

const SAME_AREAS = "infinite: every seed has the same area";

export function armAnalysis({ name, runs, leftOut, curves }: Arm, { tested }: Arms): ArmAnalysis {
  const head = { ...name, seeds: runs.map(({ seed }) => seed), leftOut };
  if (tested === null || runs.length < 2) {
    const reason = runs.length === 0 ? "no run learned" : leftOut.length === 0 ? "one seed" : "one run that learned";
    const none = notEstimable(reason);
    const auc: Estimate = tested !== null && runs.length === 1 ? { value: tested.aucs[curves[0]] } : none;
    return {
      ...head,
      auc,
      sd: none,
      standardError: none,
      degreesOfFreedom: none,
      interval: { low: null, high: null, reason },
      agreement: none,
    };
  }
  const { mean, sd, standardError, degreesOfFreedom, logit } = readerMean(tested, curves);
  const agreement = intraclassCorrelation(runs.map(({ test }) => test.positive));
  return {
    ...head,
    auc: { value: mean },
    sd: { value: sd },
    standardError: { value: standardError },
    degreesOfFreedom: finite(degreesOfFreedom, SAME_AREAS),
    interval: logit ?? { low: null, high: null, reason: `an area of ${mean} has no logit` },
    agreement: agreement === null ? notEstimable("no probability differs from another") : { value: agreement },
  };
}

/** The test of two arms, not adjusted yet: holm is p. Null where either has fewer than two runs that learned. */
export function compareArms({ tested }: Arms, first: Arm, second: Arm): ArmComparison | null {
  if (tested === null || first.curves.length < 2 || second.curves.length < 2) return null;
  const { t, degreesOfFreedom, ...rest } = compareReaders(tested, first.curves, second.curves);
  return {
    ...rest,
    t: finite(t, "infinite: neither mean has a variance, yet they differ"),
    degreesOfFreedom: finite(degreesOfFreedom, SAME_AREAS),
    holm: rest.p,
  };
}

export function armContrasts(all: Arms): ArmContrast[] {
  const { arms } = all;
  const bestOf = (network: string): number => bestArm(arms, network);
  const drafts = plannedPairs(
    arms.map(({ name }) => name),
    bestOf,
  ).map((planned) => {
    const [first, second] = [planned.r, planned.s].map((at): Arm | undefined => arms[at]);
    return { ...planned, first, second, test: first && second ? compareArms(all, first, second) : null };
  });
  const tests = drafts.flatMap(({ test }) => test ?? []);
  const adjusted = holm(tests.map(({ p }) => p));
  return drafts.map(({ kind, title, first, second, test }): ArmContrast => {
    const both = [first, second].flatMap((arm) => arm ?? []);
    return {
      kind,
      title,
      first: first?.name.model ?? null,
      second: second?.name.model ?? null,
      difference: differenceOf(all, first, second),
      leftOut: both.flatMap(({ name, leftOut }) => leftOut.map((seed) => ({ model: name.model, seed }))),
      ...judgement(all, both, test && { ...test, holm: adjusted[tests.indexOf(test)] }),
    };
  });
}

function differenceOf({ tested }: Arms, first: Arm | undefined, second: Arm | undefined): Estimate {
  if (!first || !second) return notEstimable(MISSING);
  if (tested === null || first.curves.length === 0 || second.curves.length === 0) return notEstimable("no run of an arm learned");
  const mean = ({ curves }: Arm): number => curves.reduce((sum, k) => sum + tested.aucs[k], 0) / curves.length;
  return { value: mean(first) - mean(second) };
}

const MISSING = "this study does not hold both models";

function judgement({ seeds }: Arms, both: readonly Arm[], test: ArmComparison | null): Pick<ArmContrast, "test" | "verdict" | "reason"> {
  if (both.length < 2) return { test: null, verdict: "not tested", reason: MISSING };
  if (!test) {
    const failed = both.filter(({ runs }) => runs.length < 2).map(({ name }) => name.model);
    return { test: null, verdict: "not judged", reason: seeds === 1 ? ONE_SEED : `fewer than two runs of ${failed.join(" and ")} learned` };
  }
  if (test.holm >= ALPHA) return { test, verdict: "not decided" };
  return { test, verdict: test.difference > 0 ? "holds" : "does not hold" };
}

/** The network's arm with the largest mean area on validation, at equality the one with the lower mean loss; its first where no run learned, or -1. */
function bestArm(arms: readonly Arm[], network: string): number {
  const mean = (runs: readonly JudgedModel[], of: (run: JudgedModel) => number): number =>
    runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
  const merit = arms.map(({ runs }) => ({
    area: mean(runs, ({ val }) => aucIfBoth(val).value ?? 0),
    loss: mean(runs, ({ val }) => validationLoss(val)),
  }));
  const all = [...arms.keys()].filter((k) => arms[k].name.network === network);
  const learned = all.filter((k) => arms[k].runs.length > 0);
  if (learned.length === 0) return all[0] ?? -1;
  return learned.reduce((best, k) => {
    if (best < 0 || merit[k].area > merit[best].area) return k;
    return merit[k].area === merit[best].area && merit[k].loss < merit[best].loss ? k : best;
  }, -1);
}
