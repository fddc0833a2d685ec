// The README's examples run as printed: each file of examples/ in a process of its own, in a folder that holds what it names.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { encode } from "fast-png";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pictureOf } from "../../src/dataset/image.ts";
import { meanOf } from "../../src/dataset/mean.ts";
import { alexnet as alexnetModel, loadImage, openDevice } from "../../src/index.ts";
import { internalsOf } from "../../src/library/device.ts";
import { alexnet } from "../../src/models/alexnet.ts";
import { googlenet } from "../../src/models/googlenet.ts";
import { philox } from "../../src/tensor/philox.ts";
import { scorePictures } from "../../src/train/evaluate.ts";
import { BEST_WEIGHTS } from "../../src/train/fit.ts";
import { storedSize } from "../../src/train/graphs.ts";
import { openCases, readRun } from "../../src/train/job.ts";
import { Scorer } from "../../src/train/scorer.ts";
import { smallWeights } from "../support/small-weights.ts";

const ROOT = join(import.meta.dirname, "../..");
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "striatum-examples-"));
  for (const name of ["weights", "heads", "node_modules"]) mkdirSync(join(folder, name));
  mkdirSync(join(folder, "node_modules/striatum"));
  writeFileSync(join(folder, "node_modules/striatum/package.json"), '{ "type": "module", "exports": "./index.ts" }');
  const sources = pathToFileURL(join(ROOT, "src/index.ts")).href;
  writeFileSync(join(folder, "node_modules/striatum/index.ts"), `export * from ${JSON.stringify(sources)};\n`);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "weights/bvlc_googlenet.caffemodel"), smallWeights(googlenet, 10));
  writeFileSync(join(folder, "weights/bvlc_alexnet.caffemodel"), smallWeights(alexnet, 10));
  const picture = (seed: number): Uint8Array =>
    encode({
      width: 80,
      height: 80,
      channels: 1,
      depth: 8,
      data: Uint8Array.from({ length: 6400 }, (_, i) => philox([seed, 2], [i, 0, 0, 0])[0] & 255),
    });
  writeFileSync(join(folder, "cat.jpg"), picture(0));
  const rows = Array.from({ length: 63 }, (_, i) => {
    writeFileSync(join(folder, `heads/${i}.png`), picture(i));
    return `${i}.png,${["none", "left", "right"][i % 3]},P${i}`;
  });
  writeFileSync(join(folder, "heads/manifest.csv"), `${["path,label,patient", ...rows].join("\n")}\n`);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The example's own text, with the package found as a dependency is; `settings` take the place of what lasts hours on a software adapter. */
function run(name: string, settings: Readonly<Record<string, string>> = {}): { status: number | null; stdout: string; stderr: string } {
  let text = readFileSync(join(import.meta.dirname, "examples", name), "utf8");
  for (const [printed, small] of Object.entries(settings)) {
    expect(text).toContain(printed);
    text = text.replace(printed, small);
  }
  writeFileSync(join(folder, name), text);
  const args = ["--import", pathToFileURL(join(ROOT, "node_modules/tsx/dist/esm/index.mjs")).href, name];
  return spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8", timeout: 110_000 });
}

test("infer: six lines, as printed", () => {
  const { status, stdout, stderr } = run("infer.ts");
  expect(stderr).not.toContain("Error");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^class \d 0\.\d{3}\n$/);
});

describe("train", () => {
  const small = { "classes: 3, init": "classes: 3, width: 1 / 8, size: 64, init", "epochs: 30": "epochs: 2" };
  let first: ReturnType<typeof run>;

  beforeAll(() => {
    first = run("train.ts", small);
  });

  test("as printed, but for epochs, width and size", () => {
    const { status, stdout, stderr } = first;
    expect(stderr).not.toContain("Error");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^1 \d+\.\d+ [01][.\d]*\n2 \d+\.\d+ [01][.\d]*\n$/);
  });

  test("what it saved can be taken away: class names and mean come with the weights", async () => {
    const device = await openDevice();
    const net = await alexnetModel.load(device, join(folder, "best.safetensors"));
    const image = await loadImage(join(folder, "heads/7.png"));
    const guesses = await net.classify(image);
    expect(guesses.map(({ label }) => label).sort()).toEqual(["left", "none", "right"]);

    const { engine } = internalsOf(device);
    const { platform } = engine;
    const [id] = readdirSync(join(folder, "runs"));
    const trained = await readRun(platform.files, join(folder, "runs", id), BEST_WEIGHTS);
    const split = { seed: 0, patients: { train: 45, val: 15, test: 3 } };
    const { classes } = trained;
    const cases = await openCases(platform, join(folder, "heads"), trained, { only: ["train"], classes, split });
    expect(trained.mean).toEqual((await meanOf(cases.images("train"))).image);
    const scorer = await Scorer.open(engine, trained, { batch: 1 });
    const [wanted] = await scorePictures(scorer, [pictureOf(image, storedSize(alexnet, trained.size), trained.images.windowHu)]);
    for (const { index, label, score } of guesses) {
      expect(label).toBe(classes[index]);
      expect(score).toBe(wanted[index]);
    }
    scorer.dispose();
    net.dispose();
    await device.dispose();
  });

  test("the same request again finds the run complete", () => {
    const { status, stdout } = run("train.ts", {
      ...small,
      'if (e.kind === "epoch") console.log(e.epoch, e.valLoss, e.valAuc)': "console.log(e.kind)",
    });
    expect(status).toBe(0);
    expect(stdout).toBe("note\n");
    expect(readdirSync(join(folder, "runs"))).toHaveLength(1);
  });
});

test("profile: as printed, but for batch, repeats, width and size", () => {
  const { status, stdout, stderr } = run("profile.ts", {
    "{ classes: 1000 }": "{ classes: 10, width: 1 / 8, size: 64 }",
    "batch: 32": "batch: 2",
    "repeats: 20": "repeats: 2",
  });
  expect(stderr).not.toContain("Error");
  expect(status).toBe(0);
  expect(stdout).toContain("inception_3a");
  expect(JSON.parse(readFileSync(join(folder, "trace.json"), "utf8"))).toHaveProperty("traceEvents");
});
