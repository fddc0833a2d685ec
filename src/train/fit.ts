// The training loop: steps, epochs, validation, checkpoints. It reports events and writes a run folder; it prints nothing.
// A run that is killed and resumed ends with the same bits as one that was not: batches, crops and dropout are functions of seed and step, and
// a checkpoint holds parameters, momentum and the epoch's running sums.
import { readAhead, trainingBatches } from "../dataset/batches.ts";
import type { ImageSet } from "../dataset/dataset.ts";
import type { ProgressEvent } from "../platform/progress.ts";
import type { Platform } from "../platform/platform.ts";
import { tensor } from "../tensor/tensor.ts";
import { INPUT_MEAN } from "../weights/names.ts";
import { MADE, type MadeWeights } from "../weights/origin.ts";
import { writeSafetensors } from "../weights/safetensors.ts";
import { qualityOf, scoreCases } from "./evaluate.ts";
import { meanShape, storedSize } from "./graphs.ts";
import { imageMetadata, type ImageSettings } from "./image-settings.ts";
import type { RunFolder } from "./run-folder.ts";
import type { RateSchedule } from "./schedule.ts";
import type { Snapshot, Sums, Trainer } from "./trainer.ts";

export interface FitOptions {
  readonly trainer: Trainer;
  readonly training: ImageSet;
  /** Scored after every epoch; the weights with the lowest loss on it are kept as the best. */
  readonly validation?: ImageSet;
  readonly epochs: number;
  /** Images shown that count as one epoch: validation, best weights and checkpoints come at its end. Default: all training images. */
  readonly epochImages?: number;
  /** Below 2^53. */
  readonly seed: number;
  readonly rate: RateSchedule;
  /** Mirrors images at random; the classes left and right swap with them. */
  readonly mirror: boolean;
  /** Which epoch's weights are kept: the one with the lowest validation loss, or the last. */
  readonly keep: "best" | "last";
  /** Metadata of the kept weights' file: their origin, and how images were made. */
  readonly made: MadeWeights;
  readonly images: ImageSettings;
  readonly folder: RunFolder;
  readonly platform: Pick<Platform, "now">;
  /** Steps between checkpoints within an epoch. Default: only at its end. */
  readonly checkpointEvery?: number;
  /** Once aborted, the loop writes a checkpoint and returns. */
  readonly signal?: AbortSignal;
}

export interface FitResult {
  /** False if the signal stopped it: resume it to continue. */
  readonly complete: boolean;
  readonly steps: number;
  /** The epoch whose weights are in `BEST_WEIGHTS`; the last one without validation, and where the last is kept. */
  readonly bestEpoch: number;
}

/** The weights of the best epoch, beside the run's other files. */
export const BEST_WEIGHTS = "weights.safetensors";

/** Steps after which `epochs` epochs are done: batches run across the ends of epochs, but each epoch takes a step at least, as in DIGITS. */
export const stepsFor = (epochs: number, images: number, batch: number): number => Math.max(epochs, Math.ceil((epochs * images) / batch));

interface Standing {
  step: number;
  epoch: number;
  best: { epoch: number; loss: number };
}

