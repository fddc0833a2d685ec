// A dataset: a folder with a manifest, of CT series, CT slices or pictures. Opening it reads every case once, so that a damaged file is
// met at the start and not in the middle of a night; the small pictures stay in memory as far as the cache allows.
import type { Inflate } from "../dicom/data-set.ts";
import type { FrameDecoders } from "../codecs/frame.ts";
import { BRAIN_WINDOW, type HuWindow } from "../dicom/window.ts";
import { sha256Hex } from "../tensor/sha256.ts";
import { readCaseFiles, type CaseFiles } from "./case-files.ts";
import { under, type ReadableFiles } from "./folder.ts";
import { augmentedSet, Cache, imageSet, type ImageSet, type ImageSetParts, type StoredImage } from "./image-set.ts";
import { fingerprints, refuseConflicts, type Fingerprints } from "./leakage.ts";
import { kindsOf, readManifest } from "./manifest-file.ts";
import { classesOf, isSlab, labelledBySide, SPLITS, type Manifest, type ManifestCase, type Side, type Split } from "./manifest.ts";
import { mirroredClasses } from "./mirror.ts";
import { cropToHead } from "./head-crop.ts";
import { pictureOf, type Image } from "./image.ts";
import { cohortFrom, lacksOf, type Purpose } from "./readiness.ts";
import { contentsOf, ofCase, rangeWarning, readRaw, type SourceOptions } from "./sources.ts";
import { assignSplits, splitPlan, type SplitPlan } from "./split.ts";

export type { ImageSet } from "./image-set.ts";

export interface DatasetOptions {
  /** Side of the square images, in pixels: what crops are taken from. */
  readonly size: number;
  /** Raw deflate; Platform.inflate. */
  readonly inflate: Inflate;
  /** Codecs of compressed DICOM; Platform.decoders. Default: none, and a file that needs one is refused by name. */
  readonly decoders?: FrameDecoders;
  /** In the order of their indices. Default: the labels that occur, "none" first, then sorted. */
  readonly classes?: readonly string[];
  /** What defines the classes: the label of a case (the default), or the side of its finding: none, left, right. */
  readonly target?: "label" | "side";
  /** Default: the brain window, 40/80. */
  readonly windowHu?: HuWindow;
  /** Slices of a series that become images: the one nearest to the centre of the basal ganglia, all within 12 mm, or at most k. Default 3. */
  readonly slices?: "one" | "band" | number;
  /** The scans are slabs around the basal ganglia, where the list does not say otherwise: their middle is taken for the centre. */
  readonly slab?: boolean;
  /** Cuts every image to a square around the head, its side this share of the longer side of the head's box. Default: images as they are. */
  readonly headCrop?: number;
  /** Each training image stands as its 48 variants (augmentation.ts); validation and test images as they are. Default false. */
  readonly augment?: boolean;
  /** For a manifest without splits. Default: `splitPlan()`. */
  readonly split?: SplitPlan;
  /**
   * Opens these splits and lists no case of another, so that a test set stays closed until its day. Default: all. The others' files are read
   * too, for the names of their pixels: a case must not stand in two splits.
   */
  readonly only?: readonly Split[];
  /** Memory for pictures, and for what variants are made of; what is beyond it is read and made again when wanted. Default 1 GiB. */
  readonly cacheBytes?: number;
  /** Fingerprints from an earlier opening; with them only the opened splits are read. */
  readonly fingerprints?: Fingerprints;
  readonly onCase?: (done: number, of: number) => void;
  /** Every image of the opened cases as it was read, before any crop, with the index of its case. */
  readonly onImage?: (index: number, image: Image) => void;
}

interface CaseFacts {
  /** From 0, in the manifest's order; the number that logs and reports may show. */
  readonly index: number;
  /** Index of its class. */
  readonly label: number;
  readonly side: Side | null;
  readonly split: Split;
}

export interface DatasetCase extends CaseFacts {
  /** How many images it has, before any augmentation. */
  readonly images: number;
  /** They are pictures without DICOM: nobody knows their window and sides. */
  readonly pictures: boolean;
  /** What was odd, for a person to read. */
  readonly notes: readonly string[];
}

/** A case without images: counted in a report's flow diagram, never in silence. */
export interface ExcludedCase extends CaseFacts {
  readonly reason: string;
  /** What was odd besides. */
  readonly notes: readonly string[];
}

