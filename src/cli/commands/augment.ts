// striatum augment: writes the 48 augmented variants of an image to one contact sheet.
import { stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import type { Command } from "commander";
import { augment, variantName, VARIANTS } from "../../dataset/augmentation.ts";
import { readCaseFiles } from "../../dataset/case-files.ts";
import { readManifest } from "../../dataset/manifest-file.ts";
import { isSlab } from "../../dataset/manifest.ts";
import { contactSheet } from "../../dataset/contact-sheet.ts";
import { encodePng } from "../../dataset/png.ts";
import type { Image } from "../../dataset/image.ts";
import { contentsOf, readRaw, type SourceOptions } from "../../dataset/sources.ts";
import { BRAIN_WINDOW, type HuWindow } from "../../dicom/window.ts";
import { openNodePlatform } from "../../platform/node.ts";
import type { Files } from "../../platform/platform.ts";
import type { Rescale } from "../../dataset/rescale.ts";
import { given } from "../given.ts";
import { rescaleOption, whole, windowOption } from "../options.ts";
import { print } from "../output.ts";

interface ShowOptions {
  readonly out: string;
  readonly size: number;
  readonly window: HuWindow;
  readonly slab?: boolean;
  readonly rescale?: Rescale;
}

/** One rotation and mirror per row: its two scales, each in four intensities. */
const COLUMNS = 8;

export function registerAugment(program: Command): void {
  program
    .command("augment")
    .description("show the variants that `train --augment` draws from")
    .command("show")
    .description("write the 48 variants of an image as one PNG")
    .argument("<file or folder>", "a CT slice, a picture (PNG, JPEG), or a folder; of a series, the slice nearest to the basal ganglia")
    .requiredOption("--out <png>", "the contact sheet")
    .option("--size <pixels>", "side of each variant", whole(16), 160)
    .option("--window <c/w>", "grey-level window in Hounsfield units (default: 40/80)", windowOption, BRAIN_WINDOW)
    .option("--rescale <s/i>", "slope and intercept by which a grey PNG of 16 bits is in Hounsfield units, such as 1/-1024", rescaleOption)
    .option("--slab", "the series is a slab around the basal ganglia, as the quick phantoms are")
    .action(show);
}

async function show(path: string, { out, size, window, slab = false, rescale }: ShowOptions): Promise<void> {
  const platform = await openNodePlatform();
  const covered = slab || (await listedAsSlab(platform.files, path));
  const raw = await readOne(path, { ...platform, size, window, slices: 1, slab: covered, ...given({ rescale }) });
  const cells = VARIANTS.map((variant, k) => ({
    picture: augment(raw, k, { size, window, key: [0, 0] }),
    caption: `${k}: ${variantName(variant)}`,
  }));
  await platform.files.write(out, [await encodePng(contactSheet(cells, COLUMNS))]);
  print(`${out}: ${VARIANTS.length} variants`);
}

/** What the list of the folder around a case says of it, if there is one. */
async function listedAsSlab(files: Files, path: string): Promise<boolean> {
  const inside = resolve(path);
  const manifest = await readManifest(files, dirname(inside)).catch(() => null);
  const item = manifest?.cases.find((each) => each.path === basename(inside));
  return item !== undefined && isSlab(item, false);
}

async function readOne(path: string, source: SourceOptions): Promise<Image> {
  if (!(await stat(path)).isDirectory()) return readRaw(path, source);
  const contents = contentsOf(path, "folder", await readCaseFiles(path, "folder", source), source);
  if (contents.kind === "not assessable") throw new Error(`${path}: ${contents.reason}; name one of its slices, or pass --slab`);
  const [first] = contents.images;
  return first.raw ?? readRaw(first.path, source);
}
