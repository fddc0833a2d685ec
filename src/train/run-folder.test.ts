// Run folders on files in memory: what is kept, what is taken back after a kill, and what is refused.
import { beforeEach, expect, test } from "vitest";
import { memoryFiles } from "../platform/files-fixture.ts";
import type { Files } from "../platform/platform.ts";
import { tensor } from "../tensor/tensor.ts";
import type { Checkpoint } from "../weights/checkpoint.ts";
import { RunFolder } from "./run-folder.ts";

let kept: Map<string, Uint8Array>;
let files: Files;
const job = { network: "alexnet", seed: 3, rate: 0.01 };
const text = (path: string): string => new TextDecoder().decode(kept.get(path));

beforeEach(() => {
  kept = new Map();
  files = memoryFiles(kept);
});

function checkpointAt(step: number): Checkpoint {
  const parameters = new Map([["fc/weight", tensor([2], Float32Array.of(step, -step))]]);
  return { graph: "abc", step, epoch: 1, seed: 3, state: { sums: step }, parameters, momentum: new Map() };
}

test("a new run writes its job first, and is not written over", async () => {
  const run = await RunFolder.create(files, "out", job);
  expect([...kept.keys()]).toEqual(["out/job.json"]);
  expect(await run.job()).toEqual(job);
  const before = text("out/job.json");
  await expect(RunFolder.create(files, "out", { ...job, seed: 4 })).rejects.toThrow(/out already contains a run: pass --resume/);
  expect(text("out/job.json")).toBe(before);
});

test("a folder without a run is not a run", async () => {
  await expect(RunFolder.open(files, "out")).rejects.toThrow("out is not a run: job.json is missing");
});

test("another job is refused with every difference, the same one in another order is not", async () => {
  const run = await RunFolder.create(files, "out", job);
  await expect(run.expectJob({ rate: 0.01, seed: 3, network: "alexnet" })).resolves.toBeUndefined();
  await expect(run.expectJob({ network: "alexnet", seed: 4, rate: 0.01, mirror: true })).rejects.toThrow(
    "out is the run of a different job: seed was 3, now 4; mirror was undefined, now true. Resume with the options it was started with",
  );
});

test("for a run that is to be longer the advice is to go on from its weights", async () => {
  const run = await RunFolder.create(files, "out", { ...job, epochs: 3 });
  await expect(run.expectJob({ ...job, epochs: 4 })).rejects.toThrow(
    "out is the run of a different job: epochs was 3, now 4. A run keeps its length, over which its learning rate falls: resume with the options it was " +
      "started with, or train on from its weights in another folder (--weights out --out ...)",
  );
});

test("an older run's accuracy is read as its math mode", async () => {
  const run = await RunFolder.create(files, "out", { ...job, accuracy: "fast" });
  await expect(run.expectJob({ ...job, math: "fast" })).resolves.toBeUndefined();
  await expect(run.expectJob(job)).rejects.toThrow('math was "fast", now undefined');
});

test("a damaged job is named", async () => {
  const run = await RunFolder.create(files, "out", job);
  await files.write("out/job.json", '{"network": ');
  await expect(run.job()).rejects.toThrow(/out\/job\.json: not JSON/);
});

test("metrics after a step are taken back, and so is a line that a kill left half-written", async () => {
  const run = await RunFolder.create(files, "out", job);
  for (const [epoch, step] of [
    [1, 4],
    [2, 8],
    [3, 12],
  ])
    await run.append({ epoch, step, loss: 1 / epoch });
  await files.write("out/metrics.jsonl", `${text("out/metrics.jsonl")}{"epoch": 4, "st`);
  expect((await run.metrics()).map(({ step }) => step)).toEqual([4, 8, 12]);
  await run.rewind(8);
  expect(text("out/metrics.jsonl")).toBe('{"epoch":1,"step":4,"loss":1}\n{"epoch":2,"step":8,"loss":0.5}\n');
  await run.rewind(0);
  expect(text("out/metrics.jsonl")).toBe("");
});

test("JSON of another kind is refused, with the file and the place in it", async () => {
  const run = await RunFolder.create(files, "out", job);
  for (const text of ["null", "[]", "7"]) {
    await files.write("out/job.json", text);
    await expect(run.job()).rejects.toThrow("out/job.json: not that of a run");
    await files.write("out/run.json", text);
    await expect(run.ended()).rejects.toThrow("out/run.json: not that of a run");
  }
  for (const line of ["null", '{"epoch":1}', '{"epoch":1,"step":-1}', '{"epoch":1,"step":2,"loss":"x"}', "{"]) {
    await files.write("out/metrics.jsonl", `{"epoch":1,"step":4}\n${line}\n`);
    await expect(run.metrics(), line).rejects.toThrow("out/metrics.jsonl line 2: not ");
  }
});

