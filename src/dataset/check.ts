// What a dataset holds, case by case, and everything that is wrong or odd with it, in one list: for a person who has put a folder together.
// Cases are named by number and line. No value of an identifying attribute comes in here, and no picture leaves but as a thumbnail.
import { BRAIN_WINDOW, type HuWindow } from "../dicom/window.ts";
import { kernelKind, type KernelKind } from "../dicom/reconstruction-kernel.ts";
import type { CtSeries } from "../dicom/series.ts";
import { suspectsText } from "./burned-in-text.ts";
import { readCaseFiles, type CaseFiles, type FileOptions } from "./case-files.ts";
import { under } from "./folder.ts";
import { inBytes, pictureOf, type Image, type Picture } from "./image.ts";
import { conflicts, fingerprints } from "./leakage.ts";
import { findCases, noSuchCase, readManifest, unlabelled } from "./manifest-file.ts";
import {
  classesOf,
  isSlab,
  labelledBySide,
  SPLITS,
  studyClasses,
  type Manifest,
  type ManifestCase,
  type Side,
  type Split,
} from "./manifest.ts";
import { mirroredClasses } from "./mirror.ts";
import { cohortFrom, lacksOf, type Purpose } from "./readiness.ts";
import { lookAlikes, signatureOf, type LookAlike, type Signature } from "./look-alikes.ts";
import { contentsOf, ofCase, rangeWarning, readRaw, summarise, type Contents, type SourceOptions } from "./sources.ts";
import { assignSplits, splitPlan, type SplitPlan } from "./split.ts";
import { meanTrivia, separations, triviaOf, type Separation, type Trivia } from "./trivia.ts";

export interface CheckOptions extends FileOptions {
  readonly windowHu?: HuWindow;
  readonly slices?: number;
  readonly slab?: boolean;
  /** For a list without splits. */
  readonly split?: SplitPlan;
  /** Side of the thumbnails. Default 144. */
  readonly size?: number;
  /** Called after each case, with what was found of it. */
  readonly onCase?: (done: number, of: number, found: { readonly item: CheckedCase; readonly thumbnail: Picture | null }) => void;
}

export interface Count {
  readonly reason: string;
  readonly count: number;
}

/** The series that was picked in a case's folder. */
export interface SeriesFacts {
  readonly slices: number;
  readonly rows: number;
  readonly columns: number;
  readonly pixelMm: number | null;
  readonly thicknessMm: number | null;
  /** Smallest and largest distance between neighbours. */
  readonly spacingMm: readonly [least: number, most: number] | null;
  readonly tiltDegrees: number;
  readonly kernel: KernelKind;
}

export interface CheckedCase {
  /** From 0, in the list's order: the number that reports may show. */
  readonly case: number;
  readonly line: number;
  readonly label: string;
  readonly side: Side | null;
  readonly split: Split;
  /** Excluded: left out of a study with its reason. Error: nothing can be opened before it is mended. */
  readonly verdict: "usable" | "excluded" | "error";
  /** Why it is not usable. */
  readonly reason: string | null;
  readonly files: number;
  /** That stand for it in a study. */
  readonly images: number;
  readonly series: SeriesFacts | null;
  readonly leftOut: readonly Count[];
  /** What was odd. */
  readonly notes: readonly string[];
}

export interface DatasetCheck {
  /** Name of the list. */
  readonly list: string;
  readonly classes: readonly string[];
  readonly patients: number;
  /** False: each case is taken for a patient of its own. */
  readonly namesPatients: boolean;
  /** Where the splits come from. */
  readonly splits: "the list" | "drawn";
  readonly cases: readonly CheckedCase[];
  /** Files and folders beside the cases: the one place where names are repeated, as a person must find them. */
  readonly unlabelled: readonly string[];
  /** The flow of a study: files read, left out, cases excluded, and usable cases by split and label. */
  readonly flow: {
    readonly files: number;
    readonly leftOut: readonly Count[];
    readonly excluded: readonly Count[];
    readonly usable: Readonly<Record<Split, Readonly<Record<string, number>>>>;
  };
  /** Each names file and line. */
  readonly errors: readonly string[];
  /** What the usable cases lack for `train` and for a study, with what to do: both refuse the folder for the same reasons. */
  readonly lacks: Readonly<Record<Purpose, readonly string[]>>;
  /** How well features that say nothing about a finding separate cases with one from those of "none"; empty without both kinds. */
  readonly shortcuts: readonly Separation[];
  readonly warnings: readonly string[];
}

