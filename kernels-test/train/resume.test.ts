// A run that is resumed: from what is whole, on the images that it began with, and with a word where its adapter is another.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Engine } from "../../src/engine/engine.ts";
import { testEngine } from "../support/engine.ts";
import { notesOf, trainSmall, writeCases, writePicture, type SmallTraining } from "../support/small-training.ts";

const scratch = mkdtempSync(join(tmpdir(), "striatum-resume-"));
const cases = join(scratch, "cases");
const whole = join(scratch, "whole");
let out: string;
let runs = 0;
let training: SmallTraining;

beforeAll(async () => {
  writeCases(cases, ["train", "train", "val"]);
  await trainSmall({ engine: await testEngine(), cases, out: whole });
});
beforeEach(async () => {
  out = join(scratch, `run-${runs++}`);
  training = { engine: await testEngine(), cases, out, settings: { checkpointEvery: 1 } };
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Stops after some steps, with two checkpoints. */
const stopped = (): Promise<unknown> => trainSmall({ ...training, stop: true });
const weightsOf = (folder: string): Buffer => readFileSync(join(folder, "weights.safetensors"));

test("where one bit of the last checkpoint flipped, the one before is taken, that is said, and the bits are those of an unbroken run", async () => {
  await stopped();
  const checkpoints = readdirSync(join(out, "checkpoints")).sort();
  expect(checkpoints).toHaveLength(2);
  const last = join(out, "checkpoints", checkpoints[1]);
  const bytes = readFileSync(last);
  bytes[bytes.length - 1] ^= 1;
  writeFileSync(last, bytes);
  const notes = notesOf(await trainSmall({ ...training, resume: true }));
  expect(notes).toEqual([
    `a damaged checkpoint is passed over: ${last}: the values are not those that were written: another SHA-256. Going on from the one before, of step 1`,
  ]);
  expect(weightsOf(out).equals(weightsOf(whole))).toBe(true);
});

test("killed after its settings were written and before anything else, it has the files of an unbroken run in the end", async () => {
  await trainSmall(training);
  for (const name of readdirSync(out)) if (name !== "job.json") rmSync(join(out, name), { recursive: true });
  await trainSmall({ ...training, resume: true });
  expect(readdirSync(out).sort()).toEqual(readdirSync(whole).sort());
  const [seen, expected] = [out, whole].map((folder) => readFileSync(join(folder, "seen-cases.json"), "utf8"));
  expect(seen).toBe(expected);
});

test("images that changed since are refused by their numbers, and nothing is trained", async () => {
  await stopped();
  for (const i of [3, 5]) writePicture(cases, i, 2);
  try {
    await expect(trainSmall({ ...training, resume: true })).rejects.toThrow(
      `${out}: the images of 2 of 12 cases are not those that the run began with (cases 3, 5; the first of the list is 0): restore them, or train into another --out`,
    );
  } finally {
    for (const i of [3, 5]) writePicture(cases, i);
  }
  expect(notesOf(await trainSmall({ ...training, resume: true }))).toEqual([]);
  expect(weightsOf(out).equals(weightsOf(whole))).toBe(true);
});

test("a batch for which there is not enough memory is refused before any is taken, with one that fits", async () => {
  const { engine } = training;
  const { platform, device, info } = engine;
  const bytes = 330 * 2 ** 20;
  const small = new Engine({ ...platform, availableMemory: () => ({ bytes, by: "a test" }) }, device, info);
  const [, fits] = await trainSmall({ ...training, engine: small, settings: { batch: 300 } }).then(
    () => [],
    (error: Error) =>
      /^a batch of 300 takes [\d.]+ GiB of main memory .* are available \(a test\): use a batch of at most (\d+) \(/.exec(
        error.message,
      ) ?? [error.message],
  );
  expect(Number(fits)).toBeGreaterThan(1);
  expect(existsSync(out)).toBe(false);
  await trainSmall({ ...training, engine: small, settings: { batch: Number(fits), epochs: 1 } });
});

test("another adapter goes on with a word, and the result names both", async () => {
  await stopped();
  const { engine } = training;
  const { platform, device, info, adapterName } = engine;
  const { vendor, architecture, subgroupMinSize, subgroupMaxSize, isFallbackAdapter } = info;
  const otherInfo = { vendor, architecture, device: "", description: "another", subgroupMinSize, subgroupMaxSize, isFallbackAdapter };
  const other = new Engine(platform, device, otherInfo as GPUAdapterInfo);
  const notes = notesOf(await trainSmall({ ...training, engine: other, resume: true }));
  expect(notes).toEqual([
    `until step 2 this run was computed on ${adapterName}, and goes on on ${other.adapterName}: its bits are not those of a run on one of them`,
  ]);
  const end = JSON.parse(readFileSync(join(out, "run.json"), "utf8")) as object;
  expect(end).toMatchObject({ adapter: other.adapterName, adapters: [adapterName, other.adapterName] });
  expect(JSON.parse(readFileSync(join(whole, "run.json"), "utf8"))).not.toHaveProperty("adapters");
});
