// A training job from its settings: what decides the numbers, written down (job.json), and everything made ready to fit.
import { openDataset, type Dataset, type DatasetOptions } from "../dataset/dataset.ts";
import { meanOf } from "../dataset/mean.ts";
import { mirroredClasses } from "../dataset/mirror.ts";
import type { Engine } from "../engine/engine.ts";
import { formatTable, type RunTuning } from "../engine/tuning-table.ts";
import type { Graph } from "../graph/graph.ts";
import type { Accuracy, Family } from "../kernels/kernel.ts";
import { networkNamed } from "../models/index.ts";
import type { Filling, Network } from "../models/network.ts";
import type { Files, Platform } from "../platform/platform.ts";
import type { ProgressEvent } from "../platform/progress.ts";
import { sha256Hex } from "../tensor/sha256.ts";
import { sizeOf } from "../tensor/shape.ts";
import { loadWeights } from "../weights/load.ts";
import { isAuxiliary, layerOf } from "../weights/names.ts";
import { fit, stepsFor, type FitResult } from "./fit.ts";
import { scoringGraph, storedSize, trainingGraph, type TrainingOptions } from "./graphs.ts";
import { DEFAULT_IMAGES, type ImageSettings } from "./image-settings.ts";
import { expectedShapes } from "./parameters.ts";
import { readPretrained, type TrainedNetwork } from "./pretrained.ts";
import { RunFolder, type Job } from "./run-folder.ts";
import { fixedRate, polyRate, stepRate, type RateSchedule } from "./schedule.ts";
import { Trainer } from "./trainer.ts";

export type Policy = "fixed" | "step" | "poly";

/** A step policy in full: after every so many epochs the rate is multiplied by gamma. */
export interface Stepping {
  readonly everyEpochs: number;
  readonly gamma: number;
}

export interface JobSettings {
  readonly network: Network;
  readonly width: number;
  readonly size: number;
  /** How weights start that no file gives. */
  readonly filling: Filling;
  readonly batch: number;
  readonly epochs: number;
  /** Images shown that count as one epoch, so that runs on more or fewer images can take the same steps. Default: all training images. */
  readonly epochImages?: number;
  readonly seed: number;
  readonly rate: number;
  /** step: divided by 10 after each third of the run (DIGITS' default); poly: power 0.5 to zero (GoogLeNet's quick solver). */
  readonly policy: Policy;
  /** In place of DIGITS' thirds, for the step policy. */
  readonly stepping?: Stepping;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly mirror: boolean;
  readonly images: ImageSettings;
  /** Layers that keep their values. */
  readonly frozen: readonly string[];
  /** Weights to start from; layers that the file lacks and `renameLast` allows start from their fillers. */
  readonly weights: { readonly file: string; readonly bytes: Uint8Array } | null;
  /** The last layers are new, with 10 times the learning rate: fine-tuning to other classes. */
  readonly renameLast: boolean;
  /** Kernel families in order of preference; null: what suits the adapter. */
  readonly families: readonly Family[] | null;
  /** Default: exact. */
  readonly accuracy?: Accuracy;
  readonly checkpointEvery?: number;
}

