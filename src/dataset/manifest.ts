// The list of a dataset's cases, as CSV or JSON Lines, one case per line: where its images lie, its label, its side, its patient and its split.
// The first two must be there. Patients are never named in an error: it gives the line.
import * as v from "valibot";
import { sha256Hex } from "../tensor/sha256.ts";
import { folded } from "./alike.ts";
import { parseCsv } from "./csv.ts";
import { parseRescale, RESCALE_FORM, type Rescale } from "./rescale.ts";

export const SPLITS = ["train", "val", "test"] as const;
export type Split = (typeof SPLITS)[number];

export type Side = "left" | "right";

const COVERAGES = ["head", "slab"] as const;
export type Coverage = (typeof COVERAGES)[number];

export interface ManifestCase {
  /** Line of the file, from 1. */
  readonly line: number;
  /** A file or a series folder, relative to the dataset's folder, without a "/" at its end. */
  readonly path: string;
  readonly label: string;
  /** The patient's side, where the label has one. */
  readonly side: Side | null;
  /** As written: may identify a person, so it never leaves this module. The path where the list has none. */
  readonly patient: string;
  readonly split: Split | null;
  /** What a CT series covers: a whole head, or a slab of little more than the basal ganglia. Absent where the list does not say. */
  readonly coverage?: Coverage;
  /** How its grey PNG of 16 bits become Hounsfield units; null where pictures are grey. */
  readonly rescale: Rescale | null;
}

export interface Manifest {
  readonly file: string;
  readonly cases: readonly ManifestCase[];
  /** Whether the list names patients; otherwise each case is taken for a patient of its own. */
  readonly namesPatients: boolean;
  /** What was passed over: each names the file. */
  readonly remarks: readonly string[];
  /** SHA-256 of the cases in order, the same for either format and any spelling of it. */
  readonly hash: string;
}

const COLUMNS = ["path", "label", "side", "patient", "split", "coverage"] as const;
const OPTIONAL: readonly string[] = ["side", "patient", "split", "coverage"];
const KNOWN: readonly string[] = [...COLUMNS, "rescale"];

const filled = (what: string): v.GenericSchema<string> =>
  v.pipe(
    v.string(`${what} must be text`),
    v.trim(),
    v.nonEmpty(`${what} is empty`),
    v.maxLength(1000, `${what} is longer than 1000 characters`),
  );

const oneOf = <const T extends string>(what: string, values: readonly T[]): v.GenericSchema<unknown, T | null> =>
  v.pipe(
    v.optional(v.picklist([...values, "none", ""], `${what} must be ${values.map((value) => `"${value}"`).join(", ")} or nothing`), ""),
    v.transform((value) => (value === "" || value === "none" ? null : value)),
  );

const ROW = v.strictObject(
  {
    path: v.pipe(
      filled("path"),
      v.transform((path) => path.replace(/^(\.\/)+|\/$/g, "")),
      v.check(
        staysInside,
        ({ input }) => `path "${input}" leaves the dataset's folder or is not plain; write it as folder/name, without "..", "\\" or drive`,
      ),
    ),
    label: filled("label"),
    side: oneOf("side", ["left", "right"]),
    patient: v.optional(filled("patient")),
    split: oneOf("split", SPLITS),
    coverage: oneOf("coverage", COVERAGES),
    rescale: v.pipe(
      v.optional(v.string("rescale must be text"), ""),
      v.check((text) => text.trim() === "" || parseRescale(text) !== null, `rescale must be ${RESCALE_FORM}, or nothing`),
      v.transform(parseRescale),
    ),
  },
  `expected the fields ${COLUMNS.join(", ")} (all but path and label may be absent)`,
);

