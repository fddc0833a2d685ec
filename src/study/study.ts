// A study from its plan to its report: each job in turn that is ready and that no other process has taken.
import type { AnyEvent } from "../platform/progress.ts";
import { isDone, runStudyJob, type Outcome } from "./jobs/run-job.ts";
import type { Engine } from "../engine/engine.ts";
import { surviving, type Engines } from "../train/surviving.ts";
import { longestFirst } from "./estimate.ts";
import type { StudyContext } from "./jobs/context.ts";
import type { StudyJob } from "./plan.ts";

export interface RunningContext extends StudyContext {
  /** What `engine` is: another one where it was lost. */
  readonly engines: Engines<Engine>;
  /** "job-a is run by another process (runs/a/jobs/job-a-1/lock.json, ...)", after its lock was found taken. */
  takenText(name: string): string;
}

/** Runs a job if it is ready, not done, and nobody else's; one whose device is lost goes on on another. */
export const runJobOfStudy = (job: StudyJob, context: RunningContext): AsyncGenerator<AnyEvent, Outcome> =>
  surviving<Engine, AnyEvent, Outcome>(context.engines, context.platform, () => runStudyJob(job, context));

/** Delay while other processes run the remaining jobs. */
const LOOK_AGAIN_MS = 500;

/**
 * Runs all jobs that are not done; several processes may do so at once. False where the signal stopped it: run it again to resume. A job that fails
 * ends it with its error, and what was done before stays. `shared`: the caller runs other processes on the same study, so that a taken job is not reported.
 */
export async function* runStudy(
  context: RunningContext,
  { shared = false }: { readonly shared?: boolean } = {},
): AsyncGenerator<AnyEvent, boolean> {
  const { signal, protocol } = context;
  const plan = longestFirst(protocol, context.plan);
  let reported = shared;
  for (;;) {
    let open = 0;
    let moved = false;
    for (const job of plan) {
      if (await isDone(context, job)) continue;
      open++;
      const outcome = yield* runJobOfStudy(job, context);
      if (outcome.kind === "stopped" || signal.aborted) return false;
      if (outcome.kind === "done" || outcome.kind === "cached") moved = true;
      else if (outcome.kind === "taken" && !reported) {
        reported = true;
        yield { kind: "note", text: `${context.takenText(job.name)}; continuing with the other jobs` };
      }
    }
    if (open === 0) return true;
    if (!moved) await new Promise<void>((resolve) => void setTimeout(resolve, LOOK_AGAIN_MS));
  }
}
