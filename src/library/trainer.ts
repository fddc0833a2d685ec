// Training step by step: a network that learns from samples of a program, with its parameters on the device. It stands on what `train` stands on, and gives the
// same bits.
import type { BatchSource } from "../dataset/batches.ts";
import { allocateBatch, type BatchArrays } from "../dataset/stored-batch.ts";
import type { ImageSet } from "../dataset/image-set.ts";
import type { Mean } from "../dataset/mean.ts";
import type { Engine } from "../engine/engine.ts";
import type { SessionOptions } from "../engine/session.ts";
import { altered } from "../models/altered.ts";
import type { Network } from "../models/network.ts";
import { sha256Hex } from "../tensor/sha256.ts";
import { lossOf, qualityOf, scoreCases } from "../train/evaluate.ts";
import { storedSize } from "../train/graphs.ts";
import { openTrainer as openCore, type JobSettings } from "../train/job.ts";
import { Scorer, scoringOptions } from "../train/scorer.ts";
import { measureStart } from "../train/start.ts";
import { NO_SUMS, type Trainer as Core } from "../train/trainer.ts";
import { MADE, type MadeWeights, type WeightsOrigin } from "../weights/origin.ts";
import { expectKind, expectOptions, flag, signal as signalKind, inWords, sliceMs as sliceKind, whole } from "./check.ts";
import { Classifier } from "./classifier.ts";
import { internalsOf, type Device } from "./device.ts";
import { renamesLast, settingsFor } from "./job-settings.ts";
import { Mark } from "./mark.ts";
import { networkOf, type Model } from "./model.ts";
import type { PixelData } from "./pictures.ts";
import { imageSetOf, readSamples, sourceOf, type Sample, type SampleOptions } from "./samples.ts";
import type { SaveOptions } from "./save.ts";
import { inspectable } from "./subject.ts";
import {
  TRAINER_KINDS,
  type EvaluationResult,
  type LayerMeasure,
  type StepOptions,
  type StepResult,
  type TrainedBatch,
  type TrainerOptions,
} from "./trainer-types.ts";

/** ImageNet's mean pixel, blue, green, red: what BVLC's models subtract. */
const IMAGENET_MEAN = [104, 117, 123] as const;

/**
 * Opens a trainer on a device: reads the samples in memory, fills parameters as the seed says or from the model's weights. Throws a TypeError for a wrong option or
 * sample, and an Error where the weights are not the model's and where memory is too small.
 */
export async function openTrainer(device: Device, model: Model, options: TrainerOptions): Promise<Trainer> {
  const internals = internalsOf(device);
  const { engine, tuning, sessionOptions } = internals;
  expectOptions("openTrainer", options, TRAINER_KINDS);
  expectKind("openTrainer: samples", options.samples, TRAINER_KINDS.samples);
  const { labels = Array.from({ length: model.classes }, (_, i) => `class ${i}`), mirror = false, augment } = options;
  if (labels.length !== model.classes)
    throw new TypeError(`openTrainer: the model has ${model.classes} classes, but ${labels.length} labels are given`);
  const { init = "reference", pixelScale = 1 } = options;
  const network = alteredNetwork(networkOf(model), options);
  const chosen = await settingsFor(internals, model, options);
  const settings: JobSettings = {
    ...chosen,
    network,
    init: init === "equal" ? "reference" : init,
    images: { ...chosen.images, pixelScale },
    rate: options.rate ?? chosen.rate,
    mirror,
    frozen: options.frozen ?? [],
    renameLast: renamesLast(chosen, labels),
  };
  const stored = storedSize(network, model.size);
  const sampling: SampleOptions = { platform: engine.platform, classes: labels, stored, images: settings.images };
  const batching = { batch: settings.batch, crop: model.size, seed: settings.seed, mirror };
  const { source, set } = await sourceOf(options.samples, augment, sampling, batching);
  if (init === "lsuv" && !set) throw new TypeError('openTrainer: init "lsuv" is for samples in memory');
  const mean = options.mean ?? (set ? undefined : IMAGENET_MEAN);
  const {
    trainer: core,
    origin,
    fresh,
  } = await openCore(settings, {
    engine,
    data: { classes: labels, images: () => set as ImageSet },
    tuning,
    headLosses: true,
    ...(mean && { mean: plainMean(mean, stored) }),
  });
  if (init === "lsuv") await measureStart(core, set as ImageSet, { seed: settings.seed, mirror, fresh });
  return new Trainer(engine, core, { settings, sessionOptions, sampling, source, origin });
}

/** The network as the options change it; itself where they do not. */
function alteredNetwork(
  network: Network,
  { without = [], auxiliary, init }: Pick<TrainerOptions, "without" | "auxiliary" | "init">,
): Network {
  if (without.length === 0 && auxiliary === undefined && init !== "equal") return network;
  return altered(network, { without, ...(auxiliary !== undefined && { auxiliary }), equalStart: init === "equal" });
}

function plainMean(pixel: readonly [number, number, number], stored: number): Mean {
  const image = new Float32Array(stored * stored * 4);
  for (let i = 0; i < image.length; i += 4) image.set(pixel, i);
  return { pixel, image };
}

/** A picture of a batch as its placement cuts and mirrors it: red, green, blue. */
function croppedPicture(
  { pixels, placement }: BatchArrays,
  image: number,
  { stored, size }: { readonly stored: number; readonly size: number },
): PixelData {
  const [top, left, mirrored] = placement.subarray(4 * image);
  const data = new Uint8Array(size * size * 3);
  for (let row = 0, at = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const x = left + (mirrored ? size - 1 - column : column);
      const packed = pixels[(image * stored + top + row) * stored + x];
      data[at++] = packed >>> 16;
      data[at++] = (packed >>> 8) & 255;
      data[at++] = packed & 255;
    }
  }
  return { width: size, height: size, channels: 3, data };
}

