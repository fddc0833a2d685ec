// A study's folder: study.json (the protocol, and where this machine has the cases and weights), jobs/ (one folder per job), test-scorings/ (how often
// each run has scored the test cases), and, once they are there, results.json, report.html, tables/ (CSV) and cards/ (a card of each model).
import * as v from "valibot";
import { parsed, parsedText } from "../platform/json.ts";
import type { Files } from "../platform/platform.ts";
import { STUDY_FILE } from "./protocol-schema.ts";
import { hashProtocol, type NetworkName, type Protocol } from "./protocol.ts";

/** The user's paths; they are not part of the protocol and not in the report. */
export interface Sources {
  /** Folder of the cases; null where they are synthetic. */
  readonly data: string | null;
  readonly weights: Readonly<Partial<Record<NetworkName, string>>>;
  /** Folder of a second cohort. */
  readonly external?: string;
}

/** A second cohort, which the trained models score besides: no part of the protocol, as it may come later. */
export interface External {
  /** SHA-256 of its list's cases. */
  readonly manifest: string;
  readonly cases: number;
}

export interface Study {
  readonly protocol: Protocol;
  readonly sources: Sources;
  readonly external?: External;
}

const STUDY = "study.json";
export const RESULTS = "results.json";
export const REPORT = "report.html";
const LIMIT_BYTES = 2 ** 22;

export const hasStudy = (files: Files, out: string): Promise<boolean> => files.exists(`${out}/${STUDY}`);

/** Throws, naming the file, where there is no study, or one whose protocol was changed by hand. */
export async function readStudy(files: Files, out: string): Promise<Study> {
  const path = `${out}/${STUDY}`;
  if (!(await hasStudy(files, out)))
    throw new Error(`${out} is not a study: ${STUDY} is missing. Start one with  npx striatum study plan --out ${out}`);
  const found = parsedText(v.unknown(), await files.read(path, LIMIT_BYTES), { file: path, what: "a study" });
  const { hash } = parsed(STUDY_FILE, found, { file: path, what: "a study of this version" });
  // As it stands: the hash is of the protocol's own text.
  const { protocol, sources, external } = found as Study;
  if (hashProtocol(protocol) !== hash)
    throw new Error(
      `${path}: the protocol does not match the hash in the file: it was changed after the study began. Choose another --out`,
    );
  return { protocol, sources, ...(external && { external }) };
}

/** Fixes the protocol of a folder, and returns it; one that is there must be the same, and its paths may change. */
export async function fixStudy(files: Files, out: string, study: Study): Promise<Study> {
  let { protocol, sources, external } = study;
  if (await hasStudy(files, out)) {
    const before = await readStudy(files, out);
    const known = before.protocol;
    external ??= before.external;
    sources = { ...(before.sources.external !== undefined && { external: before.sources.external }), ...sources };
    protocol = asRecorded(protocol, known);
    const differing = (Object.keys(protocol) as (keyof Protocol)[]).filter(
      (key) => JSON.stringify(known[key]) !== JSON.stringify(protocol[key]),
    );
    if (differing.length > 0)
      throw new Error(
        `${out} is the study of another protocol (${differing.join(", ")} differ): leave the options out to resume it, or choose another --out`,
      );
  }
  const fixed: Study = { protocol, sources, ...(external && { external }) };
  await files.write(`${out}/${STUDY}`, `${JSON.stringify({ hash: hashProtocol(protocol), ...fixed }, null, 2)}\n`);
  return fixed;
}

/** The protocol without what an earlier version did not record: a study that it began keeps its hash. */
function asRecorded(protocol: Protocol, known: Protocol): Protocol {
  const { cohort } = protocol;
  if (cohort.kind !== "folder" || known.cohort.kind !== "folder" || known.cohort.pictures !== undefined) return protocol;
  const { pictures: _, ...recorded } = cohort;
  return { ...protocol, cohort: recorded };
}
