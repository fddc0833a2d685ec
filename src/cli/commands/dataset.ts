// striatum dataset check: lists a folder's cases, exclusions with their reasons, and errors, before training.
import { Option, type Command } from "commander";
import { checkDataset, type Checked, type CheckOptions } from "../../dataset/check.ts";
import { contactSheet } from "../../dataset/contact-sheet.ts";
import type { Picture } from "../../dataset/image.ts";
import { encodePng } from "../../dataset/png.ts";
import { PURPOSES, type Purpose } from "../../dataset/readiness.ts";
import { splitPlan } from "../../dataset/split.ts";
import type { HuWindow } from "../../dicom/window.ts";
import { openNodePlatform } from "../../platform/node.ts";
import type { Files } from "../../platform/platform.ts";
import { checkText } from "../text/dataset.ts";
import { whole, windowOption } from "../options.ts";
import { EXIT, print, printJson, say } from "../output.ts";
import { caseProgress, openProgress } from "../progress.ts";

interface DatasetCheckOptions {
  readonly sheet?: string;
  readonly window?: HuWindow;
  readonly slices?: number;
  readonly slab?: boolean;
  readonly splitSeed?: number;
  readonly for?: Purpose;
  readonly json?: boolean;
}

export function registerDataset(program: Command): void {
  program
    .command("dataset")
    .description("check folders of your own cases")
    .command("check")
    .description("list a folder's cases, the exclusions with their reasons, and all errors")
    .argument("<dir>", "folder with a list of its cases: labels.csv (path,label[,patient]), manifest.csv or manifest.jsonl")
    .option("--sheet <png>", "write a contact sheet: one slice of each case, at the window")
    .option("--window <c/w>", "grey-level window in Hounsfield units (default: 40/80)", windowOption)
    .option("--slices <n>", "slices of a series around the basal ganglia (default: 3)", whole(1))
    .option("--slab", "the series are slabs around the basal ganglia, as the quick phantoms are")
    .option("--split-seed <n>", "seed of the split by patient, for a list without splits (default: 0)", whole(0))
    .addOption(new Option("--for <command>", "what the folder must be usable for (default: both)").choices(PURPOSES))
    .option("--json", "one JSON document on stdout")
    .action(check);
}

async function check(dir: string, { sheet, window, slices, slab, splitSeed, json, ...given }: DatasetCheckOptions): Promise<void> {
  const platform = await openNodePlatform();
  const progress = openProgress({ json: false });
  const options: CheckOptions = {
    files: platform.files,
    inflate: platform.inflate,
    decoders: platform.decoders,
    ...(splitSeed !== undefined && { split: splitPlan(splitSeed) }),
    ...(window && { windowHu: window }),
    ...(slices !== undefined && { slices }),
    ...(slab !== undefined && { slab }),
    onCase: caseProgress(progress),
  };
  const purposes = given.for === undefined ? PURPOSES : [given.for];
  const checked = await checkDataset(dir, options).finally(() => progress.end());
  if (json) printJson(checked.check);
  else print(checkText(checked.check, purposes));
  if (sheet !== undefined)
    for (const file of await writeSheets(platform.files, sheet, checked))
      say(
        `${file}: one slice of each case, by case number${checked.pairs.length > 0 ? `, then ${checked.pairs.length} pairs that look alike` : ""}`,
      );
  const { errors, lacks } = checked.check;
  if (errors.length > 0 || purposes.some((purpose) => lacks[purpose].length > 0)) process.exitCode = EXIT.failed;
}

const COLUMNS = 8;
const CASES_A_SHEET = 200;

/** One picture file, or several of 200 cases each: sheet.png, sheet-2.png and so on. */
async function writeSheets(files: Files, path: string, { check: { cases }, thumbnails, pairs }: Checked): Promise<string[]> {
  const side = thumbnails.find((thumbnail) => thumbnail !== null)?.width ?? 1;
  const blank: Picture = { width: side, height: side, channels: 1, data: new Uint8Array(side * side) };
  const cells = cases.map(({ case: number, label, side, split, verdict, series }, i) => ({
    picture: thumbnails[i] ?? blank,
    caption: [
      `${number} ${label}${side === null || side === label ? "" : ` ${side}`} ${split}`,
      ...(series
        ? [`${series.slices} x ${series.thicknessMm ?? "?"} mm${series.tiltDegrees > 0.5 ? ` tilt ${series.tiltDegrees.toFixed(0)}` : ""}`]
        : []),
      ...(verdict === "usable" ? [] : [verdict]),
    ].join("\n"),
  }));
  // A pair that looks alike stands side by side, behind the cases.
  for (const [i, pair] of pairs.entries())
    for (const at of [0, 1] as const)
      cells.push({
        picture: pair.pictures[at],
        caption: `pair ${i + 1}: case ${pair.cases[at]}\n${cases[pair.cases[at]].split}, looks like ${pair.cases[1 - at]}`,
      });
  const written: string[] = [];
  for (let first = 0; first < cells.length; first += CASES_A_SHEET) {
    const file = first === 0 ? path : path.replace(/(\.png)?$/, `-${first / CASES_A_SHEET + 1}.png`);
    await files.write(file, [await encodePng(contactSheet(cells.slice(first, first + CASES_A_SHEET), COLUMNS))]);
    written.push(file);
  }
  return written;
}
