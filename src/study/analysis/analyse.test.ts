import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { logOdds } from "../../statistics/confusion.ts";
import { analyse } from "./analyse.ts";
import type { Analysis, AnalysisPlan, CohortCase, ModelScores } from "./result.ts";

const CLASSES = ["none", "left", "right"];
const PLAN: AnalysisPlan = { classes: CLASSES, primarySeed: 0, bootstrap: { samples: 60, seed: 4 }, simulatedCohorts: 20 };

// Cases 0 to 2 train, 10 to 13 validate, 20 to 27 test: four negatives, two bleeds on either side.
const LABELS: readonly [number, string][] = [
  [0, "none"],
  [1, "left"],
  [2, "right"],
  [10, "none"],
  [11, "none"],
  [12, "left"],
  [13, "right"],
  [20, "none"],
  [21, "none"],
  [22, "none"],
  [23, "none"],
  [24, "left"],
  [25, "left"],
  [26, "right"],
  [27, "right"],
];
const COHORT = LABELS.map(([index, label]): CohortCase => {
  const split = index < 10 ? "train" : index < 20 ? "val" : "test";
  return {
    case: index,
    split,
    label,
    strata: { tilted: index % 2 === 1, volumeMl: label === "none" ? 0 : index - 23, stratum: label === "none" ? "normal" : "easy" },
  };
});

/** Probabilities of hemorrhage of the cases of a split, in their order; the true side gets three quarters of it, but for those in `swapped`. */
function scored(split: "val" | "test", positive: readonly number[], swapped: readonly number[] = []): Pick<ModelScores, "split" | "cases"> {
  const cases = COHORT.filter((item) => item.split === split).map((item, i) => {
    const p = positive[i];
    const left = (item.label === "left") === !swapped.includes(item.case) ? 0.75 : 0.25;
    return { case: item.case, label: item.label, probabilities: [1 - p, p * left, p * (1 - left)], score: logOdds(p, 1 - p) };
  });
  return { split, cases };
}

const named = (network: string, pretrained: boolean, augmented: boolean): Omit<ModelScores, "seed" | "split" | "cases"> => ({
  model: `${network}-${pretrained ? "pretrained" : "untrained"}-${augmented ? "augmented" : "plain"}`,
  network,
  pretrained,
  augmented,
  initialWeights: pretrained ? "fractal-pretrained" : "untrained",
});

const VAL = [0.1, 0.4, 0.6, 0.9];
const FAIR = [0.1, 0.2, 0.45, 0.7, 0.3, 0.6, 0.8, 0.9];
const PERFECT = [0.1, 0.2, 0.15, 0.3, 0.6, 0.65, 0.8, 0.9];
const FLAT = FAIR.map(() => 0.5);

const model = (name: ReturnType<typeof named>, positive: readonly number[], val: readonly number[] = VAL, seed = 0): ModelScores[] => [
  { ...name, seed, ...scored("val", val) },
  { ...name, seed, ...scored("test", positive, [27]) },
];

const AUGMENTED = named("googlenet", true, true);
const PLAIN = named("googlenet", true, false);
const ALEXNET = named("alexnet", false, false);
const only = (scores: readonly ModelScores[], plan = PLAN): Analysis => analyse(scores, COHORT, plan);

