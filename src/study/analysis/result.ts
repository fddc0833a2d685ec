// The study's analysis as a value: the input from the models' predictions, and the content of results.json and of the report (computed by
// analyse.ts). It is JSON as it stands: no NaN, no infinity; what cannot be estimated is null beside its reason. docs/statistics.md explains
// every number. Scores are log-odds of hemorrhage; areas, rates and probabilities lie in [0, 1].
import type { Interval } from "../../statistics/interval.ts";

/** "none" first: ["none", "left", "right"] where cases have sides, else ["none", "hemorrhage"]. A case is positive when it is not "none". */
export type Classes = readonly string[];
export type Split = "train" | "val" | "test";

/** What is known of a case beside its label; whatever is absent is left out of the subgroups. */
export interface Strata {
  readonly volumeMl?: number;
  readonly site?: string;
  /** What makes a positive easy or hard, or what a negative shows instead. */
  readonly stratum?: string;
  /** A negative with blood elsewhere than in the basal ganglia. */
  readonly otherBleed?: boolean;
  readonly thicknessMm?: number;
  readonly tilted?: boolean;
  /** Name of the transfer syntax. */
  readonly syntax?: string;
  readonly kernel?: string;
}

/** A case of the cohort. `case` is an anonymous number, the same in every model's scores. */
export interface CohortCase {
  readonly case: number;
  readonly split: Split;
  readonly label: string;
  readonly strata?: Strata;
}

export interface ScoredCase {
  readonly case: number;
  readonly label: string;
  /** One per class: mean over the case's slices, in float64. */
  readonly probabilities: readonly number[];
  /** ln((1 - P(none)) / P(none)) of those means: what the curve sorts by (logOdds of src/statistics). Finite. */
  readonly score: number;
}

/** Which of the eight models: its id is `${network}-${"untrained" | "pretrained"}-${"plain" | "augmented"}`. */
export interface ModelName {
  readonly model: string;
  readonly network: string;
  readonly pretrained: boolean;
  readonly augmented: boolean;
  /** Where the initial weights come from, as tables print it: "untrained", "fractal-pretrained", "ImageNet-pretrained". */
  readonly initialWeights: string;
}

/** What one trained model, of one seed, says of one split. */
export interface ModelScores extends ModelName {
  readonly seed: number;
  readonly split: "val" | "test";
  readonly cases: readonly ScoredCase[];
  /** What its training run recorded; left out where nothing is known of it. */
  readonly training?: TrainingRecord;
}

/** By which a run is held to have learned or not. */
export interface TrainingRecord {
  /** The lowest of all looks at validation; null where none was recorded. */
  readonly lowestValidationLoss: number | null;
  /** Share of a layer's units that are 0 on all cases, of the layer with the most; null where not recorded. */
  readonly deadShare: number | null;
}

/** How to analyse: part of the protocol, fixed before any test case is scored. */
export interface AnalysisPlan {
  readonly classes: Classes;
  /** The seed whose models the tables show; the others give the spread. */
  readonly primarySeed: number;
  readonly bootstrap: { readonly samples: number; readonly seed: number };
  /** On which the cohort's power is tried. Default: 400. */
  readonly simulatedCohorts?: number;
}

export interface NotEstimable {
  readonly value: null;
  readonly reason: string;
}
export type Estimate = { readonly value: number } | NotEstimable;
export type IntervalOrReason = Interval | { readonly low: null; readonly high: null; readonly reason: string };

/** A share of cases with its 95 % intervals. */
export interface Share extends Interval {
  readonly value: number;
  readonly count: number;
  readonly of: number;
  /** low and high are Wilson's; this one is Clopper and Pearson's. */
  readonly exact: Interval;
}
export type Proportion = Share | NotEstimable;

/** Format of results.json. A file of another format is analysed again from the predictions. */
export const ANALYSIS_FORMAT = "striatum-analysis-2";

export interface Analysis {
  readonly format: typeof ANALYSIS_FORMAT;
  /** Confidence level of every interval. */
  readonly level: 0.95;
  readonly plan: AnalysisPlan;
  readonly cohort: Cohort;
  /** Every training run, and whether it learned. */
  readonly runs: readonly RunAnalysis[];
  /** Every model as an arm: the mean over the seeds whose runs learned, for other seeds and other cases. */
  readonly arms: readonly ArmAnalysis[];
  /** The paper's nine contrasts over these means, Holm over those that could be tested: what the claims rest on. */
  readonly armContrasts: readonly ArmContrast[];
  /** Models of the primary seed, in the order given. */
  readonly models: readonly ModelAnalysis[];
  /** Every two models of the primary seed, Holm over all of them (28 for eight models). */
  readonly pairs: readonly Comparison[];
  /** The paper's nine contrasts for the primary seed, Holm over those that could be tested. */
  readonly contrasts: readonly Contrast[];
  /** DeLong's joint test that all areas of the primary seed are equal; null where there is one model. */
  readonly equalAreas: JointTest | null;
  /** Every seed, the primary one too: its areas and its contrasts. */
  readonly seeds: readonly SeedAnalysis[];
  readonly power: Power;
  /** The paper's claims, one by one, on this cohort. */
  readonly claims: readonly Claim[];
  /** What a reader must know of these numbers, in whole sentences. */
  readonly cautions: readonly string[];
}

