// The training loop: steps, epochs, validation, checkpoints. It reports events and writes a run folder; it prints nothing.
// A run that is killed and resumed ends with the same bits as one that was not: batches, crops and dropout are functions of seed and step, and
// a checkpoint holds parameters, momentum and the epoch's running sums.
import { readAhead, trainingBatches } from "../dataset/batches.ts";
import type { ImageSet } from "../dataset/dataset.ts";
import { parsed } from "../platform/json.ts";
import type { ProgressEvent } from "../platform/progress.ts";
import type { Platform } from "../platform/platform.ts";
import { averagedEpochs, withWeights, type RunningMean } from "./averaging.ts";
import * as v from "valibot";
import { allFinite } from "../tensor/finite.ts";
import { tensor } from "../tensor/tensor.ts";
import { INPUT_MEAN } from "../weights/names.ts";
import { MADE, type MadeWeights } from "../weights/origin.ts";
import { qualityOf, scoreCases } from "./evaluate.ts";
import { meanShape, storedSize } from "./graphs.ts";
import type { ImageSettings } from "./image-settings.ts";
import { networkFile } from "./network-file.ts";
import type { MetricsLine, RunFolder } from "./run-folder.ts";
import type { RateSchedule } from "./schedule.ts";
import { NO_SUMS, type Snapshot, type Sums, type Trainer } from "./trainer.ts";

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
  /** In place of `keep`, the mean of the weights at the ends of the epochs of this last share of the run is kept (averaging.ts). */
  readonly average?: number;
  /** Share of dead units in the layer that has most of them, measured once, with the weights that the run ends with. */
  readonly deadShare: () => Promise<number>;
  /** Metadata of the kept weights' file: their origin, and how images were made. */
  readonly made: MadeWeights;
  readonly images: ImageSettings;
  readonly folder: RunFolder;
  /** Name of the adapter: a checkpoint of another one is continued, and the run says so. */
  readonly adapter: string;
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
  /** The epoch whose weights are in `BEST_WEIGHTS`; the last one without validation, and where the last or a mean is kept. */
  readonly bestEpoch: number;
  /** The adapters that computed it, where there was more than one: its bits are not those of a run on one of them. */
  readonly adapters?: readonly string[];
  /** Where weights were averaged: of how many epochs, and how well the mean does on the validation cases. */
  readonly average?: { readonly epochs: number; readonly validationLoss?: number; readonly validationAuc?: number };
}

/** The weights of the best epoch, beside the run's other files. */
export const BEST_WEIGHTS = "weights.safetensors";

/** Steps after which `epochs` epochs are done: batches run across the ends of epochs, but each epoch takes a step at least, as in DIGITS. */
export const stepsFor = (epochs: number, images: number, batch: number): number => Math.max(epochs, Math.ceil((epochs * images) / batch));

interface Standing {
  /** In the order in which they computed. */
  readonly adapters: readonly string[];
  step: number;
  epoch: number;
  best: { epoch: number; loss: number };
  average: RunningMean | null;
}

