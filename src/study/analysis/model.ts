// One trained model on the test cases: its curve and area, its threshold from validation and what it does at it, calibration and sides.
import { equalCountBins, brier, expectedCalibrationError, fitIntercept, fitLogistic } from "../../statistics/calibration.ts";
import { percentileInterval, type Resampled } from "../../statistics/bootstrap.ts";
import { confusionMatrix, likeliestClass } from "../../statistics/confusion.ts";
import { aucInterval, aucLogitInterval, delong } from "../../statistics/delong.ts";
import type { Interval } from "../../statistics/interval.ts";
import { netBenefit } from "../../statistics/net-benefit.ts";
import { normalQuantile } from "../../statistics/normal.ts";
import { auc, operatingPoint, partialAuc, pointAtSpecificity, rocCurve, youdenPoint, type OperatingPoint } from "../../statistics/roc.ts";
import { perfectSeparation, ruleOfThree } from "../../statistics/separation.ts";
import { qualityOf } from "../../train/evaluate.ts";
import type {
  Area,
  Calibration,
  Classes,
  Estimate,
  ModelAnalysis,
  Operating,
  PerfectArea,
  SideAnalysis,
  Spread,
  Threshold,
} from "./result.ts";
import { notEstimable, proportion, share } from "./estimates.ts";
import type { Judged, JudgedModel } from "./input.ts";
import { subgroupsOf } from "./subgroups.ts";

/** The specificity at which sensitivities are compared; the prevalence, below any cohort's, at which predictive values are reported. */
export const SPECIFICITY = 0.95;
/** The part of the curve whose area is given by itself. */
export const PARTIAL_FROM = 0.9;
/** Probabilities from which one might act: 0.05, 0.10, ... 0.95. */
const ACTED_FROM = Array.from({ length: 19 }, (_, i) => (5 * (i + 1)) / 100);
const RARE = 0.05;
const BINS = 5;

export interface ModelInput {
  readonly judged: JudgedModel;
  readonly resampled: Resampled;
  /** The model's area of every seed. */
  readonly seeds: readonly { readonly seed: number; readonly auc: number }[];
  readonly classes: Classes;
  readonly learned: boolean;
}

export function analyseModel({ judged: { name, seed, val, test }, resampled, seeds, classes, learned }: ModelInput): ModelAnalysis {
  const curve = rocCurve(test.scores, test.labels);
  const threshold = chooseThreshold(val);
  const cut = threshold.score;
  const { positives, negatives } = countsOf(test);
  const at95 = pointAtSpecificity(curve, SPECIFICITY);
  const confusion = confusionMatrix(test.truth, test.probabilities.map(likeliestClass), classes.length);
  return {
    ...name,
    seed,
    learned,
    positives,
    negatives,
    roc: curve.map((point) => ({
      falsePositiveRate: point.falsePositives / negatives,
      sensitivity: point.sensitivity,
      threshold: Number.isFinite(point.threshold) ? point.threshold : null,
    })),
    auc: areaOf(test, resampled),
    validationAuc: aucIfBoth(val),
    validationLoss: validationLoss(val),
    threshold,
    operating: cut === null ? null : operatingOf(operatingPoint(test.scores, test.labels, cut)),
    optimistic: operatingOf(youdenPoint(test.scores, test.labels)),
    sensitivityAt95: { value: at95.sensitivity, specificity: at95.specificity, ...percentileInterval(resampled.sensitivities) },
    partialAuc: { value: partialAuc(curve, PARTIAL_FROM), from: PARTIAL_FROM, ...percentileInterval(resampled.partialAucs) },
    decisionCurve: ACTED_FROM.map((threshold) => ({
      threshold,
      netBenefit: netBenefit(test.positive, test.labels, threshold),
      ofAll: netBenefit(
        test.positive.map(() => 1),
        test.labels,
        threshold,
      ),
    })),
    calibration: calibrationOf(test),
    confusion,
    classAccuracy: share(
      confusion.reduce((sum, row, i) => sum + row[i], 0),
      test.cases.length,
    ),
    side: sidesOf(test, classes, cut),
    spread: spreadOf(seeds),
    subgroups: subgroupsOf(test, cut),
  };
}

export function countsOf({ labels }: Judged): { positives: number; negatives: number } {
  const positives = labels.filter((label) => label === 1).length;
  return { positives, negatives: labels.length - positives };
}

/** Area on validation: what models are chosen by, in the order of this, then of the lower loss. */
export function aucIfBoth(judged: Judged): Estimate {
  const { positives, negatives } = countsOf(judged);
  if (positives === 0 || negatives === 0) return notEstimable(ONE_CLASS);
  return { value: auc(judged.scores, judged.labels) };
}

const ONE_CLASS = "validation has cases of one class only";

export const validationLoss = ({ cases, truth, probabilities }: Judged): number =>
  qualityOf(cases.map((item, i) => ({ case: item, label: truth[i], p: probabilities[i] }))).loss;

export function chooseThreshold(val: Judged): Threshold {
  const counts = countsOf(val);
  if (counts.positives === 0 || counts.negatives === 0)
    return { score: null, probability: null, youden: null, ...counts, reason: ONE_CLASS };
  const { threshold, sensitivity, specificity } = youdenPoint(val.scores, val.labels);
  return { score: threshold, probability: 1 / (1 + Math.exp(-threshold)), youden: sensitivity + specificity - 1, ...counts };
}

