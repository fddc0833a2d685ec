// Training step by step: a network that learns from samples of a program, with its parameters on the device. It stands on what `train` stands on, and gives the
// same bits.
import { allocateBatch, trainingBatches, type BatchArrays, type BatchSource } from "../dataset/batches.ts";
import type { ImageSet } from "../dataset/image-set.ts";
import type { Mean } from "../dataset/mean.ts";
import type { Engine } from "../engine/engine.ts";
import { tensor } from "../tensor/tensor.ts";
import { qualityOf, scoreCases } from "../train/evaluate.ts";
import { meanShape, storedSize } from "../train/graphs.ts";
import { defaultSettings, openTrainer as openCore, type JobSettings } from "../train/job.ts";
import { isForClasses } from "../train/pretrained.ts";
import { Scorer } from "../train/scorer.ts";
import { NO_SUMS, type Trainer as Core } from "../train/trainer.ts";
import { MADE, type MadeWeights, type WeightsOrigin } from "../weights/origin.ts";
import { expectKind, expectOptions, flag, kind, number, signal as signalKind, texts, told, whole } from "./check.ts";
import { Classifier } from "./classifier.ts";
import { internalsOf, type Device } from "./device.ts";
import { networkOf, type Model } from "./model.ts";
import { readSource } from "./read-source.ts";
import {
  changedBatches,
  imageSetOf,
  readSamples,
  streamedBatches,
  variantsOf,
  type Augmentation,
  type BatchOptions,
  type Sample,
  type SampleOptions,
} from "./samples.ts";
import { fileOf, formatOf, type SaveOptions } from "./save.ts";
import { inspectable } from "./subject.ts";
import type { Solver } from "./training-types.ts";

/** What a trainer trains, and how. */
export interface TrainerOptions {
  /**
   * What it learns from. An array is shown in an order that the seed draws, epoch after epoch. An async iterable is shown as it comes; when it ends, it is
   * begun again.
   */
  readonly samples: readonly Sample[] | AsyncIterable<Sample>;
  /** Names of the classes in the order of their indices. Default: "class 0", "class 1" and so on. */
  readonly labels?: readonly string[];
  /** Images per step. Default 32. */
  readonly batch?: number;
  /** Seed of starting values, order, crops and dropout, a whole number. Default 0. */
  readonly seed?: number;
  /** How weights are updated, as `sgd` returns it. Default: momentum 0.9 and the reference solver's weight decay. */
  readonly solver?: Solver;
  /** Learning rate of the first step; `rate` of the trainer changes it. Default: 0.01, or 0.001 where the model has weights to start from. */
  readonly rate?: number;
  /** Whether images are mirrored at random; the classes "left" and "right" change places with them. Default false. */
  readonly mirror?: boolean;
  /** "variants": each sample is learnt as its 48 variants (turned, mirrored, scaled, blurred, ...), for samples in memory. Or a function of one's own. */
  readonly augment?: "variants" | Augmentation;
  /** Blue, green and red that are subtracted. Default: the mean of the samples in memory; for an iterable, ImageNet's. */
  readonly mean?: readonly [blue: number, green: number, red: number];
  /** Layers that keep their values, by name or beginning ("conv1", "conv*"). Default: none. */
  readonly frozen?: readonly string[];
}