/** Trains from where the run folder stands. The caller has started or loaded the parameters; a checkpoint in the folder overrides them. */
export async function* fit(options: FitOptions): AsyncGenerator<ProgressEvent, FitResult> {
  const { trainer, training, validation, epochs, seed, rate, mirror, keep, made, images, folder, platform, checkpointEvery, signal } =
    options;
  const { batch, size, network } = trainer.options;
  const { epochImages = training.length } = options;
  const total = stepsFor(epochs, epochImages, batch);
  const standing = await restore(trainer, folder);
  await folder.rewind(standing.step);

  const from = standing.step;
  const next = readAhead(trainingBatches(training, { batch, crop: size ?? network.size, seed, mirror }), from);
  const started = platform.now();
  let epochStart = stepsFor(standing.epoch, epochImages, batch);
  let shownAt = started;
  let ahead: Promise<void> = Promise.resolve();

  for (let step = from; step < total;) {
    const at = { seed, step, rate: rate.at(step) };
    if (step > from) trainer.train(await next(), at);
    else for await (const told of trainer.firstTrain(await next(), at)) yield { kind: "compile", ...told };
    step = ++standing.step;
    // One step computes while the next is prepared and submitted; more than that would only pile up batches.
    const done = trainer.idle();
    done.catch(() => undefined);
    await ahead;
    ahead = done;

    // Read back once, for the best weights and for the checkpoint.
    let snapshot: Snapshot | null = null;
    const epochEnd = stepsFor(standing.epoch + 1, epochImages, batch);
    const now = platform.now();
    if (step !== epochEnd && now - shownAt > SHOW_EVERY_MS) {
      shownAt = now;
      const { loss } = await trainer.sums();
      yield stepEvent(loss / (step - epochStart), { step, total, from, seconds: (now - started) / 1000, batch });
    }
    if (step === epochEnd) {
      await ahead;
      const { loss, correct } = await trainer.sums();
      standing.epoch++;
      const metrics: Record<string, number> = {
        rate: rate.at(step - 1),
        loss: loss / (step - epochStart),
        accuracy: correct / ((step - epochStart) * batch),
      };
      if (!Number.isFinite(metrics["loss"])) throw diverged(standing.epoch);
      if (validation) {
        const scores = await scoreCases(trainer, validation);
        if (scores.some(({ p }) => p.some(Number.isNaN))) throw diverged(standing.epoch);
        const quality = qualityOf(scores);
        metrics["validationLoss"] = quality.loss;
        metrics["validationAccuracy"] = quality.accuracy;
        if (quality.auc !== undefined) metrics["validationAuc"] = quality.auc;
      }
      await folder.append({ epoch: standing.epoch, step, ...metrics });
      const judged = (keep === "best" ? metrics["validationLoss"] : undefined) ?? -standing.epoch;
      if (judged < standing.best.loss) {
        standing.best = { epoch: standing.epoch, loss: judged };
        snapshot = await trainer.snapshot();
        await saveWeights(trainer, folder, snapshot, { labels: training.classes, epoch: standing.epoch, made, images });
      }
      trainer.setSums({ loss: 0, correct: 0 });
      epochStart = step;
      yield stepEvent(metrics["loss"], { step, total, from, seconds: (platform.now() - started) / 1000, batch });
      yield { kind: "epoch", epoch: standing.epoch, of: epochs, metrics };
    }
    const stop = signal?.aborted === true && step < total;
    if (step === epochEnd || stop || (checkpointEvery !== undefined && step % checkpointEvery === 0)) {
      await ahead;
      yield { kind: "checkpoint", step, path: await save(trainer, folder, snapshot ?? (await trainer.snapshot()), seed, standing) };
    }
    if (stop) return { complete: false, steps: step, bestEpoch: standing.best.epoch };
  }
  await ahead;
  return { complete: true, steps: standing.step, bestEpoch: standing.best.epoch };
}

const SHOW_EVERY_MS = 500;

const diverged = (epoch: number): Error =>
  new Error(`training diverged in epoch ${epoch}: the network's outputs are not finite. Lower the learning rate (--lr) and start again`);

function stepEvent(
  loss: number,
  { step, total, from, seconds, batch }: { step: number; total: number; from: number; seconds: number; batch: number },
): ProgressEvent {
  const perStep = seconds / Math.max(1, step - from);
  return { kind: "step", step, of: total, loss, imagesPerSecond: batch / perStep, etaS: (total - step) * perStep };
}

async function restore(trainer: Trainer, folder: RunFolder): Promise<Standing> {
  const checkpoint = await folder.lastCheckpoint(trainer.graphHash);
  if (!checkpoint) {
    trainer.setSums({ loss: 0, correct: 0 });
    return { step: 0, epoch: 0, best: { epoch: 0, loss: Infinity } };
  }
  const { sums, best } = checkpoint.state as unknown as {
    sums: Sums;
    best: { epoch: number; loss: number | null };
  };
  trainer.load(checkpoint.parameters, checkpoint.momentum);
  trainer.setSums(sums);
  return { step: checkpoint.step, epoch: checkpoint.epoch, best: { epoch: best.epoch, loss: best.loss ?? Infinity } };
}

async function save(
  trainer: Trainer,
  folder: RunFolder,
  { parameters, momentum }: Snapshot,
  seed: number,
  { step, epoch, best }: Standing,
): Promise<string> {
  const sums = await trainer.sums();
  // JSON has no infinity: before the first epoch there is no best loss.
  const state = { sums: { ...sums }, best: { epoch: best.epoch, loss: Number.isFinite(best.loss) ? best.loss : null } };
  return folder.saveCheckpoint({ graph: trainer.graphHash, step, epoch, seed, state, parameters, momentum });
}

/** All that scoring needs in one file, independent of the run. */
async function saveWeights(
  trainer: Trainer,
  folder: RunFolder,
  { parameters }: Snapshot,
  { labels, epoch, made, images }: { readonly labels: readonly string[]; readonly epoch: number } & Pick<FitOptions, "made" | "images">,
): Promise<void> {
  const { network, width = 1, size = network.size } = trainer.options;
  const mean = tensor(meanShape(network, storedSize(network, size)), await trainer.mean());
  await folder.write(
    BEST_WEIGHTS,
    writeSafetensors([...parameters, [INPUT_MEAN, mean]], {
      network: network.name,
      labels: JSON.stringify(labels),
      width: String(width),
      size: String(size),
      ...imageMetadata(images),
      epoch: String(epoch),
      [MADE]: JSON.stringify(made),
    }),
  );
}
