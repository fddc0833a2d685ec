// docs/onnx.md: its program is the file that it links, and it classifies a picture by an ONNX file.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seededWeights } from "../../bench/peers/workload.ts";
import { resnet18 } from "../../examples/networks/resnet18.ts";
import { onnxModel } from "../../src/onnx/write.ts";
import { inferenceGraph } from "../../src/train/graphs.ts";
import { joinChunks } from "../../src/weights/protobuf.ts";

const ROOT = join(import.meta.dirname, "../..");
const page = readFileSync(join(ROOT, "docs/onnx.md"), "utf8");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "striatum-onnx-page-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("its block of code is the file beside the text, and its links lead to files", () => {
  const blocks = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code);
  expect(blocks).toEqual([readFileSync(join(ROOT, "examples/networks/classify-onnx.ts"), "utf8")]);
  const links = [...page.matchAll(/\]\((\.\.\/[^)]+)\)/g)].map(([, link]) => link);
  expect(links.length).toBeGreaterThan(3);
  expect(links.filter((link) => !existsSync(join(ROOT, "docs", link)))).toEqual([]);
});

test("its program prints five classes of an ONNX file, likeliest first", () => {
  const network = inferenceGraph({ network: resnet18, classes: 6, width: 1 / 16, size: 64, batch: 1 });
  const weights = new Map(
    [...seededWeights(network.parameters)].map(([name, value]) => [
      name,
      name.endsWith("/variance") ? { ...value, data: value.data.map((each) => 1 + each) } : value,
    ]),
  );
  const labels = ["ant", "bee", "cow", "dog", "eel", "fox"];
  const [model, picture] = [join(folder, "model.onnx"), join(folder, "picture.png")];
  writeFileSync(model, joinChunks(onnxModel(network, weights, { batch: "N", labels })));
  writeFileSync(
    picture,
    encode({ width: 80, height: 60, channels: 3, depth: 8, data: Uint8Array.from({ length: 14400 }, (_, i) => (i * 7919) % 251) }),
  );
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", "examples/networks/classify-onnx.ts", model, picture],
    {
      cwd: ROOT,
      encoding: "utf8",
      timeout: 110_000,
    },
  );
  expect(stderr).not.toContain("Error");
  expect(status).toBe(0);
  const told = stdout
    .trim()
    .split("\n")
    .map((line) => /^(\w+): ([01]\.\d{3})$/.exec(line));
  expect(told).toHaveLength(5);
  expect(told.every((found) => found !== null && labels.includes(found[1]))).toBe(true);
  const scores = told.map((found) => Number(found?.[2]));
  expect(scores).toEqual(scores.toSorted((a, b) => b - a));
});
