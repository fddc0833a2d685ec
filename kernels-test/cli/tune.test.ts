// Tuning through the command line: what is measured is kept, exported, pinned and explained; a run is bound to its table. One small layer of a small
// network, as every way of a product would have to be compiled.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCli, type Finished } from "../support/run-cli.ts";

const NETWORK = "--net alexnet --width 1/8 --size 64 --batch 4".split(" ");
let folder: string;
let table: string;
/** The first measurement, and a run by its table. */
let tuned: Finished;
let trained: Finished;

const at = (name: string): string => join(folder, name);
const run = (args: readonly string[]): Finished => runCli(args, { XDG_CACHE_HOME: at("cache") });
const train = (out: string, ...more: string[]): Finished =>
  run(["train", ...NETWORK, "--data", at("data"), "--out", at(out), "--epochs", "1", "--lr", "0.001", ...more]);
const readJson = (name: string): Record<string, unknown> => JSON.parse(readFileSync(at(name), "utf8")) as Record<string, unknown>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "striatum-tune-"));
  table = at("table.json");
  mkdirSync(at("data"));
  const rows = ["path,label,side,patient,split"];
  for (let i = 0; i < 8; i++) {
    writeFileSync(
      at(`data/${i}.png`),
      encode({ width: 64, height: 64, data: new Uint8Array(64 * 64).fill(20 * i), channels: 1, depth: 8 }),
    );
    rows.push(`${i}.png,${i % 2 ? "hemorrhage" : "none"},,P${i},${i < 6 ? "train" : "val"}`);
  }
  writeFileSync(at("data/manifest.csv"), `${rows.join("\n")}\n`);
  tuned = run(["tune", ...NETWORK, "--classes", "2", "--explain", "pool5", "--out", table]);
  trained = train("run", "--tuning-table", table);
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a layer is measured, explained, kept and exported; asked again, nothing is measured", () => {
  const first = tuned;
  expect(first.stderr).toContain("measuring");
  expect(first.status).toBe(0);
  expect(first.stdout).toMatch(/^maxPool.*\nkernel +us +GFLOP\/s/);
  expect(first.stdout).toMatch(/\n(vector|textbook)(, the default,)? is (chosen|kept)/);
  expect(readdirSync(at("cache/striatum/tuning"))).toHaveLength(1);
  const again = run(["tune", ...NETWORK, "--classes", "2", "--explain", "pool5"]);
  expect(again.stderr).not.toContain("measuring");
  expect(again.stdout).toBe(first.stdout);
});

test("a run by a table says so, and continues with no other", () => {
  const { status, stderr } = trained;
  expect(stderr).toMatch(/table\.json contains \d+ of \d+ problems \(table [0-9a-f]{16}\)/);
  expect(status).toBe(0);
  expect(readJson("run/job.json")["tuning"]).toBe(/\(table ([0-9a-f]{16})\)/.exec(stderr)?.[1]);
  expect(Object.keys(readJson("run/tuning.json")["problems"] as object)).toEqual(Object.keys(readJson("table.json")["problems"] as object));

  cpSync(at("run"), at("resumed"), { recursive: true });
  const without = train("resumed", "--resume");
  expect(without.status).toBe(1);
  expect(without.stderr).toMatch(
    /is a run with the tuning table "[0-9a-f]{16}", but would resume without a tuning table.*--tuning-table .*tuning\.json/,
  );
  expect(train("resumed", "--resume", "--tuning-table", at("resumed/tuning.json")).status).toBe(0);
}, 300_000);

test("what this machine measured before is the same table", () => {
  const { status, stderr } = train("cached", "--tune", "cached");
  expect(status).toBe(0);
  expect(stderr).toMatch(/\d+ of \d+ problems are tuned/);
  expect(readJson("cached/job.json")["tuning"]).toBe(readJson("run/job.json")["tuning"]);
  for (const name of ["metrics.jsonl", "weights.safetensors"])
    expect(readFileSync(at(`cached/${name}`))).toEqual(readFileSync(at(`run/${name}`)));
});

test.each([
  ["damaged", (text: string) => text.slice(0, -20), /error: .*bad\.json: not a tuning table: /],
  ["of another network", (text: string) => text.replaceAll("[4, ", "[5, "), /bad\.json contains none of this run's \d+ problems/],
])("a table that is %s is an error that names it, and leaves no run", (_, spoil, message) => {
  writeFileSync(at("bad.json"), spoil(readFileSync(table, "utf8")));
  const { status, stderr } = train("spoilt", "--tuning-table", at("bad.json"));
  expect(stderr).toMatch(message);
  expect(status).toBe(1);
  expect(existsSync(at("spoilt"))).toBe(false);
});

test("a family and a table exclude each other; an unknown layer is reported with the known ones", () => {
  const both = train("both", "--family", "vector", "--tune", "cached");
  expect(both.status).toBe(2);
  expect(both.stderr).toContain("cannot be used with");
  const unknown = run(["tune", ...NETWORK, "--explain", "conv9"]);
  expect(unknown.status).toBe(2);
  expect(unknown.stderr).toMatch(/no layer is named "conv9".*conv1/);
});
