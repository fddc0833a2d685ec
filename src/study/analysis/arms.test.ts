// Means over seeds, what they decide, and runs that did not learn, on test cases whose pairs can be counted.
import { describe, expect, test } from "vitest";
import { logOdds } from "../../statistics/confusion.ts";
import { delong } from "../../statistics/delong.ts";
import { compareReaders } from "../../statistics/readers.ts";
import { analyse } from "./analyse.ts";
import type { Analysis, CohortCase, ModelScores, TrainingRecord } from "./result.ts";

const CLASSES = ["none", "hemorrhage"];
// Of 12 on test, six with hemorrhage.
const LABELS = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1];
const TEST: CohortCase[] = LABELS.map((label, i) => ({ case: i, split: "test", label: CLASSES[label] }));
const VAL: CohortCase[] = [0, 0, 1, 1].map((label, i) => ({ case: 20 + i, split: "val", label: CLASSES[label] }));

const LEARNED: TrainingRecord = { lowestValidationLoss: 0.4, deadShare: 0.1 };

interface Run {
  readonly network: string;
  readonly pretrained?: boolean;
  readonly augmented?: boolean;
  readonly seed: number;
  readonly test: readonly number[];
  readonly val?: readonly number[];
  readonly training?: TrainingRecord | null;
}

function scores({
  network,
  pretrained = false,
  augmented = false,
  seed,
  test: of,
  val = [0.1, 0.2, 0.8, 0.9],
  training = LEARNED,
}: Run): ModelScores[] {
  return (["val", "test"] as const).map((split): ModelScores => ({
    model: `${network}-${pretrained ? "pretrained" : "untrained"}-${augmented ? "augmented" : "plain"}`,
    network,
    pretrained,
    augmented,
    initialWeights: "untrained",
    seed,
    split,
    ...(training && { training }),
    cases: (split === "val" ? VAL : TEST).map(({ case: at, label }, i) => {
      const p = (split === "val" ? val : of)[i];
      return { case: at, label, probabilities: [1 - p, p], score: logOdds(p, 1 - p) };
    }),
  }));
}

const only = (runs: readonly Run[]): Analysis =>
  analyse(runs.flatMap(scores), [...TEST, ...VAL], {
    classes: CLASSES,
    primarySeed: 0,
    bootstrap: { samples: 20, seed: 1 },
    simulatedCohorts: 5,
  });

/** One positive below `lost` negatives, all others above all: 36 - lost of 36 pairs. */
const good = (lost: number): number[] => [0.11, 0.12, 0.13, 0.14, 0.15, 0.16, 0.165 - lost / 100, 0.82, 0.83, 0.84, 0.85, 0.86];
/** The other way round: lost of 36. */
const bad = (lost: number): number[] => good(lost).map((p) => 1 - p);

const UA = { network: "googlenet", augmented: true };
const U = { network: "googlenet" };
const runsOf = (arm: Omit<Run, "seed" | "test">, tests: readonly number[][]): Run[] =>
  tests.map((of, seed) => ({ ...arm, seed, test: of }));

describe("means over seeds", () => {
  const analysis = only([...runsOf(UA, [good(1), good(2), good(3)]), ...runsOf(U, [good(3), good(4), good(4)])]);
  const [augmented, plain] = analysis.arms;

  test("mean, deviation and an interval about the mean", () => {
    expect(augmented).toMatchObject({ seeds: [0, 1, 2], leftOut: [] });
    expect(augmented.auc.value).toBeCloseTo(34 / 36, 14);
    expect(augmented.sd.value).toBeCloseTo(1 / 36, 14);
    expect(augmented.interval.low).toBeLessThan(34 / 36);
    expect(augmented.interval.high).toBeGreaterThan(34 / 36);
    expect(augmented.agreement.value).toBeGreaterThan(0.99);
    expect(plain.auc.value).toBeCloseTo((33 + 32 + 32) / 108, 14);
  });

  test("a contrast is Obuchowski and Rockette's of the runs of both, and here decides nothing", () => {
    const [contrast] = analysis.armContrasts.filter(({ verdict }) => verdict !== "not tested");
    expect(contrast).toMatchObject({ kind: "augmentation", first: "googlenet-untrained-augmented", verdict: "not decided", leftOut: [] });
    const curves = [good(1), good(2), good(3), good(3), good(4), good(4)];
    const expected = compareReaders(delong(curves, LABELS), [0, 1, 2], [3, 4, 5]);
    expect(contrast.test?.p).toBeCloseTo(expected.p, 12);
    expect(contrast.test?.standardError).toBeCloseTo(expected.standardError, 12);
    expect(contrast.test?.holm).toBe(contrast.test?.p);
  });
});