describe("one model", () => {
  const analysis = only(model(PLAIN, FAIR));
  const [fair] = analysis.models;

  test("area and curve", () => {
    // Of 16 pairs the positive at 0.3 loses two (0.45, 0.7) and the one at 0.6 one.
    expect(fair.auc.value).toBe(13 / 16);
    expect([fair.positives, fair.negatives]).toEqual([4, 4]);
    expect(fair.roc[0]).toEqual({ falsePositiveRate: 0, sensitivity: 0, threshold: null });
    expect(fair.roc.at(-1)).toMatchObject({ falsePositiveRate: 1, sensitivity: 1 });
    expect(fair.auc.perfect).toBeNull();
  });

  test("the threshold lies midway in validation's gap, in log-odds, and is used on test as it is", () => {
    expect(fair.threshold).toMatchObject({ youden: 1, positives: 2, negatives: 2 });
    expect(fair.threshold.score).toBeCloseTo(0, 14);
    expect(fair.threshold.probability).toBeCloseTo(0.5, 14);
    expect(fair.operating).toMatchObject({ truePositives: 3, falsePositives: 1, trueNegatives: 3, falseNegatives: 1 });
    expect(fair.operating?.accuracy).toMatchObject({ value: 0.75, count: 6, of: 8 });
    // Bayes at 5 %: 0.75 * 0.05 / (0.75 * 0.05 + 0.25 * 0.95).
    expect(fair.operating?.ppvAt5.value).toBeCloseTo(0.0375 / 0.275, 14);
    expect(fair.sensitivityAt95).toMatchObject({ value: 0.5, specificity: 1 });
  });

  test("the part of the curve, and what acting on it is worth", () => {
    // Up to a tenth of false alarms two of four are found: 0.05 of 0.1.
    expect(fair.partialAuc).toMatchObject({ value: (1 + (0.05 - 0.005) / (0.1 - 0.005)) / 2, from: 0.9 });
    expect(fair.decisionCurve).toHaveLength(19);
    // At 0.5 three are found with one false alarm; acting on all wins as many as it loses.
    expect(fair.decisionCurve[9]).toEqual({ threshold: 0.5, netBenefit: 0.25, ofAll: 0 });
  });

  test("sides: one of the four positives is said to be on the other side", () => {
    expect(fair.side?.all).toMatchObject({ count: 3, of: 4 });
    expect(fair.side?.called).toMatchObject({ count: 2, of: 3 });
    expect(fair.side?.confusion).toEqual([
      [2, 0],
      [1, 1],
    ]);
    expect(fair.confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(8);
    expect(fair.confusion[0][0]).toBe(3);
  });

  test("calibration: five bins of eight cases, and a slope", () => {
    expect(fair.calibration.bins.map(({ observed }) => observed.of)).toEqual([1, 2, 1, 2, 2]);
    expect(fair.calibration.brierOfPrevalence).toBeCloseTo(0.25, 14);
    expect(fair.calibration.brier).toBeCloseTo((0.01 + 0.04 + 0.2025 + 0.49 + 0.49 + 0.16 + 0.04 + 0.01) / 8, 14);
    expect(fair.calibration.slope.value).toBeGreaterThan(0);
    // Mean P is 4.05 / 8: a little too high on the whole.
    expect(fair.calibration.inTheLarge.value).toBeLessThan(0);
    expect(fair.calibration.inTheLarge.interval?.high).toBeGreaterThan(0);
  });

  test("subgroups that part the cases; those in which all are alike say nothing", () => {
    expect(fair.subgroups.map(({ by, name }) => `${by}: ${name}`)).toEqual([
      "volume: 0 to 2 mL",
      "volume: 2 to 10 mL",
      "tilt: not tilted",
      "tilt: tilted",
    ]);
    const [small, larger, level] = fair.subgroups;
    expect(larger).toMatchObject({ auc: { value: 11 / 12 }, perfect: null });
    // The one at 0.3 alone against all negatives: two of four lower.
    expect(small).toMatchObject({ positives: 1, negatives: 0, against: "all negatives", rest: null });
    expect(small.auc).toEqual({ value: 0.5, interval: null });
    expect(small.specificity.value).toBeNull();
    expect(larger.sensitivity).toMatchObject({ count: 3, of: 3 });
    expect(level).toMatchObject({ positives: 2, negatives: 2, against: "own", rest: null, untested: "fewer than 10 cases of a class" });
  });

  test("nothing to compare it with", () => {
    expect(analysis.pairs).toEqual([]);
    expect(analysis.equalAreas).toBeNull();
    expect(analysis.contrasts).toHaveLength(9);
    expect(analysis.contrasts.every(({ test: tested, reason }) => tested === null && reason !== undefined)).toBe(true);
    expect(new Set(analysis.claims.map(({ verdict }) => verdict))).toEqual(new Set(["not tested"]));
  });
});

test("the cohort is counted by split, label and stratum", () => {
  const { cohort } = only(model(PLAIN, FAIR));
  expect(cohort.cases).toBe(15);
  expect(cohort.splits.map(({ cases, positives, negatives }) => [cases, positives, negatives])).toEqual([
    [3, 2, 1],
    [4, 2, 2],
    [8, 4, 4],
  ]);
  expect(cohort.counts.find((row) => row.split === "test" && row.label === "none")).toEqual({
    split: "test",
    label: "none",
    stratum: "normal",
    cases: 4,
  });
});

describe("a perfect model", () => {
  const [perfect] = only(model(AUGMENTED, PERFECT)).models;

  test("has degenerate intervals and bounds that are not", () => {
    expect(perfect.auc).toMatchObject({
      value: 1,
      variance: 0,
      delong: { low: 1, high: 1, degenerate: true },
      bootstrap: { low: 1, high: 1 },
    });
    expect(perfect.auc.logit.low).toBeNull();
    expect(perfect.auc.perfect?.sensitivityLow).toBeCloseTo(0.025 ** (1 / 4), 14);
    expect(perfect.auc.perfect?.sensitivityRuleOfThree).toBeCloseTo(0.25, 14);
    expect(perfect.auc.perfect?.binormalLow).toBeLessThan(perfect.auc.perfect?.binormalLow95 ?? 0);
    expect(perfect.auc.perfect?.gap).toBeCloseTo(logOdds(0.6, 0.4) - logOdds(0.3, 0.7), 14);
  });

  test("has no calibration slope", () => {
    expect(perfect.calibration.slope).toEqual({
      value: null,
      reason: expect.stringContaining("separate the classes") as string,
      interval: null,
    });
  });
});

describe("what the cohort can show", () => {
  const { power } = only(model(PLAIN, FAIR), { ...PLAN, simulatedCohorts: 100 });

  test("four cases of each class find nothing after adjustment, not even a perfect model", () => {
    const adjusted = power.detectable.filter(({ alpha, auc }) => alpha < 0.05 && auc > 0.8);
    expect(adjusted).toHaveLength(4);
    for (const { difference, simulatedPower } of adjusted) {
      expect(difference.value).toBeNull();
      expect(simulatedPower).toBeLessThan(0.8);
    }
  });

  test("one patient is a quarter, and the paper's pair has Hanley and McNeil's error", () => {
    expect(power.sensitivityStep).toBe(0.25);
    // (0.95 * 0.05 + 3 (0.95 / 1.05 - 0.9025) + 3 (1.805 / 1.95 - 0.9025)) / 16.
    const variance = (0.0475 + 3 * (0.95 / 1.05 - 0.9025) + 3 * (1.805 / 1.95 - 0.9025)) / 16;
    expect(power.papersPair.standardError).toBeCloseTo(Math.sqrt(variance), 14);
    expect(power.papersPair.p).toBeGreaterThan(0.5);
    expect(power.sentences.length).toBeGreaterThan(5);
  });
});

describe("models against each other", () => {
  const all = [...model(AUGMENTED, PERFECT), ...model(PLAIN, FAIR), ...model(ALEXNET, FLAT)];
  const analysis = only(all);

  test("every pair, Holm over all of them, and those that rest on one variance named", () => {
    expect(analysis.pairs.map(({ first, second }) => [first, second])).toEqual([
      [AUGMENTED.model, PLAIN.model],
      [AUGMENTED.model, ALEXNET.model],
      [PLAIN.model, ALEXNET.model],
    ]);
    const [first, sure, third] = analysis.pairs;
    expect(first.difference).toBe(3 / 16);
    expect(first.perfect).toEqual([AUGMENTED.model]);
    // No variance on either side, yet 1 against 0.5: z is infinite, p 0.
    expect(sure).toMatchObject({ p: 0, holm: 0, degenerate: true, z: { value: null } });
    expect(third.holm).toBe(2 * third.p);
    expect(first.holm).toBe(first.p);
    expect(first.p).toBeGreaterThan(2 * third.p);
  });

  test("who is right, exactly: the perfect model has both of the other's errors right", () => {
    expect(analysis.pairs[0].mcnemar).toMatchObject({ onlyFirstRight: 2, onlySecondRight: 0 });
    expect(analysis.pairs[0].mcnemar?.p).toBeCloseTo(0.5, 12);
  });

  test("the paper's contrasts that can be tested, adjusted over these alone", () => {
    const tested = analysis.contrasts.filter((contrast) => contrast.test);
    expect(tested.map(({ kind, first, second }) => [kind, first, second])).toEqual([
      ["augmentation", AUGMENTED.model, PLAIN.model],
      ["network", AUGMENTED.model, ALEXNET.model],
    ]);
    const [augmentation] = tested;
    expect(augmentation.test?.holm).toBe(augmentation.test?.p);
    expect(analysis.cautions.some((caution) => caution.startsWith("7 of the paper's 9 contrasts could not be tested"))).toBe(true);
  });

  test("the best of a network is chosen on validation, whatever it does on test", () => {
    const ahead = only([...model(AUGMENTED, PERFECT, [0.6, 0.7, 0.1, 0.2]), ...model(PLAIN, FAIR), ...model(ALEXNET, FLAT)]);
    expect(ahead.contrasts.at(-1)).toMatchObject({ kind: "network", first: PLAIN.model, second: ALEXNET.model });
  });

  test("at equal areas on validation the lower loss decides", () => {
    const surer = only([...model(AUGMENTED, PERFECT, [0.01, 0.02, 0.98, 0.99]), ...model(PLAIN, FAIR), ...model(ALEXNET, FLAT)]);
    expect(surer.contrasts.at(-1)?.first).toBe(AUGMENTED.model);
  });

  test("one seed judges no claim, however small its p", () => {
    expect(analysis.claims.map(({ verdict }) => verdict)).toEqual(["not judged", "not judged", "not tested", "not judged"]);
    expect(analysis.claims[0].evidence).toContain("One seed: not judged.");
    const tested = analysis.armContrasts.filter(({ verdict }) => verdict !== "not tested");
    expect(tested.map(({ verdict, reason, test }) => [verdict, reason, test])).toEqual([
      ["not judged", "one seed: not judged", null],
      ["not judged", "one seed: not judged", null],
    ]);
    expect(tested[0].difference).toEqual({ value: 3 / 16 });
  });
});

describe("what may not matter", () => {
  const scores = [...model(AUGMENTED, PERFECT), ...model(PLAIN, FAIR)];

  test("the order of the cases", () => {
    const shuffled = scores.map((each) => ({ ...each, cases: each.cases.toReversed() }));
    expect(only(shuffled)).toEqual(only(scores));
  });

  test("the bootstrap's seed, but for its own intervals", () => {
    const other = only(scores, { ...PLAN, bootstrap: { samples: 60, seed: 5 } });
    const mine = only(scores);
    expect(other.models[1].auc.bootstrap).not.toEqual(mine.models[1].auc.bootstrap);
    expect(other.models[1].auc.delong).toEqual(mine.models[1].auc.delong);
    expect(other.contrasts[3].test?.holm).toBe(mine.contrasts[3].test?.holm);
  });

  test("test scores, to the threshold", () => {
    expect(only(model(PLAIN, FLAT)).models[0].threshold).toEqual(only(model(PLAIN, FAIR)).models[0].threshold);
  });
});

test("seeds: tables show the primary one, the others give the spread", () => {
  const analysis = only([...model(PLAIN, PERFECT, VAL, 1), ...model(PLAIN, FAIR, VAL, 0)]);
  expect(analysis.models).toHaveLength(1);
  expect(analysis.models[0]).toMatchObject({ seed: 0, auc: { value: 13 / 16 } });
  expect(analysis.models[0].spread).toMatchObject({ mean: 29 / 32, min: 13 / 16, max: 1 });
  expect(analysis.models[0].spread.sd.value).toBeCloseTo((3 / 16) * Math.SQRT1_2, 14);
  expect(analysis.seeds.map(({ seed, primary, models }) => [seed, primary, models[0].auc])).toEqual([
    [0, true, 13 / 16],
    [1, false, 1],
  ]);
});

describe("is JSON as it stands", () => {
  const binary = { ...PLAN, classes: ["none", "hemorrhage"] };
  const asBinary = (scores: readonly ModelScores[]): ModelScores[] =>
    scores.map((each) => ({
      ...each,
      cases: each.cases.map(({ probabilities: [none, left, right], ...rest }) => ({
        ...rest,
        label: rest.label === "none" ? "none" : "hemorrhage",
        probabilities: [none, left + right],
      })),
    }));
  const binaryCohort = COHORT.map((item) => ({ ...item, label: item.label === "none" ? "none" : "hemorrhage" }));
  const oneClass = COHORT.map((item): CohortCase => (item.split === "val" ? { ...item, label: "none" } : item));
  const noPositive = model(PLAIN, FAIR).map((each) =>
    each.split === "val" ? { ...each, cases: each.cases.map((item) => ({ ...item, label: "none" })) } : each,
  );

  test.each([
    ["a fair, a perfect and a flat model", () => only([...model(PLAIN, FAIR), ...model(AUGMENTED, PERFECT), ...model(ALEXNET, FLAT)])],
    ["one model that is always wrong", () => only(model(PLAIN, PERFECT.toReversed()))],
    ["two classes without sides", () => analyse(asBinary(model(PLAIN, FAIR)), binaryCohort, binary)],
    ["validation with one class", () => analyse(noPositive, oneClass, PLAN)],
  ])("%s", (_, run) => {
    const analysis = run();
    expect(JSON.parse(JSON.stringify(analysis))).toStrictEqual(analysis);
  });

  test("whatever the probabilities, 0 and 1 and ties among them", () => {
    const probability = fc.constantFrom(0, 1e-30, 0.3, 0.5, 1 - 2 ** -24, 1);
    const probabilities = fc.array(probability, { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(probabilities, probabilities, fc.array(probability, { minLength: 4, maxLength: 4 }), (first, second, val) => {
        const analysis = only([...model(PLAIN, first, val), ...model(AUGMENTED, second, val)]);
        expect(JSON.parse(JSON.stringify(analysis))).toStrictEqual(analysis);
      }),
      { seed: 1710, numRuns: 15 },
    );
  });

  test("without sides there is no confusion of sides; without both classes in validation no threshold", () => {
    expect(analyse(asBinary(model(PLAIN, FAIR)), binaryCohort, binary).models[0].side).toBeNull();
    const [blind] = analyse(noPositive, oneClass, PLAN).models;
    expect(blind).toMatchObject({ operating: null, threshold: { score: null, reason: "validation has cases of one class only" } });
  });
});

describe("what does not fit together is refused by name", () => {
  const [val, tested] = model(PLAIN, FAIR);
  const damaged = (change: Partial<ModelScores["cases"][number]>): ModelScores[] => [
    val,
    { ...tested, cases: tested.cases.map((item) => (item.case === 22 ? { ...item, ...change } : item)) },
  ];
  test.each([
    ["no model", [], /expected the test scores of at least one model/],
    ["no validation", [tested], /googlenet-pretrained-plain, seed 0: expected validation scores too/],
    ["test twice", [val, tested, tested], /the test cases occur twice/],
    [
      "other cases",
      [val, tested, ...model(ALEXNET, FAIR).map((each) => ({ ...each, cases: each.cases.slice(1) }))],
      /its val cases differ from those/,
    ],
    ["a case twice", [val, { ...tested, cases: [...tested.cases, tested.cases[0]] }], /test, case 20: occurs twice/],
    ["an unknown case", damaged({ case: 99 }), /case 99: is not in the cohort/],
    ["another label", damaged({ label: "left" }), /case 22: the label is "left", in the cohort "none"/],
    ["an unknown label", damaged({ label: "thalamus" }), /case 22: the label is "thalamus", expected one of none, left, right/],
    ["an infinite score", damaged({ score: Infinity }), /case 22: the score is Infinity, expected finite log-odds/],
    ["two probabilities", damaged({ probabilities: [0.5, 0.5] }), /case 22: expected 3 probabilities, got 0.5, 0.5/],
    ["another seed", model(PLAIN, FAIR, VAL, 3), /was not trained with the primary seed, 0/],
  ])("%s", (_, scores, message) => expect(() => only(scores)).toThrow(message));

  test("one positive on test", () => {
    const cohort = COHORT.map((item): CohortCase => (item.case > 24 ? { ...item, label: "none" } : item));
    const scores = model(PLAIN, FAIR).map((each) => ({
      ...each,
      cases: each.cases.map((item) => (item.case > 24 ? { ...item, label: "none" } : item)),
    }));
    expect(() => analyse(scores, cohort, PLAN)).toThrow(/the test split has 1 positive and 7 negative cases/);
  });
});
