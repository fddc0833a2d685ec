// striatum phantoms: writes a cohort of synthetic head CT as DICOM files, with a manifest and the ground truth.
import { existsSync } from "node:fs";
import { Option, type Command } from "commander";
import { cohortFiles } from "../../phantoms/cohort-files.ts";
import type { CohortKind } from "../../phantoms/parameters.ts";
import { nodeFiles } from "../../platform/node-files.ts";
import { whole } from "../options.ts";
import { isQuiet, print, say } from "../output.ts";
import { startCaseWorkers } from "../host/phantom-workers.ts";

interface PhantomOptions {
  readonly cases: number;
  readonly seed: number;
  readonly kind: CohortKind;
}

export function registerPhantoms(program: Command): void {
  program
    .command("phantoms")
    .description("write synthetic head CT series as DICOM files, with a manifest")
    .argument("<out>", "folder to create")
    .option("--cases <n>", "synthetic patients", whole(6), 24)
    .option("--seed <n>", "seed; the same seed gives the same bytes", whole(0), 0)
    .addOption(
      new Option(
        "--kind <kind>",
        "quick: a slab of 256 x 256 slices; study: whole heads of 512 x 512; shift: the study's patients on another scanner",
      )
        .choices(["quick", "study", "shift"])
        .default("quick"),
    )
    .action(phantoms);
}

async function phantoms(out: string, options: PhantomOptions): Promise<void> {
  if (existsSync(`${out}/manifest.csv`)) throw new Error(`${out} already contains a cohort (manifest.csv): choose a new folder`);
  const workers = startCaseWorkers();
  let files = 0;
  try {
    for await (const { name, content } of cohortFiles(options, workers)) {
      await nodeFiles.write(`${out}/${name}`, content);
      files++;
      if (process.stderr.isTTY && !isQuiet() && files % 10 === 0) process.stderr.write(`\r${files} files`);
    }
  } finally {
    await workers.dispose();
  }
  if (process.stderr.isTTY && !isQuiet()) process.stderr.write("\r");
  print(`${out}: ${options.cases} synthetic patients, ${files} files`);
  say("Synthetic data: procedurally generated, not from patients.");
}