function staysInside(path: string): boolean {
  const odd = /^[A-Za-z]:|\\/.test(path) || Array.from(path).some((character) => character < " ");
  return !odd && path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

/** Reads the text of a manifest; the file's name says which format. Throws an error that names file and line. */
export function parseManifest(text: string, file: string): Manifest {
  const rows = file.endsWith(".jsonl") ? jsonRows(text, file) : csvRows(text, file);
  const others = new Set<string>();
  const parsed = rows.map(({ line, row }) => {
    const result = v.safeParse(ROW, knownFields(row, `${file} line ${line}`, others));
    if (!result.success) throw new Error(`${file} line ${line}: ${result.issues[0].message}`);
    return { line, ...result.output };
  });
  const namesPatients = checkFilled(parsed, "patient", file);
  const cases = parsed.map(({ coverage, ...item }): ManifestCase => ({
    ...item,
    patient: item.patient ?? item.path,
    ...(coverage && { coverage }),
  }));
  if (cases.length === 0) throw new Error(`${file}: lists no case; write one per line, with ${COLUMNS.join(", ")}`);
  checkPaths(cases, file);
  checkPatients(cases, file);
  checkFilled(cases, "split", file);
  // A line without coverage and rescale has the hash that it had before there were such columns.
  const canonical = cases.map(({ path, label, side, patient, split, coverage, rescale }) =>
    JSON.stringify([
      path,
      label,
      side,
      patient,
      split,
      ...(coverage ? [coverage] : []),
      ...(rescale ? [rescale.slope, rescale.intercept] : []),
    ]),
  );
  const remarks = others.size === 0 ? [] : [`${file}: columns that mean nothing here are passed over: ${[...others].join(", ")}`];
  return { file, cases, namesPatients, remarks, hash: sha256Hex(canonical.join("\n")) };
}

/** Words by which other tools call what these columns hold. */
const SYNONYMS: Readonly<Record<string, RegExp>> = {
  path: /path|file|image|folder/,
  label: /label|class|diagnosis|target/,
  side: /side|lateral/,
  patient: /patient|subject|person|pid/,
  split: /split|fold|^set$|subset|partition/,
  rescale: /rescale|slope|intercept/,
};

/** Adds a column that has no meaning here to `others`. Throws for one that seems to be a column which the list lacks: it must not be lost. */
function passOver(name: string, present: readonly string[], where: string, others: Set<string>): void {
  const meant = Object.keys(SYNONYMS).find((column) => !present.includes(column) && SYNONYMS[column].test(name.toLowerCase()));
  if (meant !== undefined) throw new Error(`${where}: the column "${name}" may be meant as ${meant}; rename it to ${meant}, or remove it`);
  others.add(name === "" ? "(without a name)" : `"${name}"`);
}

/** An object's fields but those that have no meaning here. */
function knownFields(row: unknown, where: string, others: Set<string>): unknown {
  if (typeof row !== "object" || row === null || Array.isArray(row)) return row;
  const names = Object.keys(row);
  const foreign = names.filter((name) => !KNOWN.includes(name));
  for (const name of foreign) passOver(name, names, where, others);
  return Object.fromEntries(Object.entries(row).filter(([name]) => KNOWN.includes(name)));
}

/** Whether the lines fill a column; they must do so everywhere or nowhere. */
function checkFilled<K extends string>(
  rows: readonly ({ readonly line: number } & Partial<Record<K, unknown>>)[],
  column: K,
  file: string,
): boolean {
  const full = rows.find((row) => (row[column] ?? null) !== null);
  const empty = rows.find((row) => (row[column] ?? null) === null);
  if (full && empty)
    throw new Error(`${file} line ${empty.line}: no ${column}, where line ${full.line} has one; fill the column in all lines or in none`);
  return full !== undefined;
}

interface RawRow {
  readonly line: number;
  readonly row: unknown;
}

function csvRows(text: string, file: string): RawRow[] {
  const [header, ...rows] = parseCsv(text, file);
  if (!header) throw new Error(`${file}: is empty; its first line should be ${COLUMNS.join(",")}`);
  const names = header.fields.map((name) => name.trim().toLowerCase());
  const missing = COLUMNS.filter((column) => !OPTIONAL.includes(column) && !names.includes(column));
  const where = `${file} line ${header.line}`;
  const twice = names.find((name, i) => KNOWN.includes(name) && names.indexOf(name) < i);
  if (twice !== undefined) throw new Error(`${where}: the header has the column ${twice} twice; keep one`);
  if (missing.length > 0) {
    for (const name of names.filter((each) => !KNOWN.includes(each))) passOver(name, names, where, new Set());
    throw new Error(
      `${where}: the header has no column ${missing.join(" and no ")}; it should be ${COLUMNS.join(",")} (all but path and label may be absent)`,
    );
  }
  return rows.map(({ line, fields }) => ({ line, row: Object.fromEntries(names.map((name, i) => [name, fields[i].trim()])) }));
}

function jsonRows(text: string, file: string): RawRow[] {
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  return lines.flatMap((content, i) => {
    if (content.trim() === "") return [];
    try {
      return [{ line: i + 1, row: JSON.parse(content) as unknown }];
    } catch {
      throw new Error(`${file} line ${i + 1}: is not JSON; write one object per line`);
    }
  });
}

/** No file may be read for two cases: neither listed twice nor inside a listed folder. */
function checkPaths(cases: readonly ManifestCase[], file: string): void {
  const lineOf = new Map<string, number>();
  for (const { path, line } of cases) {
    const first = lineOf.get(path);
    if (first !== undefined) throw new Error(`${file} line ${line}: path "${path}" is already in line ${first}`);
    lineOf.set(path, line);
  }
  for (const { path, line } of cases) {
    for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) {
      const outer = lineOf.get(path.slice(0, end));
      if (outer !== undefined)
        throw new Error(`${file} line ${line}: path "${path}" lies inside the folder of line ${outer}: its images would count twice`);
    }
  }
}

