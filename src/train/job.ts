// A training job from its settings: writes all that determines the numbers (job.json), and prepares training.
import type { Dataset, DatasetOptions, ImageSet } from "../dataset/dataset.ts";
import { meanOf, type Mean } from "../dataset/mean.ts";
import type { Split } from "../dataset/manifest.ts";
import { mirroredClasses } from "../dataset/mirror.ts";
import type { Engine } from "../engine/engine.ts";
import type { Storage } from "../engine/planner.ts";
import { formatTable, type RunTuning } from "../engine/tuning-table.ts";
import type { Graph } from "../graph/graph.ts";
import type { Family, MathMode } from "../kernels/kernel.ts";
import { networkNamed } from "../models/index.ts";
import { INITS, type Network } from "../models/network.ts";
import type { Files, FolderLock, Platform } from "../platform/platform.ts";
import { parsed } from "../platform/json.ts";
import type { ProgressEvent } from "../platform/progress.ts";
import { sha256Hex } from "../tensor/sha256.ts";
import type { Json } from "../weights/checkpoint.ts";
import type { MadeWeights } from "../weights/origin.ts";
import { expectSameCases, readSeen, SEEN_CASES, seenCases } from "./compare.ts";
import { EVENT_FILE, eventFileOf } from "./event-file.ts";
import { fit, stepsFor, type FitResult } from "./fit.ts";
import { scoringGraph, storedSize } from "./graphs.ts";
import { trainingGraph, type TrainingOptions } from "./training-graphs.ts";
import { DEFAULT_IMAGES, type ImageSettings } from "./image-settings.ts";
import { TRAINING_JOB } from "./job-schema.ts";
import { expectMemory } from "./memory.ts";
import { readPretrained, type TrainedNetwork } from "./pretrained.ts";
import type { StartReport } from "./lsuv.ts";
import { JOB_FILE, RunFolder, type Job } from "./run-folder.ts";
import { remarksOn } from "./remarks.ts";
import { lockRun } from "./run-lock.ts";
import { fixedRate, polyRate, stepRate, warmedUp, type RateSchedule } from "./schedule.ts";
import { expectRules, layerRules, loadStart, deadShareOf, measureStart, readBest, startLine, type StartSettings } from "./start.ts";
import { surviving, type Engines } from "./surviving.ts";
import { Trainer } from "./trainer.ts";

export const POLICIES = ["fixed", "step", "poly", "linear"] as const;
export type Policy = (typeof POLICIES)[number];

/** How weights start that no file gives: by a law of the graph, or by msra's and then scaled to the data (lsuv.ts). */
export const STARTS = [...INITS, "lsuv"] as const;
export type StartLaw = (typeof STARTS)[number];

/** Which weights a run keeps: those of the epoch with the lowest validation loss, or those of its last step. */
export const KEEPS = ["best", "last"] as const;
export type Keep = (typeof KEEPS)[number];

/** A step policy in full: after every `everyEpochs` epochs the rate is multiplied by gamma. */
export interface Stepping {
  readonly everyEpochs: number;
  readonly gamma: number;
}

export interface JobSettings extends StartSettings {
  readonly network: Network;
  readonly width: number;
  readonly size: number;
  /** Initialization of weights that are not in a file. */
  readonly init: StartLaw;
  readonly batch: number;
  readonly epochs: number;
  /** Images shown that count as one epoch, so that runs on more or fewer images can take the same steps. Default: all training images. */
  readonly epochImages?: number;
  readonly seed: number;
  readonly rate: number;
  /** step: divided by 10 after each third of the run (DIGITS' default); poly: power 0.5 to zero (GoogLeNet's quick solver); linear: to zero. */
  readonly policy: Policy;
  /** In place of DIGITS' thirds, for the step policy. */
  readonly stepping?: Stepping;
  /** Steps over which the rate rises first. Default 0. */
  readonly warmUp?: number;
  readonly momentum: number;
  readonly weightDecay: number;
  /** Multiplies the networks' dropout ratios. Default 1. */
  readonly dropout?: number;
  /** Default: best. */
  readonly keep?: Keep;
  /** Keeps, in place of the weights of one epoch, the mean of those at the ends of the epochs of this last share of the run. Default: off. */
  readonly average?: number;
  readonly mirror: boolean;
  readonly images: ImageSettings;
  /** Kernel families in order of preference; null: chosen for the adapter. */
  readonly families: readonly Family[] | null;
  /** Default: exact. */
  readonly math?: MathMode;
  /** Storage type of values between two kernels; "f16" scales the loss as well. Default: f32. */
  readonly storage?: Storage;
  readonly checkpointEvery?: number;
}

