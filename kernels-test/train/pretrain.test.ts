// A network's two schools: fractals first, stopped and gone on with, then cases with a frozen layer. On a network so small that it takes seconds.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { networkNamed } from "../../src/models/index.ts";
import type { ProgressEvent } from "../../src/platform/progress.ts";
import { runJob, type JobSettings, type TrainingData } from "../../src/train/job.ts";
import { defaultPretraining, fractalData, pretrain, type Pretraining } from "../../src/train/pretrain.ts";
import { storedSize } from "../../src/train/graphs.ts";
import { readStart } from "../../src/train/start.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { readWeights } from "../../src/weights/load.ts";
import { originOf } from "../../src/weights/origin.ts";
import { testEngine } from "../support/engine.ts";

const alexnet = networkNamed("alexnet");
const { settings, source } = defaultPretraining(alexnet);
const TINY: Pretraining = {
  settings: { ...settings, width: 1 / 8, size: 64, batch: 4, epochs: 2, rate: 0.01, checkpointEvery: 1 },
  source: { ...source, categories: 3, instances: 4, validation: 2 },
};

let folder: string;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bytesOf = (run: string, name: string): string => readFileSync(join(folder, run, name)).toString("base64");
const endOf = (run: string): unknown => JSON.parse(readFileSync(join(folder, run, "run.json"), "utf8"));

/** Runs to the end or until a checkpoint of `stopAt` steps, then aborts. */
async function run(
  events: (signal: AbortSignal) => AsyncGenerator<ProgressEvent, unknown>,
  stopAt = Infinity,
): Promise<{ result: unknown; notes: string[] }> {
  const stop = new AbortController();
  const notes: string[] = [];
  const iterator = events(stop.signal);
  for (;;) {
    const next = await iterator.next();
    if (next.done === true) return { result: next.value, notes };
    if (next.value.kind === "note") notes.push(next.value.text);
    if (next.value.kind === "checkpoint" && next.value.step >= stopAt) stop.abort();
  }
}

const pretraining = async (out: string, stopAt?: number) => {
  const engine = await testEngine();
  return run((signal) => pretrain(TINY, { engine, out: join(folder, out), signal }), stopAt);
};

/** A pretraining from start to end lies in `whole` for every test. */
let whole: Awaited<ReturnType<typeof pretraining>>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "striatum-pretrain-"));
  whole = await pretraining("whole");
});

test("a pretraining that was stopped goes on to the same bits, and one that is done is left alone", async () => {
  expect(whole.result).toMatchObject({ complete: true, steps: 6 });
  expect((await pretraining("stopped", 2)).result).toMatchObject({ complete: false });
  expect((await pretraining("stopped")).result).toMatchObject({ complete: true, steps: 6 });
  for (const name of ["job.json", "metrics.jsonl", "weights.safetensors"]) expect(bytesOf("stopped", name)).toBe(bytesOf("whole", name));
  expect((await pretraining("whole")).result).toBeNull();
  expect(endOf("whole")).toMatchObject({ origin: { kind: "none" } });
});

/** Stands for cases: three classes under other names. */
const cases = (): TrainingData => {
  const { images, classes, splitHash } = fractalData({ ...TINY.source, seed: 9 }, storedSize(alexnet, 64));
  return { classes: classes.map((name) => `case ${name}`), splitHash, images };
};

async function tune(out: string, change: Partial<JobSettings>): Promise<{ notes: string[]; weights: Map<string, Tensor> }> {
  const engine = await testEngine();
  const weights = await readStart(engine.platform.files, join(folder, "whole"));
  const job: JobSettings = { ...TINY.settings, epochs: 1, weights, renameLast: true, ...change };
  const { notes } = await run((signal) => runJob(job, { engine, data: cases(), out: join(folder, out), resume: false, signal }));
  return { notes, weights: readWeights(readFileSync(join(folder, out, "weights.safetensors")), out) };
}

test("fine-tuning: frozen layers keep their bits, the others and the new one do not; run and weights contain their origin", async () => {
  const start = readWeights(readFileSync(join(folder, "whole/weights.safetensors")), "whole");
  const { notes, weights } = await tune("tuned", { frozen: ["conv1"], newLayerRate: 5 });
  for (const name of ["conv1/weight", "conv1/bias"]) expect(weights.get(name)?.data, name).toEqual(start.get(name)?.data);
  for (const name of ["conv2/weight", "fc7/weight", "fc8/weight"]) expect(weights.get(name)?.data, name).not.toEqual(start.get(name)?.data);
  expect(notes.join()).toMatch(
    /fractal-pretrained \(3 categories, 4 images each, seed 0; not ImageNet\); loaded 14 tensors .* new layers: fc8$/,
  );
  expect(endOf("tuned")).toMatchObject({ origin: { kind: "fractal", categories: 3 } });
  const bytes = readFileSync(join(folder, "tuned/weights.safetensors"));
  expect(await originOf(bytes, "tuned", [])).toMatchObject({ kind: "run", from: { kind: "fractal" } });
});

test("new layers start from their fillers whatever the file holds", async () => {
  const { notes, weights } = await tune("renewed", { newLayers: ["fc6", "fc7"], frozen: ["conv*"], newLayerRate: 1 });
  expect(notes.join()).toMatch(/new layers: fc6, fc7, fc8$/);
  const start = readWeights(readFileSync(join(folder, "whole/weights.safetensors")), "whole");
  expect(weights.get("conv5/weight")?.data).toEqual(start.get("conv5/weight")?.data);
});

test.each([
  ["an unknown layer", { frozen: ["conv9"] }, 'cannot freeze "conv9" (did you mean conv1 or conv2?)'],
  ["a new layer", { frozen: ["fc8"] }, "cannot freeze fc8: new layers must be trained"],
  ["everything", { frozen: ["*"], renameLast: false }, "no layer is left to train"],
  ["new layers by a wrong name", { newLayers: ["fc9"] }, 'cannot make new "fc9" (did you mean fc6'],
  ["another width", { width: 1 / 4 }, "made with width 0.125, this job's is 0.25: pass  --width 0.125"],
  [
    "other pixels",
    { images: { ...TINY.settings.images, pixelScale: 1 } },
    "made with pixelScale 0.015625, this job's is 1: pass  --pixel-scale",
  ],
])("refused before anything is written: %s", async (name, change, told) => {
  await expect(tune(`refused ${name}`, change)).rejects.toThrow(told);
  expect(() => readFileSync(join(folder, `refused ${name}`, "job.json"))).toThrow("ENOENT");
});