describe("verdicts", () => {
  const claim = (analysis: Analysis, at: number): string => analysis.claims[at].verdict;

  test("holds, does not hold and not decided are three things", () => {
    const far = only([...runsOf(UA, [good(1), good(2)]), ...runsOf(U, [bad(1), bad(2)])]);
    expect(claim(far, 1)).toBe("holds");
    const against = only([...runsOf(UA, [bad(1), bad(2)]), ...runsOf(U, [good(1), good(2)])]);
    expect(claim(against, 1)).toBe("does not hold");
    const near = only([...runsOf(UA, [good(1), good(2)]), ...runsOf(U, [good(2), good(3)])]);
    expect(claim(near, 1)).toBe("not decided");
  });

  test("the best model's claim: not decided where it is merely not different from another, larger or smaller", () => {
    const best = { network: "googlenet", pretrained: true, augmented: true };
    const against = (own: number[][], other: number[][]): string => claim(only([...runsOf(best, own), ...runsOf(U, other)]), 0);
    expect(against([good(1), good(2)], [good(2), good(3)])).toBe("not decided");
    expect(against([good(2), good(3)], [good(1), good(2)])).toBe("not decided");
    expect(against([good(1), good(2)], [bad(1), bad(2)])).toBe("holds");
    expect(against([bad(1), bad(2)], [good(1), good(2)])).toBe("does not hold");
  });

  test("the best of a network is the largest mean on validation, over the runs that learned", () => {
    const weak = { network: "googlenet", val: [0.4, 0.7, 0.3, 0.9] };
    const alexnet = { network: "alexnet" };
    const analysis = only([...runsOf(weak, [good(1), good(1)]), ...runsOf(UA, [good(3), good(3)]), ...runsOf(alexnet, [good(2), good(4)])]);
    expect(analysis.armContrasts.at(-1)).toMatchObject({ first: "googlenet-untrained-augmented", second: "alexnet-untrained-plain" });
  });
});

