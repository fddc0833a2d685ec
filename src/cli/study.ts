// striatum study: the whole study on a synthetic cohort, from DICOM files to DeLong's test.
import type { Command } from "commander";
import type { Engine } from "../engine/engine.ts";
import { networkNamed } from "../models/index.ts";
import { quickProtocol } from "../study/quick-protocol.ts";
import { runStudy, type StudyResult } from "../study/study.ts";
import { listenForInterruption } from "./interruption.ts";
import { whole, withEngine } from "./options.ts";
import { print, printJson, say, table } from "./output.ts";
import { openProgress } from "./progress.ts";

interface StudyOptions {
  readonly out: string;
  readonly cases: number;
  readonly epochs: number;
  readonly seed: number;
  readonly json?: boolean;
}

export function registerStudy(program: Command): void {
  program
    .command("study")
    .description("train both networks on a synthetic cohort, judge them on held-out cases, compare their ROC curves")
    .option("--out <dir>", "folder of the study; a study that was stopped goes on there", "runs/quick-study")
    .option("--cases <n>", "synthetic patients", whole(12), 144)
    .option("--epochs <n>", "passes over the training images of AlexNet; GoogLeNet makes five thirds of it", whole(1), 30)
    .option("--seed <n>", "same seed, same adapter: same bits", whole(0), 0)
    .option("--json", "events as JSON Lines, then the results, on stdout")
    .addHelpText(
      "after",
      "\nQuick scale: a quarter of the papers' channels, 64 pixels a side. The cases are synthetic: the results show that the software works,\n" +
        "not that a model would work on patients, and they are not the paper's. For research and teaching, not for diagnosis.",
    )
    .action((options: StudyOptions) => withEngine((engine) => study(engine, options)));
}

async function study(engine: Engine, { out, json = false, ...options }: StudyOptions): Promise<void> {
  const progress = openProgress({ json });
  const interruption = listenForInterruption();
  try {
    const events = runStudy({ engine, protocol: quickProtocol(options), out, signal: interruption.signal });
    let next = await events.next();
    for (; next.done !== true; next = await events.next()) progress.event(next.value);
    progress.end();
    if (next.value === null) {
      process.exitCode = interruption.exitCode();
      say(`stopped; the same command goes on with ${out}`);
    } else if (json) printJson(next.value);
    else report(next.value, out);
  } finally {
    progress.end();
    interruption.dispose();
  }
}

function report({ test, arms, comparisons, adapter }: StudyResult, out: string): void {
  print(`\nheld-out synthetic cases: ${test.positives} with hemorrhage, ${test.negatives} without; ${adapter}\n`);
  const rows = arms.map(({ arm, auc, interval: [low, high], accuracy, bestEpoch }) => [
    networkNamed(arm).title,
    auc.toFixed(3),
    `${low.toFixed(3)} to ${high.toFixed(3)}`,
    accuracy.toFixed(3),
    String(bestEpoch),
  ]);
  print(table([["network", "AUC", "95 % CI (DeLong)", "accuracy", "best epoch"], ...rows]));
  for (const { arm, perfect } of arms) {
    if (!perfect) continue;
    const [sensitivity, specificity] = [perfect.sensitivityLow, perfect.specificityLow].map((bound) => bound.toFixed(3));
    print(
      `${networkNamed(arm).title}: perfect separation; DeLong's interval says nothing. Exact bounds: sensitivity >= ${sensitivity}, specificity >= ${specificity}`,
    );
  }
  for (const { arms: pair, difference, p } of comparisons) {
    print(
      `\n${pair.map((arm) => networkNamed(arm).title).join(" - ")}: AUC difference ${difference.toFixed(3)}, DeLong's p = ${p.toPrecision(3)}`,
    );
  }
  print(`\n${out}/results.json, and a folder for each network`);
  say("Results on procedurally generated CT; they show that the software works, not that the model would work on patients.");
}
