// The study, end to end: a synthetic cohort as DICOM files, every arm trained on it, the test cases judged once, the areas compared.
// Each part finds what an earlier, interrupted run has done and goes on from there.
import type { Engine } from "../engine/engine.ts";
import { networkNamed } from "../models/index.ts";
import { cohortFiles } from "../phantoms/cohort-files.ts";
import type { Files } from "../platform/platform.ts";
import type { ProgressEvent } from "../platform/progress.ts";
import { aucInterval, compareAucs, delong } from "../statistics/delong.ts";
import { perfectSeparation } from "../statistics/proportion.ts";
import { positiveScore, qualityOf, scoreCases, type CaseScore } from "../train/evaluate.ts";
import { BEST_WEIGHTS } from "../train/fit.ts";
import { defaultSettings, openCases, readRun, runJob, type JobSettings } from "../train/job.ts";
import { RunFolder } from "../train/run-folder.ts";
import { Scorer } from "../train/scorer.ts";
import { asJob, hashProtocol, type Arm, type Protocol } from "./quick-protocol.ts";

export interface ArmResult {
  readonly arm: string;
  readonly auc: number;
  /** DeLong's 95 % interval; degenerate where the area is 0 or 1. */
  readonly interval: readonly [number, number];
  /** What can be said of a perfect curve: exact lower bounds (97.5 %) of sensitivity and specificity. */
  readonly perfect?: { readonly sensitivityLow: number; readonly specificityLow: number };
  readonly accuracy: number;
  readonly loss: number;
  readonly bestEpoch: number;
}

export interface StudyResult {
  readonly protocol: string;
  readonly synthetic: true;
  readonly adapter: string;
  readonly test: { readonly positives: number; readonly negatives: number };
  readonly arms: readonly ArmResult[];
  /** DeLong's paired test of every two arms; z is null where it is infinite (both variances 0). */
  readonly comparisons: readonly {
    readonly arms: readonly [string, string];
    readonly difference: number;
    readonly z: number | null;
    readonly p: number;
  }[];
}

export interface StudyOptions {
  readonly engine: Engine;
  readonly protocol: Protocol;
  readonly out: string;
  readonly signal: AbortSignal;
}

/** Runs a study into a folder, or goes on with it. Null where the signal stopped it: run it again to go on. */
export async function* runStudy({ engine, protocol, out, signal }: StudyOptions): AsyncGenerator<ProgressEvent, StudyResult | null> {
  const { files } = engine.platform;
  const folder = (await files.exists(`${out}/job.json`))
    ? await RunFolder.open(files, out)
    : await RunFolder.create(files, out, asJob(protocol));
  await folder.expectJob(asJob(protocol));
  yield {
    kind: "note",
    text: `protocol ${hashProtocol(protocol)}: ${protocol.cohort.cases} synthetic cases, width ${protocol.width}, ${protocol.size} pixels, on ${engine.adapterName}`,
  };

  const cohort = `${out}/cohort`;
  if (!(await writeCohort(files, cohort, protocol, signal))) return null;
  yield { kind: "note", text: `${cohort}: ${protocol.cohort.cases} synthetic series as DICOM files` };

  for (const arm of protocol.arms) {
    const path = `${out}/${arm.name}`;
    if (await files.exists(`${path}/run.json`)) continue;
    yield { kind: "note", text: `${networkNamed(arm.network).title}, ${arm.epochs} epochs` };
    const settings = settingsOf(protocol, arm);
    const data = await openCases(engine.platform, cohort, settings, { only: ["train", "val"], classes: CLASSES });
    const { complete } = yield* runJob(settings, { engine, data, out: path, resume: await files.exists(`${path}/job.json`), signal });
    if (!complete) return null;
  }

  const judged: { arm: Arm; scores: CaseScore[] }[] = [];
  for (const arm of protocol.arms) {
    const scores = await judge(engine, cohort, `${out}/${arm.name}`, protocol);
    await files.write(`${out}/${arm.name}/predictions.csv`, predictions(scores));
    judged.push({ arm, scores });
  }
  const result = await compare(engine, protocol, judged, out);
  await folder.write("results.json", `${JSON.stringify(result, null, 2)}\n`);
  return result;
}

const CLASSES = ["none", "hemorrhage"];

function settingsOf(
  { width, size, batch, seed, slices, windowHu, mirror, filling, pixelScale }: Protocol,
  { network, rate, policy, epochs }: Arm,
): JobSettings {
  return {
    ...defaultSettings(networkNamed(network), null),
    width,
    size,
    batch,
    seed,
    rate,
    policy,
    epochs,
    mirror,
    filling,
    images: { windowHu, slices, slab: true, pixelScale },
  };
}

/** The manifest is written last: where it is, the cohort is whole. False where the signal came first. */
async function writeCohort(files: Files, path: string, { cohort }: Protocol, signal: AbortSignal): Promise<boolean> {
  if (await files.exists(`${path}/manifest.csv`)) return true;
  for (const { name, content } of cohortFiles(cohort)) {
    if (signal.aborted) return false;
    await files.write(`${path}/${name}`, content);
    // Rendering is synchronous: let signals and progress through.
    await new Promise<void>((resolve) => void setTimeout(resolve));
  }
  return true;
}

async function judge(engine: Engine, cohort: string, path: string, { batch }: Protocol): Promise<CaseScore[]> {
  const run = await readRun(engine.platform.files, path, BEST_WEIGHTS);
  const data = await openCases(engine.platform, cohort, run, { only: ["test"], classes: run.classes });
  const scorer = await Scorer.open(engine, run, { batch });
  try {
    return await scoreCases(scorer, data.images("test"));
  } finally {
    scorer.dispose();
  }
}

const predictions = (scores: readonly CaseScore[]): string =>
  ["case,label,score", ...scores.map((score) => `${score.case},${CLASSES[score.label]},${positiveScore(score)}`), ""].join("\n");

async function compare(
  engine: Engine,
  protocol: Protocol,
  judged: readonly { readonly arm: Arm; readonly scores: readonly CaseScore[] }[],
  out: string,
): Promise<StudyResult> {
  const labels = judged[0].scores.map(({ label }) => label);
  const tested = delong(
    judged.map(({ scores }) => scores.map(positiveScore)),
    labels,
  );
  const { positives, negatives, aucs, covariance } = tested;
  const arms: ArmResult[] = [];
  for (const [i, { arm, scores }] of judged.entries()) {
    const { low, high } = aucInterval(aucs[i], covariance[i * judged.length + i]);
    const { sensitivityLow, specificityLow } = perfectSeparation(positives, negatives);
    const { accuracy, loss } = qualityOf(scores);
    const ended = (await (await RunFolder.open(engine.platform.files, `${out}/${arm.name}`)).ended()) as unknown as { bestEpoch: number };
    arms.push({
      arm: arm.name,
      auc: aucs[i],
      interval: [low, high],
      ...(aucs[i] === 1 && { perfect: { sensitivityLow, specificityLow } }),
      accuracy,
      loss,
      bestEpoch: ended.bestEpoch,
    });
  }
  const comparisons = judged.flatMap((a, r) =>
    judged.slice(r + 1).map((b, s) => {
      const { difference, z, p } = compareAucs(tested, r, r + 1 + s);
      return { arms: [a.arm.name, b.arm.name] as const, difference, z: Number.isFinite(z) ? z : null, p };
    }),
  );
  return {
    protocol: hashProtocol(protocol),
    synthetic: true,
    adapter: engine.adapterName,
    test: { positives, negatives },
    arms,
    comparisons,
  };
}
