// A run that diverges: it fails at the step where its network's outputs stop being numbers, and what it wrote before stays as it was.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { networkNamed } from "../../src/models/index.ts";
import { DEFAULT_IMAGES } from "../../src/train/image-settings.ts";
import type { JobSettings } from "../../src/train/job.ts";
import { allFinite } from "../../src/tensor/finite.ts";
import { readSafetensors } from "../../src/weights/safetensors.ts";
import { testEngine } from "../support/engine.ts";
import { trainSmall, writeCases } from "../support/small-training.ts";

const scratch = mkdtempSync(join(tmpdir(), "striatum-diverged-"));

beforeAll(() => {
  writeCases(join(scratch, "train-only"), ["train"]);
  writeCases(join(scratch, "validated"), ["train", "train", "train", "val"]);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Trains to the end and returns the message of the error, or null. */
async function train(out: string, cases: string, change: Partial<JobSettings>): Promise<string | null> {
  const settings = { images: DEFAULT_IMAGES, epochs: 2, checkpointEvery: 1, ...change };
  const training = trainSmall({ engine: await testEngine(), cases: join(scratch, cases), out: join(scratch, out), settings });
  return training.then(
    () => null,
    (error: Error) => error.message,
  );
}

const DIVERGED =
  /^training diverged at step (\d+), in epoch 1: the .* are not finite\. Weights and checkpoints from before are kept\. Lower the learning rate/;

test.each(["alexnet", "googlenet"])("without validation cases %s names the step, and writes no weights", async (network) => {
  const told = await train(network, "train-only", { network: networkNamed(network), rate: 1e9 });
  expect(told).toMatch(DIVERGED);
  expect(told).toContain("the network's outputs are not finite");
  expect(readdirSync(join(scratch, network))).not.toContain("weights.safetensors");
  expect(readdirSync(join(scratch, network))).not.toContain("run.json");
});

test("checkpoints from before it are kept, and hold numbers alone", async () => {
  // The rate rises over four steps, so that the first updates are small.
  const told = await train("kept", "validated", { rate: 1e9, warmUp: 4, policy: "fixed" });
  const [, step] = DIVERGED.exec(told ?? "") ?? [];
  const checkpoints = join(scratch, "kept/checkpoints");
  expect(readdirSync(checkpoints)).not.toHaveLength(0);
  for (const name of readdirSync(checkpoints)) {
    expect(Number(/\d+/.exec(name)?.[0])).toBeLessThan(Number(step));
    for (const [tensor, { data }] of readSafetensors(readFileSync(join(checkpoints, name)), name).tensors)
      expect(allFinite(data), `${name} ${tensor}`).toBe(true);
  }
});

test("a run that does not diverge counts every step", async () => {
  expect(await train("whole", "train-only", { rate: 0.01 })).toBeNull();
});
