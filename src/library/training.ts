// Training as a user of the library writes it: a folder of cases, a model, a solver; the run is a folder, and an iteration over its events.
import { parseManifest } from "../dataset/manifest.ts";
import type { SplitPlan } from "../dataset/split.ts";
import { sha256Hex } from "../tensor/sha256.ts";
import { BEST_WEIGHTS } from "../train/fit.ts";
import { defaultSettings, describe, openCases, runJob, type JobSettings } from "../train/job.ts";
import type { ProgressEvent } from "../platform/progress.ts";
import type { Files } from "../platform/platform.ts";
import type { Device } from "./device.ts";
import { hostPlatform, readSource } from "./host.ts";
import type { Model } from "./model.ts";

export interface FolderOptions {
  /** In the order of their indices. Default: the labels that occur, "none" first. */
  readonly classes?: readonly string[];
  /** Patients for training and validation; the others are the test. Wanted where the manifest has no column split. */
  readonly split?: { readonly train: number; readonly val: number };
  /** Of the split. Default 0. */
  readonly seed?: number;
}

/** A folder of cases with a manifest, not yet read. */
export interface Folder {
  readonly dir: string;
  readonly classes: readonly string[] | null;
  readonly split: SplitPlan | null;
}

/** Names a folder with manifest.csv (path,label,side,patient,split). Throws, naming it, where the manifest is missing or wrong. */
export async function folder(dir: string, { classes, split, seed = 0 }: FolderOptions = {}): Promise<Folder> {
  const { files } = await hostPlatform();
  const path = dir.replace(/\/+$/, "");
  if (!split) return { dir: path, classes: classes ?? null, split: null };
  const file = `${path}/manifest.csv`;
  const manifest = parseManifest(new TextDecoder().decode(await files.read(file, MAX_MANIFEST_BYTES)), file);
  const patients = new Set(manifest.cases.map(({ patient }) => patient)).size;
  const test = patients - split.train - split.val;
  if (test < 0)
    throw new Error(`${file}: has ${patients} patients, the split wants ${split.train} for training and ${split.val} for validation`);
  return { dir: path, classes: classes ?? null, split: { seed, patients: { ...split, test } } };
}

const MAX_MANIFEST_BYTES = 2 ** 26;

export type Solver = Pick<JobSettings, "momentum"> & { readonly weightDecay: number | null };
export type Rate = Pick<JobSettings, "rate" | "policy" | "stepping">;

/** Stochastic gradient descent as in Caffe. Weight decay defaults to the reference solver's of the network. */
export const sgd = ({ momentum = 0.9, weightDecay }: { momentum?: number; weightDecay?: number } = {}): Solver => ({
  momentum,
  weightDecay: weightDecay ?? null,
});

/** `rate` multiplied by `gamma` after every `every` epochs. */
export const stepLr = (rate: number, { every, gamma = 0.1 }: { every: number; gamma?: number }): Rate => ({
  rate,
  policy: "step",
  stepping: { everyEpochs: every, gamma },
});

export const fixedLr = (rate: number): Rate => ({ rate, policy: "fixed" });

/** Falls to zero as the square root of what is left of the run. */
export const polyLr = (rate: number): Rate => ({ rate, policy: "poly" });

export interface TrainRequest {
  readonly model: Model;
  readonly data: Folder;
  readonly batch?: number;
  readonly epochs?: number;
  readonly seed?: number;
  readonly solver?: Solver;
  readonly rate?: Rate;
  /** Default true; sides are exchanged with the image. */
  readonly mirror?: boolean;
  /** The run gets a folder of its own in here, named after what decides its numbers; a run that was stopped goes on there. */
  readonly out: string;
}

/** What a run tells: steps, notes and checkpoints as they are, and epochs with their losses by name. */
export type TrainEvent =
  | Exclude<ProgressEvent, { kind: "epoch" }>
  | { readonly kind: "epoch"; readonly epoch: number; readonly loss: number; readonly valLoss?: number; readonly valAuc?: number };

/** The weights of a run's best epoch. */
export interface Best {
  readonly path: string;
  save(path: string): Promise<void>;
}

export class TrainingRun implements AsyncIterable<TrainEvent> {
  readonly #device: Device;
  readonly #request: TrainRequest;
  #path: string | null = null;

  constructor(device: Device, request: TrainRequest) {
    this.#device = device;
    this.#request = request;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TrainEvent> {
    const { engine, sessionOptions } = this.#device;
    const { platform } = engine;
    const { model, data, batch, epochs, seed, solver, rate, mirror, out } = this.#request;
    const weights = model.init === null ? null : await readSource(platform, model.init);
    const defaults = defaultSettings(model.network, weights);
    const settings: JobSettings = {
      ...defaults,
      width: model.width,
      size: model.size,
      renameLast: weights !== null,
      batch: batch ?? defaults.batch,
      epochs: epochs ?? defaults.epochs,
      seed: seed ?? defaults.seed,
      mirror: mirror ?? defaults.mirror,
      ...(solver && { momentum: solver.momentum, weightDecay: solver.weightDecay ?? defaults.weightDecay }),
      ...rate,
      families: sessionOptions.families ?? null,
    };
    const cases = await openCases(platform, data.dir, settings, {
      only: ["train", "val"],
      ...(data.classes && { classes: data.classes }),
      ...(data.split && { split: data.split }),
    });
    if (cases.classes.length !== model.classes) {
      throw new Error(`${data.dir}: has the classes ${cases.classes.join(", ")}, the model tells ${model.classes} apart: make them agree`);
    }
    const path = `${out.replace(/\/+$/, "")}/${sha256Hex(JSON.stringify(describe(settings, cases)), 16)}`;
    this.#path = path;
    const resume = await platform.files.exists(`${path}/job.json`);
    for await (const event of runJob(settings, { engine, data: cases, out: path, resume })) yield toTrainEvent(event);
  }

  /** The weights with the lowest validation loss. Throws before the first epoch is done. */
  async best(): Promise<Best> {
    const { files } = this.#device.engine.platform;
    if (this.#path === null) throw new Error("the run has not begun: iterate over it first");
    const path = `${this.#path}/${BEST_WEIGHTS}`;
    if (!(await files.exists(path))) throw new Error(`${this.#path}: no epoch is done yet, so there are no best weights`);
    return { path, save: (to) => copy(files, path, to) };
  }
}

const copy = async (files: Files, from: string, to: string): Promise<void> => files.write(to, [await files.read(from)]);

function toTrainEvent(event: ProgressEvent): TrainEvent {
  if (event.kind !== "epoch") return event;
  const { loss, validationLoss, validationAuc } = event.metrics;
  return {
    kind: "epoch",
    epoch: event.epoch,
    loss,
    ...(validationLoss !== undefined && { valLoss: validationLoss }),
    ...(validationAuc !== undefined && { valAuc: validationAuc }),
  };
}

/** Trains a model on a folder of cases: iterate over what it returns. */
export const train = (device: Device, request: TrainRequest): TrainingRun => new TrainingRun(device, request);
