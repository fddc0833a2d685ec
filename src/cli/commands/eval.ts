// striatum eval: scores a split with the weights of a run and prints accuracy, and the area under the ROC curve with its interval.
import { Option, type Command } from "commander";
import type { Dataset, ImageSet } from "../../dataset/dataset.ts";
import { mirroredClasses } from "../../dataset/mirror.ts";
import { SPLITS, type Split } from "../../dataset/manifest.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Family } from "../../kernels/kernel.ts";
import { aucInterval, delong } from "../../statistics/delong.ts";
import { wilson } from "../../statistics/proportion.ts";
import { youdenPoint } from "../../statistics/roc.ts";
import { belowChance } from "../../study/analysis/external.ts";
import { positiveScore, qualityOf, scoreCases, type CaseScore } from "../../train/evaluate.ts";
import { BEST_WEIGHTS } from "../../train/fit.ts";
import { openForRun, readRun } from "../../train/job.ts";
import { scoringGraph } from "../../train/graphs.ts";
import { Scorer, scoringOptions } from "../../train/scorer.ts";
import { familiesOf, familyOption, tuneOption, tuningTableOption, whole, withEngine } from "../options.ts";
import { print, printJson, say } from "../output.ts";
import { openTuning, tunedBy, type TuningOptions } from "../tuning.ts";

interface EvalOptions extends TuningOptions {
  readonly data: string;
  readonly split: Split | "all";
  readonly thresholdData?: string;
  readonly batch: number;
  readonly mirrorScores?: boolean;
  readonly family?: Family;
  readonly json?: boolean;
}

export function registerEval(program: Command): void {
  program
    .command("eval")
    .description("score a split with the best weights of a run")
    .argument("<run>", "run folder of `npx striatum train`")
    .requiredOption("--data <dir>", "folder with a manifest")
    .addOption(new Option("--split <split>", "cases to score; all: a second cohort").choices([...SPLITS, "all"]).default("test"))
    .option(
      "--threshold-data <dir>",
      "folder of the training: its validation cases give the threshold (Youden) for sensitivity and specificity",
    )
    .option("--batch <n>", "images per pass", whole(1), 16)
    .option("--mirror-scores", "score each image mirrored, too, with left and right swapped, and average the two")
    .addOption(familyOption())
    .addOption(tuneOption())
    .addOption(tuningTableOption())
    .option("--json", "one JSON document on stdout, with every case's probabilities")
    .action((run: string, options: EvalOptions) => withEngine((engine) => evaluate(engine, run, options)));
}

async function evaluate(engine: Engine, path: string, options: EvalOptions): Promise<void> {
  const { platform } = engine;
  const best = await readRun(platform.files, path, BEST_WEIGHTS);
  // Training images are scored as they are, too.
  const run = { ...best, images: { ...best.images, augment: false } };
  const splits = options.split === "all" ? SPLITS : [options.split];
  const data = await openForRun(platform, options.data, run, splits);
  for (const remark of data.remarks) say(remark);
  const sets = splits.map((split) => data.images(split)).filter((images) => images.length > 0);
  if (sets.length === 0)
    throw new Error(
      options.split === "all"
        ? `${options.data}: no case can be scored`
        : `${options.data}: no case of the split "${options.split}" can be scored; see the manifest's column split`,
    );
  const validation = options.thresholdData === undefined ? null : await openForRun(platform, options.thresholdData, run, ["val"]);
  if (validation) refuseWithoutThreshold(options.thresholdData as string, validation);
  const mirrored = options.mirrorScores ? mirroredClasses(run.classes) : undefined;
  const tuning = await openTuning(engine, [scoringGraph(scoringOptions(run, options.batch)).graph], options);
  const scorer = await Scorer.open(engine, run, { batch: options.batch, ...familiesOf(options.family), ...tunedBy(tuning) });
  try {
    const scoresOf = async (images: ImageSet): Promise<CaseScore[]> => scoreCases(scorer, images, mirrored && { mirrored });
    const scores: CaseScore[] = [];
    for (const images of sets) scores.push(...(await scoresOf(images)));
    const chosen = validation && youden(await scoresOf(validation.images("val")));
    const result = {
      run: path,
      split: options.split,
      cases: scores.length,
      excluded: data.excluded.length,
      ...(mirrored && { mirrorScores: true }),
      ...qualityOf(scores),
      ...intervalOf(scores),
      ...(chosen !== null && callsAt(chosen, scores)),
    };
    const below = belowChanceOf(result);
    if (options.json) {
      const cases = scores.map(({ case: at, label, p }) => ({ case: data.cases[at].index, label: run.classes[label], p }));
      printJson({ ...result, ...(below !== null && { remark: below }), classes: run.classes, predictions: cases });
    } else {
      print(
        Object.entries(result)
          .map(([name, value]) => `${name}  ${Array.isArray(value) ? value.map((x: number) => x.toFixed(4)).join(" to ") : value}`)
          .join("\n"),
      );
      if (below !== null) print(`The AUC is ${below}: on these cases the run sorts worse than guessing does.`);
      say("Research and teaching only, not for diagnosis.");
    }
  } finally {
    scorer.dispose();
  }
}

