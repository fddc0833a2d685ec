// Estimates of how long jobs take, in seconds of two cores without a GPU (llvmpipe): at full size the steps that
// docs/performance.md lists, at quick size what a quick study took; overheads are rounded guesses. Other machines have other factors.
import type { StudyJob } from "./plan.ts";
import type { NetworkName, Protocol } from "./protocol.ts";

/** Seconds per image shown in training. */
const SECONDS_AN_IMAGE: Readonly<Record<NetworkName, { readonly quick: number; readonly paper: number }>> = {
  alexnet: { quick: 0.004, paper: 0.12 },
  googlenet: { quick: 0.008, paper: 0.21 },
};
/** A series of the generator on two cores. */
const SECONDS_A_CASE = { quick: 0.25, study: 2.5 };
/** Pipelines, the mean, looks at the validation cases, checkpoints, scoring. */
const SECONDS_A_RUN = { quick: 6, paper: 60 };

/** Seconds of a job on two cores. */
export function secondsOf({ profile, cohort }: Protocol, job: StudyJob): number {
  if (job.kind === "cohort") return cohort.kind === "synthetic" ? cohort.cases * SECONDS_A_CASE[cohort.phantoms] : 0.05 * cohort.cases;
  if (job.kind === "train") {
    const { network, solver } = job.model;
    return SECONDS_A_RUN[profile] + solver.iterations * solver.batch * SECONDS_AN_IMAGE[network][profile];
  }
  if (job.kind === "pretrain") {
    const { source, epochs } = job.recipe;
    return SECONDS_A_RUN[profile] + source.categories * source.instances * epochs * SECONDS_AN_IMAGE[job.network][profile];
  }
  return 5;
}
