// A run that diverges: it fails at the step where its network's outputs stop being numbers, and what it wrote before stays as it was.
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import { afterAll, beforeAll, expect, test } from "vitest";
import { networkNamed } from "../../src/models/index.ts";
import { defaultSettings, openCases, runJob, type JobSettings } from "../../src/train/job.ts";
import { philox } from "../../src/tensor/philox.ts";
import { allFinite } from "../../src/tensor/tensor.ts";
import { readSafetensors } from "../../src/weights/safetensors.ts";
import { testEngine } from "../support/engine.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "striatum-diverged-"));
  for (const [name, splits] of [
    ["train-only", ["train"]],
    ["validated", ["train", "train", "train", "val"]],
  ] as const) {
    mkdirSync(join(folder, name));
    const rows = ["path,label,patient,split"];
    for (let i = 0; i < 12; i++) {
      const data = Uint8Array.from({ length: 80 * 80 }, (_, at) => (philox([i, 1], [at, 0, 0, 0])[0] & 127) + 100 * (i % 2));
      writeFileSync(join(folder, name, `${i}.png`), encode({ width: 80, height: 80, data, channels: 1, depth: 8 }));
      rows.push(`${i}.png,${i % 2 ? "hemorrhage" : "none"},P${i},${splits[i % splits.length]}`);
    }
    writeFileSync(join(folder, name, "manifest.csv"), `${rows.join("\n")}\n`);
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SETTINGS: Partial<JobSettings> = { width: 1 / 8, size: 64, batch: 4, epochs: 2, mirror: false, checkpointEvery: 1 };

/** Trains to the end and returns the message of the error, or null. */
async function train(out: string, cases: string, change: Partial<JobSettings>): Promise<string | null> {
  const engine = await testEngine();
  const settings = { ...defaultSettings(networkNamed("alexnet"), null), ...SETTINGS, ...change };
  const data = await openCases(engine.platform, join(folder, cases), settings, { only: ["train", "val"] });
  try {
    for await (const _ of runJob(settings, { engine, data, out: join(folder, out), resume: false }));
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

const DIVERGED =
  /^training diverged at step (\d+), in epoch 1: the .* are not finite\. Weights and checkpoints from before are kept\. Lower the learning rate/;

test.each(["alexnet", "googlenet"])("without validation cases %s names the step, and writes no weights", async (network) => {
  const told = await train(`only-${network}`, "train-only", { network: networkNamed(network), rate: 1e9 });
  expect(told).toMatch(DIVERGED);
  expect(told).toContain("the network's outputs are not finite");
  expect(readdirSync(join(folder, `only-${network}`))).not.toContain("weights.safetensors");
  expect(readdirSync(join(folder, `only-${network}`))).not.toContain("run.json");
});

test("checkpoints from before it are kept, and hold numbers alone", async () => {
  // The rate rises over four steps, so that the first updates are small.
  const told = await train("kept", "validated", { rate: 1e9, warmUp: 4, policy: "fixed" });
  const [, step] = DIVERGED.exec(told ?? "") ?? [];
  const checkpoints = join(folder, "kept/checkpoints");
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