/** Options of `step`. */
export interface StepOptions {
  /** Steps that are taken, a whole number from 1; what is returned is of all of them. Default 1. */
  readonly count?: number;
  /** Once aborted, no further step is begun, and the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What one or more steps gave. */
export interface StepResult {
  /** Number of steps that the trainer has taken since its start. */
  readonly step: number;
  /** Mean loss of the steps: of all heads, weighted. NaN or infinite where training diverged. */
  readonly loss: number;
  /** Weighted loss of each head in the last of the steps, by the head's name; the main one first. */
  readonly losses: Readonly<Record<string, number>>;
  /** Share of the steps' images whose class was found, 0 to 1. */
  readonly accuracy: number;
  /** Steps until the loss was no number: all of them, unless training diverged. */
  readonly finiteSteps: number;
}

/** How well a network does on samples. */
export interface EvaluationResult {
  /** Mean of -log of the true class's probability. */
  readonly loss: number;
  /** Share of samples whose class was found, 0 to 1; ties count as not found. */
  readonly accuracy: number;
  /** Area under the ROC curve of "not class 0", 0 to 1; absent where only one side of it occurs. */
  readonly auc?: number;
  /** Probabilities of the classes for each sample, in the order of the samples. */
  readonly probabilities: readonly (readonly number[])[];
}

/** ImageNet's mean pixel, blue, green, red: what BVLC's models subtract. */
const IMAGENET_MEAN = [104, 117, 123] as const;

const isAsyncIterable = (value: unknown): value is AsyncIterable<Sample> => typeof Object(value)[Symbol.asyncIterator] === "function";

const KINDS = {
  samples: kind((value) => Array.isArray(value) || isAsyncIterable(value), "an array of { image, label }, or an async iterable of them"),
  labels: texts,
  batch: whole(1),
  seed: whole(0),
  solver: kind((value) => typeof (value as Solver | null)?.momentum === "number", "what sgd() returns"),
  rate: number((value) => value >= 0 && value < Infinity, "a number from 0"),
  mirror: flag,
  augment: kind((value) => value === "variants" || typeof value === "function", '"variants" or a function'),
  mean: kind(
    (value) => Array.isArray(value) && value.length === 3 && value.every((part) => typeof part === "number"),
    "three numbers: blue, green, red",
  ),
  frozen: texts,
};

/**
 * Opens a trainer on a device: reads the samples in memory, fills parameters as the seed says or from the model's weights. Throws a TypeError for a wrong option or
 * sample, and an Error where the weights are not the model's and where memory is too small.
 */
export async function openTrainer(device: Device, model: Model, options: TrainerOptions): Promise<Trainer> {
  const { engine, sessionOptions, tuning } = internalsOf(device);
  const network = networkOf(model);
  expectOptions("openTrainer", options, KINDS);
  if (options.samples === undefined) throw new TypeError(`openTrainer: samples must be ${KINDS.samples[1]}, got nothing`);
  const { labels = Array.from({ length: model.classes }, (_, i) => `class ${i}`), mirror = false, augment } = options;
  if (labels.length !== model.classes)
    throw new TypeError(`openTrainer: the model has ${model.classes} classes, but ${labels.length} labels are given`);
  const weights = model.init === null ? null : await readSource(engine.platform, model.init);
  const defaults = defaultSettings(network, weights);
  const settings: JobSettings = {
    ...defaults,
    width: model.width,
    size: model.size,
    batch: options.batch ?? defaults.batch,
    seed: options.seed ?? defaults.seed,
    rate: options.rate ?? defaults.rate,
    mirror,
    frozen: options.frozen ?? [],
    families: sessionOptions.families ?? null,
    renameLast: weights !== null && !isForClasses(network, weights, labels),
    ...(options.solver && { momentum: options.solver.momentum, weightDecay: options.solver.weightDecay ?? defaults.weightDecay }),
  };
  const stored = storedSize(network, model.size);
  const sampling: SampleOptions = { platform: engine.platform, classes: labels, stored, images: settings.images };
  const batching = { batch: settings.batch, crop: model.size, seed: settings.seed, mirror };
  const { source, set } = await sourceOf(options.samples, augment, sampling, batching);
  const mean = options.mean ?? (set ? undefined : IMAGENET_MEAN);
  const { trainer: core, origin } = await openCore(settings, {
    engine,
    data: { classes: labels, images: () => set as ImageSet },
    tuning,
    headLosses: true,
    ...(mean && { mean: plainMean(mean, stored) }),
  });
  return new Trainer(engine, core, { settings, sampling, source, origin });
}

/** Batches, and the set of those in memory. */
async function sourceOf(
  samples: TrainerOptions["samples"],
  augment: TrainerOptions["augment"],
  sampling: SampleOptions,
  batching: BatchOptions,
): Promise<{ readonly source: BatchSource; readonly set: ImageSet | null }> {
  if (!Array.isArray(samples)) {
    if (augment === "variants")
      throw new TypeError('openTrainer: augment "variants" is for samples in memory; an async iterable may give variants itself');
    return { source: streamedBatches(samples as AsyncIterable<Sample>, sampling, batching, augment), set: null };
  }
  const read = await readSamples(samples, sampling);
  const plain = imageSetOf(read, sampling);
  if (typeof augment === "function") return { source: changedBatches(read, augment, sampling, batching), set: plain };
  const set = augment === "variants" ? variantsOf(read, sampling) : plain;
  return { source: trainingBatches(set, batching), set };
}

function plainMean(pixel: readonly [number, number, number], stored: number): Mean {
  const image = new Float32Array(stored * stored * 4);
  for (let i = 0; i < image.length; i += 4) image.set(pixel, i);
  return { pixel, image };
}

interface Parts {
  readonly settings: JobSettings;
  readonly sampling: SampleOptions;
  readonly source: BatchSource;
  readonly origin: WeightsOrigin;
}

/** The state of a trainer at one step, on the device. */
export class Mark implements Disposable {
  /** Steps that had been taken. */
  readonly step: number;
  readonly #engine: Engine;
  #buffers: readonly GPUBuffer[] | null;

