// Pretraining without any download: a network learns to classify fractal images (Kataoka et al. 2020; Anderson and Farrell 2021), and
// training on cases starts from the result. A run like any other, in a run folder; its weights are "fractal-pretrained".
import type { Split } from "../dataset/manifest.ts";
import type { Engine } from "../engine/engine.ts";
import { fractalImages, hashFractals, type FractalOptions } from "../fractals/images.ts";
import type { Network } from "../models/network.ts";
import type { ProgressEvent } from "../platform/progress.ts";
import type { FitResult } from "./fit.ts";
import { storedSize } from "./graphs.ts";
import { DEFAULT_IMAGES } from "./image-settings.ts";
import { defaultSettings, describe, runJob, type JobSettings, type TrainingData } from "./job.ts";
import { JOB_FILE, RunFolder } from "./run-folder.ts";

/** Which fractals a network learns to classify. */
export interface FractalSource extends Pick<FractalOptions, "poses" | "seed"> {
  readonly categories: number;
  /** Training images of each category. */
  readonly instances: number;
  /** Validation images of each category. */
  readonly validation: number;
}

export interface Pretraining {
  readonly settings: JobSettings;
  readonly source: FractalSource;
}

/** Images that the mean is taken of; a whole set may be millions, each drawn again. */
const SAMPLE = 2000;

/** Training and validation images of a source, at the stored size of a network's input. */
export function fractalData(source: FractalSource, size: number): TrainingData {
  const { categories, instances, validation, poses, seed } = source;
  const sets = {
    train: { seed, categories, instances, poses, size },
    val: { seed, categories, instances: validation, from: instances, poses, size },
  };
  const training = fractalImages(sets.train);
  const sample = { ...sets.train, instances: Math.min(instances, Math.ceil(SAMPLE / categories)) };
  return {
    classes: training.classes,
    splitHash: hashFractals([sets.train, sets.val]),
    source: { kind: "fractal", ...source },
    sample: fractalImages(sample),
    makes: { kind: "fractal", categories, instances, seed },
    images(split: Split) {
      if (split === "test") throw new Error("fractals: nothing is tested on them");
      return split === "train" ? training : fractalImages(sets.val);
    },
  };
}

export interface PretrainOptions {
  readonly engine: Engine;
  readonly out: string;
  readonly signal?: AbortSignal;
}

/** Runs a pretraining, or resumes a stopped one. Null if it was done before. */
export async function* pretrain(
  { settings, source }: Pretraining,
  { engine, out, signal }: PretrainOptions,
): AsyncGenerator<ProgressEvent, FitResult | null> {
  const { files } = engine.platform;
  const data = fractalData(source, storedSize(settings.network, settings.size));
  const begun = await files.exists(`${out}/${JOB_FILE}`);
  if (begun) {
    const folder = await RunFolder.open(files, out);
    await folder.expectJob(describe(settings, data));
    if (await folder.ended()) return null;
  }
  return yield* runJob(settings, { engine, data, out, resume: begun, ...(signal && { signal }) });
}

/** A pretraining at the papers' size, the default of `npx striatum pretrain`. */
export function defaultPretraining(network: Network): Pretraining {
  const settings = defaultSettings(network, null);
  return {
    settings: {
      ...settings,
      init: "msra",
      rate: 0.005,
      policy: "poly",
      mirror: false,
      images: { ...DEFAULT_IMAGES, pixelScale: 1 / 64 },
    },
    source: { categories: 100, instances: 400, validation: 10, poses: "any", seed: 0 },
  };
}