function areaOf(test: Judged, resampled: Resampled): Area {
  const { aucs, covariance } = delong([test.scores], test.labels);
  const [value, variance] = [aucs[0], covariance[0]];
  const logit = aucLogitInterval(value, variance);
  return {
    value,
    variance,
    standardError: Math.sqrt(variance),
    delong: { ...aucInterval(value, variance), degenerate: variance === 0 },
    logit: logit ?? { low: null, high: null, reason: `an area of ${value} has no logit` },
    bootstrap: percentileInterval(resampled.aucs),
    perfect: value === 1 ? perfectArea(test) : null,
  };
}

function perfectArea(test: Judged): PerfectArea {
  const { positives, negatives } = countsOf(test);
  const { sensitivityLow, specificityLow, binormalAucLow } = perfectSeparation(positives, negatives);
  const of = (label: number): number[] => test.scores.filter((_, i) => test.labels[i] === label);
  return {
    sensitivityLow,
    specificityLow,
    sensitivityRuleOfThree: ruleOfThree(positives),
    specificityRuleOfThree: ruleOfThree(negatives),
    binormalLow: binormalAucLow,
    binormalLow95: perfectSeparation(positives, negatives, 0.9).binormalAucLow,
    gap: Math.min(...of(1)) - Math.max(...of(0)),
  };
}

function operatingOf(point: OperatingPoint): Operating {
  const { threshold, truePositives, falsePositives, trueNegatives, falseNegatives, sensitivity, specificity } = point;
  const [positives, negatives] = [truePositives + falseNegatives, trueNegatives + falsePositives];
  return {
    threshold,
    truePositives,
    falsePositives,
    trueNegatives,
    falseNegatives,
    sensitivity: share(truePositives, positives),
    specificity: share(trueNegatives, negatives),
    ppv: proportion(truePositives, truePositives + falsePositives, "no case is called positive"),
    npv: proportion(trueNegatives, trueNegatives + falseNegatives, "no case is called negative"),
    ppvAt5: bayes(sensitivity * RARE, (1 - specificity) * (1 - RARE), "no case is called positive"),
    npvAt5: bayes(specificity * (1 - RARE), (1 - sensitivity) * RARE, "no case is called negative"),
    accuracy: share(truePositives + trueNegatives, positives + negatives),
  };
}

/** Right over right and wrong. */
const bayes = (right: number, wrong: number, reason: string): Estimate =>
  right + wrong > 0 ? { value: right / (right + wrong) } : notEstimable(reason);

function calibrationOf({ positive, scores, labels }: Judged): Calibration {
  const bins = equalCountBins(positive, labels, BINS);
  const prevalence = labels.reduce((sum, label) => sum + label, 0) / labels.length;
  const fit = fitLogistic(scores, labels);
  const level = fitIntercept(scores, labels);
  const z = normalQuantile(0.975);
  const parameter = (value: number, error: number): { value: number; interval: Interval } => ({
    value,
    interval: { low: value - z * error, high: value + z * error },
  });
  const none = {
    ...notEstimable(
      new Set(scores).size === 1 ? "all cases have the same score" : "the scores separate the classes, so the slope has no bound",
    ),
    interval: null,
  };
  return {
    brier: brier(positive, labels),
    brierOfPrevalence: brier(
      labels.map(() => prevalence),
      labels,
    ),
    bins: bins.map(({ cases, positives, predicted }) => ({ predicted, observed: share(positives, cases) })),
    ece: expectedCalibrationError(bins),
    intercept: fit ? parameter(fit.intercept, fit.interceptError) : none,
    slope: fit ? parameter(fit.slope, fit.slopeError) : none,
    inTheLarge: level
      ? parameter(level.intercept, level.interceptError)
      : { ...notEstimable("the probabilities are all but 0 and 1, so no shift of them has a bound"), interval: null },
  };
}

function sidesOf({ truth, scores, probabilities }: Judged, classes: Classes, threshold: number | null): SideAnalysis | null {
  const sides = ["left", "right"].map((side) => classes.indexOf(side));
  if (sides.includes(-1)) return null;
  const positives = [...truth.keys()].filter((i) => sides.includes(truth[i]));
  const says = (i: number, at: number): boolean => probabilities[i][sides[at]] > probabilities[i][sides[1 - at]];
  const confusion = sides.map((side) => {
    const own = positives.filter((i) => truth[i] === side);
    return [own.filter((i) => says(i, 0)).length, own.filter((i) => says(i, 1)).length] as const;
  });
  const right = (i: number): boolean => says(i, sides.indexOf(truth[i]));
  const called = positives.filter((i) => threshold !== null && scores[i] >= threshold);
  return {
    all: proportion(positives.filter(right).length, positives.length, "no case has a side"),
    called: proportion(called.filter(right).length, called.length, "no positive case is called positive"),
    confusion,
  };
}

function spreadOf(seeds: ModelInput["seeds"]): Spread {
  const areas = seeds.map((each) => each.auc);
  const mean = areas.reduce((a, b) => a + b, 0) / areas.length;
  const squares = areas.reduce((sum, area) => sum + (area - mean) ** 2, 0);
  return {
    seeds,
    mean,
    sd: areas.length > 1 ? { value: Math.sqrt(squares / (areas.length - 1)) } : notEstimable("one seed"),
    min: Math.min(...areas),
    max: Math.max(...areas),
  };
}