  /** @internal */
  constructor(engine: Engine, step: number, buffers: readonly GPUBuffer[]) {
    this.#engine = engine;
    this.step = step;
    this.#buffers = buffers;
  }

  /** @internal */
  static buffersOf(mark: Mark, engine: Engine): readonly GPUBuffer[] {
    if (!(#buffers in Object(mark)) || mark.#engine !== engine) throw new TypeError("back: expected a mark of this trainer");
    if (!mark.#buffers) throw new Error("this mark was disposed");
    return mark.#buffers;
  }

  /** Frees its memory on the device. */
  dispose(): void {
    this.#engine.free(this.#buffers ?? []);
    this.#buffers = null;
  }

  /** The same as `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** A network that learns. `openTrainer` opens it; `using` disposes of it. Calls run one after another, in the order in which they are made. */
export class Trainer implements Disposable {
  /** Names of the classes in the order of their indices. */
  readonly labels: readonly string[];
  /** Learning rate of the steps that follow. */
  rate: number;
  readonly #engine: Engine;
  readonly #core: Core;
  readonly #parts: Parts;
  readonly #batch: BatchArrays;
  readonly #owned = new Set<{ dispose(): void }>();
  readonly #marks = new WeakSet<Mark>();
  #step = 0;
  #last: Promise<unknown> = Promise.resolve();
  #disposed = false;

  /** @internal */
  constructor(engine: Engine, core: Core, parts: Parts) {
    const { settings, sampling, source } = parts;
    this.labels = sampling.classes;
    this.rate = settings.rate;
    this.#engine = engine;
    this.#core = core;
    this.#parts = parts;
    this.#batch = allocateBatch(source.batch, source.size);
    inspectable(this, () => ({
      engine,
      sessionOptions: settings.families ? { families: settings.families } : {},
      options: core.options,
      classes: sampling.classes,
      sight: settings,
      states: core.step.states,
      parameters: core.parameters,
      fast: core.step,
      learns: true,
      seed: settings.seed,
      owned: this.#owned,
      expectAlive: () => this.#expectAlive(),
    }));
  }

  /** Number of steps that were taken. */
  get steps(): number {
    return this.#step;
  }

  /** Takes steps, at `rate`. Throws where a sample cannot be read and where the samples have ended. */
  step(options: StepOptions = {}): Promise<StepResult> {
    return this.#alone(async () => {
      expectOptions("step", options, { count: whole(1), signal: signalKind });
      const { count = 1, signal } = options;
      const { source, settings } = this.#parts;
      expectKind("step: rate", this.rate, KINDS.rate);
      this.#core.setSums(NO_SUMS);
      // One step computes while the next batch is made; more than that would only pile up.
      let ahead: Promise<void> = Promise.resolve();
      for (let i = 0; i < count; i++) {
        signal?.throwIfAborted();
        await source.fill(this.#step, this.#batch);
        this.#expectAlive();
        this.#core.train(this.#batch, { seed: settings.seed, step: this.#step, rate: this.rate });
        this.#step++;
        const done = this.#core.idle();
        done.catch(() => undefined);
        await ahead;
        ahead = done;
      }
      await ahead;
      const [{ loss, correct, finiteSteps }, losses] = [await this.#core.sums(), await this.#core.headLosses()];
      return {
        step: this.#step,
        loss: loss / count,
        losses: Object.fromEntries(losses),
        accuracy: correct / (count * source.batch),
        finiteSteps,
      };
    });
  }

  /** Copies parameters, momenta and the number of steps on the device. A mark takes as much memory as they do. */
  mark(): Promise<Mark> {
    return this.#alone(async () => {
      const mark = new Mark(this.#engine, this.#step, this.#core.step.states.mark());
      this.#owned.add(mark);
      this.#marks.add(mark);
      return mark;
    });
  }

  /**
   * Goes back to a mark of this trainer. With samples in memory, the steps that follow give the same bits as they did; an async iterable goes on where it is.
   * Throws a TypeError for another's mark.
   */
  back(mark: Mark): Promise<void> {
    return this.#alone(async () => {
      if (!this.#marks.has(mark)) throw new TypeError(`back: expected a mark of this trainer, got ${told(mark)}`);
      this.#core.step.states.back(Mark.buffersOf(mark, this.#engine));
      this.#step = mark.step;
    });
  }

  /** Scores samples with the parameters as they are, each cropped in the middle. Throws a TypeError that names a wrong sample. */
  evaluate(samples: readonly Sample[]): Promise<EvaluationResult> {
    return this.#alone(async () => {
      const { sampling } = this.#parts;
      if (!Array.isArray(samples)) throw new TypeError(`evaluate: expected an array of { image, label }, got ${told(samples)}`);
      const scores = await scoreCases(this.#core, imageSetOf(await readSamples(samples, sampling), sampling));
      return { ...qualityOf(scores), probabilities: scores.map(({ p }) => p) };
    });
  }

  /**
   * A network for inference on the trainer's parameters, which takes no copy: its answers follow as training goes on. Disposing of it leaves the trainer; once the
   * trainer is disposed, the network is.
   */
  network(): Promise<Classifier> {
    return this.#alone(async () => {
      const { settings, sampling } = this.#parts;
      const sessionOptions = settings.families ? { families: settings.families } : {};
      const { network, width, size, images } = settings;
      const options = { network, classes: sampling.classes.length, width, size, pixelScale: images.pixelScale, batch: 1 };
      const scorer = await Scorer.on(this.#engine, this.#core.step.states, options, sessionOptions);
      const trained = { network, classes: sampling.classes, named: true, width, size, images, mean: await this.#core.mean() };
      const net = await Classifier.of({ engine: this.#engine, sessionOptions, trained, scorer });
      this.#owned.add(net);
      return net;
    });
  }

  /**
   * Writes the network with its weights, class names and mean: as .safetensors, which `load` reads, as .caffemodel (weights alone) or as .onnx, by the path's
   * ending. A file in Node, one of the origin's private file system in a browser. Throws where it cannot be written.
   */
  save(path: string, options: SaveOptions = {}): Promise<void> {
    return this.#alone(async () => {
      const format = formatOf(path, options);
      const { settings, sampling, origin } = this.#parts;
      const { network, width, size, images } = settings;
      const { parameters } = await this.#core.snapshot();
      const mean = tensor(meanShape(network, storedSize(network, size)), await this.#core.mean());
      const made: MadeWeights = { kind: "run", from: origin };
      const file = { network, classes: sampling.classes, width, size, images, parameters, mean };
      await this.#engine.platform.files.write(path, await fileOf(format, file, { [MADE]: JSON.stringify(made) }));
    });
  }

  /** Frees its memory on the device, that of its marks and of its networks. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const part of this.#owned) part.dispose();
    this.#owned.clear();
    this.#core.dispose();
  }

  /** The same as `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #expectAlive(): void {
    if (this.#disposed) throw new Error("this trainer was disposed: open another");
    this.#engine.check();
  }

  /** Runs `work` once what was started before it is done. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(() => {
      this.#expectAlive();
      return work();
    });
    this.#last = result.catch(() => undefined);
    return result;
  }
}
