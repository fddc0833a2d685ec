// A training whose device is lost goes on on another by itself, and ends with the bits of one that kept its device.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openEngine, type Engine } from "../../src/engine/engine.ts";
import type { ProgressEvent } from "../../src/platform/progress.ts";
import { TryAgain } from "../../src/platform/try-again.ts";
import { openCases, runJobOn, type JobSettings } from "../../src/train/job.ts";
import { Engines } from "../../src/train/surviving.ts";
import { testPlatform } from "../support/adapter.ts";
import { bitsOf, SMALL, writeCases } from "../support/small-training.ts";

const scratch = mkdtempSync(join(tmpdir(), "striatum-lost-"));
beforeAll(() => writeCases(join(scratch, "cases"), ["train", "train", "val"]));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A start that is computed on the device too. */
const SETTINGS: JobSettings = { ...SMALL, init: "lsuv" };

/** Trains into a folder and returns what was said. `each` may break the engine after each event. */
async function train(out: string, each: (event: ProgressEvent, engine: Engine) => void, gpu: GPU | null = null): Promise<string[]> {
  const platform = { ...(await testPlatform()), ...(gpu && { gpu }) };
  const data = await openCases(platform, join(scratch, "cases"), SETTINGS, { only: ["train", "val"] });
  const engines = new Engines(() => openEngine(platform), { pausesMs: [0] });
  const notes: string[] = [];
  try {
    for await (const event of runJobOn(engines, SETTINGS, { data, out: join(scratch, out), resume: false })) {
      if (event.kind === "note") notes.push(event.text);
      each(event, await engines.current());
    }
    return notes;
  } finally {
    await engines.dispose();
  }
}

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
  expect(bitsOf(join(scratch, "broken"))).toEqual(bitsOf(join(scratch, "whole")));
  expect(readdirSync(join(scratch, "broken"))).not.toContain("lock.json");
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
