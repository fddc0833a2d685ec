// striatum eval: scores a split with the weights of a run and prints accuracy, and the area under the ROC curve with its interval.
import { Option, type Command } from "commander";
import { mirroredClasses } from "../../dataset/mirror.ts";
import { SPLITS, type Split } from "../../dataset/manifest.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Family } from "../../kernels/kernel.ts";
import { aucInterval, delong } from "../../statistics/delong.ts";
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
  readonly split: Split;
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
    .addOption(new Option("--split <split>", "cases to score").choices(SPLITS).default("test"))
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
  const run = await readRun(platform.files, path, BEST_WEIGHTS);
  const data = await openForRun(platform, options.data, run, options.split);
  for (const remark of data.remarks) say(remark);
  const images = data.images(options.split);
  if (images.length === 0)
    throw new Error(`${options.data}: no case of the split "${options.split}" can be scored; see the manifest's column split`);
  const mirrored = options.mirrorScores ? mirroredClasses(run.classes) : undefined;
  const tuning = await openTuning(engine, [scoringGraph(scoringOptions(run, options.batch)).graph], options);
  const scorer = await Scorer.open(engine, run, { batch: options.batch, ...familiesOf(options.family), ...tunedBy(tuning) });
  try {
    const scores = await scoreCases(scorer, images, mirrored && { mirrored });
    const result = {
      run: path,
      split: options.split,
      cases: scores.length,
      excluded: data.excluded.length,
      ...(mirrored && { mirrorScores: true }),
      ...qualityOf(scores),
      ...intervalOf(scores),
    };
    if (options.json) {
      const cases = scores.map(({ case: at, label, p }) => ({ case: data.cases[at].index, label: run.classes[label], p }));
      printJson({ ...result, classes: run.classes, predictions: cases });
    } else {
      print(
        Object.entries(result)
          .map(([name, value]) => `${name}  ${Array.isArray(value) ? value.map((x: number) => x.toFixed(4)).join(" to ") : value}`)
          .join("\n"),
      );
      say("Research and teaching only, not for diagnosis.");
    }
  } finally {
    scorer.dispose();
  }
}

/** DeLong's 95 % interval of the AUC, where there are at least two cases of both kinds. */
function intervalOf(scores: readonly CaseScore[]): { aucInterval?: [number, number] } {
  const labels = scores.map(({ label }) => (label > 0 ? 1 : 0));
  const positives = labels.filter((label) => label === 1).length;
  if (positives < 2 || labels.length - positives < 2) return {};
  const { aucs, covariance } = delong([scores.map(positiveScore)], labels);
  const { low, high } = aucInterval(aucs[0], covariance[0]);
  return { aucInterval: [low, high] };
}
