// striatum/study in Node: the protocol and the bits of `npx striatum study` with the same options, a stop and a later call that goes on, a folder that is checked and
// never copied, and a folder that is gone once it is forgotten.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openNodePlatform } from "../../src/platform/node.ts";
import { openContext } from "../../src/cli/study-context.ts";
import { openStudy as openForCommand } from "../../src/cli/study-options.ts";
import { runStudy } from "../../src/study/study.ts";
import { hashProtocol } from "../../src/study/protocol.ts";
import { caseFolder, checkCases, forgetStudy, hasStoredStudy, openStudy, studyPrecision, type PlacedFile } from "../../src/study.ts";
import { writePictures } from "../support/study-cases.ts";

const ROOT = join(import.meta.dirname, "../..");
const WEIGHTS = {
  alexnet: join(ROOT, "data/weights/alexnet-quarter-fractals.safetensors"),
  googlenet: join(ROOT, "data/weights/googlenet-quarter-fractals.safetensors"),
};
const MODELS = ["alexnet-pretrained-plain"] as const;
const SHARED = { models: MODELS, seeds: [0], iterations: 2 };

const scratch = mkdtempSync(join(tmpdir(), "striatum-library-study-"));
const predictionsOf = (out: string): string[] =>
  readdirSync(join(out, "jobs"))
    .filter((name) => existsSync(join(out, "jobs", name, "predictions.csv")))
    .map((name) => `${name}\n${readFileSync(join(out, "jobs", name, "predictions.csv"), "utf8")}`);

let command: { readonly out: string; readonly hash: string };

beforeAll(async () => {
  const platform = await openNodePlatform();
  const out = join(scratch, "command");
  const options = { out, models: [...MODELS], seeds: [0], iterations: 2, cases: 15 };
  const study = await openForCommand(platform, options);
  const context = openContext(platform, study, options, new AbortController().signal);
  try {
    for await (const _ of runStudy(context));
  } finally {
    await context.dispose();
  }
  command = { out, hash: hashProtocol(study.protocol) };
}, 180_000);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Every file below a folder of the machine, as a page is given them. */
function filesBelow(folder: string, at = ""): PlacedFile[] {
  return readdirSync(join(folder, at)).flatMap((name): PlacedFile[] => {
    const path = at === "" ? name : `${at}/${name}`;
    const full = join(folder, path);
    if (statSync(full).isDirectory()) return filesBelow(folder, path);
    const read = async (): Promise<ArrayBuffer> => new Uint8Array(readFileSync(full)).buffer;
    return [{ path, file: { name, size: statSync(full).size, arrayBuffer: read } }];
  });
}

test("has the command's protocol and bits; a stop keeps what was done, and another call goes on", async () => {
  const out = join(scratch, "library");
  const options = { out, cases: { synthetic: 15 }, pretrained: WEIGHTS, ...SHARED };
  const stop = new AbortController();
  const first = await openStudy(options);
  expect(first.protocol).toBe(command.hash);
  const stopped = first.run({ signal: stop.signal });
  // Kernels compile in the first of the two steps, and the run stops between them.
  let next = await stopped.next();
  for (; next.done !== true; next = await stopped.next()) if (next.value.kind === "compile") stop.abort();
  expect(next.value).toBe(false);
  await expect(first.predictions()).rejects.toThrow("the test set stays shut");
  expect(await first.report()).toBeNull();
  await first.dispose();
  expect(await hasStoredStudy(out)).toBe(true);

  await using again = await openStudy({ out, pretrained: WEIGHTS });
  const kinds = new Set<string>();
  const events = again.run();
  let event = await events.next();
  for (; event.done !== true; event = await events.next()) kinds.add(event.value.kind);
  expect(event.value).toBe(true);
  expect([...kinds]).toEqual(expect.arrayContaining(["job", "job-end", "epoch", "study"]));
  expect(predictionsOf(out)).toEqual(predictionsOf(command.out));
  expect((await again.jobs()).every(({ done }) => done)).toBe(true);
  expect(await again.report()).toContain("<!doctype html>");
  const predictions = await again.predictions();
  expect(predictions.map(({ model }) => model)).toEqual(MODELS);
  expect(predictions[0].cases.filter(({ split }) => split === "test")).toHaveLength(5);

  expect(await forgetStudy(out)).toEqual([]);
  expect(existsSync(out)).toBe(false);
}, 180_000);

test("a forecast is measured, and grows with the steps that are to come", async () => {
  const forecast = async (iterations: number): Promise<{ seconds: number; step: number }> => {
    const out = join(scratch, `forecast-${iterations}`);
    await using study = await openStudy({ out, cases: { synthetic: 24 }, models: ["alexnet-untrained-plain"], seeds: [0], iterations });
    const { seconds, stepSeconds } = await study.forecast();
    return { seconds, step: stepSeconds["alexnet"] };
  };
  const [short, long] = [await forecast(2), await forecast(20_000)];
  expect(short.step).toBeGreaterThan(0);
  expect(long.seconds).toBeGreaterThan(1000 * long.step);
  expect(long.seconds).toBeGreaterThan(short.seconds);
}, 120_000);

test("a folder is checked as it is read, and nothing of it is copied into the study", async () => {
  const cases = join(scratch, "pictures");
  writePictures(cases, 15);
  const folder = await caseFolder(filesBelow(cases));
  const seen: number[] = [];
  const report = await checkCases(folder, { onCase: (done, of, { thumbnail }) => thumbnail && of === 15 && seen.push(done) });
  expect(seen).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
  expect(report.cases).toHaveLength(15);
  expect(report.errors).toEqual([]);

  const unlisted = await caseFolder(filesBelow(cases).filter(({ path }) => !path.endsWith(".csv")));
  await expect(checkCases(unlisted)).rejects.toThrow("has no manifest");
  const [first] = unlisted.candidates;
  const listed = unlisted.withLabels(`path,label\n${first},none\n`);
  expect((await checkCases(listed)).unlabelled).toHaveLength(14);
});

test("wrong arguments are refused by name", async () => {
  await expect(caseFolder([])).rejects.toThrow("no files");
  await expect(caseFolder("pictures" as never)).rejects.toThrow(TypeError);
  await expect(openStudy({ out: join(scratch, "none") })).rejects.toThrow("give cases");
  await expect(openStudy({ out: "a", cases: { synthetic: 3 } })).rejects.toThrow("cases.synthetic must be a whole number from 15");
  await expect(openStudy({ out: "a", model: "alexnet" } as never)).rejects.toThrow("model");
  await expect(forgetStudy(ROOT)).rejects.toThrow("is not a study");
  expect(studyPrecision(10, 0)).toBeNull();
  expect(studyPrecision(10, 10)?.intervals.map(({ auc }) => auc)).toContain(0.9);
});