/** Sensible settings for a network; every one of them is written into job.json. */
export function defaultSettings(network: Network, weights: JobSettings["weights"]): JobSettings {
  return {
    network,
    width: 1,
    size: network.size,
    filling: "reference",
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

function scheduleOf({ policy, rate, stepping, epochs }: JobSettings, steps: number): RateSchedule {
  if (policy === "step" && stepping) {
    return stepRate(rate, { every: Math.max(1, Math.round((stepping.everyEpochs * steps) / epochs)), gamma: stepping.gamma });
  }
  if (policy === "fixed") return fixedRate(rate);
  if (policy === "poly") return polyRate(rate, { steps, power: 0.5 });
  return stepRate(rate, { every: Math.max(1, Math.ceil(0.33 * steps)), gamma: 0.1 });
}

/** Opens the cases of a job, or of a run that is to be judged, as images of the size that the network's crops are taken from. */
export function openCases(
  { files, inflate }: Platform,
  dir: string,
  { network, size, images }: Pick<JobSettings, "network" | "size" | "images">,
  options: Pick<DatasetOptions, "only" | "classes" | "target" | "split" | "onCase"> = {},
): Promise<Dataset> {
  return openDataset(files, dir, { size: storedSize(network, size), inflate, ...images, ...options });
}

/** The graphs that a job runs step after step: what a tuner is to look at. */
export function graphsOf(settings: JobSettings, classes: number): Graph[] {
  const options = trainingOptions(settings, classes);
  return [trainingGraph(options).graph, scoringGraph(options).graph];
}

function trainingOptions(settings: JobSettings, classes: number): TrainingOptions {
  const { network, width, size, filling, batch, momentum, weightDecay, frozen, renameLast, images } = settings;
  return {
    network,
    classes,
    width,
    size,
    pixelScale: images.pixelScale,
    filling,
    batch,
    momentum,
    weightDecay,
    frozen: (layer) => frozen.includes(layer),
    lastLayersRate: renameLast ? 10 : 1,
  };
}

/** What job.json holds. `tuning`: the hash of the table that kernels are chosen by, if one is. */
export function describe(settings: JobSettings, data: Pick<Dataset, "classes" | "splitHash">, tuning?: string): Job {
  const { network, weights, families, stepping, checkpointEvery: _, ...numbers } = settings;
  return {
    format: "striatum-job-1",
    network: network.name,
    classes: [...data.classes],
    data: data.splitHash,
    ...numbers,
    images: {
      windowHu: { ...settings.images.windowHu },
      slices: settings.images.slices,
      slab: settings.images.slab,
      pixelScale: settings.images.pixelScale,
      ...(settings.images.augment && { augment: true }),
    },
    frozen: [...settings.frozen],
    ...(stepping && { stepping: { ...stepping } }),
    weights: weights ? sha256Hex(weights.bytes) : null,
    families: families ? [...families] : null,
    ...(tuning !== undefined && { tuning }),
  };
}

export interface TrainOptions {
  readonly engine: Engine;
  readonly data: Dataset;
  readonly out: string;
  /** Go on with the run in `out`. */
  readonly resume: boolean;
  /** Chooses kernels; default: their own rules. */
  readonly tuning?: RunTuning | null;
  readonly signal?: AbortSignal;
}

/** The table that a run was tuned by, beside its other files. */
const TUNING = "tuning.json";

/** Trains a job into a run folder: starts or resumes it, validates, checkpoints, and ends it with run.json. */
export async function* runJob(
  settings: JobSettings,
  { engine, data, out, resume, tuning = null, signal }: TrainOptions,
): AsyncGenerator<ProgressEvent, FitResult> {
  const { platform } = engine;
  const training = data.images("train");
  if (training.length === 0)
    throw new Error(`${out}: the dataset has no training images: give the manifest's column split some cases of "train"`);
  const validation = data.images("val");
  const job = describe(settings, data, tuning?.hash);
  const standing = resume ? await RunFolder.open(platform.files, out) : null;
  if (standing) expectTuning(await standing.job(), tuning, out);
  await standing?.expectJob(job);
  if (settings.mirror) mirroredClasses(data.classes);

  const { network, batch, epochs, epochImages = training.length, seed, mirror, families, accuracy, frozen, renameLast } = settings;
  const trainer = await Trainer.open(engine, trainingOptions(settings, data.classes.length), {
    ...(families && { families }),
    ...(accuracy && { accuracy }),
    ...(tuning && { tuned: tuning.tuned }),
  });
  try {
    checkFrozen(trainer, frozen);
    const mean = await meanOf(training);
    const subtracted = network.mean === "image" ? mean.image : Float32Array.of(...mean.pixel, 0);
    trainer.setMean(subtracted);
    await trainer.start(seed);
    if (settings.weights) yield { kind: "note", text: loadInto(trainer, settings.weights, network, renameLast) };

    // Written once nothing can be refused any more: a job with a wrong option leaves no run that the right one would find in its way.
    const folder = standing ?? (await RunFolder.create(platform.files, out, job));
    if (tuning && !standing) await folder.write(TUNING, formatTable(tuning.table));
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
      folder,
      platform,
      ...(settings.checkpointEvery !== undefined && { checkpointEvery: settings.checkpointEvery }),
      ...(signal && { signal }),
    });
    if (result.complete) {
      const seconds = (platform.now() - started) / 1000;
      await folder.end({ ...result, seconds, adapter: engine.adapterName, host: { ...platform.host }, graph: trainer.graphHash });
    }
    return result;
  } finally {
    trainer.dispose();
  }
}

