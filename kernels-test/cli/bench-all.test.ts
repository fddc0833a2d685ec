// npm run bench on a network small enough for any adapter: it runs, files what can be read back, and stops when it is asked to. No time is judged.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { FirstStep, FirstStepTask } from "../../bench/first-step.ts";
import type { Results } from "../../bench/results.ts";
import { readResults } from "../../bench/results-file.ts";
import { argumentsFor, runProgram } from "../support/run-cli.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "striatum-bench-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const SMALL = "--quick --net alexnet --width 1/8 --size 67 --classes 3".split(" ");

async function filed(): Promise<Results> {
  const names = readdirSync(folder);
  expect(names).toHaveLength(1);
  return readResults(join(folder, names[0]));
}

test("a quick bench of a small network files its kernels, steps and input", async () => {
  const args = [...SMALL, "--only", "kernels,steps,input", "--batches", "1,2", "--rounds", "2", "--out", folder];
  const { status, stdout, stderr } = runProgram("bench/main.ts", args);
  expect(status, stderr).toBe(0);
  const results = await filed();
  expect(stdout.trim()).toBe(join(folder, readdirSync(folder)[0]));
  expect(Object.keys(results).sort()).toEqual(["adapter", "input", "kernels", "schema", "steps"]);

  const { problems, convolutions } = (results.kernels ?? {})["alexnet"];
  expect(new Set(problems.map(({ problem, stage }) => `${stage} ${problem}`)).size).toBe(problems.length);
  const checks = problems.filter(({ problem }) => /^(conv|innerProduct)/.test(problem)).map(({ checked }) => checked.by);
  expect(checks.length).toBeGreaterThan(15);
  const threeByThree = Object.fromEntries(
    convolutions.filter(({ filter }) => filter === "3x3").map(({ stage, layers }) => [stage, layers]),
  );
  expect(threeByThree).toMatchObject({ forward: 3, "data gradients": 3, "all passes": 9 });

  expect((results.steps ?? {})["alexnet"].rows.map((row) => ("train" in row ? [row.batch, row.train.times.length] : row))).toEqual([
    [1, 2],
    [2, 2],
  ]);
  expect(results.input?.rows.map(({ from }) => from)).toEqual(["files", "memory"]);
});

test("Ctrl-C files the rounds that are done and leaves with 130", async () => {
  const args = [...SMALL, "--only", "steps", "--batches", "1", "--rounds", "100000", "--out", folder];
  const child = spawn(process.execPath, argumentsFor("bench/main.ts", args), { env: { ...process.env, STRIATUM_DAWN: "" } });
  let told = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    if (!/round 2 of/.test(told) && /round 2 of/.test(told + text)) child.kill("SIGINT");
    told += text;
  });
  const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  expect(status, told).toBe(130);
  const [row] = ((await filed()).steps ?? {})["alexnet"].rows;
  expect("train" in row && row.train.runs).toBeGreaterThanOrEqual(2);
});

test("a row that cannot be had says why, and the others are measured", async () => {
  const args = [...SMALL, "--only", "steps", "--batches", "1,100000", "--rounds", "1", "--out", folder];
  const { status, stderr } = runProgram("bench/main.ts", args);
  expect(status, stderr).toBe(0);
  const rows = ((await filed()).steps ?? {})["alexnet"].rows;
  expect(rows[0]).toHaveProperty("train");
  expect(rows[1]).toMatchObject({ batch: 100000, skipped: expect.any(String) });
});

test("a process's first step is reported phase by phase", () => {
  const task: FirstStepTask = { net: "alexnet", batch: 2, classes: 3, width: 1 / 8, size: 67 };
  const { status, stdout, stderr } = runProgram("bench/first-step.ts", [JSON.stringify(task)]);
  expect(status, stderr).toBe(0);
  const { planMs, compileMs, prepareMs, fillMs, runMs, firstStepMs, loadMs, deviceMs } = JSON.parse(stdout) as FirstStep;
  for (const ms of [planMs, compileMs, prepareMs, fillMs, runMs, loadMs, deviceMs]) expect(ms).toBeGreaterThan(0);
  expect(planMs + compileMs + prepareMs + fillMs + runMs).toBeCloseTo(firstStepMs);
});

test("an unknown bench or network is reported with the known ones", () => {
  const { status, stderr } = runProgram("bench/main.ts", ["--only", "speed"]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/kernels, steps, cold, input, growth, ablation/);
});
