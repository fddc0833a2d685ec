// The areas compared: needs the folders of the trained models and no adapter.
import * as v from "valibot";
import { parsedText } from "../../platform/json.ts";
import { JOB_FILE, RunFolder, type MetricsLine } from "../../train/run-folder.ts";
import { ANALYSIS_FORMAT, type Analysis, type ModelScores, type TrainingRecord } from "../analysis/result.ts";
import { ANALYSIS } from "../analysis/result-schema.ts";
import { parsePredictions } from "../predictions.ts";
import { analyse } from "../analysis/analyse.ts";
import type { StudyJob } from "../plan.ts";
import type { NetworkName } from "../protocol.ts";
import { RESULTS } from "../study-folder.ts";
import { readCases } from "./cohort.ts";
import { jobOf, pathOf, type StudyContext, type Work } from "./context.ts";
import { PREDICTIONS, TRAINING } from "./train.ts";

const LIMIT_BYTES = 2 ** 26;

/** The predictions of every model and seed for validation and test cases, in the plan's order. */
export async function readScores(context: StudyContext, trained: readonly string[]): Promise<ModelScores[]> {
  const { platform, protocol } = context;
  const scores: ModelScores[] = [];
  for (const id of trained) {
    const job = jobOf(context, id, "train");
    const file = `${pathOf(context, job)}/${PREDICTIONS}`;
    const text = new TextDecoder().decode(await platform.files.read(file, LIMIT_BYTES));
    const predictions = parsePredictions(text, file, protocol.classes);
    const training = await trainingRecord(context, job);
    for (const split of ["val", "test"] as const)
      scores.push({ ...nameOf(context, job), seed: job.seed, split, cases: predictions[split], ...(training && { training }) });
  }
  return scores;
}

/** What metrics.jsonl says of the run; null where the run's folder is gone. */
async function trainingRecord(context: StudyContext, job: Extract<StudyJob, { kind: "train" }>): Promise<TrainingRecord | null> {
  const { files } = context.platform;
  const path = `${pathOf(context, job)}/${TRAINING}`;
  if (!(await files.exists(`${path}/${JOB_FILE}`))) return null;
  return recordOf(await (await RunFolder.open(files, path)).metrics());
}

/** Runs of earlier versions record no dead units. */
export function recordOf(metrics: readonly MetricsLine[]): TrainingRecord {
  const losses = metrics.flatMap((line) => (Number.isFinite(line["validationLoss"]) ? [line["validationLoss"]] : []));
  const dead = metrics.flatMap((line) => (Number.isFinite(line["deadShare"]) ? [line["deadShare"]] : []));
  return { lowestValidationLoss: losses.length > 0 ? Math.min(...losses) : null, deadShare: dead.at(-1) ?? null };
}

/** This version's format and earlier ones. */
const KNOWN = v.looseObject({ format: v.picklist(["striatum-analysis-1", ANALYSIS_FORMAT]) });

/** The study's analysis from a results.json; done again where an earlier version wrote it, as it follows from the predictions. */
export async function readAnalysis(context: StudyContext, file: string): Promise<Analysis> {
  const bytes = await context.platform.files.read(file, LIMIT_BYTES);
  const source = { file, what: "the results of a study" };
  if (parsedText(KNOWN, bytes, source).format === ANALYSIS_FORMAT) return parsedText(ANALYSIS, bytes, source);
  const job = context.plan.find(({ kind }) => kind === "analysis") as Extract<StudyJob, { kind: "analysis" }>;
  return analysisOf(context, job.trained);
}

const analysisOf = async (context: StudyContext, trained: readonly string[]): Promise<Analysis> =>
  analyse(await readScores(context, trained), await readCases(context), context.protocol.endpoints.plan);

function nameOf(
  { protocol }: StudyContext,
  { model }: Extract<StudyJob, { kind: "train" }>,
): Omit<ModelScores, "seed" | "split" | "cases"> {
  const { id, network, start, augmented } = model;
  return {
    model: id,
    network,
    pretrained: start === "pretrained",
    augmented,
    initialWeights: start === "untrained" ? "untrained" : initialWeights(protocol, network),
  };
}

/** As tables name it: the origin of a file, or fractals; never more than is known. */
function initialWeights({ pretraining }: StudyContext["protocol"], network: NetworkName): string {
  if (pretraining?.kind !== "file") return "fractal-pretrained";
  const kind = pretraining.files[network]?.origin.kind;
  return kind === "imagenet-bvlc" ? "ImageNet-pretrained" : kind === "fractal" ? "fractal-pretrained" : "pretrained, of unknown origin";
}

export const analysis: Work<"analysis"> = async function* (job, context) {
  yield { kind: "note", text: `comparing ${job.trained.length} trained ${job.trained.length === 1 ? "model" : "models"}` };
  const { platform, out } = context;
  const found = await analysisOf(context, job.trained);
  const text = `${JSON.stringify(found, null, 2)}\n`;
  await platform.files.write(`${pathOf(context, job)}/${RESULTS}`, text);
  // Beside study.json, where a person looks.
  await platform.files.write(`${out}/${RESULTS}`, text);
  return {};
};
