// What runs and studies write and read back.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alexnet } from "../../src/models/alexnet.ts";
import { memoryFiles } from "../../src/platform/files-fixture.ts";
import { lockFolder } from "../../src/platform/node-lock.ts";
import { readAnalysis } from "../../src/study/jobs/analysis.ts";
import { readCases, readFingerprints } from "../../src/study/jobs/cohort.ts";
import type { StudyContext } from "../../src/study/jobs/context.ts";
import { endedOf, TRAINED } from "../../src/study/jobs/ended.ts";
import { formatGallery, parseGallery } from "../../src/study/jobs/gallery.ts";
import { readTruths } from "../../src/study/jobs/truth.ts";
import { planStudy } from "../../src/study/plan.ts";
import { protocolOf } from "../../src/study/profiles.ts";
import { hashProtocol, type Protocol } from "../../src/study/protocol.ts";
import { madeUpStudy } from "../../src/study/report/report-fixture.ts";
import { readStudy } from "../../src/study/study-folder.ts";
import { readSeen } from "../../src/train/compare.ts";
import { defaultSettings, describe, readRun } from "../../src/train/job.ts";
import { RunFolder } from "../../src/train/run-folder.ts";
import { smallWeights } from "../support/small-weights.ts";
import type { Mutate } from "./mutate-bytes.ts";
import { mutateCsv, mutateJson, mutateJsonLines } from "./mutate-text.ts";
import { jsonSeed, seed, target, type Target } from "./target.ts";

/** A study whose only job is in the folder of the file's own name; `name` is the file within it. */
const contextOf = (bytes: Uint8Array, file: string, name: string): StudyContext =>
  ({
    out: file,
    plan: [{ kind: "cohort", name: "job", id: "0" }],
    protocol: { cohort: { kind: "synthetic" } },
    platform: { files: memoryFiles(new Map([[`${file}/jobs/job-0/${name}`, bytes]])) },
  }) as unknown as StudyContext;

const JOB = { name: "job", id: "0" };
const JOB_JSON = { format: "striatum-job-1" };

/** The file of a run, the others as they should be. */
const runOf = (file: string, name: string, bytes: Uint8Array, others: Readonly<Record<string, Uint8Array>> = {}) =>
  memoryFiles(
    new Map(
      Object.entries({ "job.json": seed("", JSON.stringify(JOB_JSON)).bytes, ...others, [name]: bytes }).map(([key, value]) => [
        `${file}/${key}`,
        value,
      ]),
    ),
  );

/** study.json changed under a hash that fits it, so that more than the hash is tried. */
const mutateStudy: Mutate = (bytes, draws, pool) => {
  const mutated = mutateJson(bytes, draws, pool);
  if (draws.chance(0.2)) return mutated;
  try {
    const study = JSON.parse(new TextDecoder().decode(mutated)) as { protocol: Protocol };
    return new TextEncoder().encode(JSON.stringify({ ...study, hash: hashProtocol(study.protocol) }));
  } catch {
    return mutated;
  }
};

const smallStudy = () => madeUpStudy({ seeds: [0], models: ["googlenet-pretrained-augmented"], samples: 5 });

