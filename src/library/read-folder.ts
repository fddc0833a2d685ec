// Reads the manifest of a folder of cases, and shares its patients out.
import { readManifest } from "../dataset/manifest-file.ts";
import type { SplitPlan } from "../dataset/split.ts";
import { expectFolder } from "./arguments.ts";
import { hostPlatform, withoutSlash } from "./host.ts";

interface Split {
  readonly train: number;
  readonly val: number;
}

interface Options {
  readonly classes?: readonly string[];
  readonly split?: Split;
  readonly seed?: number;
}

interface Read {
  readonly path: string;
  readonly classes: readonly string[] | null;
  readonly plan: SplitPlan | null;
}

/** What `folder` makes a folder of. Throws as it does. */
export async function readFolder(dir: string, options: Options): Promise<Read> {
  expectFolder(dir, options);
  const { classes, split, seed = 0 } = options;
  const path = withoutSlash(dir);
  const { file, cases } = await readManifest((await hostPlatform()).files, path);
  const patients = new Set(cases.map(({ patient }) => patient)).size;
  return { path, classes: classes ?? null, plan: split ? sharedOut(split, { seed, patients, file }) : null };
}

function sharedOut({ train, val }: Split, { seed, patients, file }: { seed: number; patients: number; file: string }): SplitPlan {
  if (train + val <= 1) return { seed, fractions: { train, val, test: 1 - train - val } };
  const test = patients - train - val;
  if (test < 0) throw new Error(`${file}: has ${patients} patients, the split wants ${train} for training and ${val} for validation`);
  return { seed, patients: { train, val, test } };
}