/** Default settings for a network; job.json contains all of them. */
export function defaultSettings(network: Network, weights: JobSettings["weights"]): JobSettings {
  return {
    network,
    width: 1,
    size: network.size,
    init: "reference",
    batch: 32,
    epochs: 30,
    seed: 0,
    rate: weights ? 0.001 : 0.01,
    policy: "step",
    momentum: 0.9,
    weightDecay: network.weightDecay,
    mirror: true,
    images: DEFAULT_IMAGES,
    frozen: [],
    weights,
    renameLast: false,
    families: null,
  };
}

const scheduleOf = (settings: JobSettings, steps: number): RateSchedule => warmedUp(policyOf(settings, steps), settings.warmUp ?? 0);

function policyOf({ policy, rate, stepping, epochs }: JobSettings, steps: number): RateSchedule {
  if (policy === "step" && stepping) {
    return stepRate(rate, { every: Math.max(1, Math.round((stepping.everyEpochs * steps) / epochs)), gamma: stepping.gamma });
  }
  if (policy === "fixed") return fixedRate(rate);
  if (policy === "poly") return polyRate(rate, { steps, power: 0.5 });
  if (policy === "linear") return polyRate(rate, { steps, power: 1 });
  return stepRate(rate, { every: Math.max(1, Math.ceil(0.33 * steps)), gamma: 0.1 });
}

/** Opens the cases of a job, or of a run to be scored, as images of the size that the network's crops are taken from. */
export async function openCases(
  { files, inflate, decoders }: Platform,
  dir: string,
  { network, size, images }: Pick<JobSettings, "network" | "size" | "images">,
  options: Pick<DatasetOptions, "only" | "classes" | "target" | "split" | "fingerprints" | "cacheBytes" | "onCase" | "onImage"> = {},
): Promise<Dataset> {
  // Readers of lists, DICOM and pictures: whoever trains on samples of its own needs none.
  const { openDataset } = await import("../dataset/dataset.ts");
  return openDataset(files, dir, { size: storedSize(network, size), inflate, decoders, ...images, ...options });
}

/** Opens splits of a folder for a run: images and classes are the run's. Where its classes are sides, a case's class is the side of its finding. */
export const openForRun = (platform: Platform, dir: string, run: TrainedNetwork, split: Split | readonly Split[]): Promise<Dataset> =>
  openCases(platform, dir, run, {
    only: [split].flat(),
    classes: run.classes,
    target: run.classes.join() === "none,left,right" ? "side" : "label",
  });

/** The graphs that a job runs at every step, for the tuner. */
export function graphsOf(settings: JobSettings, classes: number): Graph[] {
  const options = trainingOptions(settings, classes);
  return [trainingGraph(options).graph, scoringGraph(options).graph];
}

function trainingOptions(settings: JobSettings, classes: number): TrainingOptions {
  const { network, width, size, init, dropout, batch, momentum, weightDecay, images } = settings;
  return {
    network,
    classes,
    width,
    size,
    pixelScale: images.pixelScale,
    init: init === "lsuv" ? "msra" : init,
    ...(dropout !== undefined && { dropout }),
    batch,
    momentum,
    weightDecay,
    ...layerRules(network, settings),
  };
}

/** Content of job.json. `tuning`: the hash of the tuning table, if any. */
export function describe(settings: JobSettings, data: Omit<TrainingData, "images">, tuning?: string): Job {
  const { network, weights, families, stepping, newLayers, checkpointEvery: _, ...numbers } = settings;
  return {
    format: "striatum-job-1",
    network: network.name,
    classes: [...data.classes],
    data: data.splitHash,
    ...(data.source !== undefined && { source: data.source }),
    ...numbers,
    images: {
      windowHu: { ...settings.images.windowHu },
      slices: settings.images.slices,
      slab: settings.images.slab,
      pixelScale: settings.images.pixelScale,
      ...(settings.images.headCrop !== undefined && { headCrop: settings.images.headCrop }),
      ...(settings.images.augment && { augment: true }),
    },
    frozen: [...settings.frozen],
    ...(newLayers && newLayers.length > 0 && { newLayers: [...newLayers] }),
    ...(stepping && { stepping: { ...stepping } }),
    weights: weights ? sha256Hex(weights.bytes) : null,
    families: families ? [...families] : null,
    ...(tuning !== undefined && { tuning }),
  };
}

