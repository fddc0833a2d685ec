// A training whose device is lost goes on on another by itself, and ends with the bits of one that kept its device.
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openEngine, type Engine } from "../../src/engine/engine.ts";
import { networkNamed } from "../../src/models/index.ts";
import type { ProgressEvent } from "../../src/platform/progress.ts";
import { TryAgain } from "../../src/platform/try-again.ts";
import { philox } from "../../src/tensor/philox.ts";
import { defaultSettings, openCases, runJobOn, type JobSettings } from "../../src/train/job.ts";
import { DEFAULT_IMAGES } from "../../src/train/image-settings.ts";
import { Engines } from "../../src/train/surviving.ts";
import { testPlatform } from "../support/adapter.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "striatum-lost-"));
  mkdirSync(join(folder, "data"));
  const rows = ["path,label,patient,split"];
  for (let i = 0; i < 12; i++) {
    const data = Uint8Array.from({ length: 80 * 80 }, (_, at) => (philox([i, 1], [at, 0, 0, 0])[0] & 127) + 100 * (i % 2));
    writeFileSync(join(folder, "data", `${i}.png`), encode({ width: 80, height: 80, data, channels: 1, depth: 8 }));
    rows.push(`${i}.png,${i % 2 ? "hemorrhage" : "none"},P${i},${i < 8 ? "train" : "val"}`);
  }
  writeFileSync(join(folder, "data/manifest.csv"), `${rows.join("\n")}\n`);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SETTINGS: JobSettings = {
  ...defaultSettings(networkNamed("alexnet"), null),
  width: 1 / 8,
  size: 64,
  batch: 4,
  epochs: 3,
  init: "lsuv",
  rate: 0.001,
  images: { ...DEFAULT_IMAGES, pixelScale: 1 / 64 },
  mirror: false,
};

/** Trains into a folder. `each` may break the engine after each event. */
async function train(
  out: string,
  each: (event: ProgressEvent, engine: Engine, events: number) => void,
  gpu: GPU | null = null,
): Promise<string[]> {
  const platform = { ...(await testPlatform()), ...(gpu && { gpu }) };
  const data = await openCases(platform, join(folder, "data"), SETTINGS, { only: ["train", "val"] });
  const engines = new Engines(() => openEngine(platform), { pausesMs: [0] });
  const notes: string[] = [];
  let events = 0;
  try {
    for await (const event of runJobOn(engines, SETTINGS, { data, out: join(folder, out), resume: false })) {
      if (event.kind === "note") notes.push(event.text);
      each(event, await engines.current(), ++events);
    }
    return notes;
  } finally {
    await engines.dispose();
  }
}

const bytesOf = (out: string): string[] => {
  const checkpoints = readdirSync(join(folder, out, "checkpoints")).map((name) => `checkpoints/${name}`);
  return ["weights.safetensors", "metrics.jsonl", ...checkpoints].map(
    (name) => `${name} ${readFileSync(join(folder, out, name)).toString("base64")}`,
  );
};

test("lost before the first checkpoint, and after an epoch: the bits of a run that was not", async () => {
  expect(await train("whole", () => undefined)).toEqual([expect.stringMatching(/^start: /)]);
  let epochs = 0;
  const broken = new Set<string>();
  const notes = await train("broken", (event, engine) => {
    if (event.kind === "epoch") epochs++;
    const moment = event.kind === "compile" ? "compiling" : event.kind === "checkpoint" && epochs === 2 ? "checkpoint" : "";
    if (moment === "" || broken.has(moment)) return;
    broken.add(moment);
    engine.device.destroy();
  });
  expect([...broken]).toEqual(["compiling", "checkpoint"]);
  const again = "the GPU device was lost (it was destroyed): it was opened again, and the run goes on from its last checkpoint";
  expect(notes.filter((text) => !text.startsWith("start: "))).toEqual([again, again]);
  expect(bytesOf("broken")).toEqual(bytesOf("whole"));
  expect(readdirSync(join(folder, "broken"))).not.toContain("lock.json");
});

test("without a second device it ends as what may be tried again", async () => {
  const { gpu } = await testPlatform();
  let asked = 0;
  const single = {
    requestAdapter: (options: GPURequestAdapterOptions) => (asked++ === 0 ? gpu.requestAdapter(options) : Promise.resolve(null)),
  };
  const lost = train("single", (event, engine) => void (event.kind === "checkpoint" && engine.device.destroy()), single as GPU);
  await expect(lost).rejects.toThrow(TryAgain);
  await expect(lost).rejects.toThrow(
    /^the GPU device was lost \(.*\), and none could be opened in its place \(No WebGPU adapter was found/,
  );
});
