// Averaged weights on an adapter: what is kept, that training itself does not change, that a stopped run ends with the same bits; and what else is
// measured at the end of a run. On a network so small that it takes seconds.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { networkNamed } from "../../src/models/index.ts";
import { qualityOf, scoreCases } from "../../src/train/evaluate.ts";
import { readRun, runJob, type JobSettings } from "../../src/train/job.ts";
import { defaultPretraining, fractalData } from "../../src/train/pretrain.ts";
import { storedSize } from "../../src/train/graphs.ts";
import type { MetricsLine } from "../../src/train/run-folder.ts";
import { Scorer } from "../../src/train/scorer.ts";
import { INPUT_MEAN } from "../../src/weights/names.ts";
import { readSafetensors, type Safetensors } from "../../src/weights/safetensors.ts";
import { testEngine } from "../support/engine.ts";

const googlenet = networkNamed("googlenet");
const { settings, source } = defaultPretraining(googlenet);
const SETTINGS: JobSettings = { ...settings, width: 1 / 8, size: 64, init: "lsuv", batch: 4, epochs: 4, rate: 0.005, policy: "fixed" };
const data = fractalData({ ...source, categories: 3, instances: 4, validation: 3, poses: "upright" }, storedSize(googlenet, 64));

const folder = mkdtempSync(join(tmpdir(), "striatum-averaging-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs to the end, or until a checkpoint of `stopAt` steps. */
async function train(out: string, change: Partial<JobSettings>, { stopAt = Infinity, resume = false } = {}): Promise<void> {
  const stop = new AbortController();
  const job = runJob({ ...SETTINGS, ...change }, { engine: await testEngine(), data, out: join(folder, out), resume, signal: stop.signal });
  for await (const event of job) if (event.kind === "checkpoint" && event.step >= stopAt) stop.abort();
}

const bytesOf = (run: string, name: string): Buffer => readFileSync(join(folder, run, name));
const jsonOf = (run: string, name: string) => JSON.parse(bytesOf(run, name).toString()) as Record<string, unknown>;
const tensorsOf = (run: string, name: string): Safetensors["tensors"] => readSafetensors(bytesOf(run, name), name).tensors;
const metricsOf = (run: string): MetricsLine[] =>
  bytesOf(run, "metrics.jsonl")
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as MetricsLine);

beforeAll(async () => {
  await train("plain", { keep: "last" });
  await train("averaged", { average: 0.5 });
});

test("the kept weights are the mean of the last epochs', and training is that of a run without averaging", () => {
  const epochs = ["step-00000009.safetensors", "step-00000012.safetensors"].map((name) => tensorsOf("plain", `checkpoints/${name}`));
  const kept = tensorsOf("averaged", "weights.safetensors");
  expect(kept.size).toBe(tensorsOf("plain", "weights.safetensors").size);
  for (const [name, { data: values }] of kept) {
    if (name === INPUT_MEAN) continue;
    const [a, b] = epochs.map((tensors) => tensors.get(name)?.data as Float32Array);
    values.forEach((value, i) => expect(value, name).toBeCloseTo((a[i] + b[i]) / 2, 6));
  }
  expect(kept.get("loss3/classifier/weight")).not.toEqual(tensorsOf("plain", "weights.safetensors").get("loss3/classifier/weight"));
  const last = tensorsOf("averaged", "checkpoints/step-00000012.safetensors");
  for (const [name, value] of epochs[1]) expect(last.get(name), name).toEqual(value);
  expect(jsonOf("averaged", "job.json")).toMatchObject({ average: 0.5 });
  expect(jsonOf("plain", "job.json")).not.toHaveProperty("average");
});

test("a run that is stopped between two epochs that count ends with the same bits", async () => {
  await train("stopped", { average: 0.5, checkpointEvery: 1 }, { stopAt: 10 });
  await train("stopped", { average: 0.5, checkpointEvery: 1 }, { resume: true });
  for (const name of ["metrics.jsonl", "weights.safetensors"])
    expect(bytesOf("stopped", name).equals(bytesOf("averaged", name)), name).toBe(true);
  expect(jsonOf("stopped", "run.json")["average"]).toEqual(jsonOf("averaged", "run.json")["average"]);
});

test("the mean's loss on the validation cases is that of the file of weights", async () => {
  const engine = await testEngine();
  const trained = await readRun(engine.platform.files, join(folder, "averaged"), "weights.safetensors");
  const scorer = await Scorer.open(engine, trained, { batch: 4 });
  const { loss } = qualityOf(await scoreCases(scorer, data.images("val")));
  scorer.dispose();
  const [last] = metricsOf("averaged").slice(-1);
  expect(last["averagedValidationLoss"]).toBeCloseTo(loss, 6);
  expect(last["averagedValidationLoss"]).not.toBeCloseTo(last["validationLoss"], 6);
  expect(jsonOf("averaged", "run.json")).toMatchObject({
    bestEpoch: 4,
    average: { epochs: 2, validationLoss: last["averagedValidationLoss"] },
  });
});

test("the last epoch has the share of dead units, with the weights that are kept", () => {
  for (const run of ["plain", "averaged"]) expect(metricsOf(run).map((line) => "deadShare" in line)).toEqual([false, false, false, true]);
  const [last] = metricsOf("plain").slice(-1);
  expect(last["deadShare"]).toBeGreaterThanOrEqual(0);
  expect(last["deadShare"]).toBeLessThan(0.9);
});
