// A run of the library's `train`: its settings and its cases, in a folder named after its job. Loaded only for training.
import type { Dataset } from "../dataset/dataset.ts";
import { problemsIn } from "../tune/tuner.ts";
import { tuningFor, type RunTuning } from "../engine/tuning-table.ts";
import type { Engine } from "../engine/engine.ts";
import type { Graph } from "../graph/graph.ts";
import type { ProgressEvent } from "../platform/progress.ts";
import { sha256Hex } from "../tensor/sha256.ts";
import { defaultSettings, describe, graphsOf, openCases, runJob, type JobSettings } from "../train/job.ts";
import { isForClasses } from "../train/pretrained.ts";
import { END_FILE, JOB_FILE } from "../train/run-folder.ts";
import { internalsOf, type Device } from "./device.ts";
import { readSource, withoutSlash } from "./host.ts";
import type { TrainEvent, TrainRequest } from "./training-types.ts";

/** Reads the cases and says where the run's folder is; training starts with the iteration over its events. */
export async function openRun(device: Device, request: TrainRequest): Promise<{ path: string; events(): AsyncGenerator<TrainEvent> }> {
  const { engine, tuning: deviceTuning } = internalsOf(device);
  const { files } = engine.platform;
  const { settings, data } = await prepare(device, request);
  const tuning = deviceTuning && tuningOf(engine, deviceTuning, graphsOf(settings, data.classes.length));
  const path = `${withoutSlash(request.out)}/${sha256Hex(JSON.stringify(describe(settings, data, tuning?.hash)), 16)}`;
  return {
    path,
    async *events() {
      if (await files.exists(`${path}/${END_FILE}`)) {
        yield { kind: "note", text: `${path} is complete` };
        return;
      }
      const resume = await files.exists(`${path}/${JOB_FILE}`);
      const { signal } = request;
      const job = runJob(settings, { engine, data, out: path, resume, tuning, ...(signal && { signal }) });
      for await (const event of job) yield toTrainEvent(event);
    },
  };
}

/** The part of the device's table that a run's graphs use. */
function tuningOf(engine: Engine, { table }: RunTuning, graphs: readonly Graph[]): RunTuning {
  return tuningFor(table, problemsIn(engine, graphs));
}

/** The run's settings with defaults, and its cases. Test cases are not opened. */
async function prepare(device: Device, request: TrainRequest): Promise<{ settings: JobSettings; data: Dataset }> {
  const { engine, sessionOptions } = internalsOf(device);
  const { model, data, batch, epochs, seed, solver, rate, mirror } = request;
  const weights = model.init === null ? null : await readSource(engine.platform, model.init);
  const defaults = defaultSettings(model.network, weights);
  const chosen: JobSettings = {
    ...defaults,
    width: model.width,
    size: model.size,
    batch: batch ?? defaults.batch,
    epochs: epochs ?? defaults.epochs,
    seed: seed ?? defaults.seed,
    mirror: mirror ?? defaults.mirror,
    ...(solver && { momentum: solver.momentum, weightDecay: solver.weightDecay ?? defaults.weightDecay }),
    ...rate,
    families: sessionOptions.families ?? null,
  };
  const cases = await openCases(engine.platform, data.dir, chosen, {
    only: ["train", "val"],
    ...(data.classes && { classes: data.classes }),
    ...(data.split && { split: data.split }),
  });
  if (cases.classes.length !== model.classes) {
    throw new Error(
      `${data.dir}: has the classes ${cases.classes.join(", ")}, but the model has ${model.classes} classes: make them agree`,
    );
  }
  const renameLast = weights !== null && !isForClasses(model.network, weights, cases.classes);
  return { settings: { ...chosen, renameLast }, data: cases };
}

function toTrainEvent(event: ProgressEvent): TrainEvent {
  if (event.kind !== "epoch") return event;
  const { loss, accuracy, validationLoss, validationAccuracy, validationAuc } = event.metrics;
  return {
    kind: "epoch",
    epoch: event.epoch,
    of: event.of,
    loss,
    accuracy,
    ...(validationLoss !== undefined && { valLoss: validationLoss }),
    ...(validationAccuracy !== undefined && { valAccuracy: validationAccuracy }),
    ...(validationAuc !== undefined && { valAuc: validationAuc }),
  };
}