export interface Checked {
  readonly check: DatasetCheck;
  /** One a case, null where none could be read. */
  readonly thumbnails: readonly (Picture | null)[];
  /** Images of two cases that look alike, for a person to compare. */
  readonly pairs: readonly { readonly cases: readonly [number, number]; readonly pictures: readonly [Picture, Picture] }[];
}

const THUMBNAIL = 144;
const MINIMUM_PER_CLASS = 2;

/** Reads every case of the folder `dir`, all splits alike. Throws only for a list that cannot be read; all else is in the result. */
export async function checkDataset(dir: string, options: CheckOptions): Promise<Checked> {
  const { files, windowHu = BRAIN_WINDOW, slices = 3, slab = false, size = THUMBNAIL } = options;
  const source: SourceOptions = { ...options, window: windowHu, size, slices, slab };
  const manifest = await readManifest(files, dir);
  const isSplit = manifest.cases[0].split !== null;
  if (isSplit && options.split) throw new Error(`${manifest.file}: has a split column, but a plan to split is given: use one or the other`);
  const splits = isSplit ? manifest.cases.map(({ split }) => split as Split) : assignSplits(manifest.cases, options.split ?? splitPlan());
  const kinds = await findCases(files, dir, manifest);
  const looked: Looked[] = [];
  for (const [index, item] of manifest.cases.entries()) {
    const found = await look(item, kinds[index], { dir, manifest, source });
    looked.push(found);
    const { facts, thumbnail } = found;
    options.onCase?.(looked.length, kinds.length, { item: { case: index, split: splits[index], ...facts }, thumbnail });
  }
  const cases = looked.map(({ facts }, index): CheckedCase => ({ case: index, split: splits[index], ...facts }));
  const shortcuts = separations(looked.flatMap(({ facts: { label }, trivia }) => (trivia ? [{ positive: label !== "none", trivia }] : [])));
  const alike = lookAlikes(
    looked.map(({ signatures }) => signatures),
    splits,
  ).filter(({ first, second }) => !looked[first].held.pixels.some((hash) => looked[second].held.pixels.includes(hash)));
  const strays = await unlabelled(files, dir, manifest);
  return {
    check: {
      list: manifest.file.slice(manifest.file.lastIndexOf("/") + 1),
      classes: [...new Set(manifest.cases.map(({ label }) => label))].sort(),
      patients: new Set(manifest.cases.map(({ patient }) => patient)).size,
      namesPatients: manifest.namesPatients,
      splits: isSplit ? "the list" : "drawn",
      cases,
      unlabelled: strays,
      flow: flowOf(cases, looked),
      errors: [
        ...classErrors(manifest),
        ...cases.flatMap(({ verdict, reason }) => (verdict === "error" && reason ? [reason] : [])),
        ...(cases.every(({ verdict }) => verdict === "excluded")
          ? [`${manifest.file}: all its cases are excluded: nothing is left to learn from`]
          : []),
        ...leaks(manifest, splits, looked),
      ],
      lacks: { train: trainingLacks(manifest, cases), study: studyLacks(manifest, cases) },
      shortcuts,
      warnings: [
        ...manifest.remarks,
        ...warningsOn(manifest, cases, strays),
        ...rangeWarning(
          manifest.file,
          looked.flatMap(({ facts: { line }, warnings }) => warnings.map((text) => ({ line, text }))),
        ),
        ...shortcuts.filter(({ suspicious }) => suspicious).map(suspicion(manifest)),
        ...repeats(manifest, splits, looked),
        ...suspicions(manifest, splits, alike),
      ],
    },
    thumbnails: looked.map(({ thumbnail }) => thumbnail),
    pairs: alike.map(({ first, second, images: [a, b] }) => ({
      cases: [first, second],
      pictures: [looked[first].pictures[a], looked[second].pictures[b]],
    })),
  };
}

interface Looked {
  readonly facts: Omit<CheckedCase, "case" | "split">;
  readonly held: Pick<CaseFiles, "pixels" | "patientKeys" | "leftOut">;
  readonly thumbnail: Picture | null;
  readonly signatures: readonly Signature[];
  readonly warnings: readonly string[];
  /** Thumbnails of the images, in the order of the signatures. */
  readonly pictures: readonly Picture[];
  /** Null where no image could be read. */
  readonly trivia: Trivia | null;
}