/** A patient seen in training must not be met in a test. */
function checkPatients(cases: readonly ManifestCase[], file: string): void {
  const first = new Map<string, ManifestCase>();
  for (const item of cases) {
    const before = first.get(item.patient) ?? item;
    first.set(item.patient, before);
    if (before.split !== item.split) {
      const names = [before.split ?? "no split", item.split ?? "no split"].join(" and ");
      throw new Error(
        `${file} line ${item.line}: its patient is in another split in line ${before.line} (${names}); keep each patient in one split`,
      );
    }
  }
}

const sideOf = ({ label, side }: ManifestCase): string | null => (label === "none" || label === "left" || label === "right" ? label : side);

/** Whether a case's series is a slab: as the list says, or else as the caller does. */
export const isSlab = ({ coverage }: ManifestCase, otherwise: boolean): boolean => (coverage ? coverage === "slab" : otherwise);

/** Whether every case with a finding has a side, by its label or in its own column. */
export const hasSides = ({ cases }: Manifest): boolean => cases.every((item) => sideOf(item) !== null);

/** The classes of a study: the finding by its side where every case with one has a side, else the finding alone. */
export type StudyClasses = readonly ["none", "left", "right"] | readonly ["none", "hemorrhage"];

/** The classes of a study of the listed cases. Throws for a label that is none of them, by its line. */
export function studyClasses(manifest: Manifest): StudyClasses {
  if (hasSides(manifest)) return ["none", "left", "right"];
  const stranger = manifest.cases.find(({ label }) => label !== "none" && label !== "hemorrhage");
  if (stranger)
    throw new Error(
      `${manifest.file} line ${stranger.line}: the label "${stranger.label}" is not among a study's: write "none" for cases without the finding and "hemorrhage" for those with it (--finding gives it another name in the report), or give all of them a side`,
    );
  return ["none", "hemorrhage"];
}

/** The manifest with the side of a finding for its label: none, left or right. Throws where a case with a finding has no side. */
export function labelledBySide(manifest: Manifest): Manifest {
  refuseSpellings(manifest.file, manifest.cases);
  const cases = manifest.cases.map((item) => {
    const label = sideOf(item);
    if (label === null)
      throw new Error(`${manifest.file} line ${item.line}: the case has a finding but no side; fill the side column with left or right`);
    return { ...item, label };
  });
  return { ...manifest, cases };
}

/**
 * The classes in the order of their indices: as given, or the labels that occur: "none" first, which is what "positive" is measured against,
 * then sorted. Throws for a label that is none of them, a class given twice, or a manifest that holds one class only.
 */
export function classesOf({ file, cases }: Manifest, given?: readonly string[]): readonly string[] {
  const found = [...new Set(cases.map(({ label }) => label))].sort();
  const classes = given ?? [...found.filter((name) => name === "none"), ...found.filter((name) => name !== "none")];
  const quoted = classes.map((name) => `"${name}"`).join(", ");
  refuseSpellings(file, cases);
  if (new Set(classes).size < classes.length) throw new Error(`${file}: the classes ${quoted} contain one twice`);
  const stranger = cases.find(({ label }) => !classes.includes(label));
  if (stranger)
    throw new Error(`${file} line ${stranger.line}: the label is not among the classes ${quoted}; correct it, or give other classes`);
  if (new Set(cases.map(({ label }) => label)).size < 2) {
    throw new Error(`${file}: all cases have one label, "${found[0]}", and a classifier needs at least two`);
  }
  return classes;
}

/** Labels whose spelling is fixed, as "none" is what "positive" is measured against and the sides are mirrored. */
const RESERVED: readonly string[] = ["none", "left", "right"];

/** Throws for two labels that a person takes for one, and for another spelling of a reserved one. */
function refuseSpellings(file: string, cases: readonly ManifestCase[]): void {
  const first = new Map<string, ManifestCase>();
  for (const item of cases) {
    const { label, line } = item;
    const key = folded(label);
    const before = first.get(key) ?? item;
    first.set(key, before);
    if (before.label !== label)
      throw new Error(
        `${file} line ${line}: the label "${label}" is spelt "${before.label}" in line ${before.line}: they would be two classes; write one of the two everywhere`,
      );
    if (RESERVED.includes(key) && label !== key)
      throw new Error(`${file} line ${line}: the label "${label}" is not the class "${key}"; write it so, in small letters`);
  }
}