/** Trains from where the run folder stands. The caller has started or loaded the parameters; a checkpoint in the folder overrides them. */
export async function* fit(options: FitOptions): AsyncGenerator<ProgressEvent, FitResult> {
  const { trainer, training, validation, epochs, seed, rate, mirror, keep, made, images, folder, platform, checkpointEvery, signal } =
    options;
  const { batch, size, network } = trainer.options;
  const { epochImages = training.length, average, deadShare, adapter } = options;
  const total = stepsFor(epochs, epochImages, batch);
  const { standing, notes } = await restore(trainer, folder, adapter);
  for (const text of notes) yield { kind: "note", text };
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
      const { loss } = await finiteSums(trainer, { epochStart, step, epoch: standing.epoch + 1 });
      yield stepEvent(loss / (step - epochStart), { step, total, from, seconds: (now - started) / 1000, batch });
    }
    if (step === epochEnd) {
      await ahead;
      const { loss, correct } = await finiteSums(trainer, { epochStart, step, epoch: standing.epoch + 1 });
      standing.epoch++;
      const { epoch } = standing;
      snapshot = await finiteSnapshot(trainer, standing);
      const metrics: Record<string, number> = {
        rate: rate.at(step - 1),
        loss: loss / (step - epochStart),
        accuracy: correct / ((step - epochStart) * batch),
      };
      if (validation) Object.assign(metrics, await validated("validation", { trainer, validation, step, epoch }));
      if (average !== undefined && epoch > epochs - averagedEpochs(epochs, average))
        standing.average = withWeights(standing.average, snapshot.parameters);
      if (step === total) Object.assign(metrics, await ending(standing, { trainer, validation, deadShare }));
      await folder.append({ epoch, step, ...metrics });
      const judged = (keep === "best" && average === undefined ? metrics["validationLoss"] : undefined) ?? -epoch;
      if (judged < standing.best.loss) {
        standing.best = { epoch, loss: judged };
        const kept = standing.average?.mean ?? snapshot.parameters;
        await saveWeights(trainer, folder, kept, { labels: training.classes, epoch, made, images });
      }
      trainer.setSums(NO_SUMS);
      epochStart = step;
      yield stepEvent(metrics["loss"], { step, total, from, seconds: (platform.now() - started) / 1000, batch });
      yield { kind: "epoch", epoch: standing.epoch, of: epochs, metrics };
    }
    const stop = signal?.aborted === true && step < total;
    if (step === epochEnd || stop || (checkpointEvery !== undefined && step % checkpointEvery === 0)) {
      await ahead;
      const sums = await finiteSums(trainer, { epochStart, step, epoch: standing.epoch + 1 });
      snapshot ??= await finiteSnapshot(trainer, { step, epoch: standing.epoch + 1 });
      yield { kind: "checkpoint", step, path: await save(trainer, folder, { snapshot, sums, seed, standing }) };
    }
    if (stop) return { complete: false, steps: step, bestEpoch: standing.best.epoch };
  }
  await ahead;
  const { adapters } = standing;
  const result = { complete: true, steps: standing.step, bestEpoch: standing.best.epoch, ...(adapters.length > 1 && { adapters }) };
  if (!standing.average) return result;
  // A run that was stopped after its last step finds here what it had measured.
  const { averagedValidationLoss: validationLoss, averagedValidationAuc: validationAuc } = ((await folder.metrics()).at(-1) ??
    {}) as Partial<MetricsLine>;
  const quality = { ...(validationLoss !== undefined && { validationLoss }), ...(validationAuc !== undefined && { validationAuc }) };
  return { ...result, average: { epochs: standing.average.count, ...quality } };
}

interface Judged {
  readonly trainer: Trainer;
  readonly validation: ImageSet;
  readonly step: number;
  readonly epoch: number;
}

/** Quality on the validation cases of the weights that the trainer holds, as metrics whose names begin alike. */
async function validated(prefix: string, { trainer, validation, ...at }: Judged): Promise<Record<string, number>> {
  const scores = await scoreCases(trainer, validation);
  if (scores.some(({ p }) => p.some(Number.isNaN))) throw diverged(at, "scores of the validation cases");
  const { loss, accuracy, auc } = qualityOf(scores);
  return { [`${prefix}Loss`]: loss, [`${prefix}Accuracy`]: accuracy, ...(auc !== undefined && { [`${prefix}Auc`]: auc }) };
}

/**
 * What is measured once, at the end of a run, with the weights that are kept; with the last ones where the best of several epochs are. The trainer holds a
 * mean afterwards: its own weights must have been read back.
 */
async function ending(
  { average, step, epoch }: Standing,
  {
    trainer,
    validation,
    deadShare,
  }: { readonly trainer: Trainer; readonly validation: ImageSet | undefined } & Pick<FitOptions, "deadShare">,
): Promise<Record<string, number>> {
  if (average) trainer.load(average.mean);
  const quality = average && validation ? await validated("averagedValidation", { trainer, validation, step, epoch }) : {};
  return { ...quality, deadShare: await deadShare() };
}

const SHOW_EVERY_MS = 500;

/** `what` is not finite. */
const diverged = ({ step, epoch }: Pick<Standing, "step" | "epoch">, what: string): Error =>
  new Error(
    `training diverged at step ${step}, in epoch ${epoch}: the ${what} are not finite. Weights and checkpoints from before are kept. ` +
      "Lower the learning rate (--lr) and start again",
  );

/** The running sums. Throws, naming the first step whose loss was not finite, if there was one since the epoch began. */
async function finiteSums(
  trainer: Trainer,
  { epochStart, step, epoch }: Pick<Standing, "step" | "epoch"> & { readonly epochStart: number },
): Promise<Sums> {
  const sums = await trainer.sums();
  if (sums.finiteSteps < step - epochStart) throw diverged({ step: epochStart + sums.finiteSteps + 1, epoch }, "network's outputs");
  return sums;
}

