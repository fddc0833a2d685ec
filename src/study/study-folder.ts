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
}

export interface Study {
  readonly protocol: Protocol;
  readonly sources: Sources;
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
  const { protocol, sources } = found as Study;
  if (hashProtocol(protocol) !== hash)
    throw new Error(
      `${path}: the protocol does not match the hash in the file: it was changed after the study began. Choose another --out`,
    );
  return { protocol, sources };
}

/** Fixes the protocol of a folder; one that is there must be the same, and its paths may change. */
export async function fixStudy(files: Files, out: string, { protocol, sources }: Study): Promise<void> {
  if (await hasStudy(files, out)) {
    const known = (await readStudy(files, out)).protocol;
    const differing = (Object.keys(protocol) as (keyof Protocol)[]).filter(
      (key) => JSON.stringify(known[key]) !== JSON.stringify(protocol[key]),
    );
    if (differing.length > 0)
      throw new Error(
        `${out} is the study of another protocol (${differing.join(", ")} differ): leave the options out to resume it, or choose another --out`,
      );
  }
  await files.write(`${out}/${STUDY}`, `${JSON.stringify({ hash: hashProtocol(protocol), protocol, sources }, null, 2)}\n`);
}
