// What a study's jobs left behind is checked when it is read back; errors name file and place.
import { expect, test } from "vitest";
import { memoryFiles } from "../../platform/files-fixture.ts";
import type { StudyContext } from "./context.ts";
import { readAnalysis } from "./analysis.ts";
import { readCases, readFingerprints } from "./cohort.ts";
import { ANY_JOB, endedOf, RUN, TRAINED } from "./ended.ts";

const JOB = { kind: "cohort", name: "job", id: "0" } as const;
const contextOf = (texts: Readonly<Record<string, string>>): StudyContext => {
  const files = memoryFiles(
    new Map(Object.entries(texts).map(([name, text]) => [`out/jobs/job-0/${name}`, new TextEncoder().encode(text)])),
  );
  return { out: "out", plan: [JOB], platform: { files } } as unknown as StudyContext;
};

const ended = {
  seconds: 2.5,
  commit: null,
  bestEpoch: 1,
  steps: 9,
  images: 18,
  weights: "ab",
  adapter: "a",
  excluded: [{ case: 3, reason: "r" }],
};

test("the end of a job, with what the report takes of it alone", async () => {
  const context = contextOf({
    "run.json": JSON.stringify({ ...ended, kind: "train" }),
    "training/run.json": '{"host":{"runtime":"node"},"x":1}',
  });
  expect(await endedOf(context, JOB, TRAINED)).toEqual(ended);
  expect(await endedOf(context, JOB, ANY_JOB)).toEqual({ seconds: 2.5, commit: null });
  expect(await endedOf(context, JOB, RUN, "training")).toEqual({ host: { runtime: "node" } });
});

test.each([
  ["null", "null", "not the end of a job: "],
  ["half a file", '{"seconds":', "not JSON"],
  ["time as text", JSON.stringify({ ...ended, seconds: "2" }), "not the end of a job, at seconds: "],
  [
    "a case without a number",
    JSON.stringify({ ...ended, excluded: [{ case: null, reason: "r" }] }),
    "not the end of a job, at excluded.0.case: ",
  ],
])("%s for the end of a job is refused with file and place", async (_, text, place) => {
  await expect(endedOf(contextOf({ "run.json": text }), JOB, TRAINED)).rejects.toThrow(`out/jobs/job-0/run.json: ${place}`);
});

test("cases, fingerprints and results that are none are refused with file and place", async () => {
  const wrong = contextOf({
    "cases.json": '[{"case":0,"split":"train"}]',
    "fingerprints.json": '{"manifestHash":"a","cases":[{"pixels":"b","people":[]}]}',
    "results.json": '{"format":"striatum-analysis-2"}',
  });
  await expect(readCases(wrong)).rejects.toThrow("job-0/cases.json: not that of a study's cases, at 0.label");
  await expect(readFingerprints(wrong)).rejects.toThrow("job-0/fingerprints.json: not that of a study's cases, at cases.0.pixels");
  await expect(readAnalysis(wrong, "out/jobs/job-0/results.json")).rejects.toThrow("results.json: not the results of a study, at level");
  for (const text of ["null", "[]", "3", '{"format":"strIatum-analysis-2"}'])
    await expect(readAnalysis(contextOf({ "results.json": text }), "out/jobs/job-0/results.json"), text).rejects.toThrow(
      "results.json: not",
    );
});