const labelsOf = (scores: readonly CaseScore[]): number[] => scores.map(({ label }) => (label > 0 ? 1 : 0));

function refuseWithoutThreshold(dir: string, data: Dataset): void {
  const positives = data.cases.filter(({ label }) => label > 0).length;
  if (positives === 0 || positives === data.cases.length)
    throw new Error(
      `${dir}: its validation cases are ${positives} with a finding and ${data.cases.length - positives} without; a threshold needs both`,
    );
}

/** The threshold on 1 - P(none) with the largest sensitivity + specificity on validation cases. */
const youden = (scores: readonly CaseScore[]): number => youdenPoint(scores.map(positiveScore), labelsOf(scores)).threshold;

interface Calls {
  readonly threshold: number;
  readonly sensitivity?: number;
  readonly sensitivityInterval?: [number, number];
  readonly specificity?: number;
  readonly specificityInterval?: [number, number];
}

/** Shares of correct calls, with Wilson's 95 % intervals, where there are cases of a kind. */
function callsAt(threshold: number, scores: readonly CaseScore[]): Calls {
  const calls = scores.map((score) => ({ positive: score.label > 0, right: positiveScore(score) >= threshold === score.label > 0 }));
  const rate = (positive: boolean, name: "sensitivity" | "specificity"): Partial<Calls> => {
    const own = calls.filter((call) => call.positive === positive);
    if (own.length === 0) return {};
    const right = own.filter((call) => call.right).length;
    const { low, high } = wilson(right, own.length);
    return { [name]: right / own.length, [`${name}Interval`]: [low, high] };
  };
  return { threshold, ...rate(true, "sensitivity"), ...rate(false, "specificity") };
}

/** The remark on an area that is worse than guessing; null of any other. */
function belowChanceOf({ auc, aucInterval: bounds }: { readonly auc?: number; readonly aucInterval?: [number, number] }): string | null {
  if (auc === undefined) return null;
  const [low, high] = bounds ?? [0, 1];
  return belowChance({ auc, interval: { low, high } });
}

/** DeLong's 95 % interval of the AUC, where there are at least two cases of both kinds. */
function intervalOf(scores: readonly CaseScore[]): { aucInterval?: [number, number] } {
  const labels = labelsOf(scores);
  const positives = labels.filter((label) => label === 1).length;
  if (positives < 2 || labels.length - positives < 2) return {};
  const { aucs, covariance } = delong([scores.map(positiveScore)], labels);
  const { low, high } = aucInterval(aucs[0], covariance[0]);
  return { aucInterval: [low, high] };
}