export interface Cohort {
  readonly cases: number;
  /** One row per split, label and stratum ("" where none is known) that occurs. */
  readonly counts: readonly { readonly split: Split; readonly label: string; readonly stratum: string; readonly cases: number }[];
  /** One row per split: cases, positives, negatives. */
  readonly splits: readonly { readonly split: Split; readonly cases: number; readonly positives: number; readonly negatives: number }[];
}

/** One training run: a model of one seed. */
export interface RunAnalysis {
  readonly model: string;
  readonly seed: number;
  readonly auc: number;
  /** The lowest of all looks at validation, or that of the judged weights where the looks are not known. */
  readonly validationLoss: number;
  /** Distinct scores among `cases` test cases. */
  readonly distinctScores: number;
  readonly cases: number;
  readonly deadShare: number | null;
  /** Why the run did not learn, in words; empty where it did. A run that did not learn enters no mean, no contrast of means and no claim. */
  readonly faults: readonly string[];
}

/** The runs of one model that learned, together. */
export interface ArmAnalysis extends ModelName {
  readonly seeds: readonly number[];
  /** Seeds whose runs did not learn. */
  readonly leftOut: readonly number[];
  /** Mean of the areas, and their standard deviation with n - 1. */
  readonly auc: Estimate;
  readonly sd: Estimate;
  readonly standardError: Estimate;
  /** Hillis'; not estimable where they are infinite. */
  readonly degreesOfFreedom: Estimate;
  /** Interval of the mean, by its logit, for other seeds and other cases. */
  readonly interval: IntervalOrReason;
  /** Intraclass correlation of P(hemorrhage) between seeds on the test cases: 1 where every seed says the same of every case. */
  readonly agreement: Estimate;
}

export interface ArmContrast {
  readonly kind: ContrastKind;
  /** As a table prints it. */
  readonly title: string;
  readonly first: string | null;
  readonly second: string | null;
  /** Difference of the means, first less second. */
  readonly difference: Estimate;
  /** Null where there are fewer than two runs of either arm. */
  readonly test: ArmComparison | null;
  /** "holds" and "does not hold": p below 0.05 after Holm's adjustment, in the paper's direction or in the other. */
  readonly verdict: Exclude<Verdict, "holds in part">;
  /** Why it is not judged or not tested. */
  readonly reason?: string;
  /** Runs of both that did not learn. */
  readonly leftOut: readonly { readonly model: string; readonly seed: number }[];
}

/** Two arms as readers' means: Obuchowski and Rockette's test, seeds nested in arms. */
export interface ArmComparison extends Interval {
  readonly difference: number;
  readonly standardError: number;
  /** Not estimable where infinite. */
  readonly t: Estimate;
  readonly degreesOfFreedom: Estimate;
  readonly p: number;
  readonly holm: number;
  /** The standard error is 0: t and p follow from convention. */
  readonly degenerate: boolean;
}

export interface ModelAnalysis extends ModelName {
  readonly seed: number;
  /** Did this seed's run learn? */
  readonly learned: boolean;
  readonly positives: number;
  readonly negatives: number;
  /** From (0, 0) to (1, 1), one point per distinct score; threshold null at the first, where no case is called positive. */
  readonly roc: readonly { readonly falsePositiveRate: number; readonly sensitivity: number; readonly threshold: number | null }[];
  readonly auc: Area;
  /** Area on validation: what models are chosen by. */
  readonly validationAuc: Estimate;
  /** Mean of -ln P(true class) on validation, which parts equal areas. */
  readonly validationLoss: number;
  readonly threshold: Threshold;
  /** On test, at the threshold chosen on validation; null where none could be chosen. */
  readonly operating: Operating | null;
  /** On test, at the threshold that Youden's index finds on test itself: optimistic. */
  readonly optimistic: Operating;
  /** The largest sensitivity at a specificity of at least 0.95, on test's own curve; its interval is the bootstrap's. */
  readonly sensitivityAt95: { readonly value: number; readonly specificity: number } & Interval;
  /** Area of the part with a specificity of at least `from`, scaled to 1/2 for chance and 1; its interval is the bootstrap's. */
  readonly partialAuc: { readonly value: number; readonly from: number } & Interval;
  /** Net benefit of acting on P(hemorrhage) at or above each threshold, and of acting on all cases; acting on none is worth 0. */
  readonly decisionCurve: readonly { readonly threshold: number; readonly netBenefit: number; readonly ofAll: number }[];
  readonly calibration: Calibration;
  /** Rows: true class, columns: most probable class, in the order of plan.classes. */
  readonly confusion: readonly (readonly number[])[];
  /** Share of cases whose most probable class is the true one. */
  readonly classAccuracy: Share;
  /** Null where cases have no sides. */
  readonly side: SideAnalysis | null;
  readonly spread: Spread;
  readonly subgroups: readonly Subgroup[];
}