/** By target name. */
export const studyTargets: Readonly<Record<string, () => Promise<Target>>> = {
  "study.json": async () => {
    const protocol = protocolOf("quick");
    return target({
      seeds: [jsonSeed("quick", { hash: hashProtocol(protocol), protocol, sources: { data: null, weights: {} } })],
      mutate: mutateStudy,
      read: async (bytes, file) => planStudy((await readStudy(memoryFiles(new Map([[`${file}/study.json`, bytes]])), file)).protocol),
      wrong: (plan) => (new Set(plan.map(({ name }) => name)).size === plan.length ? null : "two jobs of one name"),
    });
  },
  "job.json": async () => {
    const data = { classes: ["none", "left"], splitHash: "x" };
    const job = describe({ ...defaultSettings(alexnet, null), width: 0.125, size: 64 }, data);
    const weights = smallWeights(alexnet, 2);
    return target({
      seeds: [jsonSeed("job", job)],
      mutate: mutateJson,
      read: (bytes, file) => readRun(runOf(file, "job.json", bytes, { "weights.safetensors": weights }), file, "weights.safetensors"),
      wrong: ({ classes, images: { windowHu, pixelScale } }) =>
        classes.every((name) => typeof name === "string") && windowHu.widthHu >= 1 && Number.isFinite(windowHu.centerHu) && pixelScale > 0
          ? null
          : "settings that are none",
    });
  },
  "metrics.jsonl": async () => {
    const lines = [1, 2, 3].map((epoch) => JSON.stringify({ epoch, step: 10 * epoch, loss: 1 / epoch, validationLoss: 1.5 }));
    return target({
      seeds: [seed("metrics", `${lines.join("\n")}\n`)],
      mutate: mutateJsonLines,
      read: async (bytes, file) => (await RunFolder.open(runOf(file, "metrics.jsonl", bytes), file)).metrics(),
      wrong: (metrics) =>
        metrics.every((line) => Object.values(line).every((value) => typeof value === "number")) ? null : "a metric that is no number",
    });
  },
  "run.json": async () => {
    const ended = {
      kind: "train",
      bestEpoch: 1,
      steps: 9,
      images: 18,
      weights: "ab",
      adapter: "a",
      excluded: [{ case: 3, reason: "r" }],
      seconds: 2.5,
      commit: null,
    };
    return target({
      seeds: [jsonSeed("run", ended)],
      mutate: mutateJson,
      read: (bytes, file) => endedOf(contextOf(bytes, file, "run.json"), JOB, TRAINED),
    });
  },
  "seen-cases.json": async () =>
    target({
      seeds: [jsonSeed("seen", { train: ["ab", "cd"], val: ["ef"], cases: [[0, "ab"]] })],
      mutate: mutateJson,
      read: async (bytes, file) => readSeen(await RunFolder.open(runOf(file, "seen-cases.json", bytes), file)),
    }),
  "lock.json": async () =>
    target({
      seeds: [jsonSeed("lock", { host: "other", pid: 1, namespace: null, token: "t", beat: "000000001" })],
      mutate: mutateJson,
      // Whatever it contains, it is left behind when it does not change. A folder for each: a change would show that the holder lives.
      read: async (bytes) => {
        const folder = mkdtempSync(join(tmpdir(), "striatum-fuzz-lock-"));
        try {
          writeFileSync(join(folder, "lock.json"), bytes);
          const lock = await lockFolder(folder, { wait: true }, { beatMs: 1000, leftBehindMs: 2 });
          if (!lock.taken) await lock.release();
          return lock.taken;
        } finally {
          rmSync(folder, { recursive: true });
        }
      },
      wrong: (taken) => (taken ? "a lock that nobody writes is taken" : null),
    }),
  "results.json": async () =>
    target({
      seeds: [jsonSeed("results", smallStudy().analysis)],
      mutate: mutateJson,
      read: (bytes, file) => readAnalysis(contextOf(bytes, file, "results.json"), `${file}/jobs/job-0/results.json`),
      wrong: ({ models }) =>
        models.length > 0 && models.every(({ auc }) => auc.value >= 0 && auc.value <= 1) ? null : "an area outside 0 to 1",
    }),
  "gallery.json": async () => {
    const [{ cases, pointing, passes }] = smallStudy().galleries;
    return target({
      seeds: [seed("gallery", formatGallery({ cases: cases.slice(0, 1), pointing, passes }))],
      mutate: mutateJson,
      read: async (bytes, file) => parseGallery(bytes, file),
      wrong: ({ cases }) =>
        cases.every(({ picture: { width, height, channels, data } }) => data.length === width * height * channels)
          ? null
          : "a picture of another size",
    });
  },
  "cases.json": async () =>
    target({
      seeds: [
        jsonSeed("cases", [
          { case: 0, split: "train", label: "left", strata: { volumeMl: 3, tilted: true, site: "putamen" } },
          { case: 1, split: "test", label: "none" },
        ]),
      ],
      mutate: mutateJson,
      read: (bytes, file) => readCases(contextOf(bytes, file, "cases.json")),
    }),
  "fingerprints.json": async () =>
    target({
      seeds: [
        jsonSeed("fingerprints", {
          manifestHash: "ab",
          cases: [
            { pixels: ["cd", "ef"], people: [0] },
            { pixels: [], people: [] },
          ],
        }),
      ],
      mutate: mutateJson,
      read: (bytes, file) => readFingerprints(contextOf(bytes, file, "fingerprints.json")),
    }),
  "truth.csv": async () =>
    target({
      seeds: [
        seed(
          "truth",
          "path,label,stratum,site,volume_ml,age_years,thickness_mm,tilt_degrees,syntax,kernel,other_bleed\nPH1,left,large,putamen,4.2,54,5,0.0,explicit,S,false\nPH2,none,oldInfarct,,0,61,5,12,rle,S,true\n",
        ),
      ],
      mutate: mutateCsv,
      read: (bytes, file) => readTruths(contextOf(bytes, file, "data/truth.csv"), `${file}/jobs/job-0/data`),
      wrong: (truths) =>
        [...truths.values()].every(({ ageYears, strata }) => Number.isFinite(ageYears) && Number.isFinite(strata.volumeMl ?? 0))
          ? null
          : "a number that is none",
    }),
};