export interface Dataset {
  readonly classes: readonly string[];
  readonly size: number;
  readonly cases: readonly DatasetCase[];
  readonly excluded: readonly ExcludedCase[];
  /** What is odd about the list or its pictures, for a person to read. */
  readonly remarks: readonly string[];
  /** SHA-256 of the manifest's cases. */
  readonly manifestHash: string;
  /** SHA-256 of the manifest's cases and the split of each. */
  readonly splitHash: string;
  /** Fingerprints of all cases, including those of unopened splits. */
  readonly fingerprints: Fingerprints;
  images(split: Split): ImageSet;
  /** What the opened cases lack for a purpose, with what to do; empty where nothing is missing. */
  lacks(purpose: Purpose): readonly string[];
}

const CACHE_BYTES = 2 ** 30;
const SIZE_LIMIT = 4096;

/**
 * Opens the dataset in folder `dir`. Throws an error that names the file, and the line where there is one, for a manifest that is missing
 * or wrong, a path that does not exist, an image that cannot be read, and a case or a patient that stands in two splits. A series without
 * recognisable basal ganglia is excluded and listed.
 */
export async function openDataset(files: ReadableFiles, dir: string, options: DatasetOptions): Promise<Dataset> {
  const { size, only = SPLITS, augment = false, cacheBytes = CACHE_BYTES, onCase } = options;
  const source = sourceOptions(files, options);
  const manifest = options.target === "side" ? labelledBySide(await readManifest(files, dir)) : await readManifest(files, dir);
  const classes = classesOf(manifest, options.classes);
  const mirrored = augment ? mirroredClasses(classes) : [];
  const splits = splitsOf(manifest, options.split);
  const kinds = await kindsOf(files, dir, manifest);
  const wanted = [...manifest.cases.keys()].filter((index) => only.includes(splits[index]));
  // Read for their fingerprints alone.
  const others = options.fingerprints ? [] : [...manifest.cases.keys()].filter((index) => !only.includes(splits[index]));
  const names: CaseNames[] = [];
  const small: { line: number; text: string }[] = [];
  const noteSmall = ({ remarks }: CaseFiles, { line }: ManifestCase): void => {
    for (const { text, isWarning } of remarks) if (isWarning) small.push({ line, text });
  };
  const cases: DatasetCase[] = [];
  const excluded: ExcludedCase[] = [];
  const images: StoredImage[] = [];
  const cache = new Cache(cacheBytes);
  for (const [done, index] of wanted.entries()) {
    const item = manifest.cases[index];
    const { path, label, side } = item;
    const own = ofCase(source, item);
    const facts: CaseFacts = { index, label: classes.indexOf(label), side, split: splits[index] };
    let pictures = false;
    const contents = await naming(manifest, item, async () => {
      const held = await readCaseFiles(under(dir, path), kinds[index], own);
      names[index] = namesIn(held);
      pictures = held.slices.length === 0;
      noteSmall(held, item);
      return contentsOf(under(dir, path), kinds[index], held, { ...own, slab: isSlab(item, source.slab) });
    });
    if (contents.kind === "images") {
      let uncropped = 0;
      for (const [number, { path, raw: read }] of contents.images.entries()) {
        const whole = read ?? (await readRaw(path, own));
        options.onImage?.(index, whole);
        const raw = cropToHead(whole, source.headCrop);
        if (raw === whole) uncropped++;
        const stored = { path, case: cases.length, key: [index, number] as const, ...(own.rescale && { rescale: own.rescale }) };
        if (augment && splits[index] === "train") images.push({ ...stored, raw: cache.take(raw) ? raw : null, pictures: [] });
        else {
          const picture = pictureOf(raw, size, source.window);
          images.push({ ...stored, raw: null, pictures: cache.take(picture) ? [picture] : [] });
        }
      }
      cases.push({
        ...facts,
        images: contents.images.length,
        pictures,
        notes: [...contents.notes, ...contents.warnings, ...notesOf(uncropped, source)],
      });
    } else {
      excluded.push({ ...facts, reason: contents.reason, notes: contents.notes });
    }
    onCase?.(done + 1, wanted.length + others.length);
  }
  for (const [done, index] of others.entries()) {
    const item = manifest.cases[index];
    names[index] = await naming(manifest, item, async () => {
      const held = await readCaseFiles(under(dir, item.path), kinds[index], ofCase(source, item));
      noteSmall(held, item);
      return namesIn(held);
    });
    onCase?.(wanted.length + done + 1, wanted.length + others.length);
  }
  const prints = options.fingerprints ? stillTrue(options.fingerprints, manifest, names) : fingerprints(manifest, names);
  refuseConflicts(manifest, splits, prints);
  return {
    classes,
    size,
    cases,
    excluded,
    remarks: [...manifest.remarks, ...rangeWarning(manifest.file, small)],
    fingerprints: prints,
    manifestHash: manifest.hash,
    splitHash: sha256Hex(JSON.stringify([manifest.hash, splits])),
    lacks: (purpose) => {
      const usable = new Set(cases.map(({ index }) => index));
      const reasons = new Map(excluded.map(({ index, reason }) => [index, reason]));
      const cohort = cohortFrom(manifest, splits, (index) => ({ usable: usable.has(index), reason: reasons.get(index) ?? null }));
      return lacksOf(cohort, purpose);
    },
    images(split) {
      if (!only.includes(split)) throw new Error(`dataset: the split "${split}" was not opened, only ${only.join(", ")}`);
      const ofSplit = images.filter((image) => cases[image.case].split === split);
      const labels = Uint32Array.from(ofSplit, (image) => cases[image.case].label);
      const { window, headCrop } = source;
      const reread: ImageSetParts["reread"] = async ({ path, rescale }) =>
        cropToHead(await readRaw(path, { ...source, ...(rescale && { rescale }) }), headCrop);
      const parts = { images: ofSplit, labels, classes, size, window, reread, cache };
      return augment && split === "train" ? augmentedSet(parts, mirrored) : imageSet(parts);
    },
  };
}