export interface Area {
  readonly value: number;
  readonly variance: number;
  readonly standardError: number;
  /** Degenerate where the variance is 0 (a perfect curve): the interval then says nothing. */
  readonly delong: Interval & { readonly degenerate: boolean };
  /** By the logit of the area. */
  readonly logit: IntervalOrReason;
  /** Percentiles of stratified resamples of patients. */
  readonly bootstrap: Interval;
  /** Only where the area is exactly 1. */
  readonly perfect: PerfectArea | null;
}

/** Results for AUC = 1. Lower bounds at 97.5 % one-sided unless stated otherwise. */
export interface PerfectArea {
  /** Clopper and Pearson's, of m of m and of n of n. */
  readonly sensitivityLow: number;
  readonly specificityLow: number;
  /** Rule of three, 1 - 3/m and 1 - 3/n: 95 % one-sided. */
  readonly sensitivityRuleOfThree: number;
  readonly specificityRuleOfThree: number;
  /** Rests on two normal classes of equal variance: at 97.5 % and at 95 %. */
  readonly binormalLow: number;
  readonly binormalLow95: number;
  /** Lowest score of a positive less the highest of a negative, in log-odds. */
  readonly gap: number;
}

export interface Threshold {
  /** Log-odds, and the same as a probability of hemorrhage; null where validation holds one class only. */
  readonly score: number | null;
  readonly probability: number | null;
  /** Sensitivity + specificity - 1 on validation. */
  readonly youden: number | null;
  readonly positives: number;
  readonly negatives: number;
  readonly reason?: string;
}

export interface Operating {
  readonly threshold: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
  readonly sensitivity: Share;
  readonly specificity: Share;
  /** Share of the cases called positive (negative) that are, at the prevalence of this cohort. */
  readonly ppv: Proportion;
  readonly npv: Proportion;
  /** By Bayes' rule, at a prevalence of 5 %. */
  readonly ppvAt5: Estimate;
  readonly npvAt5: Estimate;
  readonly accuracy: Share;
}

export interface Calibration {
  /** Mean squared error of the probability of hemorrhage. */
  readonly brier: number;
  /** Brier score of predicting the cohort's prevalence for every case. */
  readonly brierOfPrevalence: number;
  /** Cases sorted by probability, in five bins of equal count (they differ by one at most). */
  readonly bins: readonly { readonly predicted: number; readonly observed: Share }[];
  /** Mean of |observed - predicted| over bins, weighted by their counts. */
  readonly ece: number;
  /** logit P(positive) = intercept + slope score: 0 and 1 where calibrated. Both not estimable where the scores separate the classes. */
  readonly intercept: Estimate & { readonly interval: Interval | null };
  readonly slope: Estimate & { readonly interval: Interval | null };
  /** The intercept with the slope fixed at 1: above 0 where probabilities are too low on the whole. */
  readonly inTheLarge: Estimate & { readonly interval: Interval | null };
}

export interface SideAnalysis {
  /** Share of all positive cases with P(true side) > P(other side). */
  readonly all: Proportion;
  /** The same of those called positive at the threshold; not estimable where there is none. */
  readonly called: Proportion;
  /** Rows left, right (true); columns left, right (said). Equal probabilities count as neither. */
  readonly confusion: readonly (readonly [number, number])[];
}

export interface Spread {
  readonly seeds: readonly { readonly seed: number; readonly auc: number }[];
  readonly mean: number;
  /** With n - 1. */
  readonly sd: Estimate;
  readonly min: number;
  readonly max: number;
}

export interface Subgroup {
  /** "volume", "site", "stratum", "other bleeds", "thickness", "tilt", "syntax" or "kernel". */
  readonly by: string;
  readonly name: string;
  readonly positives: number;
  readonly negatives: number;
  /** What the group's cases are ranked against: cases of the group, or all of the other class where a group can hold one class only. */
  readonly against: "own" | "all negatives" | "all positives";
  readonly auc: Estimate & { readonly interval: Interval | null };
  /** "3 of 3 and 6 of 6": positives and negatives that are ranked without an error, where the area is 1 and has no interval. */
  readonly perfect: string | null;
  readonly sensitivity: Proportion;
  readonly specificity: Proportion;
  /** Is the area another in the rest of the cases? Null beside a reason. */
  readonly rest: RestTest | null;
  readonly untested?: string;
}

