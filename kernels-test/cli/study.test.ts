// The study through the command line, on folders of one's own: pictures with a list of labels, CT series in mixed syntaxes; job by job, by two
// processes at once, and never twice on the test cases.
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Analysis } from "../../src/study/analysis/result.ts";
import { argumentsFor, runCli, type Finished } from "../support/run-cli.ts";
import { writePictures, writeSeries } from "../support/study-cases.ts";

const scratch = mkdtempSync(join(tmpdir(), "striatum-study-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const pictures = join(scratch, "pictures");
const series = join(scratch, "series");
/** A study of the pictures, run to its end; no test changes it. */
const finished = join(scratch, "pictures-study");
let steps: { readonly planned: Planned[]; readonly early: Finished; readonly done: Finished };
beforeAll(() => {
  writePictures(pictures, 30);
  writeSeries(series, 30);
  const planned = plan(finished, "--data", pictures, "--models", MODEL, "--seeds", "0", "--iterations", "4");
  const early = runCli(["study", "analyse", "--out", finished]);
  steps = { planned, early, done: runCli(["study", "--out", finished]) };
});

const MODEL = "alexnet-untrained-plain";
const out = (name: string): string => join(scratch, name);

interface Planned {
  readonly job: number;
  readonly name: string;
  readonly kind: string;
  readonly folder: string;
  readonly state: string;
}

function plan(folder: string, ...options: string[]): Planned[] {
  const { stdout, stderr, status } = runCli(["study", "plan", "--json", "--out", folder, ...options]);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as Planned[];
}

const resultsOf = (folder: string): Analysis => JSON.parse(readFileSync(join(folder, "results.json"), "utf8")) as Analysis;
const folderOf = (folder: string, name: string): string => {
  const found = readdirSync(join(folder, "jobs")).find((entry) => entry.startsWith(name));
  return join(folder, "jobs", found ?? "none");
};
const scoringsOf = (folder: string): string[] =>
  readFileSync(join(folder, `test-scorings/${MODEL}-seed0.jsonl`), "utf8")
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { event: string }).event);

test("one model on a folder of pictures and a list of labels, from plan to report; the second time nothing is left to do", () => {
  const folder = finished;
  const { planned, early, done } = steps;
  expect(planned.map(({ name, state }) => [name, state])).toEqual([
    ["cohort", "ready"],
    [`${MODEL}-seed0`, "waiting"],
    ["analysis", "waiting"],
    ["report", "waiting"],
  ]);

  expect(early.status).toBe(75);
  expect(early.stderr).toContain(`analysis waits for cohort, ${MODEL}-seed0`);

  expect(done.status, done.stderr).toBe(0);
  expect(done.stdout).toMatch(new RegExp(`${MODEL}(?: \\(did not learn\\))?\\s+[01]\\.\\d{3}`));
  expect(done.stderr).not.toContain("labels.csv");
  const { cohort, models } = resultsOf(folder);
  expect(cohort.splits.map(({ split, cases }) => [split, cases])).toEqual([
    ["train", 18],
    ["val", 6],
    ["test", 6],
  ]);
  expect(models.map(({ model }) => model)).toEqual([MODEL]);
  const page = readFileSync(join(folder, "report.html"), "utf8");
  expect(page).toContain("<!doctype html>");
  expect(page).not.toContain(scratch);
  expect(scoringsOf(folder)).toEqual(["begun", "done"]);
  const training = join(folderOf(folder, MODEL), "training");
  for (const name of ["weights.safetensors", "metrics.jsonl"]) expect(existsSync(join(training, name)), name).toBe(true);
  expect(readdirSync(training).some((name) => name.includes("tfevents"))).toBe(true);
  const rows = readFileSync(join(folderOf(folder, MODEL), "predictions.csv"), "utf8")
    .trim()
    .split("\n");
  expect(rows[0]).toBe("case,split,label,score,p_none,p_left,p_right");
  expect(rows).toHaveLength(1 + 6 + 6);

  expect(plan(folder).every(({ state }) => state === "done")).toBe(true);
  const again = runCli(["study", "run", "--out", folder, "--job", "1"]);
  expect(again.status).toBe(0);
  expect(again.stderr).toContain(`cached: ${MODEL}-seed0 is done`);
});