/** Training data of a job: a folder's cases, or generated images. */
export interface TrainingData extends Pick<Dataset, "classes" | "splitHash" | "images">, Partial<Pick<Dataset, "cases" | "fingerprints">> {
  /** Parameters of generated images: part of job.json. */
  readonly source?: Json;
  /** Training images for the mean. Default: all of them. */
  readonly sample?: ImageSet;
  /** Origin of the resulting weights. Default: a run on cases. */
  readonly makes?: MadeWeights;
}

export interface TrainOptions {
  readonly engine: Engine;
  readonly data: TrainingData;
  readonly out: string;
  /** Resume the run in `out`. */
  readonly resume: boolean;
  /** Chooses kernels; default: the families' defaults. */
  readonly tuning?: RunTuning | null;
  readonly signal?: AbortSignal;
}

/** The tuning table of a run, beside its other files. */
const TUNING = "tuning.json";

/** Trains a job into a run folder: starts or resumes it, validates, checkpoints, and ends it with run.json. */
export async function* runJob(
  settings: JobSettings,
  { engine, data, out, resume, tuning = null, signal }: TrainOptions,
): AsyncGenerator<ProgressEvent, FitResult> {
  const { platform } = engine;
  const training = data.images("train");
  if (training.length === 0)
    throw new Error(`${out}: the dataset has no training images: mark some cases as "train" in the manifest's split column`);
  const validation = data.images("val");
  const job = describe(settings, data, tuning?.hash);
  const standing = resume ? await RunFolder.open(platform.files, out) : null;
  if (standing) expectTuning(await standing.job(), tuning, out);
  await standing?.expectJob(job);
  const { cases, fingerprints } = data;
  const seen = cases && fingerprints ? seenCases({ cases, fingerprints }) : null;
  const before = standing && (await readSeen(standing));
  if (seen && before) expectSameCases(before, seen, out);
  if (settings.mirror) mirroredClasses(data.classes);

  const { batch, epochs, epochImages = training.length, seed, mirror } = settings;
  const { trainer, origin, note, fresh } = await openTrainer(settings, { engine, data, tuning });
  let lock: FolderLock | null = null;
  try {
    if (note !== null) yield { kind: "note", text: note };
    if (seen) for (const text of await remarksOn(training, validation)) yield { kind: "note", text };
    lock = yield* lockRun(platform, out, signal);
    const begun = (await standing?.hasCheckpoint()) ?? false;
    // A checkpoint takes the place of any start.
    if (settings.init === "lsuv" && !begun) {
      yield { kind: "note", text: startLine(await measureStart(trainer, training, { seed, mirror, fresh })) };
    }

    // The folder is created only after all options are validated, so a rejected job leaves nothing behind.
    const folder = standing ?? (await RunFolder.create(platform.files, out, job));
    await folder.guardedBy(lock);
    // A process that was killed early may have left the settings alone.
    if (tuning && !begun) await folder.write(TUNING, formatTable(tuning.table));
    if (seen && !begun && !before) await folder.write(SEEN_CASES, `${JSON.stringify(seen)}\n`);
    const started = platform.now();
    const result = yield* fit({
      trainer,
      training,
      ...(validation.length > 0 && { validation }),
      epochs,
      seed,
      rate: scheduleOf(settings, stepsFor(epochs, epochImages, batch)),
      epochImages,
      mirror,
      keep: settings.keep ?? "best",
      ...(settings.average !== undefined && { average: settings.average }),
      deadShare: async () => deadShareOf(await measureStart(trainer, training, { seed, mirror })),
      made: data.makes ?? { kind: "run", from: origin },
      images: settings.images,
      folder,
      adapter: engine.adapterName,
      platform,
      ...(settings.checkpointEvery !== undefined && { checkpointEvery: settings.checkpointEvery }),
      ...(signal && { signal }),
    });
    if (result.complete) {
      const seconds = (platform.now() - started) / 1000;
      await folder.write(EVENT_FILE, [eventFileOf(await folder.metrics())]);
      const facts = { seconds, adapter: engine.adapterName, host: { ...platform.host }, graph: trainer.graphHash };
      await folder.end({ ...result, origin: origin as unknown as Json, ...facts });
    }
    return result;
  } finally {
    trainer.dispose();
    await lock?.release();
  }
}