/** What training has changed so far. Throws, naming a parameter, if one is not finite: a ReLU can hide that from the loss. */
async function finiteSnapshot(trainer: Trainer, at: Pick<Standing, "step" | "epoch">): Promise<Snapshot> {
  const snapshot = await trainer.snapshot();
  for (const [name, { data }] of [...snapshot.parameters, ...snapshot.momentum])
    if (!allFinite(data)) throw diverged(at, `values of ${name}`);
  return snapshot;
}

function stepEvent(
  loss: number,
  { step, total, from, seconds, batch }: { step: number; total: number; from: number; seconds: number; batch: number },
): ProgressEvent {
  const perStep = seconds / Math.max(1, step - from);
  return { kind: "step", step, of: total, loss, imagesPerSecond: batch / perStep, etaS: (total - step) * perStep };
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** What a checkpoint says of a run beside its parameters. */
const STATE = v.strictObject({
  sums: v.strictObject({ loss: v.number(), correct: count, finiteSteps: count, lossExponent: v.exactOptional(v.number()) }),
  /** JSON has no infinity: before the first epoch there is no best loss. */
  best: v.strictObject({ epoch: count, loss: v.nullable(v.number()) }),
  averaged: v.exactOptional(count),
  adapters: v.array(v.string()),
});

/** Where the run stands by its last checkpoint that is whole, and what its user should know. */
async function restore(trainer: Trainer, folder: RunFolder, adapter: string): Promise<{ standing: Standing; notes: string[] }> {
  const last = await folder.lastCheckpoint(trainer.graphHash);
  if (!last) {
    trainer.setSums(NO_SUMS);
    return { standing: { adapters: [adapter], step: 0, epoch: 0, best: { epoch: 0, loss: Infinity }, average: null }, notes: [] };
  }
  const { checkpoint, path, damaged } = last;
  const { sums, best, averaged, adapters } = parsed(STATE, checkpoint.state, { file: path, what: "a checkpoint of this version" });
  const { average: mean, step } = checkpoint;
  trainer.load(checkpoint.parameters, checkpoint.momentum);
  trainer.setSums(sums);
  const notes = damaged.map((problem) => `a damaged checkpoint is passed over: ${problem}. Going on from the one before, of step ${step}`);
  const before = adapters.at(-1);
  if (before !== adapter)
    notes.push(
      `until step ${step} this run was computed on ${before}, and goes on on ${adapter}: its bits are not those of a run on one of them`,
    );
  return {
    standing: {
      adapters: before === adapter ? adapters : [...adapters, adapter],
      step,
      epoch: checkpoint.epoch,
      best: { epoch: best.epoch, loss: best.loss ?? Infinity },
      average: mean && averaged !== undefined ? { mean, count: averaged } : null,
    },
    notes,
  };
}

async function save(
  { graphHash: graph }: Trainer,
  folder: RunFolder,
  {
    snapshot,
    sums,
    seed,
    standing,
  }: { readonly snapshot: Snapshot; readonly sums: Sums; readonly seed: number; readonly standing: Standing },
): Promise<string> {
  const { step, epoch, best, average, adapters } = standing;
  const state: v.InferOutput<typeof STATE> = {
    sums,
    best: { epoch: best.epoch, loss: Number.isFinite(best.loss) ? best.loss : null },
    ...(average && { averaged: average.count }),
    adapters: [...adapters],
  };
  const mean = average ? { average: average.mean } : {};
  return folder.saveCheckpoint({ graph, step, epoch, seed, state: { ...state }, ...snapshot, ...mean });
}

/** All that scoring needs in one file, independent of the run. */
async function saveWeights(
  trainer: Trainer,
  folder: RunFolder,
  parameters: Snapshot["parameters"] | RunningMean["mean"],
  { labels, epoch, made, images }: { readonly labels: readonly string[]; readonly epoch: number } & Pick<FitOptions, "made" | "images">,
): Promise<void> {
  const { network, width = 1, size = network.size } = trainer.options;
  const mean = tensor(meanShape(network, storedSize(network, size)), await trainer.mean());
  for (const [name, { data }] of [...parameters, [INPUT_MEAN, mean] as const])
    if (!allFinite(data)) throw new Error(`internal: the values of ${name} are not finite, so no weights are written`);
  const file = { network, classes: labels, width, size, images, parameters, mean };
  await folder.write(BEST_WEIGHTS, networkFile(file, { epoch: String(epoch), [MADE]: JSON.stringify(made) }));
}
