// The report gathered from the jobs' folders: nothing is computed on an adapter here, and no case is scored.
import { variantName, VARIANTS } from "../../dataset/augmentation.ts";
import { readManifest } from "../../dataset/manifest-file.ts";
import { networkNamed } from "../../models/index.ts";
import { openCases } from "../../train/job.ts";
import { RunFolder } from "../../train/run-folder.ts";
import { shortcutsOf } from "../analysis/shortcuts.ts";
import type { Analysis, CohortCase, Split } from "../analysis/result.ts";
import { AS_GIVEN, picturesOf } from "../finding.ts";
import type { StudyJob } from "../plan.ts";
import { modelCard } from "../report/model-card.ts";
import { hashProtocol } from "../protocol.ts";
import { csvFiles, externalFile, pointingFile, shortcutsFile } from "../report/csv-files.ts";
import type { AugmentationSheet, CaseSource, Gallery, Provenance, ReportInput, RunRecord } from "../report/input.ts";
import { renderReport } from "../report/report.ts";
import { commandOf } from "../rerun.ts";
import { REPORT, RESULTS } from "../study-folder.ts";
import { scoringsOf } from "../test-ledger.ts";
import { readCases, readFingerprints, readTrivia } from "./cohort.ts";
import { readExternal } from "./external.ts";
import { caseOptions, casesFolder, jobOf, pathOf, type StudyContext, type Work } from "./context.ts";
import { ANY_JOB, endedOf, RUN, TRAINED, type Trained } from "./ended.ts";
import { parseGallery } from "./gallery.ts";
import { readAnalysis, readScores } from "./analysis.ts";
import { GALLERY, TRAINING } from "./train.ts";
import { readTruths, type Truth } from "./truth.ts";

export const report: Work<"report"> = async function* (job, context) {
  yield { kind: "note", text: "writing the report" };
  const { platform, out } = context;
  const input = await gather(jobOf(context, job.analysis, "analysis"), context);
  const html = await renderReport(input);
  await platform.files.write(`${pathOf(context, job)}/${REPORT}`, html);
  await platform.files.write(`${out}/${REPORT}`, html);
  for (const [name, text] of Object.entries(csvFiles(input.analysis))) await platform.files.write(`${out}/tables/${name}`, text);
  const pointing = pointingFile(input.galleries);
  if (input.external) await platform.files.write(`${out}/tables/external.csv`, externalFile(input.external));
  if (input.shortcuts && input.shortcuts.length > 0)
    await platform.files.write(`${out}/tables/shortcuts.csv`, shortcutsFile(input.shortcuts));
  if (pointing !== null) await platform.files.write(`${out}/tables/pointing.csv`, pointing);
  for (const { model } of input.analysis.models) await platform.files.write(`${out}/cards/${model}.md`, modelCard(input, model));
  return {};
};

type TrainJob = Extract<StudyJob, { kind: "train" }>;

async function gather(compared: Extract<StudyJob, { kind: "analysis" }>, context: StudyContext): Promise<ReportInput> {
  const { protocol } = context;
  const analysis = await readAnalysis(context, `${pathOf(context, compared)}/${RESULTS}`);
  const cohort = await readCases(context);
  const truths = await truthsOf(context);
  const jobs = compared.trained.map((id) => jobOf(context, id, "train"));
  const trained = await Promise.all(jobs.map((job) => endedOf(context, job, TRAINED)));
  const { host } = await endedOf(context, jobs[0], RUN, TRAINING);
  const trivia = await readTrivia(context);
  return {
    protocol,
    analysis,
    external: await readExternal(context),
    shortcuts: trivia && shortcutsOf(cohort, trivia),
    scores: await readScores(context, compared.trained),
    cases: caseSource(context, cohort, truths, trained),
    runs: await Promise.all(jobs.map((job, i) => runOf(context, job, trained[i]))),
    galleries: await galleriesOf(context, jobs, analysis, truths),
    augmentation: await augmentationOf(context),
    machine: { adapter: [...new Set(trained.map(({ adapter }) => adapter))].join("; "), host, phases: await phasesOf(context) },
    provenance: await provenanceOf(context, jobs),
  };
}

const GALLERY_LIMIT_BYTES = 2 ** 28;