/** As `runJob`, on engines of which one may be lost: the run then goes on on another, to the same bits. */
export async function* runJobOn(
  engines: Engines<Engine>,
  settings: JobSettings,
  options: Omit<TrainOptions, "engine">,
): AsyncGenerator<ProgressEvent, FitResult> {
  const { platform } = await engines.current();
  let again = false;
  return yield* surviving(engines, platform, async function* () {
    const engine = await engines.current();
    const resume = options.resume || (again && (await platform.files.exists(`${options.out}/${JOB_FILE}`)));
    again = true;
    return yield* runJob(settings, { ...options, engine, resume });
  });
}

interface Opening extends Pick<TrainOptions, "engine" | "tuning"> {
  readonly data: Pick<TrainingData, "classes" | "images" | "sample">;
}

interface OpeningTrainer extends Opening {
  /** What is subtracted. Default: the mean of the training images, or of the sample of them. */
  readonly mean?: Mean;
  /** As the training graph has it. Default false. */
  readonly headLosses?: boolean;
}

/** A trainer with its initial parameters and the mean that it subtracts; what is scaled to the data is not yet. */
export async function openTrainer(
  settings: JobSettings,
  { engine, data, tuning, headLosses, mean: given }: OpeningTrainer,
): Promise<{ readonly trainer: Trainer } & Awaited<ReturnType<typeof loadStart>>> {
  const { network, seed, families, math, storage } = settings;
  const options = { ...trainingOptions(settings, data.classes.length), ...(headLosses && { headLosses }) };
  const session = {
    ...(families && { families }),
    ...(math && { math }),
    ...(storage && { storage }),
    ...(tuning && { tuned: tuning.tuned }),
  };
  await expectMemory(engine, options, session);
  const trainer = await Trainer.open(engine, options, session);
  try {
    expectRules(trainer, settings, network);
    const mean = given ?? (await meanOf(data.sample ?? data.images("train")));
    trainer.setMean(network.mean === "image" ? mean.image : Float32Array.of(...mean.pixel, 0));
    await trainer.start(seed);
    return { trainer, ...(await loadStart(trainer, settings)) };
  } catch (error) {
    trainer.dispose();
    throw error;
  }
}

/** A job's network as it would start, measured on a batch of training images. Nothing is trained, and nothing is written. */
export async function inspectStart(settings: JobSettings, opening: Opening): Promise<StartReport> {
  const { seed, mirror, init } = settings;
  const training = opening.data.images("train");
  const { trainer, fresh } = await openTrainer(settings, opening);
  try {
    return await measureStart(trainer, training, { seed, mirror, ...(init === "lsuv" && { fresh }) });
  } finally {
    trainer.dispose();
  }
}

/** Another table has other sums, hence other bits: a run resumes with its own. */
function expectTuning(job: Job, tuning: RunTuning | null, out: string): void {
  const before = job["tuning"] ?? null;
  const now = tuning?.hash ?? null;
  if (before === now) return;
  const told = (hash: unknown): string => (hash === null ? "without a tuning table" : `with the tuning table ${JSON.stringify(hash)}`);
  const advice = before === null ? "leave --tune and --tuning-table out" : `pass  --tuning-table ${out}/${TUNING}`;
  throw new Error(`${out} is a run ${told(before)}, but would resume ${told(now)}, which changes the bits: ${advice}`);
}

/** The best weights of the run in a folder, and the data to score with them. */
export async function readRun(files: Files, path: string, weightsName: string): Promise<TrainedNetwork> {
  const folder = await RunFolder.open(files, path);
  const job = await folder.job();
  const { network, classes, images } = parsed(TRAINING_JOB, job, { file: `${path}/${JOB_FILE}`, what: "a training job of this version" });
  const weights = await readBest(folder, weightsName);
  // The job holds the class names and how scans became images; the weights hold the rest.
  return { ...readPretrained(networkNamed(network), weights, { labels: classes }), images };
}
