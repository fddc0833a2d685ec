// A dataset: a folder with a manifest, of CT series, CT slices or pictures. Opening it reads every case once, so that a damaged file is
// met at the start and not in the middle of a night; the small pictures stay in memory as far as the cache allows.
import type { Inflate } from "../dicom/data-set.ts";
import { BRAIN_WINDOW, type Window } from "../dicom/window.ts";
import { sha256Hex } from "../tensor/sha256.ts";
import { pathFinder, under, type ReadableFiles } from "./folder.ts";
import { augmentedSet, Cache, imageSet, type ImageSet, type StoredImage } from "./image-set.ts";
import { classesOf, labelledBySide, parseManifest, SPLITS, type Manifest, type Side, type Split } from "./manifest.ts";
import { mirroredClasses } from "./mirror.ts";
import { pictureOf } from "./raw-image.ts";
import { readFolder, readRaw, type Contents, type SourceOptions } from "./sources.ts";
import { assignSplits, type SplitPlan } from "./split.ts";

export type { ImageSet } from "./image-set.ts";

export interface DatasetOptions {
  /** Side of the square images, in pixels: what crops are taken from. */
  readonly size: number;
  /** Raw deflate; Platform.inflate. */
  readonly inflate: Inflate;
  /** In the order of their indices. Default: the labels that occur, "none" first, then sorted. */
  readonly classes?: readonly string[];
  /** What tells classes apart: the label of a case (the default), or the side of its finding: none, left, right. */
  readonly target?: "label" | "side";
  /** Default: the brain window, 40/80. */
  readonly windowHu?: Window;
  /** Slices of a series that become images: the one nearest to the centre of the basal ganglia, all within 12 mm, or at most k. Default 3. */
  readonly slices?: "one" | "band" | number;
  /** The scans are slabs around the basal ganglia: their middle is taken for the centre. */
  readonly slab?: boolean;
  /** Each training image stands as its 48 variants (augmentation.ts); validation and test images as they are. Default false. */
  readonly augment?: boolean;
  /** Wanted exactly where the manifest has no splits. */
  readonly split?: SplitPlan;
  /** Reads these splits and lists no case of another, so that a test set stays closed until its day. Default: all. */
  readonly only?: readonly Split[];
  /** Keeps a patient's key from being found by trying names and numbers. Not stored anywhere. Default: none. */
  readonly salt?: string;
  /** Memory for pictures, and for what variants are made of; what is beyond it is read and made again when wanted. Default 1 GiB. */
  readonly cacheBytes?: number;
  readonly onCase?: (done: number, of: number) => void;
}

interface CaseFacts {
  /** From 0, in the manifest's order; the number that logs and reports may show. */
  readonly index: number;
  /** 12 hexadecimal digits in place of the patient's name. */
  readonly patient: string;
  /** Index of its class. */
  readonly label: number;
  readonly side: Side | null;
  readonly split: Split;
}

export interface DatasetCase extends CaseFacts {
  /** How many images it has, before any augmentation. */
  readonly images: number;
  /** What was odd, for a person to read. */
  readonly notes: readonly string[];
}

/** A case without images: counted in a report's flow diagram, never in silence. */
export interface ExcludedCase extends CaseFacts {
  readonly reason: string;
}

export interface Dataset {
  readonly classes: readonly string[];
  readonly size: number;
  readonly cases: readonly DatasetCase[];
  readonly excluded: readonly ExcludedCase[];
  /** SHA-256 of the manifest's cases. */
  readonly manifestHash: string;
  /** SHA-256 of the manifest's cases and the split of each. */
  readonly splitHash: string;
  images(split: Split): ImageSet;
}

const MANIFESTS = ["manifest.csv", "manifest.jsonl"];
const MANIFEST_LIMIT_BYTES = 2 ** 26;
const CACHE_BYTES = 2 ** 30;
const SIZE_LIMIT = 4096;

/**
 * Opens the dataset in folder `dir`. Throws an error that names the file, and the line where there is one, for a manifest that is missing
 * or wrong, a path that does not exist, and an image that cannot be read. A series without recognisable basal ganglia is excluded and listed.
 */
