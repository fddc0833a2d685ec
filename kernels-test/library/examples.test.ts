// The README's examples run as printed: each file of examples/ in a process of its own, in a folder that holds what it names.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import { afterAll, beforeAll, expect, test } from "vitest";
import { alexnet } from "../../src/models/alexnet.ts";
import { googlenet } from "../../src/models/googlenet.ts";
import { philox } from "../../src/tensor/philox.ts";
import { smallWeights } from "../support/small-weights.ts";

const ROOT = join(import.meta.dirname, "../..");
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "striatum-examples-"));
  for (const name of ["weights", "heads"]) mkdirSync(join(folder, name));
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

/** The example's own text; `settings` are put in place of what would take hours on a software adapter. */
function run(name: string, settings: Readonly<Record<string, string>> = {}): { status: number | null; stdout: string; stderr: string } {
  let text = readFileSync(join(import.meta.dirname, "examples", name), "utf8").replace(
    '"striatum"',
    JSON.stringify(join(ROOT, "src/index.ts")),
  );
  for (const [printed, small] of Object.entries(settings)) {
    expect(text).toContain(printed);
    text = text.replace(printed, small);
  }
  writeFileSync(join(folder, name.replace(".ts", ".mts")), text);
  const args = ["--import", join(ROOT, "node_modules/tsx/dist/esm/index.mjs"), name.replace(".ts", ".mts")];
  return spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8", timeout: 110_000 });
}

test("infer: six lines, as printed", () => {
  const { status, stdout, stderr } = run("infer.ts");
  expect(stderr).not.toContain("Error");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^class \d 0\.\d{3}\n$/);
});

test("train: as printed, but for epochs, width and size", () => {
  const small = { "classes: 3, init": "classes: 3, width: 1 / 8, size: 64, init", "epochs: 30": "epochs: 2" };
  const { status, stdout, stderr } = run("train.ts", small);
  expect(stderr).not.toContain("Error");
  expect(status).toBe(0);
  expect(stdout.trim().split("\n")).toHaveLength(2);
  expect(existsSync(join(folder, "best.safetensors"))).toBe(true);
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
