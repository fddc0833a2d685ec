// A run of the library's `train`: its settings and its cases, in a folder that its job names. Loaded where something is trained.
import type { Dataset } from "../dataset/dataset.ts";
import { refuseLacks } from "../dataset/readiness.ts";
import { problemsIn } from "../tune/tuner.ts";
import { tuningFor, type RunTuning } from "../engine/tuning-table.ts";
import { openEngine, type Engine } from "../engine/engine.ts";
import type { Graph } from "../graph/graph.ts";
import type { ProgressEvent } from "../platform/progress.ts";
import { sha256Hex } from "../tensor/sha256.ts";
import { describe, graphsOf, openCases, runJobOn, type JobSettings } from "../train/job.ts";
import { Engines } from "../train/surviving.ts";
import { END_FILE, JOB_FILE } from "../train/run-folder.ts";
import { expectTrain } from "./arguments.ts";
import { internalsOf, type Device } from "./device.ts";
import { Folder } from "./folder.ts";
import { withoutSlash } from "./host.ts";
import { renamesLast, settingsFor } from "./job-settings.ts";
import type { TrainEvent, TrainRequest } from "./training-types.ts";

/** Reads the cases and says where the run's folder is; nothing is trained before its events are asked for. */
export async function openRun(device: Device, request: TrainRequest): Promise<{ path: string; events(): AsyncGenerator<TrainEvent> }> {
  const { engine, tuning: deviceTuning } = internalsOf(device);
  expectTrain(request);
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
      const engines = new Engines(() => openEngine(engine.platform, { timestamps: false }), { first: engine });
      try {
        const job = runJobOn(engines, settings, { data, out: path, resume, tuning, ...(signal && { signal }) });
        for await (const event of job) yield toTrainEvent(event);
      } finally {
        await engines.dispose();
      }
    },
  };
}

/** The part of the device's table that a run's graphs use. */
function tuningOf(engine: Engine, { table }: RunTuning, graphs: readonly Graph[]): RunTuning {
  return tuningFor(table, problemsIn(engine, graphs));
}

/** Everything about the run that the request leaves open, and its cases. The test's stay closed. */
async function prepare(device: Device, request: TrainRequest): Promise<{ settings: JobSettings; data: Dataset }> {
  const internals = internalsOf(device);
  const { model, data, epochs, rate, mirror } = request;
  const split = Folder.planOf(data);
  const settings = await settingsFor(internals, model, request);
  const chosen: JobSettings = { ...settings, epochs: epochs ?? settings.epochs, mirror: mirror ?? settings.mirror, ...rate };
  const cases = await openCases(internals.engine.platform, data.dir, chosen, {
    only: ["train", "val"],
    ...(data.classes && { classes: data.classes }),
    ...(split && { split }),
  });
  if (cases.classes.length !== model.classes) {
    throw new Error(`${data.dir}: has the classes ${cases.classes.join(", ")}, the model has ${model.classes} classes: make them agree`);
  }
  refuseLacks(cases.lacks("train"));
  return { settings: { ...chosen, renameLast: renamesLast(chosen, cases.classes) }, data: cases };
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