/** Another table makes other sums, hence other bits: a run goes on with its own. */
function expectTuning(job: Job, tuning: RunTuning | null, out: string): void {
  const before = job["tuning"] ?? null;
  const now = tuning?.hash ?? null;
  if (before === now) return;
  const told = (hash: unknown): string => (hash === null ? "by no tuning table" : `by the tuning table ${JSON.stringify(hash)}`);
  const advice = before === null ? "leave --tune and --tuning-table out" : `pass  --tuning-table ${out}/${TUNING}`;
  throw new Error(`${out} is a run ${told(before)}, and would go on ${told(now)}, which gives other bits: ${advice}`);
}

function checkFrozen(trainer: Trainer, frozen: readonly string[]): void {
  const layers = new Set(trainer.parameters.map(({ layer }) => layer));
  const unknown = frozen.filter((layer) => !layers.has(layer));
  if (unknown.length > 0) throw new Error(`cannot freeze ${unknown.join(", ")}: the network has ${[...layers].join(", ")}`);
}

/** Loads weights to start from; auxiliary heads, which deploy files leave out, may start from their fillers. Says what was taken. */
function loadInto(trainer: Trainer, { file, bytes }: { file: string; bytes: Uint8Array }, network: Network, renameLast: boolean): string {
  const loaded = loadWeights(bytes, file, expectedShapes(trainer.parameters), {
    ...(renameLast && {
      renameLast: network.lastLayers.filter((layer) => trainer.parameters.some((parameter) => parameter.layer === layer)),
    }),
    allowFresh: isAuxiliary,
  });
  trainer.load(loaded.values);
  const fresh = [...new Set(loaded.fresh.map(layerOf))];
  const values = [...loaded.values.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return `${file}: took ${loaded.values.size} tensors (${values} values)${fresh.length > 0 ? `; new layers: ${fresh.join(", ")}` : ""}`;
}

/** The best weights of the run in a folder, and what they need. */
export async function readRun(files: Files, path: string, weightsName: string): Promise<TrainedNetwork> {
  const folder = await RunFolder.open(files, path);
  const job = await folder.job();
  if (job["format"] !== "striatum-job-1" || typeof job["network"] !== "string" || !Array.isArray(job["classes"])) {
    throw new Error(
      `${path}/job.json is no training job of this version (format ${JSON.stringify(job["format"] ?? null)}, expected "striatum-job-1")`,
    );
  }
  if (!(await folder.has(weightsName)))
    throw new Error(`${path} has no ${weightsName} yet: train at least one epoch (striatum train --out ${path} --resume)`);
  const weights = { file: `${path}/${weightsName}`, bytes: await folder.read(weightsName) };
  // The weights tell the rest; names of classes and how scans became images are the job's to tell.
  const trained = readPretrained(networkNamed(job["network"]), weights, { labels: job["classes"] as string[] });
  return { ...trained, images: job["images"] as unknown as ImageSettings };
}
