// A device that is lost says so, and a training that runs on it ends all the same, with the same weights.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { alexnet, folder, openDevice, train, type Device } from "../../src/index.ts";
import { writePictures } from "../support/study-cases.ts";

const scratch = mkdtempSync(join(tmpdir(), "striatum-library-lost-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function trained(device: Device, out: string, onEpoch: () => void): Promise<{ notes: string[]; weights: Buffer }> {
  const data = await folder(join(scratch, "pictures"), { split: { train: 9, val: 6 }, seed: 0 });
  const model = alexnet({ classes: 3, width: 1 / 8, size: 64 });
  const run = train(device, { model, data, batch: 4, epochs: 2, out: join(scratch, out) });
  const notes: string[] = [];
  for await (const event of run) {
    if (event.kind === "epoch" && event.epoch === 1) onEpoch();
    if (event.kind === "note") notes.push(event.text);
  }
  return { notes, weights: readFileSync((await run.best()).path) };
}

test("the run goes on on another device, and the lost one says why", async () => {
  writePictures(join(scratch, "pictures"), 15);
  await using whole = await openDevice();
  const expected = await trained(whole, "whole", () => undefined);
  const device = await openDevice();
  const { notes, weights } = await trained(device, "broken", () => device.gpu.destroy());
  expect(await device.lost).toMatchObject({ reason: "destroyed" });
  expect(notes).toEqual(["the GPU device was lost (it was destroyed): it was opened again, and the run goes on from its last checkpoint"]);
  expect(weights.equals(expected.weights)).toBe(true);
});

test("a device that its owner disposes of ends its run, and none is opened in its place", async () => {
  const device = await openDevice();
  await expect(trained(device, "disposed", () => void device.dispose())).rejects.toThrow("the GPU device was disposed of");
  expect(await device.lost).toMatchObject({ reason: "destroyed" });
});
