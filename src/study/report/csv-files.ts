// The analysis as CSV files, one table per file, for R, pandas and spreadsheets. Numbers are written in full; a field is empty where there is no
// number. What each model says of each case is in the runs' predictions.csv.
import type { ExternalCohort } from "../analysis/external.ts";
import type { Shortcut } from "../analysis/shortcuts.ts";
import type { Analysis, Comparison, Contrast, ModelAnalysis } from "../analysis/result.ts";
import type { Gallery } from "./input.ts";

type Field = string | number | null;

/** RFC 4180, with "\n" between lines. */
const csv = (header: readonly string[], rows: readonly (readonly Field[])[]): string =>
  [header, ...rows].map((row) => row.map(fieldOf).join(",")).join("\n") + "\n";

function fieldOf(field: Field): string {
  if (field === null) return "";
  const text = String(field);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const hasLearned = ({ runs }: Analysis, model: string, seed: number): boolean =>
  runs.some((run) => run.model === model && run.seed === seed && run.faults.length === 0);

/** models.csv, contrasts.csv, pairs.csv, roc.csv, seeds.csv, arms.csv, arm-contrasts.csv and decision-curves.csv by name. */
export const csvFiles = (analysis: Analysis): Readonly<Record<string, string>> => ({
  "models.csv": csv(
    MODEL_COLUMNS.map(([name]) => name),
    analysis.models.map((model) => MODEL_COLUMNS.map(([, of]) => of(model))),
  ),
  "contrasts.csv": csv(["contrast", ...COMPARISON], analysis.contrasts.map(contrastRow)),
  "pairs.csv": csv(
    COMPARISON,
    analysis.pairs.map((pair) => comparisonFields(pair)),
  ),
  "roc.csv": csv(
    ["model", "false_positive_rate", "sensitivity", "threshold"],
    analysis.models.flatMap(({ model, roc }) =>
      roc.map(({ falsePositiveRate, sensitivity, threshold }) => [model, falsePositiveRate, sensitivity, threshold]),
    ),
  ),
  "seeds.csv": csv(
    ["model", "seed", "primary", "auc", "auc_low", "auc_high", "learned"],
    analysis.seeds.flatMap(({ seed, primary, models }) =>
      models.map(({ model, auc, low, high }) => [model, seed, String(primary), auc, low, high, String(hasLearned(analysis, model, seed))]),
    ),
  ),
  "arms.csv": csv(
    ["model", "seeds", "seeds_that_did_not_learn", "auc", "sd", "standard_error", "degrees_of_freedom", "low", "high", "icc"],
    analysis.arms.map(({ model, seeds, leftOut, auc, sd, standardError, degreesOfFreedom, interval, agreement }) => [
      model,
      seeds.join(" "),
      leftOut.join(" "),
      ...[auc, sd, standardError, degreesOfFreedom].map(({ value }) => value),
      interval.low,
      interval.high,
      agreement.value,
    ]),
  ),
  "arm-contrasts.csv": csv(
    ["contrast", "first", "second", "difference", "standard_error", "degrees_of_freedom", "low", "high", "t", "p", "p_holm", "verdict"],
    analysis.armContrasts.map(({ title, first, second, difference, test, verdict }) => [
      title,
      first,
      second,
      difference.value,
      ...(test
        ? [test.standardError, test.degreesOfFreedom.value, test.low, test.high, test.t.value, test.p, test.holm]
        : Array<null>(7).fill(null)),
      verdict,
    ]),
  ),
  "decision-curves.csv": csv(
    ["model", "threshold", "net_benefit", "net_benefit_of_all"],
    analysis.models.flatMap(({ model, decisionCurve }) =>
      decisionCurve.map(({ threshold, netBenefit, ofAll }) => [model, threshold, netBenefit, ofAll]),
    ),
  ),
});

/** external.csv: every run on the second cohort. */
export const externalFile = ({ runs }: ExternalCohort): string =>
  csv(
    ["model", "seed", "auc", "auc_low", "auc_high", "sensitivity", "specificity"],
    runs.map(({ model, seed, auc, interval, operating }) => [
      model,
      seed,
      auc,
      interval.low,
      interval.high,
      operating?.sensitivity.value ?? null,
      operating?.specificity.value ?? null,
    ]),
  );

/** shortcuts.csv: what each trivial feature reaches on the held-out cases. */
export const shortcutsFile = (shortcuts: readonly Shortcut[]): string =>
  csv(
    ["feature", "auc", "auc_low", "auc_high"],
    shortcuts.map(({ feature, auc, interval }) => [feature, auc, interval.low, interval.high]),
  );

/** pointing.csv: every found hemorrhage whose blood is known, and whether each map peaks on it; null where nobody knows. */
export function pointingFile(galleries: readonly Gallery[]): string | null {
  const rows = galleries.flatMap(({ model, pointing }) =>
    (pointing?.cases ?? []).map((one) => [model, one.case, String(one.visible), String(one.occlusion), String(one.gradCam), one.chance]),
  );
  return rows.length > 0 ? csv(["model", "case", "clot_on_slice", "occlusion_on_clot", "grad_cam_on_clot", "chance"], rows) : null;
}

const RATES = ["sensitivity", "specificity", "accuracy"] as const;

/** Each column with where its value lies. */
const MODEL_COLUMNS: readonly (readonly [name: string, of: (model: ModelAnalysis) => Field])[] = [
  ["model", ({ model }) => model],
  ["network", ({ network }) => network],
  ["initial_weights", ({ initialWeights }) => initialWeights],
  ["augmented", ({ augmented }) => String(augmented)],
  ["seed", ({ seed }) => seed],
  ["positives", ({ positives }) => positives],
  ["negatives", ({ negatives }) => negatives],
  ["auc", ({ auc }) => auc.value],
  ["auc_se", ({ auc }) => auc.standardError],
  ["auc_low", ({ auc }) => auc.delong.low],
  ["auc_high", ({ auc }) => auc.delong.high],
  ["bootstrap_low", ({ auc }) => auc.bootstrap.low],
  ["bootstrap_high", ({ auc }) => auc.bootstrap.high],
  ["validation_auc", ({ validationAuc }) => validationAuc.value],
  ["validation_loss", ({ validationLoss }) => validationLoss],
  ["threshold_log_odds", ({ threshold }) => threshold.score],
  ["true_positives", ({ operating }) => operating?.truePositives ?? null],
  ["false_negatives", ({ operating }) => operating?.falseNegatives ?? null],
  ["true_negatives", ({ operating }) => operating?.trueNegatives ?? null],
  ["false_positives", ({ operating }) => operating?.falsePositives ?? null],
  ...RATES.flatMap((rate) => [
    [rate, ({ operating }: ModelAnalysis) => operating?.[rate].value ?? null] as const,
    [`${rate}_low`, ({ operating }: ModelAnalysis) => operating?.[rate].low ?? null] as const,
    [`${rate}_high`, ({ operating }: ModelAnalysis) => operating?.[rate].high ?? null] as const,
  ]),
  ["brier", ({ calibration }) => calibration.brier],
  ["calibration_error", ({ calibration }) => calibration.ece],
  ["calibration_intercept", ({ calibration }) => calibration.intercept.value],
  ["calibration_slope", ({ calibration }) => calibration.slope.value],
  ["calibration_in_the_large", ({ calibration }) => calibration.inTheLarge.value],
  ["partial_auc", ({ partialAuc }) => partialAuc.value],
  ["partial_auc_low", ({ partialAuc }) => partialAuc.low],
  ["partial_auc_high", ({ partialAuc }) => partialAuc.high],
];

const COMPARISON = (
  "first second difference standard_error low high bootstrap_low bootstrap_high z p p_holm " +
  "mcnemar_only_first_right mcnemar_only_second_right mcnemar_p mcnemar_p_holm"
).split(" ");

function comparisonFields({ first, second, difference, standardError, low, high, bootstrap, z, p, holm, mcnemar }: Comparison): Field[] {
  const exact = mcnemar ? [mcnemar.onlyFirstRight, mcnemar.onlySecondRight, mcnemar.p, mcnemar.holm] : [null, null, null, null];
  return [first, second, difference, standardError, low, high, bootstrap.low, bootstrap.high, z.value, p, holm, ...exact];
}

const contrastRow = ({ title, first, second, test }: Contrast): Field[] => [
  title,
  ...(test ? comparisonFields(test) : [first, second, ...Array<null>(COMPARISON.length - 2).fill(null)]),
];