const notesOf = (uncropped: number, { headCrop }: SourceOptions): string[] =>
  headCrop === undefined || uncropped === 0 ? [] : [`no head is recognised in ${uncropped} of its images: they are shown whole`];

function sourceOptions(
  files: ReadableFiles,
  { size, inflate, decoders = {}, windowHu = BRAIN_WINDOW, slices = 3, slab = false, headCrop }: DatasetOptions,
): SourceOptions {
  if (!Number.isInteger(size) || size < 1 || size > SIZE_LIMIT)
    throw new Error(`dataset: size must be 1 to ${SIZE_LIMIT} pixels, got ${size}`);
  const count = slices === "one" ? 1 : slices === "band" ? Infinity : slices;
  if (!(count >= 1) || (typeof slices === "number" && !Number.isInteger(slices))) {
    throw new Error(`dataset: slices must be "one", "band" or a whole number from 1, got ${slices}`);
  }
  if (headCrop !== undefined && !(headCrop >= 0.5 && headCrop <= 2))
    throw new Error(`dataset: headCrop wants 0.5 to 2 times the head's box, got ${headCrop}`);
  return { files, inflate, decoders, size, window: windowHu, slices: count, slab, ...(headCrop !== undefined && { headCrop }) };
}

/** What `work` throws, with the line of the case before it. */
async function naming<T>({ file }: Manifest, { line }: ManifestCase, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`${file} line ${line}: ${error instanceof Error ? error.message : "cannot be read"}`, { cause: error });
  }
}

type CaseNames = Pick<CaseFiles, "pixels" | "patientKeys">;

/** Throws if a file that decides them is damaged; keeps nothing of the pixels themselves. */
function namesIn({ pixels, patientKeys, damaged }: CaseFiles): CaseNames {
  if (damaged.length > 0) throw damaged[0];
  return { pixels, patientKeys };
}

/** Fingerprints that were kept, where they belong to this manifest and to what was read of its cases. */
function stillTrue(kept: Fingerprints, manifest: Manifest, read: readonly CaseNames[]): Fingerprints {
  if (kept.manifestHash !== manifest.hash) throw new Error(`${manifest.file}: the given fingerprints belong to another list of cases`);
  read.forEach(({ pixels }, index) => {
    if (pixels.join() !== kept.cases[index].pixels.join())
      throw new Error(
        `${manifest.file} line ${manifest.cases[index].line}: its images differ from the given fingerprints; compute new ones`,
      );
  });
  return kept;
}

function splitsOf({ file, cases }: Manifest, plan?: SplitPlan): Split[] {
  const written = cases.flatMap(({ split }) => split ?? []);
  if (written.length > 0 && plan) throw new Error(`${file}: has a split column, but a plan to split is given: use one or the other`);
  if (written.length > 0) return written;
  return assignSplits(cases, plan ?? splitPlan());
}
