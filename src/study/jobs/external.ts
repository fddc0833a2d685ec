// A second cohort (--external): scored by every trained model, once the study's own cases were.
import type { Dataset } from "../../dataset/dataset.ts";
import type { Fingerprints } from "../../dataset/leakage.ts";
import { readManifest } from "../../dataset/manifest-file.ts";
import { SPLITS, studyClasses } from "../../dataset/manifest.ts";
import { mirroredClasses } from "../../dataset/mirror.ts";
import { networkNamed } from "../../models/index.ts";
import { parsedText } from "../../platform/json.ts";
import type { Platform } from "../../platform/platform.ts";
import { BEST_WEIGHTS } from "../../train/fit.ts";
import { openCases, readRun } from "../../train/job.ts";
import { Scorer } from "../../train/scorer.ts";
import type { Json } from "../../weights/checkpoint.ts";
import { belowChance, externalCohort, type ExternalCohort, type ExternalScores } from "../analysis/external.ts";
import type { ScoredCase } from "../analysis/result.ts";
import { EXTERNAL_COHORT } from "../analysis/result-schema.ts";
import { digits3, interval } from "../numbers.ts";
import { parsePredictions } from "../predictions.ts";
import type { NetworkName, Protocol } from "../protocol.ts";
import type { External } from "../study-folder.ts";
import { readFingerprints } from "./cohort.ts";
import { jobOf, pathOf, type StudyContext, type Work } from "./context.ts";
import { scoreSplit } from "./score-split.ts";
import { PREDICTIONS, TRAINING } from "./train.ts";

const RESULTS = "external.json";
/** Cases of each kind: DeLong's variance needs two. */
const LEAST = 2;

/** Opens all cases of a second cohort for a study's networks, whatever their split. Throws where too few can be judged. */
export async function openExternal(platform: Platform, dir: string, protocol: Protocol, network: NetworkName): Promise<Dataset> {
  const classes = studyClasses(await readManifest(platform.files, dir));
  // Whether series are slabs is for their own list to say; the study's option is meant for the user's series alone.
  const images = { ...protocol.images, slab: protocol.cohort.kind === "folder" && protocol.images.slab };
  const settings = { network: networkNamed(network), size: protocol.size[network], images };
  const data = await openCases(platform, dir, settings, { classes, target: classes.length === 3 ? "side" : "label" });
  const positives = data.cases.filter(({ label }) => label > 0).length;
  const negatives = data.cases.length - positives;
  if (Math.min(positives, negatives) < LEAST)
    throw new Error(
      `${dir}: has ${positives} usable cases with a finding and ${negatives} without; an external cohort needs ${LEAST} of each`,
    );
  return data;
}

/** Throws, by line, where a case of the second cohort is one of the study's: then it would not be external. */
export async function refuseShared(platform: Platform, dir: string, { cases }: Fingerprints, own: Fingerprints): Promise<void> {
  const known = new Set(own.cases.flatMap(({ pixels }) => pixels));
  const at = cases.findIndex(({ pixels }) => pixels.some((hash) => known.has(hash)));
  if (at < 0) return;
  const manifest = await readManifest(platform.files, dir);
  throw new Error(
    `${manifest.file} line ${manifest.cases[at].line}: has the same pixels as a case of the study; leave the study's cases out of the external cohort`,
  );
}

/** The second cohort's hash and number of cases, for the study's folder. */
export async function describeExternal(platform: Platform, dir: string): Promise<External> {
  const { hash, cases } = await readManifest(platform.files, dir);
  return { manifest: hash, cases: cases.length };
}

export const readExternal = async (context: StudyContext): Promise<ExternalCohort | null> => {
  const job = context.plan.find(({ kind }) => kind === "external");
  if (!job) return null;
  const file = `${pathOf(context, job)}/${RESULTS}`;
  return parsedText(EXTERNAL_COHORT, await context.platform.files.read(file), { file, what: "the results of an external cohort" });
};

export const external: Work<"external"> = async function* (job, context) {
  const { platform, sources, signal } = context;
  const { files } = platform;
  const dir = sources.external;
  if (dir === undefined) throw new Error(`${context.out}/study.json: does not name the external cohort's folder; name it with --external`);
  if ((await describeExternal(platform, dir)).manifest !== job.manifest)
    throw new Error(`${dir}: its list differs from the one that the study was given; pass --external ${dir} again`);
  yield {
    kind: "note",
    text: `scoring the external cohort with ${job.trained.length} trained ${job.trained.length === 1 ? "model" : "models"}`,
  };
  const opened = new Map<NetworkName, Dataset>();
  const runs: ExternalScores[] = [];
  for (const id of job.trained) {
    if (signal.aborted) return null;
    const trained = jobOf(context, id, "train");
    const { network } = trained.model;
    const data = opened.get(network) ?? (await openExternal(platform, dir, context.protocol, network));
    if (opened.size === 0) await refuseShared(platform, dir, data.fingerprints, await readFingerprints(context));
    opened.set(network, data);
    const predictions = `${pathOf(context, trained)}/${PREDICTIONS}`;
    const { val } = parsePredictions(new TextDecoder().decode(await files.read(predictions)), predictions, context.protocol.classes);
    runs.push({
      model: trained.model.id,
      seed: trained.seed,
      val,
      cases: await scoresOf(context, `${pathOf(context, trained)}/${TRAINING}`, data),
    });
  }
  const found = externalCohort(runs);
  await files.write(`${pathOf(context, job)}/predictions.csv`, predictionsText(runs, context.protocol.classes));
  await files.write(`${pathOf(context, job)}/${RESULTS}`, `${JSON.stringify(found, null, 2)}\n`);
  for (const run of found.runs) {
    const below = belowChance(run);
    yield {
      kind: "note",
      text: `external cohort: ${run.model}, seed ${run.seed}: AUC ${digits3(run.auc)} (95 % interval ${interval(run.interval)})${below === null ? "" : `, ${below}`}`,
    };
  }
  return { cases: found.positives + found.negatives, manifest: job.manifest } satisfies Record<string, Json>;
};

/** Every case of every split, by the best weights of a run. */
async function scoresOf(context: StudyContext, run: string, data: Dataset): Promise<ScoredCase[]> {
  const trained = await readRun(context.platform.files, run, BEST_WEIGHTS);
  const mirrored = context.protocol.mirrorScores ? mirroredClasses(trained.classes) : undefined;
  const scorer = await Scorer.open(await context.engine(), trained, { batch: BATCH });
  try {
    const all: ScoredCase[] = [];
    for (const split of SPLITS) if (data.images(split).length > 0) all.push(...(await scoreSplit(scorer, data, split, mirrored)));
    return all.sort((a, b) => a.case - b.case);
  } finally {
    scorer.dispose();
  }
}

const BATCH = 16;

/** One line per model, seed and case. */
function predictionsText(runs: readonly ExternalScores[], classes: readonly string[]): string {
  const rows = runs.flatMap(({ model, seed, cases }) =>
    cases.map(({ case: index, label, score, probabilities }) => [model, seed, index, label, score, ...probabilities].join(",")),
  );
  return [["model", "seed", "case", "label", "score", ...classes.map((name) => `p_${name}`)].join(","), ...rows, ""].join("\n");
}