interface Parts {
  readonly settings: JobSettings;
  readonly sessionOptions: Pick<SessionOptions, "families" | "tuned">;
  readonly sampling: SampleOptions;
  readonly source: BatchSource;
  readonly origin: WeightsOrigin;
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
    const { settings, sessionOptions, sampling, source } = parts;
    this.labels = sampling.classes;
    this.rate = settings.rate;
    this.#engine = engine;
    this.#core = core;
    this.#parts = parts;
    this.#batch = allocateBatch(source.batch, source.size);
    inspectable(this, () => ({
      engine,
      sessionOptions,
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
      expectOptions("step", options, { count: whole(1), signal: signalKind, sliceMs: sliceKind, measure: flag });
      const { count = 1, signal, sliceMs, measure = false } = options;
      const { source, settings } = this.#parts;
      expectKind("step: rate", this.rate, TRAINER_KINDS.rate);
      this.#core.setSums(NO_SUMS);
      // One step computes while the next batch is made; more than that would only pile up.
      let ahead: Promise<void> = Promise.resolve();
      let layers: LayerMeasure[] | undefined;
      for (let i = 0; i < count; i++) {
        signal?.throwIfAborted();
        await source.fill(this.#step, this.#batch);
        this.#expectAlive();
        const at = { seed: settings.seed, step: this.#step++, rate: this.rate };
        const measured = measure && i === count - 1;
        if (sliceMs !== undefined || measured) {
          const run = async (): Promise<void> =>
            sliceMs === undefined ? this.#core.train(this.#batch, at) : this.#core.trainInSlices(this.#batch, at, sliceMs);
          if (measured) layers = await this.#core.measured(this.#batch, at, run);
          else await run();
          continue;
        }
        this.#core.train(this.#batch, at);
        const done = this.#core.idle();
        done.catch(() => undefined);
        await ahead;
        ahead = done;
      }
      await ahead;
      const [{ loss, correct, finiteSteps }, losses] = await Promise.all([this.#core.sums(), this.#core.headLosses()]);
      return {
        step: this.#step,
        loss: loss / count,
        losses: Object.fromEntries(losses),
        accuracy: correct / (count * source.batch),
        finiteSteps,
        ...(layers && { layers }),
      };
    });
  }

  /** The last step's batch, with what the network says of it now. Throws before the first step. */
  batch(): Promise<TrainedBatch> {
    return this.#alone(async () => {
      if (this.#step === 0) throw new Error("batch: no step was taken yet");
      const { source, settings, sampling } = this.#parts;
      const { batch } = source;
      const scores = await this.#core.score(this.#batch);
      const classes = sampling.classes.length;
      return {
        pictures: Array.from({ length: batch }, (_, i) => croppedPicture(this.#batch, i, { stored: source.size, size: settings.size })),
        labels: [...this.#batch.labels],
        probabilities: Array.from({ length: batch }, (_, i) => [...scores.subarray(i * classes, (i + 1) * classes)]),
      };
    });
  }

  /** SHA-256 in hexadecimal of all parameters and momenta: the same where every bit is. */
  hash(): Promise<string> {
    return this.#alone(async () => {
      const { parameters, momentum } = await this.#core.snapshot();
      const parts = [...parameters.values(), ...momentum.values()].map(
        ({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      );
      const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
      let at = 0;
      for (const part of parts) {
        all.set(part, at);
        at += part.length;
      }
      return sha256Hex(all);
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
      if (!this.#marks.has(mark)) throw new TypeError(`back: expected a mark of this trainer, got ${inWords(mark)}`);
      this.#core.step.states.back(Mark.buffersOf(mark));
      this.#step = mark.step;
    });
  }

  /** Scores samples with the parameters as they are, each cropped in the middle. Throws a TypeError that names a wrong sample. */
  evaluate(samples: readonly Sample[]): Promise<EvaluationResult> {
    return this.#alone(async () => {
      const { sampling } = this.#parts;
      if (!Array.isArray(samples)) throw new TypeError(`evaluate: expected an array of { image, label }, got ${inWords(samples)}`);
      const scores = await scoreCases(this.#core, imageSetOf(await readSamples(samples, sampling), sampling));
      return { ...qualityOf(scores), probabilities: scores.map(({ p }) => p), losses: scores.map(lossOf) };
    });
  }

  /**
   * A network for inference on the trainer's parameters, which takes no copy: its answers follow as training goes on. Disposing of it leaves the trainer; once the
   * trainer is disposed, the network is.
   */
  network(): Promise<Classifier> {
    return this.#alone(async () => {
      const { settings, sessionOptions, sampling } = this.#parts;
      const { network, width, size, images } = settings;
      const trained = { network, classes: sampling.classes, named: true, width, size, images };
      const scorer = await Scorer.on(this.#engine, this.#core.step.states, scoringOptions(trained, 1), sessionOptions);
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
      const { fileFrom, fileOf, formatOf } = await import("./save.ts");
      const format = formatOf(path, options);
      const { settings, sampling, origin } = this.#parts;
      const { network, width, size, images } = settings;
      const described = { network, classes: sampling.classes, width, size, images };
      const file = await fileFrom(this.#core.step.states, this.#core.parameters, described);
      const made: MadeWeights = { kind: "run", from: origin };
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