test("the trained models score a second cohort, also later; cases of the study are refused, by line", () => {
  const folder = out("second");
  cpSync(finished, folder, { recursive: true });
  const [second, shared] = [out("second-cohort"), out("shared-cohort")];
  writePictures(second, 9, 30);
  writePictures(shared, 9, 25);
  const refused = runCli(["study", "--out", folder, "--external", shared]);
  expect(refused.stderr).toMatch(/labels\.csv line 2: has the same pixels as a case of the study; leave the study's cases out/);
  expect(refused.status).toBe(1);
  const { status, stderr } = runCli(["study", "--out", folder, "--external", second]);
  expect(status, stderr).toBe(0);
  expect(stderr).toMatch(/external cohort: alexnet-untrained-plain, seed 0: AUC [01]\.\d{3} \(95 % interval/);
  expect(stderr).not.toContain("scoring the held-out cases");
  const [, row] = readFileSync(join(folder, "tables/external.csv"), "utf8").split("\n");
  const page = readFileSync(join(folder, "report.html"), "utf8");
  expect(page).toContain('<section id="external"');
  expect(page).not.toContain(scratch);
  expect(scoringsOf(folder)).toEqual(["begun", "done"]);
  // eval is of the same cases, and its threshold of the same validation cases.
  const run = join(folderOf(folder, MODEL), "training");
  const evaluated = runCli(["eval", run, "--data", second, "--split", "all", "--threshold-data", pictures, "--json"]);
  expect(evaluated.status, evaluated.stderr).toBe(0);
  const { cases, auc, sensitivity, specificity } = JSON.parse(evaluated.stdout) as Record<string, number>;
  expect(cases).toBe(9);
  const told = row.split(",").map(Number);
  expect([auc, sensitivity, specificity].map((value) => value.toFixed(4))).toEqual(
    [told[2], told[5], told[6]].map((value) => value.toFixed(4)),
  );
});

test("results that an earlier version wrote are analysed again from the predictions", () => {
  const folder = out("earlier");
  cpSync(finished, folder, { recursive: true });
  const earlier = JSON.stringify({ format: "striatum-analysis-1" });
  for (const path of [folder, folderOf(folder, "analysis")]) writeFileSync(join(path, "results.json"), earlier);
  rmSync(join(folderOf(folder, "report"), "run.json"));
  const { status, stdout, stderr } = runCli(["study", "run", "--out", folder]);
  expect(status, stderr).toBe(0);
  expect(stdout).toBe(steps.done.stdout.replaceAll(finished, folder));
  expect(readFileSync(join(folder, "report.html"), "utf8")).toContain("<!doctype html>");
});

test("test cases are not scored a second time in silence: it is refused, and where it is asked for the report says so", () => {
  const folder = out("scored-again");
  cpSync(finished, folder, { recursive: true });
  const job = folderOf(folder, MODEL);
  const before = readFileSync(join(job, "predictions.csv"), "utf8");
  for (const name of ["analysis", "report"]) rmSync(join(folderOf(folder, name), "run.json"));
  rmSync(join(job, "run.json"));
  rmSync(join(job, "predictions.csv"));
  const refused = runCli(["study", "run", "--out", folder]);
  expect(refused.status).toBe(1);
  expect(refused.stderr).toMatch(/has scored the test cases before .* pass --score-again/);
  expect(existsSync(join(job, "predictions.csv"))).toBe(false);

  const allowed = runCli(["study", "run", "--out", folder, "--score-again"]);
  expect(allowed.status, allowed.stderr).toBe(0);
  expect(readFileSync(join(job, "predictions.csv"), "utf8")).toBe(before);
  expect(scoringsOf(folder)).toEqual(["begun", "done", "begun", "done"]);
  expect(readFileSync(join(folder, "report.html"), "utf8")).toContain("scored 2 times");
});

test("another protocol is not put into a study's folder, and a job that is none is named", () => {
  const other = runCli(["study", "--out", finished, "--data", pictures, "--models", MODEL, "--seeds", "0", "--iterations", "5"]);
  expect(other.status).toBe(1);
  expect(other.stderr).toMatch(/is the study of another protocol \(models differ\)/);
  const stranger = runCli(["study", "run", "--out", finished, "--job", "9"]);
  expect(stranger.status).toBe(1);
  expect(stranger.stderr).toContain('there is no job "9"');
  const nowhere = runCli(["study", "run", "--out", out("nowhere")]);
  expect(nowhere.status).toBe(1);
  expect(nowhere.stderr).toMatch(/is not a study: study\.json is missing/);
});

test("two processes share a study of CT series in mixed syntaxes: each job is done once", async () => {
  const folder = out("series-study");
  const models = [MODEL, "alexnet-untrained-augmented"];
  plan(folder, "--data", series, "--slab", "--models", models.join(","), "--seeds", "0", "--iterations", "4");
  const run = (): Promise<{ status: number | null; stderr: string }> =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, argumentsFor("src/cli/main.ts", ["study", "run", "--out", folder]), {
        stdio: ["ignore", "ignore", "pipe"],
      });
      let stderr = "";
      child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
      child.on("close", (status) => resolve({ status, stderr }));
    });
  for (const { status, stderr } of await Promise.all([run(), run()])) expect(status, stderr).toBe(0);
  expect(resultsOf(folder).models.map(({ model }) => model)).toEqual(models);
  expect(resultsOf(folder).cohort.splits.map(({ cases }) => cases)).toEqual([18, 6, 6]);
  expect(scoringsOf(folder)).toEqual(["begun", "done"]);
  expect(existsSync(join(folderOf(folder, MODEL), "lock.json"))).toBe(false);
});

test("a copy of a test case among the training cases ends the study before anything learns", () => {
  const leaky = join(scratch, "leaky");
  mkdirSync(leaky);
  writePictures(leaky, 30);
  rmSync(join(leaky, "29.png"));
  const rows = readFileSync(join(leaky, "labels.csv"), "utf8").trim().split("\n").slice(1, 30);
  const lines = rows.map((row, i) => `${row},,P${i},${i < 15 ? "train" : i < 21 ? "val" : "test"}`);
  // The same picture under another name and patient.
  const copy = join(leaky, "copy.png");
  copyFileSync(join(leaky, "0.png"), copy);
  writeFileSync(join(leaky, "manifest.csv"), ["path,label,side,patient,split", ...lines, "copy.png,none,,P99,test", ""].join("\n"));
  rmSync(join(leaky, "labels.csv"));
  const folder = out("leaky-study");
  const { status, stderr } = runCli(["study", "--out", folder, "--data", leaky, "--models", MODEL, "--seeds", "0", "--iterations", "4"]);
  expect(status).toBe(1);
  expect(stderr).toMatch(/manifest\.csv line 31: .*same pixels as line 2, which is in another split \(train and test\)/);
  expect(existsSync(folder)).toBe(false);
});
