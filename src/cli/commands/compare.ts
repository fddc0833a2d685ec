// striatum compare: two runs on the same cases, their areas under the ROC curve and DeLong's paired test.
import { Option, type Command } from "commander";
import type { Dataset } from "../../dataset/dataset.ts";
import { SPLITS, type Split } from "../../dataset/manifest.ts";
import { mirroredClasses } from "../../dataset/mirror.ts";
import type { Engine } from "../../engine/engine.ts";
import { comparePaired, countSeen, readSeen, type PairedComparison } from "../../train/compare.ts";
import { scoreCases, type CaseScore } from "../../train/evaluate.ts";
import { BEST_WEIGHTS } from "../../train/fit.ts";
import { openForRun, readRun } from "../../train/job.ts";
import type { TrainedNetwork } from "../../train/pretrained.ts";
import { RunFolder } from "../../train/run-folder.ts";
import { Scorer } from "../../train/scorer.ts";
import { whole, withEngine } from "../options.ts";
import { print, printJson, say, table } from "../output.ts";

interface CompareOptions {
  readonly data: string;
  readonly split: Split;
  readonly batch: number;
  readonly mirrorScores?: boolean;
  readonly json?: boolean;
}

export function registerCompare(program: Command): void {
  program
    .command("compare")
    .description("compare two runs on the same cases: both areas under the ROC curve, and DeLong's paired test")
    .argument("<first>", "run folder of `npx striatum train`")
    .argument("<second>", "another one, with the same classes; its network and image settings may differ")
    .requiredOption("--data <dir>", "folder with a manifest")
    .addOption(new Option("--split <split>", "cases to score; none may be among a run's training cases").choices(SPLITS).default("test"))
    .option("--batch <n>", "images per pass", whole(1), 16)
    .option("--mirror-scores", "score each image mirrored, too, with left and right swapped, and average the two")
    .option("--json", "one JSON document on stdout, with every case's probability of a finding")
    .action((first: string, second: string, options: CompareOptions) => withEngine((engine) => compare(engine, [first, second], options)));
}

async function compare(engine: Engine, paths: readonly [string, string], options: CompareOptions): Promise<void> {
  const { files } = engine.platform;
  const runs = [await readRun(files, paths[0], BEST_WEIGHTS), await readRun(files, paths[1], BEST_WEIGHTS)];
  const [first, second] = runs.map(({ classes }) => classes);
  if (first.join("\n") !== second.join("\n"))
    throw new Error(
      `${paths[0]} has the classes ${first.join(", ")} and ${paths[1]} the classes ${second.join(", ")}: runs of the same classes can be compared`,
    );
  const scores: Map<number, CaseScore>[] = [];
  for (const [i, run] of runs.entries()) scores.push(await scoresOf(engine, { path: paths[i], run }, options));
  const found = comparePaired(scores[0], scores[1]);
  const unpaired = new Set(scores.flatMap((map) => [...map.keys()])).size - found.cases;
  if (options.json) {
    const [a, b] = scores;
    const positive = ({ p }: CaseScore): number => 1 - p[0];
    const predictions = [...a].flatMap(([index, score]) => {
      const other = b.get(index);
      return other ? [{ case: index, label: first[score.label], p: [positive(score), positive(other)] }] : [];
    });
    printJson({ runs: paths, split: options.split, ...found, unpaired, ...(options.mirrorScores && { mirrorScores: true }), predictions });
  } else {
    print(comparisonText(paths, options.split, found));
    if (unpaired > 0) say(`${unpaired} cases are scored by one run alone and left out: the image settings of the other exclude them`);
    say("Research and teaching only, not for diagnosis.");
  }
}

/** Areas and their difference, as text. */
function comparisonText(
  paths: readonly string[],
  split: Split,
  { cases, positives, negatives, areas, difference }: PairedComparison,
): string {
  const digits = (value: number): string => value.toFixed(4);
  const rows = areas.map(({ auc, interval }, i) => [paths[i], digits(auc), interval.map(digits).join(" to ")]);
  const { difference: gap, low, high, p, degenerate } = difference;
  return [
    `${cases} cases of the split ${split}, ${positives} with a finding and ${negatives} without`,
    table(rows, ["run", "AUC", "95 % interval (DeLong)"]),
    `first less second: ${digits(gap)} (${digits(low)} to ${digits(high)}), p ${p < 1e-4 ? p.toExponential(1) : digits(p)} (DeLong, paired, two-sided)` +
      (degenerate ? "; the variance of the difference is 0, so that this p follows from convention" : ""),
  ].join("\n");
}

/** Scores of a split's cases by their number in the manifest. */
async function scoresOf(
  engine: Engine,
  { path, run }: { readonly path: string; readonly run: TrainedNetwork },
  { data: dir, split, batch, mirrorScores }: CompareOptions,
): Promise<Map<number, CaseScore>> {
  const data = await openForRun(engine.platform, dir, run, split);
  await refuseSeen(engine, path, data, split);
  const images = data.images(split);
  if (images.length === 0)
    throw new Error(`${dir}: no case of the split "${split}" can be scored for ${path}; see the manifest's column split`);
  const scorer = await Scorer.open(engine, run, { batch });
  try {
    const scores = await scoreCases(scorer, images, mirrorScores ? { mirrored: mirroredClasses(run.classes) } : {});
    return new Map(scores.map((score) => [data.cases[score.case].index, score]));
  } finally {
    scorer.dispose();
  }
}

/** Throws where the run has learnt from cases of the split; a remark where that cannot be known, and where its epoch was chosen on them. */
async function refuseSeen(engine: Engine, path: string, data: Dataset, split: Split): Promise<void> {
  const folder = await RunFolder.open(engine.platform.files, path);
  const trainedOn = (problem: string): Error =>
    new Error(`${path} was trained on ${problem}: compare runs on cases that neither has learnt from, such as --split test`);
  const ofSameList = (await folder.job())["data"] === data.splitHash;
  if (ofSameList && split === "train") throw trainedOn("the cases of this split");
  const indices = data.cases.map(({ index }) => index);
  const seen = await readSeen(folder);
  if (seen) {
    const learnt = countSeen(indices, data.fingerprints, seen.train);
    if (learnt > 0) throw trainedOn(`${learnt} of the ${indices.length} cases of the split ${split}`);
    const validated = countSeen(indices, data.fingerprints, seen.val);
    if (validated > 0) say(`${validated} cases were validation cases of ${path}: it may have chosen its weights by them`);
  } else if (!ofSameList) say(`${path} does not record its cases and was trained on another list: whether it has seen these is not known`);
}
