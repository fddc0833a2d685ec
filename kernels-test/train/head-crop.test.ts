// A run on images cut to the head: eval, predict and the library give its pictures the same probabilities, predict and library from the file of weights alone.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import { afterAll, beforeAll, expect, test } from "vitest";
import { alexnet, loadImage, openDevice, type Device } from "../../src/index.ts";
import { philox } from "../../src/tensor/philox.ts";
import { readSafetensors } from "../../src/weights/safetensors.ts";
import { runCli } from "../support/run-cli.ts";

const SIDE = 100;
const folder = mkdtempSync(join(tmpdir(), "striatum-head-crop-"));
const run = join(folder, "run");
let device: Device;
beforeAll(async () => {
  // A head in a corner of a black picture, so that the cut moves and enlarges it.
  const rows = ["path,label,patient,split"];
  for (let i = 0; i < 12; i++) {
    const data = Uint8Array.from({ length: SIDE * SIDE }, (_, at) => {
      const [x, y] = [(at % SIDE) - 35, Math.floor(at / SIDE) - 60];
      if (x * x + y * y > 30 ** 2) return 0;
      return 60 + (philox([i, 3], [at, 0, 0, 0])[0] & 63) + (i % 2 === 1 && (x - 8) ** 2 + y * y < 50 ? 100 : 0);
    });
    mkdirSync(join(folder, "cases"), { recursive: true });
    writeFileSync(join(folder, `cases/${i}.png`), encode({ width: SIDE, height: SIDE, data, channels: 1, depth: 8 }));
    rows.push(`${i}.png,${i % 2 === 1 ? "hemorrhage" : "none"},P${i},${i < 6 ? "train" : i < 8 ? "val" : "test"}`);
  }
  writeFileSync(join(folder, "cases/manifest.csv"), `${rows.join("\n")}\n`);
  const settings = "--net alexnet --width 1/8 --size 64 --batch 4 --epochs 2 --lr 0.001 --init lsuv --pixel-scale 0.015625 --head-crop 0.9";
  const { status, stderr } = runCli(["train", "--data", join(folder, "cases"), "--out", run, ...settings.split(" ")]);
  expect(status, stderr).toBe(0);
  device = await openDevice();
});
afterAll(async () => {
  await device.dispose();
  rmSync(folder, { recursive: true, force: true });
});

interface Guessed {
  readonly top: { readonly label: string; readonly p: number }[];
}

/** Probability of "hemorrhage" of the test cases by `predict`. */
function predicted(...source: string[]): number[] {
  const paths = [8, 9, 10, 11].map((i) => join(folder, `cases/${i}.png`));
  const { status, stdout, stderr } = runCli(["predict", ...paths, ...source, "--json"]);
  expect(status, stderr).toBe(0);
  return (JSON.parse(stdout) as Guessed[]).map(({ top }) => top.find(({ label }) => label === "hemorrhage")?.p ?? NaN);
}

test("eval, predict and the library agree, and another cut gives other probabilities", async () => {
  const { stdout } = runCli(["eval", run, "--data", join(folder, "cases"), "--json"]);
  const evaluated = (JSON.parse(stdout) as { predictions: { p: number[] }[] }).predictions.map(({ p }) => p[1]);
  expect(evaluated).toHaveLength(4);

  const file = join(run, "weights.safetensors");
  expect(readSafetensors(readFileSync(file), file).metadata).toMatchObject({
    headCrop: "0.9",
    window: "40/80",
    slices: "3",
    slab: "false",
  });
  const net = await alexnet.load(device, file);
  const classified: number[] = [];
  for (const i of [8, 9, 10, 11]) {
    const guesses = await net.classify(await loadImage(join(folder, `cases/${i}.png`)));
    classified.push(guesses.find(({ label }) => label === "hemorrhage")?.score ?? NaN);
  }
  net.dispose();
  const ways = { run: predicted("--run", run), file: predicted("--net", "alexnet", "--weights", file), library: classified };
  for (const [way, values] of Object.entries(ways)) values.forEach((p, i) => expect(p, `${way}, case ${i}`).toBeCloseTo(evaluated[i], 6));

  // The same weights on whole pictures: a run without the cut.
  cpSync(run, join(folder, "whole"), { recursive: true });
  const job = JSON.parse(readFileSync(join(run, "job.json"), "utf8")) as { images: Record<string, unknown> };
  delete job.images["headCrop"];
  writeFileSync(join(folder, "whole/job.json"), JSON.stringify(job));
  predicted("--run", join(folder, "whole")).forEach((p, i) => expect(Math.abs(p - evaluated[i])).toBeGreaterThan(1e-4));
});