export async function openDataset(files: ReadableFiles, dir: string, options: DatasetOptions): Promise<Dataset> {
  const { size, only = SPLITS, salt = "", augment = false, cacheBytes = CACHE_BYTES, onCase } = options;
  const source = sourceOptions(files, options);
  const manifest = options.target === "side" ? labelledBySide(await readManifest(files, dir)) : await readManifest(files, dir);
  const classes = classesOf(manifest, options.classes);
  const mirrored = augment ? mirroredClasses(classes) : [];
  const splits = splitsOf(manifest, options.split);
  const kinds = await kindsOf(files, dir, manifest);
  const wanted = [...manifest.cases.keys()].filter((index) => only.includes(splits[index]));
  const cases: DatasetCase[] = [];
  const excluded: ExcludedCase[] = [];
  const images: StoredImage[] = [];
  const cache = new Cache(cacheBytes);
  for (const [done, index] of wanted.entries()) {
    const { path, label, side, patient } = manifest.cases[index];
    const key = sha256Hex(`patient\0${salt}\0${patient}`, 12);
    const facts: CaseFacts = { index, patient: key, label: classes.indexOf(label), side, split: splits[index] };
    const contents = await readCase(under(dir, path), kinds[index], source);
    if (contents.kind === "images") {
      for (const [number, { path, raw: read }] of contents.images.entries()) {
        const raw = read ?? (await readRaw(path, source));
        const stored = { path, case: cases.length, key: [index, number] as const };
        if (augment && splits[index] === "train") images.push({ ...stored, raw: cache.take(raw) ? raw : null, pictures: [] });
        else {
          const picture = pictureOf(raw, size, source.window);
          images.push({ ...stored, raw: null, pictures: cache.take(picture) ? [picture] : [] });
        }
      }
      cases.push({ ...facts, images: contents.images.length, notes: contents.notes });
    } else {
      excluded.push({ ...facts, reason: contents.reason });
    }
    onCase?.(done + 1, wanted.length);
  }
  return {
    classes,
    size,
    cases,
    excluded,
    manifestHash: manifest.hash,
    splitHash: sha256Hex(JSON.stringify([manifest.hash, splits])),
    images(split) {
      if (!only.includes(split)) throw new Error(`dataset: the split "${split}" was not opened, only ${only.join(", ")}`);
      const ofSplit = images.filter((image) => cases[image.case].split === split);
      const labels = Uint32Array.from(ofSplit, (image) => cases[image.case].label);
      const parts = { images: ofSplit, labels, classes, source, cache };
      return augment && split === "train" ? augmentedSet(parts, mirrored) : imageSet(parts);
    },
  };
}

function sourceOptions(
  files: ReadableFiles,
  { size, inflate, windowHu = BRAIN_WINDOW, slices = 3, slab = false }: DatasetOptions,
): SourceOptions {
  if (!Number.isInteger(size) || size < 1 || size > SIZE_LIMIT)
    throw new Error(`dataset: size wants 1 to ${SIZE_LIMIT} pixels, got ${size}`);
  const count = slices === "one" ? 1 : slices === "band" ? Infinity : slices;
  if (!(count >= 1) || (typeof slices === "number" && !Number.isInteger(slices))) {
    throw new Error(`dataset: slices wants "one", "band" or a whole number from 1, got ${slices}`);
  }
  return { files, inflate, size, window: windowHu, slices: count, slab };
}

/** The manifest of the folder `dir`, whichever of its formats is there. */
export async function readManifest(files: ReadableFiles, dir: string): Promise<Manifest> {
  const found = (await files.list(dir)).filter((name) => MANIFESTS.includes(name));
  if (found.length !== 1) {
    const problem = found.length === 0 ? "holds no" : "holds more than one";
    throw new Error(
      `${dir}: ${problem} manifest; wants one of ${MANIFESTS.join(" and ")}, with a line a case: path,label,side,patient,split`,
    );
  }
  const file = under(dir, found[0]);
  const bytes = await files.read(file, MANIFEST_LIMIT_BYTES);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error(`${file}: is not UTF-8 text; save it as UTF-8`);
  }
  return parseManifest(text, file);
}

function splitsOf({ file, cases }: Manifest, plan?: SplitPlan): Split[] {
  const written = cases.flatMap(({ split }) => split ?? []);
  if (written.length > 0 && plan) throw new Error(`${file}: has a split column, and a plan to split is given: leave one of them out`);
  if (written.length > 0) return written;
  if (!plan) throw new Error(`${file}: has no splits; fill the column split (${SPLITS.join(", ")}), or give a plan to split by patient`);
  return assignSplits(cases, plan);
}

async function kindsOf(files: ReadableFiles, dir: string, { file, cases }: Manifest): Promise<("file" | "folder")[]> {
  const find = pathFinder(files, dir);
  const kinds: ("file" | "folder")[] = [];
  for (const { path, line } of cases) {
    const kind = await find(path);
    if (!kind) throw new Error(`${file} line ${line}: there is no file or folder "${path}" in ${dir}`);
    kinds.push(kind);
  }
  return kinds;
}

async function readCase(path: string, kind: "file" | "folder", source: SourceOptions): Promise<Contents> {
  if (kind === "folder") return readFolder(path, source);
  return { kind: "images", images: [{ path, raw: await readRaw(path, source) }], notes: [] };
}
