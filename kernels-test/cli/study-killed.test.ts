// A study killed as `kill -9` does, at five moments from the first file to the last, and run again each time, ends with the bits of one that was not.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { argumentsFor, runCli } from "../support/run-cli.ts";
import { writePictures } from "../support/study-cases.ts";

const scratch = mkdtempSync(join(tmpdir(), "striatum-killed-"));
const pictures = join(scratch, "pictures");
beforeAll(() => writePictures(pictures, 30));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const MODEL = "alexnet-untrained-plain";
/** Each starts Node and the adapter anew. */
const SEVEN_PROCESSES_MS = 300_000;

/** Two looks at the validation cases, so two checkpoints. */
const OPTIONS = ["--data", pictures, "--models", MODEL, "--seeds", "0", "--iterations", "60"];

const jobFolder = (out: string): string => {
  const jobs = join(out, "jobs");
  const name = existsSync(jobs) ? readdirSync(jobs).find((entry) => entry.startsWith(MODEL)) : undefined;
  return join(jobs, name ?? "none");
};

/** What is there when the process is killed. */
const MOMENTS: readonly ((out: string) => boolean)[] = [
  (out) => existsSync(join(out, "study.json")),
  (out) => existsSync(join(jobFolder(out), "training/job.json")),
  (out) => existsSync(join(jobFolder(out), "training/checkpoints")) && readdirSync(join(jobFolder(out), "training/checkpoints")).length > 0,
  (out) => existsSync(join(out, `test-scorings/${MODEL}-seed0.jsonl`)),
  (out) => existsSync(join(jobFolder(out), "predictions.csv")),
];

/** The exit code, or null where it was killed. */
function study(out: string, until: () => boolean, options: readonly string[] = OPTIONS): Promise<number | null> {
  const child = spawn(process.execPath, argumentsFor("src/cli/main.ts", ["study", "--out", out, ...options]), { stdio: "ignore" });
  const watch = setInterval(() => until() && child.kill("SIGKILL"), 2);
  return new Promise((resolve) => {
    child.on("close", (code) => {
      clearInterval(watch);
      resolve(code);
    });
  });
}

test(
  "killed at five moments and run again: the same predictions, weights and results as unbroken",
  async () => {
    const whole = join(scratch, "whole");
    const unbroken = runCli(["study", "--out", whole, ...OPTIONS]);
    expect(unbroken.status, unbroken.stderr).toBe(0);

    const broken = join(scratch, "broken");
    for (const moment of MOMENTS) expect(await study(broken, () => moment(broken))).toBeNull();
    expect(existsSync(join(jobFolder(broken), "run.json"))).toBe(false);
    // The lock that the last kill left does not keep the next process out.
    expect(existsSync(join(jobFolder(broken), "lock.json"))).toBe(true);
    const resumed = runCli(["study", "run", "--out", broken]);
    expect(resumed.status, resumed.stderr).toBe(0);

    const same = (name: string): void =>
      expect(readFileSync(join(jobFolder(broken), name)).equals(readFileSync(join(jobFolder(whole), name))), name).toBe(true);
    for (const name of ["predictions.csv", "gallery.json", "training/weights.safetensors", "training/metrics.jsonl"]) same(name);
    expect(readFileSync(join(broken, "results.json"), "utf8")).toBe(readFileSync(join(whole, "results.json"), "utf8"));
  },
  SEVEN_PROCESSES_MS,
);

test("SIGTERM writes a checkpoint and leaves with 75, and the same command goes on", async () => {
  const out = join(scratch, "stopped");
  const child = spawn(process.execPath, argumentsFor("src/cli/main.ts", ["study", "--out", out, ...OPTIONS]), { stdio: "ignore" });
  const watch = setInterval(() => {
    if (!existsSync(join(jobFolder(out), "training/metrics.jsonl"))) return;
    clearInterval(watch);
    child.kill("SIGTERM");
  }, 5);
  const code = await new Promise<number | null>((resolve) => void child.on("close", resolve));
  expect(code).toBe(75);
  expect(readdirSync(join(jobFolder(out), "training/checkpoints")).length).toBeGreaterThan(0);
  expect(existsSync(join(jobFolder(out), "lock.json"))).toBe(false);
});

test(
  "two processes at once, killed at three moments and run again: the same predictions, weights and results as one process",
  async () => {
    const models = [MODEL, "alexnet-untrained-augmented"];
    const options = ["--data", pictures, "--models", models.join(","), "--seeds", "0", "--iterations", "40"];
    const whole = join(scratch, "one-process");
    const unbroken = runCli(["study", "--out", whole, ...options, "--jobs", "1"]);
    expect(unbroken.status, unbroken.stderr).toBe(0);

    const broken = join(scratch, "two-processes");
    const find = (out: string, model: string): string =>
      join(out, "jobs", readdirSync(join(out, "jobs")).find((entry) => entry.startsWith(model)) ?? "none");
    const moments = [
      () => existsSync(join(broken, "jobs")) && models.every((model) => existsSync(join(find(broken, model), "training/job.json"))),
      () => existsSync(join(find(broken, models[0]), "training/checkpoints")),
      () => models.some((model) => existsSync(join(find(broken, model), "predictions.csv"))),
    ];
    for (const moment of moments) expect(await study(broken, moment, [...options, "--jobs", "2"])).toBeNull();
    const resumed = runCli(["study", "run", "--out", broken, "--jobs", "2"]);
    expect(resumed.status, resumed.stderr).toBe(0);
    for (const model of models)
      for (const name of ["predictions.csv", "training/weights.safetensors", "training/metrics.jsonl"])
        expect(readFileSync(join(find(broken, model), name)).equals(readFileSync(join(find(whole, model), name))), `${model} ${name}`).toBe(
          true,
        );
    expect(readFileSync(join(broken, "results.json"), "utf8")).toBe(readFileSync(join(whole, "results.json"), "utf8"));
  },
  SEVEN_PROCESSES_MS,
);