interface Place {
  readonly dir: string;
  readonly manifest: Manifest;
  readonly source: SourceOptions;
}

async function look(item: ManifestCase, kind: "file" | "folder" | null, { dir, manifest, source: all }: Place): Promise<Looked> {
  const source = ofCase(all, item);
  const { line, label, side, path } = item;
  const unread = { line, label, side, verdict: "error", reason: null, files: 0, images: 0, series: null, leftOut: [], notes: [] } as const;
  const failed = (reason: string): Looked => ({
    facts: { ...unread, reason },
    held: { pixels: [], patientKeys: [], leftOut: [] },
    thumbnail: null,
    signatures: [],
    warnings: [],
    pictures: [],
    trivia: null,
  });
  const told = (error: unknown): string => `${manifest.file} line ${line}: ${error instanceof Error ? error.message : "cannot be read"}`;
  if (kind === null) return failed(await noSuchCase(source.files, dir, manifest, item));
  let held: CaseFiles;
  try {
    held = await readCaseFiles(under(dir, path), kind, source);
  } catch (error) {
    return failed(told(error));
  }
  const { pixels, patientKeys, leftOut } = held;
  const seen = { held: { pixels, patientKeys, leftOut }, thumbnail: null, signatures: [], warnings: [], pictures: [], trivia: null };
  const facts = { ...unread, files: held.count, leftOut: summarise(leftOut) };
  try {
    const contents = contentsOf(under(dir, path), kind, held, { ...source, slab: isSlab(item, source.slab) });
    const series = contents.series ? factsOf(contents.series) : null;
    if (contents.kind === "not assessable") {
      const { reason, notes, preview } = contents;
      const thumbnail = preview && pictureOf(preview, source.size, source.window);
      return { ...seen, thumbnail, facts: { ...facts, verdict: "excluded", reason, notes, series } };
    }
    const { notes, ...shown } = await inspect(contents, source);
    return {
      ...seen,
      ...shown,
      warnings: contents.warnings,
      facts: { ...facts, verdict: "usable", images: contents.images.length, series, notes },
    };
  } catch (error) {
    return { ...seen, facts: { ...facts, reason: told(error) } };
  }
}

/** Looks at a case's images one after another. */
async function inspect(
  { images, notes, warnings }: Extract<Contents, { kind: "images" }>,
  source: SourceOptions,
): Promise<Pick<Looked, "thumbnail" | "signatures" | "pictures" | "trivia"> & Pick<CheckedCase, "notes">> {
  const signatures: Signature[] = [];
  const trivia: Trivia[] = [];
  const pictures: Picture[] = [];
  let written = 0;
  for (const { path, raw: held } of images) {
    const raw: Image = held ?? (await readRaw(path, source));
    const picture = pictureOf(raw, source.size, source.window);
    pictures.push(picture);
    signatures.push(signatureOf(inBytes(raw, source.window)));
    const letters = suspectsText(raw);
    trivia.push(triviaOf(raw, source.window, letters));
    if (letters) written++;
  }
  const text = written > 0 ? [`${written} of ${images.length} images may have burned-in text: it may name a patient`] : [];
  return { notes: [...notes, ...warnings, ...text], thumbnail: pictures[0] ?? null, signatures, pictures, trivia: meanTrivia(trivia) };
}

function factsOf({ slices, spacingsMm, tiltDegrees }: CtSeries): SeriesFacts {
  const [{ rows, columns, pixelSpacingMm, sliceThicknessMm, kernel }] = slices;
  return {
    slices: slices.length,
    rows,
    columns,
    pixelMm: pixelSpacingMm?.[0] ?? null,
    thicknessMm: sliceThicknessMm,
    spacingMm: spacingsMm.length > 0 ? [Math.min(...spacingsMm), Math.max(...spacingsMm)] : null,
    tiltDegrees,
    kernel: kernelKind(kernel),
  };
}

function flowOf(cases: readonly CheckedCase[], looked: readonly Looked[]): DatasetCheck["flow"] {
  const excluded = cases.flatMap(({ verdict, reason }) => (verdict === "excluded" && reason ? [{ file: "", reason }] : []));
  const usable = Object.fromEntries(SPLITS.map((split) => [split, {}])) as Record<Split, Record<string, number>>;
  for (const { split, label, verdict } of cases) if (verdict === "usable") usable[split][label] = (usable[split][label] ?? 0) + 1;
  return {
    files: cases.reduce((sum, { files }) => sum + files, 0),
    leftOut: summarise(looked.flatMap(({ held }) => held.leftOut)),
    excluded: summarise(excluded),
    usable,
  };
}

