// One model of one seed: trained on training cases, chosen on validation cases, and then, once, scored on the test cases. A process opens these once its
// first model has been trained, and no training is given them.
import type { Dataset, DatasetOptions } from "../../dataset/dataset.ts";
import { mirroredClasses } from "../../dataset/mirror.ts";
import { networkNamed } from "../../models/index.ts";
import type { Engine } from "../../engine/engine.ts";
import { sha256Hex } from "../../tensor/sha256.ts";
import { BEST_WEIGHTS } from "../../train/fit.ts";
import { defaultSettings, readRun, runJob, type JobSettings } from "../../train/job.ts";
import { END_FILE, JOB_FILE, RunFolder } from "../../train/run-folder.ts";
import { Scorer } from "../../train/scorer.ts";
import type { Json } from "../../weights/checkpoint.ts";
import type { StudyJob } from "../plan.ts";
import { formatPredictions, parsePredictions, type Predictions } from "../predictions.ts";
import { beginScoring, endScoring, scoringsOf } from "../test-ledger.ts";
import { readFingerprints } from "./cohort.ts";
import { formatGallery, makeGallery } from "./gallery.ts";
import { caseOptions, casesFolder, pathOf, type StudyContext, type Work } from "./context.ts";
import { pretrainedWeights } from "./pretrain.ts";
import { scoreSplit } from "./score-split.ts";
import { sharedCases } from "./shared-cases.ts";
import { readClots } from "./truth.ts";
import { duration } from "../numbers.ts";

type TrainJob = Extract<StudyJob, { kind: "train" }>;

/** The run of `npx striatum train` within the job's folder. */
export const TRAINING = "training";
export const PREDICTIONS = "predictions.csv";
export const GALLERY = "gallery.json";

export const train: Work<"train"> = async function* (job, context) {
  const { platform, out, signal } = context;
  const { files } = platform;
  const engine = await context.engine();
  const path = pathOf(context, job);
  const run = `${path}/${TRAINING}`;
  const settings = await settingsOf(job, context);
  const opening = { ...caseOptions(context.protocol), fingerprints: await readFingerprints(context) };
  const learning = await sharedCases(platform, casesFolder(context), settings, { ...opening, only: ["train", "val"] });
  if (!(await files.exists(`${run}/${END_FILE}`))) {
    const resume = await files.exists(`${run}/${JOB_FILE}`);
    const { complete } = yield* runJob(settings, { engine, data: learning, out: run, resume, signal });
    if (!complete) return null;
  }
  const folder = await RunFolder.open(files, run);
  if (signal.aborted) return null;

  let excluded = learning.excluded;
  if (!(await files.exists(`${path}/${PREDICTIONS}`))) {
    yield { kind: "note", text: `${job.name}: scoring the held-out cases` };
    const judged = await judge(job, context, { engine, run, learning, opening });
    excluded = [...excluded, ...judged.excluded];
    await files.write(`${path}/${PREDICTIONS}`, formatPredictions(judged.predictions, learning.classes));
    await endScoring(files, out, job);
  }
  if (!(await files.exists(`${path}/${GALLERY}`)) && job.seed === context.protocol.endpoints.plan.primarySeed) {
    const text = new TextDecoder().decode(await files.read(`${path}/${PREDICTIONS}`));
    const predictions = parsePredictions(text, `${path}/${PREDICTIONS}`, learning.classes);
    const trained = await readRun(files, run, BEST_WEIGHTS);
    const held = await sharedCases(platform, casesFolder(context), trained, { ...opening, only: ["test"] });
    const started = platform.now();
    const clots = await readClots(context);
    const gallery = await makeGallery({ engine, trained, held, predictions, files: platform, clots });
    await files.write(`${path}/${GALLERY}`, formatGallery(gallery));
    const seconds = (platform.now() - started) / 1000;
    yield { kind: "note", text: `${job.name}: occlusion maps, ${gallery.passes} forward passes, ${duration(seconds)}` };
  }
  const { bestEpoch, steps } = (await folder.ended()) as unknown as { bestEpoch: number; steps: number };
  return {
    model: job.model.id,
    seed: job.seed,
    adapter: engine.adapterName,
    bestEpoch,
    steps,
    images: steps * settings.batch,
    weights: sha256Hex(await folder.read(BEST_WEIGHTS)),
    scorings: await scoringsOf(files, out, job),
    excluded: excluded.map(({ index, split, reason }): Json => ({ case: index, split, reason })),
  };
};

/** The settings that `npx striatum train` would get. */
async function settingsOf({ model, seed, pretrain }: TrainJob, context: StudyContext): Promise<JobSettings> {
  const { width, size, init, mirror, images, pretraining, choice } = context.protocol;
  const {
    iterations,
    validateEvery,
    batch,
    rate,
    policy,
    warmUp,
    dropout,
    momentum,
    weightDecay,
    newLayerRate,
    frozen,
    average,
    pixelScale,
  } = model.solver;
  const weights = model.start === "pretrained" ? await pretrainedWeights(context, model.network, pretrain) : null;
  return {
    ...defaultSettings(networkNamed(model.network), weights),
    width,
    size: size[model.network],
    init,
    batch,
    // An epoch is the interval between two validations, independent of the number of images.
    epochs: Math.ceil(iterations / validateEvery),
    epochImages: validateEvery * batch,
    seed,
    rate,
    policy,
    ...(warmUp > 0 && { warmUp }),
    ...(dropout !== 1 && { dropout }),
    ...(choice === "last step" && { keep: "last" }),
    ...(average !== undefined && { average }),
    momentum,
    weightDecay,
    mirror,
    frozen,
    renameLast: model.start === "pretrained",
    newLayerRate,
    newLayers: weights && pretraining?.kind === "file" ? (pretraining.files[model.network]?.newLayers ?? []) : [],
    images: { ...images, ...(pixelScale !== undefined && { pixelScale }), ...(model.augmented && { augment: true }) },
  };
}

/** Scores validation and test cases with the best weights. */
async function judge(
  job: TrainJob,
  context: StudyContext,
  { engine, run, learning, opening }: { engine: Engine; run: string; learning: Dataset; opening: Partial<DatasetOptions> },
): Promise<{ predictions: Predictions; excluded: Dataset["excluded"] }> {
  const { platform, out, scoreAgain } = context;
  const trained = await readRun(platform.files, run, BEST_WEIGHTS);
  const mirrored = context.protocol.mirrorScores ? mirroredClasses(learning.classes) : undefined;
  const scorer = await Scorer.open(engine, trained, { batch: job.model.solver.batch });
  try {
    const val = await scoreSplit(scorer, learning, "val", mirrored);
    // Written down before the files of test cases are opened.
    await beginScoring(platform.files, out, job, scoreAgain);
    const held = await sharedCases(platform, casesFolder(context), trained, { ...opening, only: ["test"] });
    return { predictions: { val, test: await scoreSplit(scorer, held, "test", mirrored) }, excluded: held.excluded };
  } finally {
    scorer.dispose();
  }
}