test("a run that has not logged yet has no metrics", async () => {
  expect(await (await RunFolder.create(files, "out", job)).metrics()).toEqual([]);
});

test("the last two checkpoints are kept, and the last is the one with the most steps", async () => {
  const run = await RunFolder.create(files, "out", job);
  expect(await run.lastCheckpoint("abc")).toBeNull();
  for (const step of [8, 9, 10, 100]) {
    expect(await run.saveCheckpoint(checkpointAt(step))).toBe(`out/checkpoints/step-${String(step).padStart(8, "0")}.safetensors`);
  }
  expect([...kept.keys()].filter((name) => name.includes("checkpoints")).sort()).toEqual([
    "out/checkpoints/step-00000010.safetensors",
    "out/checkpoints/step-00000100.safetensors",
  ]);
  const last = await run.lastCheckpoint("abc");
  expect(last).toMatchObject({ checkpoint: { step: 100, epoch: 1, seed: 3, state: { sums: 100 } }, damaged: [] });
  expect([...(last?.checkpoint.parameters.get("fc/weight")?.data ?? [])]).toEqual([100, -100]);
});

test("a checkpoint that a kill left under a temporary name is passed over", async () => {
  const run = await RunFolder.create(files, "out", job);
  await run.saveCheckpoint(checkpointAt(5));
  await files.write("out/checkpoints/.step-00000006.safetensors.0f3a.partial", "half");
  expect((await run.lastCheckpoint("abc"))?.checkpoint.step).toBe(5);
  // It goes once the folder is taken for writing, and nothing else does.
  await files.write("out/.run.json.0f3a.partial", "half");
  await run.guardedBy({ check: () => Promise.resolve() });
  expect([...kept.keys()].sort()).toEqual(["out/checkpoints/step-00000005.safetensors", "out/job.json"]);
});

test("a checkpoint is not written once the lock is lost", async () => {
  const run = await RunFolder.create(files, "out", job);
  await run.guardedBy({ check: () => Promise.reject(new Error("another process has taken this lock over")) });
  await expect(run.saveCheckpoint(checkpointAt(5))).rejects.toThrow("another process has taken this lock over");
  expect([...kept.keys()]).toEqual(["out/job.json"]);
});

test("a checkpoint of another graph is refused by name", async () => {
  const run = await RunFolder.create(files, "out", job);
  await run.saveCheckpoint(checkpointAt(5));
  await expect(run.lastCheckpoint("def")).rejects.toThrow(
    /step-00000005\.safetensors: checkpoint of another graph: abc, this run's is def/,
  );
});

test("where the last checkpoint is damaged, the one before it is taken, and what is damaged goes once the run goes on", async () => {
  const run = await RunFolder.create(files, "out", job);
  for (const step of [5, 6]) await run.saveCheckpoint(checkpointAt(step));
  const path = "out/checkpoints/step-00000006.safetensors";
  const whole = await files.read(path);
  const flipped = whole.slice();
  flipped[flipped.length - 1] ^= 1;
  for (const damage of [whole.subarray(0, 40), flipped, new Uint8Array(whole.length), new Uint8Array(0)]) {
    await files.write(path, [damage]);
    const last = await run.lastCheckpoint("abc");
    expect(last?.checkpoint.step).toBe(5);
    expect(last?.damaged).toEqual([expect.stringMatching(/^out\/checkpoints\/step-00000006\.safetensors: /)]);
  }
  await run.rewind(5);
  expect(await files.list("out/checkpoints")).toEqual(["step-00000005.safetensors"]);
  await files.write("out/checkpoints/step-00000005.safetensors", "half");
  await expect(run.lastCheckpoint("abc")).rejects.toThrow(
    /step-00000005\.safetensors: .*No checkpoint of this run is whole: restore one, or remove out\/checkpoints to train again/,
  );
});

test("a run has ended once it says so", async () => {
  const run = await RunFolder.create(files, "out", job);
  expect(await run.ended()).toBeNull();
  await run.end({ steps: 12 });
  expect(await run.ended()).toEqual({ steps: 12 });
  expect(await run.has("run.json")).toBe(true);
  expect(await run.has("weights.safetensors")).toBe(false);
});