/** By the number of the case. */
async function truthsOf(context: StudyContext): Promise<ReadonlyMap<number, Truth>> {
  const folder = casesFolder(context);
  const byPath = await readTruths(context, folder);
  if (byPath.size === 0) return new Map();
  const { cases } = await readManifest(context.platform.files, folder);
  return new Map(cases.flatMap(({ path }, i) => (byPath.has(path) ? [[i, byPath.get(path) as Truth] as const] : [])));
}

function caseSource(
  { protocol }: StudyContext,
  cohort: readonly CohortCase[],
  truths: ReadonlyMap<number, Truth>,
  trained: readonly Trained[],
): CaseSource {
  const synthetic = protocol.cohort.kind === "synthetic";
  const reasons = new Map(trained.flatMap(({ excluded }) => excluded.map((item) => [item.case, item.reason] as const)));
  const counts = new Map<string, number>();
  for (const reason of reasons.values()) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const characteristics = (["train", "val", "test"] as const).flatMap((split) => characteristicsOf(split, cohort, truths));
  return {
    synthetic,
    source: synthetic
      ? "The cases are phantoms: head CTs drawn by a program from a seed and written as DICOM series. No patient is among them."
      : `The cases are those of a folder and its list of labels; their origin is known to the author of the list.${PICTURES[picturesOf(protocol)]}`,
    reference: synthetic
      ? "Labels come from the generator, which knows where it placed blood; they are exact."
      : "Labels are taken from the list unchanged; how and by whom they were made is not known to the software.",
    flow: [
      { what: synthetic ? "cases drawn" : "cases listed", count: cohort.length, leftOut: [] },
      { what: "assessable cases", count: cohort.length - reasons.size, leftOut: [...counts].map(([reason, count]) => ({ reason, count })) },
    ],
    characteristics: [...new Set(characteristics.map(({ name }) => name))].map((name) => ({
      name,
      of: Object.fromEntries(characteristics.filter((item) => item.name === name).map(({ split, value }) => [split, value])),
    })),
    facts: cohort.flatMap((item) => {
      const truth = truths.get(item.case);
      if (item.split !== "test" || !truth) return [];
      return [{ case: item.case, finding: truth.finding, volumeMl: truth.strata.volumeMl ?? null }];
    }),
  };
}

const PICTURES = {
  none: "",
  some: ` Some are pictures without DICOM, ${AS_GIVEN}.`,
  all: ` They are pictures without DICOM, ${AS_GIVEN}.`,
} as const;

function characteristicsOf(
  split: Split,
  cohort: readonly CohortCase[],
  truths: ReadonlyMap<number, Truth>,
): { name: string; split: Split; value: string }[] {
  const own = cohort.filter((item) => item.split === split).flatMap((item) => truths.get(item.case) ?? []);
  if (own.length === 0) return [];
  const volumes = own.flatMap(({ strata }) => strata.volumeMl ?? []);
  const share = (of: (truth: Truth) => boolean): string => `${own.filter(of).length} of ${own.length}`;
  return [
    {
      name: "age in years, median (range)",
      split,
      value: medianAndRange(
        own.map(({ ageYears }) => ageYears),
        0,
      ),
    },
    { name: "volume of the hemorrhage in mL, median (range)", split, value: medianAndRange(volumes, 1) },
    { name: "other bleeds without basal ganglia hemorrhage", split, value: share(({ strata }) => strata.otherBleed === true) },
    { name: "tilted gantry", split, value: share(({ strata }) => strata.tilted === true) },
  ];
}

