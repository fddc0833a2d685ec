// The same job gives the same bits: run twice, and killed and resumed. Through the command line, on a small seeded set of pictures.
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import { afterAll, beforeAll, expect, test } from "vitest";
import { philox } from "../../src/tensor/philox.ts";
import { writeCheckpoint } from "../../src/weights/checkpoint.ts";

const ROOT = join(import.meta.dirname, "../..");
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "striatum-determinism-"));
  mkdirSync(join(folder, "data"));
  const rows = ["path,label,side,patient,split"];
  for (let i = 0; i < 24; i++) {
    const bright = i % 2;
    const data = Uint8Array.from(
      { length: 80 * 80 },
      (_, at) => (philox([i, 1], [at, 0, 0, 0])[0] & 127) + 100 * bright * Number(at % 80 > 40),
    );
    writeFileSync(join(folder, `data/${i}.png`), encode({ width: 80, height: 80, data, channels: 1, depth: 8 }));
    rows.push(`${i}.png,${bright ? "hemorrhage" : "none"},,P${i},${i < 16 ? "train" : "val"}`);
  }
  writeFileSync(join(folder, "data/manifest.csv"), `${rows.join("\n")}\n`);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

const SETTINGS = "--net alexnet --width 1/8 --size 64 --batch 4 --epochs 4 --lr 0.01 --checkpoint-every 1".split(" ");

/** A training run of 4 epochs, 16 steps; `until` is asked now and then and kills the process, as `kill -9` does, once it says so. */
function train(out: string, extra: readonly string[] = [], until?: () => boolean): Promise<Ended> {
  const args = ["train", "--data", join(folder, "data"), "--out", join(folder, out), ...SETTINGS, ...extra];
  const child = spawn(process.execPath, ["--import", "tsx", "src/cli/main.ts", ...args], {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const watch = until && setInterval(() => until() && child.kill("SIGKILL"), 5);
  return new Promise((resolve) => {
    child.on("close", (code) => {
      clearInterval(watch);
      resolve({ code, stderr });
    });
  });
}

/** The run that all tests compare with, trained once; a test that spoils it takes a copy. */
let first: Promise<Ended> | undefined;
const trainFirst = (): Promise<Ended> => (first ??= train("first", ["--seed", "3"]));

const bytesOf = (out: string, name: string): string => readFileSync(join(folder, out, name)).toString("base64");

test("run twice: the same metrics and weights, bit for bit; with another seed, others", async () => {
  expect(await trainFirst()).toMatchObject({ code: 0 });
  expect(await train("second", ["--seed", "3"])).toMatchObject({ code: 0 });
  expect(await train("other", ["--seed", "4"])).toMatchObject({ code: 0 });
  for (const name of ["metrics.jsonl", "events.out.tfevents.0000000000.striatum", "weights.safetensors"]) {
    expect(bytesOf("second", name)).toBe(bytesOf("first", name));
    expect(bytesOf("other", name)).not.toBe(bytesOf("first", name));
  }
  expect(readFileSync(join(folder, "first/metrics.jsonl"), "utf8").trim().split("\n")).toHaveLength(4);
});

test("killed at its first checkpoints and resumed: the bits of a run that was not", async () => {
  const checkpoints = join(folder, "killed/checkpoints");
  const reached = (count: number) => () =>
    existsSync(checkpoints) && readdirSync(checkpoints).some((name) => Number(/^step-(\d+)\.safetensors$/.exec(name)?.[1] ?? 0) >= count);
  expect((await train("killed", ["--seed", "3"], reached(2))).code).toBeNull();
  expect(existsSync(join(folder, "killed/run.json"))).toBe(false);
  expect((await train("killed", ["--seed", "3", "--resume"], reached(7))).code).toBeNull();
  expect(await train("killed", ["--seed", "3", "--resume"])).toMatchObject({ code: 0 });
  expect(await trainFirst()).toMatchObject({ code: 0 });
  for (const name of ["metrics.jsonl", "weights.safetensors"]) expect(bytesOf("killed", name)).toBe(bytesOf("first", name));
  expect(existsSync(join(folder, "killed/run.json"))).toBe(true);
});

test("a run is not overwritten, and not resumed as another job", async () => {
  expect(await trainFirst()).toMatchObject({ code: 0 });
  const again = await train("first", ["--seed", "3"]);
  expect(again.code).toBe(1);
  expect(again.stderr).toContain("already contains a run");
  const other = await train("first", ["--seed", "5", "--resume"]);
  expect(other.code).toBe(1);
  expect(other.stderr).toContain("seed was 3, now 5");
});

test("a checkpoint of another graph is not continued", async () => {
  expect(await trainFirst()).toMatchObject({ code: 0 });
  cpSync(join(folder, "first"), join(folder, "copy"), { recursive: true });
  const [name] = readdirSync(join(folder, "copy/checkpoints")).sort().slice(-1);
  const stranger = {
    graph: "0123456789abcdef",
    step: 16,
    epoch: 4,
    seed: 3,
    state: { best: 1 },
    parameters: new Map(),
    momentum: new Map(),
  };
  writeFileSync(join(folder, "copy/checkpoints", name), Buffer.concat(await writeCheckpoint(stranger)));
  const before = bytesOf("copy", "metrics.jsonl");
  const { code, stderr } = await train("copy", ["--seed", "3", "--resume"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/step-00000016\.safetensors: checkpoint of another graph: 0123456789abcdef.*Resume with the network and settings/);
  expect(bytesOf("copy", "metrics.jsonl")).toBe(before);
});
