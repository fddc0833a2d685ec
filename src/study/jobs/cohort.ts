// The cases of a study: drawn and written as DICOM files, or the user's own, checked before training.
import * as v from "valibot";
import type { Dataset, DatasetOptions } from "../../dataset/dataset.ts";
import type { Image } from "../../dataset/image.ts";
import type { Fingerprints } from "../../dataset/leakage.ts";
import { readManifest } from "../../dataset/manifest-file.ts";
import { labelledBySide } from "../../dataset/manifest.ts";
import { refuseLacks } from "../../dataset/readiness.ts";
import { networkNamed } from "../../models/index.ts";
import { FEATURES, meanTrivia, triviaOf, type Trivia } from "../../dataset/trivia.ts";
import { parsedText } from "../../platform/json.ts";
import type { Platform } from "../../platform/platform.ts";
import { openCases } from "../../train/job.ts";
import { assignSplits } from "../../dataset/split.ts";
import type { CohortCase } from "../analysis/result.ts";
import { COHORT_CASES } from "../analysis/result-schema.ts";
import type { Protocol } from "../protocol.ts";
import { caseOptions, casesFolder, pathOf, type StudyContext, type Work } from "./context.ts";
import { readTruths } from "./truth.ts";

const CASES = "cases.json";
const FINGERPRINTS = "fingerprints.json";
const TRIVIA = "trivia.json";
const LIMIT_BYTES = 2 ** 26;

/** FINGERPRINTS as `openCases` gives them. */
const PRINTS: v.GenericSchema<unknown, Fingerprints> = v.strictObject({
  manifestHash: v.string(),
  cases: v.array(v.strictObject({ pixels: v.array(v.string()), people: v.array(v.pipe(v.number(), v.integer(), v.minValue(0))) })),
});

/** TRIVIA: every case's number with its features. */
const MEASURED: v.GenericSchema<unknown, [number, Trivia][]> = v.array(
  v.tuple([v.pipe(v.number(), v.integer(), v.minValue(0)), v.strictObject(v.entriesFromList(FEATURES, v.number()))]),
);

async function stored<T>(context: StudyContext, name: string, schema: v.GenericSchema<unknown, T>): Promise<T> {
  const job = context.plan.find(({ kind }) => kind === "cohort");
  if (!job) throw new Error("internal: a plan without a cohort");
  const file = `${pathOf(context, job)}/${name}`;
  return parsedText(schema, await context.platform.files.read(file, LIMIT_BYTES), { file, what: "that of a study's cases" });
}

/** Every case of the cohort with its split and label, by number; never by name. */
export const readCases = (context: StudyContext): Promise<CohortCase[]> => stored(context, CASES, COHORT_CASES);

/** Fingerprints of all cases: later jobs check that splits are disjoint without opening test images. */
export const readFingerprints = (context: StudyContext): Promise<Fingerprints> => stored(context, FINGERPRINTS, PRINTS);

/** Trivial features of every case's images, by number; null where an earlier version has not measured them. */
export async function readTrivia(context: StudyContext): Promise<ReadonlyMap<number, Trivia> | null> {
  const job = context.plan.find(({ kind }) => kind === "cohort");
  if (!job || !(await context.platform.files.exists(`${pathOf(context, job)}/${TRIVIA}`))) return null;
  return new Map(await stored(context, TRIVIA, MEASURED));
}

export const cohort: Work<"cohort"> = async function* (job, context) {
  const { platform, protocol, signal } = context;
  const { files } = platform;
  const folder = casesFolder(context);
  // The manifest is written last: where it is, the cohort is whole.
  if (protocol.cohort.kind === "synthetic" && !(await files.exists(`${folder}/manifest.csv`))) {
    const { phantoms: kind, cases, seed } = protocol.cohort;
    if (!(yield* context.writePhantoms(folder, { kind, cases, seed }, signal))) return null;
  }
  const cases = await listCases(context, folder);
  const measured = new Map<number, Trivia[]>();
  const onImage = (index: number, image: Image): void => {
    measured.set(index, [...(measured.get(index) ?? []), triviaOf(image, protocol.images.windowHu)]);
  };
  const { fingerprints, remarks } = await openCohort(platform, folder, protocol, { onImage });
  const trivia = [...measured].map(([index, images]) => [index, meanTrivia(images)] as const);
  await files.write(`${pathOf(context, job)}/${TRIVIA}`, `${JSON.stringify(trivia)}\n`);
  await files.write(`${pathOf(context, job)}/${FINGERPRINTS}`, `${JSON.stringify(fingerprints)}\n`);
  await files.write(`${pathOf(context, job)}/${CASES}`, `${JSON.stringify(cases, null, 2)}\n`);
  for (const text of remarks) yield { kind: "note", text };
  const count = (split: string): number => cases.filter((item) => item.split === split).length;
  yield {
    kind: "note",
    text: `${cases.length} cases: ${count("train")} for training, ${count("val")} for validation, ${count("test")} held out`,
  };
  return { cases: cases.length, train: count("train"), val: count("val"), test: count("test") };
};

/**
 * Opens the cases of all splits, to learn and to score none of them: whatever would stop the study later is refused here, a case in two splits as
 * well as a part with too few cases.
 */
export async function openCohort(
  platform: Platform,
  folder: string,
  protocol: Protocol,
  options: Pick<DatasetOptions, "onImage" | "onCase"> = {},
): Promise<Dataset> {
  const [{ network }] = protocol.models;
  const settings = { network: networkNamed(network), size: protocol.size[network], images: protocol.images };
  const data = await openCases(platform, folder, settings, { ...caseOptions(protocol), ...options, cacheBytes: 0 });
  refuseLacks(data.lacks("study"));
  return data;
}

async function listCases(context: StudyContext, folder: string): Promise<CohortCase[]> {
  const { platform, protocol } = context;
  const { target, split } = caseOptions(protocol);
  const read = await readManifest(platform.files, folder);
  const manifest = target === "side" ? labelledBySide(read) : read;
  if (protocol.cohort.kind === "folder" && read.hash !== protocol.cohort.manifest)
    throw new Error(
      `${manifest.file}: differs from the manifest in the protocol (its hash was ${protocol.cohort.manifest.slice(0, 16)}): restore it, or choose another --out`,
    );
  const splits = split ? assignSplits(manifest.cases, split) : manifest.cases.map((item) => item.split);
  const truths = await readTruths(context, folder);
  return manifest.cases.map(({ label, path }, i): CohortCase => {
    const known = truths.get(path)?.strata;
    const split = splits[i];
    if (split === null) throw new Error(`internal: ${manifest.file} has no split for case ${i}`);
    return { case: i, split, label, ...(known && { strata: known }) };
  });
}
