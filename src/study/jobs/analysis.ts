// The comparison of areas: needs the folders of the trained models and no adapter.
import type { ModelScores } from "../analysis/result.ts";
import { parsePredictions } from "../predictions.ts";
import { analyse } from "../analysis/analyse.ts";
import type { StudyJob } from "../plan.ts";
import type { NetworkName } from "../protocol.ts";
import { RESULTS } from "../study-folder.ts";
import { readCases } from "./cohort.ts";
import { jobOf, pathOf, type StudyContext, type Work } from "./context.ts";
import { PREDICTIONS } from "./train.ts";

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
    for (const split of ["val", "test"] as const)
      scores.push({ ...nameOf(context, job), seed: job.seed, split, cases: predictions[split] });
  }
  return scores;
}

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
  yield { kind: "note", text: `comparing ${job.trained.length} trained models` };
  const { platform, protocol, out } = context;
  const found = analyse(await readScores(context, job.trained), await readCases(context), protocol.endpoints.plan);
  const text = `${JSON.stringify(found, null, 2)}\n`;
  await platform.files.write(`${pathOf(context, job)}/${RESULTS}`, text);
  // Beside study.json, where a person looks.
  await platform.files.write(`${out}/${RESULTS}`, text);
  return {};
};