function medianAndRange(values: readonly number[], digits: number): string {
  if (values.length === 0) return "none";
  const sorted = [...values].sort((a, b) => a - b);
  const median = (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
  return `${median.toFixed(digits)} (${sorted[0].toFixed(digits)} to ${(sorted.at(-1) as number).toFixed(digits)})`;
}

async function runOf(context: StudyContext, job: TrainJob, { bestEpoch, steps, images, seconds, weights }: Trained): Promise<RunRecord> {
  const folder = await RunFolder.open(context.platform.files, `${pathOf(context, job)}/${TRAINING}`);
  return { model: job.model.id, seed: job.seed, metrics: await folder.metrics(), bestEpoch, steps, images, seconds, weights };
}

/** Galleries of the primary seed, the best model first. */
async function galleriesOf(
  context: StudyContext,
  jobs: readonly TrainJob[],
  analysis: Analysis,
  truths: ReadonlyMap<number, Truth>,
): Promise<Gallery[]> {
  const areas = new Map(analysis.models.map(({ model, auc }) => [model, auc.value]));
  const shown = jobs
    .filter(({ seed }) => seed === analysis.plan.primarySeed)
    .sort((a, b) => (areas.get(b.model.id) ?? 0) - (areas.get(a.model.id) ?? 0));
  return Promise.all(
    shown.map(async (job): Promise<Gallery> => {
      const file = `${pathOf(context, job)}/${GALLERY}`;
      const { cases, ...gallery } = parseGallery(await context.platform.files.read(file, GALLERY_LIMIT_BYTES), file);
      const named = cases.map((item) => ({ ...item, finding: truths.get(item.case)?.finding ?? "" }));
      return { model: job.model.id, ...gallery, cases: named };
    }),
  );
}

/** The variants of the first training case that has a finding; null where no model learns from variants. */
async function augmentationOf(context: StudyContext): Promise<AugmentationSheet | null> {
  const { protocol, platform } = context;
  const model = protocol.models.find(({ augmented }) => augmented);
  if (!model) return null;
  const images = { ...protocol.images, augment: true };
  const settings = { network: networkNamed(model.network), size: protocol.size[model.network], images };
  const options = { ...caseOptions(protocol), fingerprints: await readFingerprints(context), only: ["train"] as const };
  const data = await openCases(platform, casesFolder(context), settings, options);
  const set = data.images("train");
  const at = Math.max(
    0,
    set.labels.findIndex((label, i) => label > 0 && i % VARIANTS.length === 0),
  );
  const variants: AugmentationSheet["variants"][number][] = [];
  for (const [k, variant] of VARIANTS.entries()) {
    variants.push({ name: variantName(variant), label: set.classes[set.labels[at + k]], picture: await set.read(at + k) });
  }
  return { case: data.cases[set.cases[at]].index, label: variants[0].label, variants };
}

const PHASES: Readonly<Record<StudyJob["kind"], string>> = {
  cohort: "cases",
  pretrain: "pretraining",
  train: "training, scoring and maps",
  analysis: "analysis",
  external: "external cohort",
  report: "report",
};

async function phasesOf(context: StudyContext): Promise<{ name: string; seconds: number }[]> {
  const seconds = new Map<string, number>();
  for (const job of context.plan) {
    if (job.kind === "report") continue;
    const ended = await endedOf(context, job, ANY_JOB);
    seconds.set(PHASES[job.kind], (seconds.get(PHASES[job.kind]) ?? 0) + ended.seconds);
  }
  return [...seconds].map(([name, seconds]) => ({ name, seconds }));
}

async function provenanceOf(context: StudyContext, jobs: readonly TrainJob[]): Promise<Provenance> {
  const { protocol, version, plan, platform, out } = context;
  const done = await Promise.all(plan.filter(({ kind }) => kind !== "report").map((job) => endedOf(context, job, ANY_JOB)));
  const commits = [...new Set(done.flatMap(({ commit }) => commit ?? []))];
  const { manifestHash } = await readFingerprints(context);
  const { pretraining } = protocol;
  const files = pretraining?.kind === "file" ? Object.entries(pretraining.files) : [];
  const scorings = await Promise.all(jobs.map((job) => scoringsOf(platform.files, out, job)));
  return {
    version,
    // More than one where the source changed between jobs.
    commit: commits.length > 0 ? commits.join(", ") : null,
    hashes: [
      { name: "protocol", sha256: hashProtocol(protocol) },
      { name: "list of cases", sha256: manifestHash },
      ...files.flatMap(([network, { origin }]) =>
        origin.kind === "none" ? [] : [{ name: `file of weights, ${network}`, sha256: origin.sha256 }],
      ),
    ],
    commands: [
      ...(commits.length === 1 ? [`git checkout ${commits[0].replace("-dirty", "")}`] : []),
      "npm ci",
      commandOf(protocol, context.external !== undefined),
    ],
    testScorings: Math.max(...scorings),
  };
}
