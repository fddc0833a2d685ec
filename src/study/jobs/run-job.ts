// One job of a study by the contract of schedulers: done once and never again, taken by one process at a time, killable at any moment, its
// run.json written last.
import type { AnyEvent } from "../../platform/progress.ts";
import { END_FILE, JOB_FILE, RunFolder } from "../../train/run-folder.ts";
import type { StudyJob } from "../plan.ts";
import { cohort } from "./cohort.ts";
import { pathOf, type StudyContext, type Work } from "./context.ts";
import { pretrain } from "./pretrain.ts";
import { external } from "./external.ts";
import { report } from "./report.ts";
import { analysis } from "./analysis.ts";
import { train } from "./train.ts";

const WORK: { readonly [Kind in StudyJob["kind"]]: Work<Kind> } = { cohort, pretrain, train, external, analysis, report };

export type Outcome =
  | { readonly kind: "done" }
  /** It was done already. */
  | { readonly kind: "cached" }
  /** The signal came; what is there is kept. */
  | { readonly kind: "stopped" }
  /** Another process runs it. */
  | { readonly kind: "taken" }
  /** It needs results that are not there yet. */
  | { readonly kind: "waiting"; readonly missing: readonly StudyJob[] };

export const isDone = (context: StudyContext, job: StudyJob): Promise<boolean> =>
  context.platform.files.exists(`${pathOf(context, job)}/${END_FILE}`);

/** The jobs whose results a job needs and that are not done. */
export async function missingFor(context: StudyContext, job: StudyJob): Promise<StudyJob[]> {
  const missing: StudyJob[] = [];
  for (const needed of context.plan.filter(({ id }) => job.needs.includes(id))) if (!(await isDone(context, needed))) missing.push(needed);
  return missing;
}

/** Runs a job if it is ready, not done, and nobody else's. */
export async function* runStudyJob(job: StudyJob, context: StudyContext): AsyncGenerator<AnyEvent, Outcome> {
  const { platform, plan, signal, version, commit } = context;
  if (await isDone(context, job)) return { kind: "cached" };
  const missing = await missingFor(context, job);
  if (missing.length > 0) return { kind: "waiting", missing };
  if (signal.aborted) return { kind: "stopped" };
  const path = pathOf(context, job);
  const release = await context.lock(path);
  if (!release) return { kind: "taken" };
  try {
    if (await isDone(context, job)) return { kind: "cached" };
    const known = await platform.files.exists(`${path}/${JOB_FILE}`);
    const folder = known ? await RunFolder.open(platform.files, path) : await RunFolder.create(platform.files, path, job.job);
    await folder.expectJob(job.job);
    yield { kind: "job", name: job.name, job: plan.indexOf(job) + 1, of: plan.length };
    const started = platform.now();
    const result = yield* (WORK[job.kind] as Work<typeof job.kind>)(job, context);
    if (result === null) return { kind: "stopped" };
    await folder.end({ kind: job.kind, ...result, seconds: (platform.now() - started) / 1000, version, commit });
    yield { kind: "job-end", name: job.name };
    return { kind: "done" };
  } finally {
    await release();
  }
}
