// A study from its plan to its report: each job in turn that is ready and that no other process has taken.
import type { AnyEvent } from "../platform/progress.ts";
import { isDone, runStudyJob } from "./jobs/run-job.ts";
import type { LockingContext } from "./job-locks.ts";

/** Delay while other processes run the remaining jobs. */
const LOOK_AGAIN_MS = 500;

/**
 * Runs all jobs that are not done; several processes may do so at once. False where the signal stopped it: run it again to resume. A job that fails
 * ends it with its error, and what was done before stays.
 */
export async function* runStudy(context: LockingContext): AsyncGenerator<AnyEvent, boolean> {
  const { plan, signal } = context;
  let told = false;
  for (;;) {
    let open = 0;
    let moved = false;
    for (const job of plan) {
      if (await isDone(context, job)) continue;
      open++;
      const outcome = yield* runStudyJob(job, context);
      if (outcome.kind === "stopped" || signal.aborted) return false;
      if (outcome.kind === "done" || outcome.kind === "cached") moved = true;
      else if (outcome.kind === "taken" && !told) {
        told = true;
        yield { kind: "note", text: `${context.takenText(job.name)}; continuing with the other jobs` };
      }
    }
    if (open === 0) return true;
    if (!moved) await new Promise<void>((resolve) => void setTimeout(resolve, LOOK_AGAIN_MS));
  }
}