/** DeLong's test of a group against all other cases: area of the group less area of the rest. */
export interface RestTest {
  readonly difference: number;
  readonly p: number;
  /** Over all such tests of the model. */
  readonly holm: number;
}

/** The paired test of two models on the same cases: first less second. */
export interface Comparison {
  readonly first: string;
  readonly second: string;
  readonly difference: number;
  readonly standardError: number;
  /** DeLong's interval of the difference, not clipped, and the bootstrap's. */
  readonly low: number;
  readonly high: number;
  readonly bootstrap: Interval;
  /** Not estimable where it is infinite: both curves are without variance, yet differ. */
  readonly z: Estimate;
  readonly p: number;
  readonly holm: number;
  /** The standard error is 0: z and p follow from convention. */
  readonly degenerate: boolean;
  /** Those of the two models with an area of exactly 1: the test rests on the other's variance alone. */
  readonly perfect: readonly string[];
  /** Null where a model has no threshold. */
  readonly mcnemar: McNemar | null;
}

/** Exact, on who is right at each model's own threshold. */
export interface McNemar {
  readonly onlyFirstRight: number;
  readonly onlySecondRight: number;
  readonly p: number;
  readonly holm: number;
}

export type ContrastKind = "augmentation" | "pretraining" | "network";

/** One of the nine. Its first model is the one that the paper holds better. */
export interface Contrast {
  readonly kind: ContrastKind;
  /** As a table prints it. */
  readonly title: string;
  readonly first: string | null;
  readonly second: string | null;
  /** Null beside a reason where a model is missing. Holm's p-values in it are over the contrasts. */
  readonly test: Comparison | null;
  readonly reason?: string;
}

export interface JointTest {
  readonly chiSquared: Estimate;
  readonly degreesOfFreedom: number;
  readonly p: number;
  readonly degenerate: boolean;
}

export interface SeedAnalysis {
  readonly seed: number;
  readonly primary: boolean;
  readonly models: readonly ({ readonly model: string; readonly auc: number } & Interval)[];
  readonly contrasts: readonly Contrast[];
}

export interface Power {
  readonly positives: number;
  readonly negatives: number;
  readonly validationPositives: number;
  readonly validationNegatives: number;
  /** Hanley and McNeil's standard error of one model's area `auc`, on test and validation (null where that holds one class only). */
  readonly precision: readonly { readonly auc: number; readonly standardError: number; readonly validationStandardError: number | null }[];
  /** The smallest difference above `auc` that the paired test finds with the given power; not estimable where not even an area of 1 is found. */
  readonly detectable: readonly DetectableDifference[];
  /** Share of simulated cohorts of this size in which DeLong's paired test has p < 0.05 although both areas are `auc`. */
  readonly falseAlarms: readonly { readonly auc: number; readonly correlation: number; readonly share: number }[];
  readonly simulatedCohorts: number;
  /** How wide is Wilson's interval about a sensitivity of 0.9, and how large a step is one patient? */
  readonly sensitivityInterval: Interval;
  readonly sensitivityStep: number;
  /** What the paper's 1.00 against 0.95 would come to here. */
  readonly papersPair: { readonly standardError: number; readonly z: number; readonly p: number };
  /** The same in sentences. */
  readonly sentences: readonly string[];
}

export interface DetectableDifference {
  readonly auc: number;
  /** Between the two models' scores of the same class, in a binormal model. */
  readonly correlation: number;
  /** Two-sided; the stricter one is Holm's first step over nine. */
  readonly alpha: number;
  readonly power: number;
  /** In steps of 0.01: the first at which DeLong's test came out below alpha in enough of the simulated cohorts. */
  readonly difference: Estimate;
  /** The share of them at that difference; where there is none, against a perfect model. */
  readonly simulatedPower: number;
  /** What the usual large-sample formula says instead: near 1 it is off. */
  readonly largeSample: Estimate;
}

/** "does not hold" is evidence for the contrary, "not decided" too little of it either way; "not judged" says that one seed cannot tell. */
export type Verdict = "holds" | "holds in part" | "does not hold" | "not decided" | "not judged" | "not tested";

export interface Claim {
  /** What the abstract of arXiv 1710.03823 says. */
  readonly claim: string;
  readonly verdict: Verdict;
  /** Why, with the numbers of this cohort. */
  readonly evidence: string;
}
