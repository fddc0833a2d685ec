// A folder of cases as a user of the library names it. What reads its manifest is loaded when it is asked for.
import type { SplitPlan } from "../dataset/split.ts";

/** Patients for training and for validation: both whole numbers, or both parts that add up to 1 at most. The others are the test. */
export interface FolderSplit {
  /** Patients, or part of them, to train on. */
  readonly train: number;
  /** Patients, or part of them, to choose the best epoch by. */
  readonly val: number;
}

/** Options of `folder`. */
export interface FolderOptions {
  /** Names of the classes in the order of their indices. Default: the labels that occur, "none" first. */
  readonly classes?: readonly string[];
  /** How patients are shared out. Wanted exactly where the manifest has no column `split`. */
  readonly split?: FolderSplit;
  /** Seed of the split, a whole number. Default 0. */
  readonly seed?: number;
}

/** A folder of cases whose manifest is in order, as `folder` returns it. Its images are not yet read. */
export class Folder {
  /** Path of the folder, without a "/" at its end. */
  readonly dir: string;
  /** Names of the classes in the order of their indices; null for the labels that occur. */
  readonly classes: readonly string[] | null;
  readonly #plan: SplitPlan | null;

  /** @internal */
  constructor(dir: string, classes: readonly string[] | null, plan: SplitPlan | null) {
    this.dir = dir;
    this.classes = classes;
    this.#plan = plan;
  }

  /** @internal */
  static planOf(data: Folder): SplitPlan | null {
    if (!(#plan in Object(data))) throw new TypeError("expected data that folder() of this package returned");
    return data.#plan;
  }
}

/**
 * Opens a folder with manifest.csv or manifest.jsonl, whose columns are path, label, side, patient and split; the first two must be there. A folder of the file
 * system in Node, of the origin's private file system in a browser. Throws an error that names file and line where the manifest is missing or wrong, and
 * where it has fewer patients than the split wants.
 */
export async function folder(dir: string, options: FolderOptions = {}): Promise<Folder> {
  const { readFolder } = await import("./read-folder.ts");
  const { path, classes, plan } = await readFolder(dir, options);
  return new Folder(path, classes, plan);
}