describe("a run that did not learn", () => {
  const stuck: TrainingRecord = { lowestValidationLoss: Math.log(2) - 0.019, deadShare: null };
  const faultsOf = (run: Partial<Run>): readonly string[] => only([{ ...U, seed: 0, test: good(1), ...run }]).runs[0].faults;

  test.each([
    ["a loss that stays at chance", { training: stuck }, /validation loss never fell below 0\.674, and chance is 0\.693/],
    [
      "one score for most cases",
      { test: LABELS.map((label, i) => (i < 8 ? 0.5 : 0.6 + label / 10 + i / 100)) },
      /5 distinct scores for 12 cases/,
    ],
    ["a dead layer", { training: { lowestValidationLoss: 0.3, deadShare: 0.97 } }, /97 % of the units of a layer are dead/],
    ["the kept weights' loss, where no look was recorded", { training: null, val: [0.5, 0.5, 0.5, 0.5] }, /validation loss/],
  ])("%s", (_, run, told) => {
    const faults = faultsOf(run);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(told);
  });

  test("a run that did is none, however small its area", () => {
    expect(faultsOf({})).toEqual([]);
    expect(faultsOf({ test: bad(1), training: { lowestValidationLoss: Math.log(2) - 0.021, deadShare: 0.89 } })).toEqual([]);
    // A lower look counts, though the judged weights are sure of what is wrong.
    expect(faultsOf({ val: [0.999, 0.1, 0.001, 0.9] })).toEqual([]);
  });

  test("is left out of the mean, the contrast and the claim, and named", () => {
    const runs = [...runsOf(UA, [good(1), good(2), bad(1)]), ...runsOf(U, [bad(1), bad(2), bad(3)])];
    const whole = only(runs);
    const analysis = only(runs.map((run, i) => (i === 2 ? { ...run, training: stuck } : run)));
    expect(whole.claims[1].verdict).toBe("not decided");
    expect(analysis.arms[0]).toMatchObject({ seeds: [0, 1], leftOut: [2] });
    expect(analysis.arms[0].auc.value).toBeCloseTo((35 + 34) / 72, 14);
    expect(analysis.claims[1].verdict).toBe("holds");
    expect(analysis.claims[1].evidence).toContain("Without runs that did not learn: googlenet-untrained-augmented, seed 2.");
    expect(analysis.cautions.some((caution) => caution.startsWith("1 of 6 runs did not learn"))).toBe(true);
  });

  test("an arm of which one run learned is not judged; one of which none did has no mean", () => {
    const runs = [...runsOf(UA, [good(1), good(2)]), ...runsOf({ ...U, training: stuck }, [good(1), good(2)])];
    const analysis = only(runs);
    const [contrast] = analysis.armContrasts.filter(({ verdict }) => verdict !== "not tested");
    expect(contrast).toMatchObject({ verdict: "not judged", test: null, difference: { value: null } });
    expect(contrast.reason).toBe("fewer than two runs of googlenet-untrained-plain learned");
    expect(analysis.claims[1].verdict).toBe("not judged");
    expect(analysis.arms[1].auc).toEqual({ value: null, reason: "no run learned" });
    expect(analysis.models.map(({ learned }) => learned)).toEqual([true, false]);
    expect(JSON.parse(JSON.stringify(analysis))).toStrictEqual(analysis);
  });
});

test("subgroups: a perfect group is counted, and neither it nor a small one is tested", () => {
  const cases = Array.from({ length: 46 }, (_, i): CohortCase => ({
    case: i,
    split: "test",
    label: CLASSES[i % 2],
    strata: { kernel: i < 24 ? "SOFT" : "SHARP", thicknessMm: i < 6 ? 1 : 5 },
  }));
  /** Positives above negatives but for one pair among the SOFT ones. */
  const p = cases.map(({ label }, i) => (label === "none" ? 0.1 : 0.6) + i / 1000 - (i === 11 ? 0.5 : 0));
  const runs = (["val", "test"] as const).map((split): ModelScores => ({
    ...scores({ ...U, seed: 0, test: LABELS })[0],
    split,
    cases: cases.map(({ case: at, label }) => ({ case: at, label, probabilities: [1 - p[at], p[at]], score: logOdds(p[at], 1 - p[at]) })),
  }));
  const plan = { classes: CLASSES, primarySeed: 0, bootstrap: { samples: 20, seed: 1 }, simulatedCohorts: 5 };
  const { subgroups } = analyse(runs, cases, plan).models[0];
  expect(subgroups.map(({ by, name, perfect, untested, rest }) => [by, name, perfect, untested, rest])).toEqual([
    ["thickness", "1 mm", "3 of 3 and 3 of 3", "fewer than 10 cases of a class", null],
    ["thickness", "5 mm", null, "fewer than 10 cases of a class", null],
    ["kernel", "SHARP", "11 of 11 and 11 of 11", "an area of 0 or 1 has no variance", null],
    ["kernel", "SOFT", null, "an area of 0 or 1 has no variance", null],
  ]);
  expect(subgroups[2].auc).toEqual({ value: 1, interval: null });
});
