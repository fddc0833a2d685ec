// Estimates of how long jobs take, in seconds of two cores without a GPU (llvmpipe): at full size the steps that
// docs/performance.md lists, at the reduced size the same by the area of the images, at quick size half of what a job took in a quick study that two processes
// shared; overheads are rounded guesses. Other machines have other factors.
import type { StudyJob } from "./plan.ts";
import type { NetworkName, Profile, Protocol } from "./protocol.ts";

/** Seconds per image at 128 pixels, of a step in batches of 16 at full width and `side` pixels (docs/performance.md). */
const atReducedSize = (step: number, side: number): number => (step / 16) * (128 / side) ** 2;

/** Seconds per image shown in training. */
export const SECONDS_AN_IMAGE: Readonly<Record<NetworkName, Readonly<Record<Profile, number>>>> = {
  alexnet: { quick: 0.0017, reduced: atReducedSize(1.46, 227), paper: 0.12 },
  googlenet: { quick: 0.0032, reduced: atReducedSize(3.04, 224), paper: 0.21 },
};
/** Share of a step's time where GoogLeNet's modules up to 4e keep their values (docs/study.md: 6 minutes in place of 11.5). */
const FROZEN = 0.52;
/** A series of the generator on two cores. */
const SECONDS_A_CASE = { quick: 0.22, study: 2.5 };
/** Pipelines, the mean, looks at the validation cases, checkpoints, scoring. */
const SECONDS_A_RUN: Readonly<Record<Profile, number>> = { quick: 5, reduced: 60, paper: 60 };

/** Seconds of a job on two cores. */
export function secondsOf({ profile, cohort }: Protocol, job: StudyJob): number {
  if (job.kind === "cohort") return cohort.kind === "synthetic" ? cohort.cases * SECONDS_A_CASE[cohort.phantoms] : 0.05 * cohort.cases;
  if (job.kind === "train") {
    const { network, solver } = job.model;
    const image = SECONDS_AN_IMAGE[network][profile] * (solver.frozen.length > 0 ? FROZEN : 1);
    return SECONDS_A_RUN[profile] + solver.iterations * solver.batch * image;
  }
  if (job.kind === "pretrain") {
    const { source, epochs } = job.recipe;
    return SECONDS_A_RUN[profile] + source.categories * source.instances * epochs * SECONDS_AN_IMAGE[job.network][profile];
  }
  return 5;
}

/** The plan with its longest trainings first: processes that share them end at about the same time. */
export function longestFirst(protocol: Protocol, plan: readonly StudyJob[]): readonly StudyJob[] {
  const trainings = plan.filter(({ kind }) => kind === "train").toSorted((a, b) => secondsOf(protocol, b) - secondsOf(protocol, a));
  return plan.map((job) => (job.kind === "train" ? (trainings.shift() as StudyJob) : job));
}
