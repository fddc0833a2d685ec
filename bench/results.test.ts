import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { conditions, network, results, step } from "./results-fixture.ts";
import type { Adapter, Results } from "./results.ts";
import { fileEntry, fileNameOf, formatResults, parseResults, readResults, writeResults } from "./results-file.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "striatum-results-"));
  path = join(folder, "abacus.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

const adapter = results.adapter as Adapter;

test("what is written is read back, lists of numbers on one line", async () => {
  await writeResults(path, results);
  expect(await readResults(path)).toEqual(results);
  expect(readFileSync(path, "utf8")).toMatch(/"times": \[ 400, 440, 360 \]/);
});

test.each([
  ["a field that nobody knows", { ...results, extra: 1 }, /extra/],
  ["a negative time", { ...results, steps: { alexnet: { conditions, network, rows: [step(4, -1)] } } }, /steps\.alexnet\.rows\.0/],
  ["another schema", { ...results, schema: 2 }, /schema/],
  ["a kernel beyond its bound", wrongKernel(), /kernels\.googlenet\.problems\.0\.checked\.ratio/],
])("%s is refused, with file and place", (_title, value, place) => {
  expect(() => parseResults(value, "results/abacus.json")).toThrow(/^results\/abacus\.json: /);
  expect(() => parseResults(value, "results/abacus.json")).toThrow(place);
});

function wrongKernel(): unknown {
  const copy = structuredClone(results) as { kernels: Record<string, { problems: { checked: { ratio: number } }[] }> };
  copy.kernels["googlenet"].problems[0].checked.ratio = 1.5;
  return copy;
}

test("a file that is not JSON is named", async () => {
  writeFileSync(path, "{");
  await expect(readResults(path)).rejects.toThrow(/abacus\.json: is not JSON/);
});

describe("fileEntry", () => {
  test("makes the file, then replaces a network's entry and leaves the others", async () => {
    const entry = { conditions, network, rows: [step(4, 700)] };
    await fileEntry(path, adapter, { bench: "steps", net: "alexnet", entry });
    expect(await readResults(path)).toEqual({ schema: 1, adapter, steps: { alexnet: entry } });
    await writeResults(path, results);
    await fileEntry(path, adapter, { bench: "steps", net: "alexnet", entry });
    expect(await readResults(path)).toEqual({ ...results, steps: { ...results.steps, alexnet: entry } });
  });

  test("keeps peers that were filed before anything else", async () => {
    const peers = { date: "2026-01-31", commit: "abc1234", command: "bench/peers", batch: 4, networks: [] };
    writeFileSync(path, JSON.stringify({ peers }));
    await fileEntry(path, adapter, { bench: "steps", net: "alexnet", entry: { conditions, network, rows: [step(4, 700)] } });
    expect(await readResults(path)).toMatchObject({ adapter, peers });
  });

  test("refuses what it could not read back, and leaves the file and nothing else", async () => {
    await writeResults(path, results);
    const before = readFileSync(path, "utf8");
    const wrong = { conditions, network, rows: [step(4, Number.NaN)] };
    await expect(fileEntry(path, adapter, { bench: "steps", net: "alexnet", entry: wrong })).rejects.toThrow(/steps\.alexnet/);
    expect(readFileSync(path, "utf8")).toBe(before);
    expect(readdirSync(folder)).toEqual(["abacus.json"]);
  });
});

test("formatted results hold the same values", () => {
  expect(JSON.parse(formatResults(results)) as Results).toEqual(results);
});

test("a software adapter's file is named after its driver, a GPU's after itself", () => {
  const software = {
    architecture: "software",
    device: "llvmpipe-llvm-15-0-6-256-bits-",
    description: "llvmpipe: Mesa 25.0.7 (LLVM 15.0.6)",
  };
  expect(fileNameOf(software)).toBe("llvmpipe.json");
  expect(fileNameOf({ architecture: "hopper", device: "nvidia-h100-80gb-hbm3", description: "NVIDIA: 550.54" })).toBe(
    "nvidia-h100-80gb-hbm3.json",
  );
  expect(fileNameOf({ architecture: "", device: "", description: "" })).toBe("adapter.json");
});