function classErrors(manifest: Manifest): string[] {
  try {
    classesOf(manifest);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

const cohortOf = (manifest: Manifest, cases: readonly CheckedCase[]): ReturnType<typeof cohortFrom> =>
  cohortFrom(
    manifest,
    cases.map(({ split }) => split),
    (index) => ({
      usable: cases[index].verdict === "usable",
      reason: cases[index].verdict === "excluded" ? cases[index].reason : null,
    }),
  );

function trainingLacks(manifest: Manifest, cases: readonly CheckedCase[]): string[] {
  if (classErrors(manifest).length > 0) return [];
  const lacks = lacksOf(cohortOf(manifest, cases), "train");
  try {
    mirroredClasses(classesOf(manifest));
    return lacks;
  } catch (error) {
    return [...lacks, `${manifest.file}: ${(error as Error).message} (--no-mirror)`];
  }
}

function studyLacks(manifest: Manifest, cases: readonly CheckedCase[]): string[] {
  if (classErrors(manifest).length > 0) return [];
  try {
    const sided = studyClasses(manifest).length === 3;
    return lacksOf(cohortOf(sided ? labelledBySide(manifest) : manifest, cases), "study");
  } catch (error) {
    return [(error as Error).message];
  }
}

const leaks = (manifest: Manifest, splits: readonly Split[], looked: readonly Looked[]): string[] =>
  conflicts(
    manifest,
    splits,
    fingerprints(
      manifest,
      looked.map(({ held }) => held),
    ),
  ).map(({ message }) => message);

function warningsOn({ file, namesPatients }: Manifest, cases: readonly CheckedCase[], strays: readonly string[]): string[] {
  const warnings: string[] = [];
  if (!namesPatients)
    warnings.push(
      `${file}: has no patients, so each case counts as a patient of its own; images of one patient may get into different splits`,
    );
  if (strays.length > 0)
    warnings.push(strays.length === 1 ? "1 file or folder has no label" : `${strays.length} files or folders have no label`);
  const classes = [...new Set(cases.map(({ label }) => label))].sort();
  for (const split of SPLITS)
    for (const label of classes) {
      const count = cases.filter((item) => item.split === split && item.label === label && item.verdict === "usable").length;
      if (count < MINIMUM_PER_CLASS) warnings.push(`the split ${split} has ${count} usable ${count === 1 ? "case" : "cases"} of ${label}`);
    }
  return warnings;
}

const suspicion =
  ({ file }: Manifest) =>
  ({ feature, auc }: Separation): string =>
    `${file}: the ${feature} of the images alone separates cases with a finding from the others (AUC ${auc.toFixed(2)}): a network may learn where pictures come from; take both kinds from one source`;

const named = ({ line, path }: ManifestCase): string => `line ${line} (${path})`;

/** The same image twice in one split. */
function repeats({ file, cases }: Manifest, splits: readonly Split[], looked: readonly Looked[]): string[] {
  const warnings: string[] = [];
  const first = new Map<string, number>();
  looked.forEach(({ held }, index) => {
    const other = held.pixels.map((hash) => first.get(hash)).find((one) => one !== undefined && splits[one] === splits[index]);
    if (other !== undefined) {
      const labels = cases[other].label === cases[index].label ? "" : ", with another label";
      warnings.push(
        `${file} ${named(cases[index])}: has images with the same pixels as ${named(cases[other])}, in the same split${labels}`,
      );
    }
    for (const hash of held.pixels) if (!first.has(hash)) first.set(hash, index);
  });
  return warnings;
}

/** Pairs that are written out; a contact sheet shows all. */
const MOST_PAIRS = 12;

/** Images that look alike in two splits though their pixels differ. */
function suspicions({ file, cases }: Manifest, splits: readonly Split[], alike: readonly LookAlike[]): string[] {
  const lines = alike
    .slice(0, MOST_PAIRS)
    .map(
      ({ first, second }) =>
        `${file} ${named(cases[second])}: looks like ${named(cases[first])}, which is in another split (${splits[first]} and ${splits[second]}): a lossy, resized or cropped copy, or a slice of the same patient?`,
    );
  const more = alike.length - lines.length;
  return more === 0
    ? lines
    : [...lines, `${file}: ${more} more ${more === 1 ? "case looks" : "cases look"} like one in another split; --sheet shows all pairs`];
}
