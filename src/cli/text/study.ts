// A study as text: the protocol, its jobs, and the results.
import type { Analysis } from "../../study/analysis/result.ts";
import { secondsOf } from "../../study/estimate.ts";
import type { StudyJob } from "../../study/plan.ts";
import { hashProtocol, type Protocol } from "../../study/protocol.ts";
import { settingsOf } from "../../study/settings.ts";
import { table } from "../output.ts";

export type JobState = "done" | "ready" | "waiting";

export interface PlannedJob {
  readonly job: StudyJob;
  readonly state: JobState;
}

/** Every setting with its source. */
export const settingsText = (protocol: Protocol): string =>
  `protocol ${hashProtocol(protocol)}, profile ${protocol.profile}\n` +
  table(
    settingsOf(protocol).map(({ setting, value, source }) => [setting, source, value]),
    ["setting", "chosen by", "value"],
  );

/** The jobs in order, and the remaining time. */
export function planText(protocol: Protocol, jobs: readonly PlannedJob[]): string {
  const rows = jobs.map(({ job, state }, place) => [String(place), job.name, job.id, state, duration(secondsOf(protocol, job))]);
  const left = jobs.filter(({ state }) => state !== "done").reduce((sum, { job }) => sum + secondsOf(protocol, job), 0);
  const total =
    left === 0
      ? "all jobs are done"
      : `${jobs.filter(({ state }) => state !== "done").length} jobs left, about ${duration(left)} on two cores without a GPU`;
  return `${table(rows, ["job", "name", "id", "state", "about"])}\n${total}`;
}

/** 75 -> "75 s", 4000 -> "67 min", 90000 -> "25 h". */
function duration(seconds: number): string {
  if (seconds < 100) return `${Math.round(seconds)} s`;
  return seconds < 100 * 60 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

/** The areas, and the differences of the paper's contrasts. */
export function resultsText({ cohort, models, contrasts, cautions }: Analysis): string {
  const held = cohort.splits.find(({ split }) => split === "test");
  const rows = models.map(({ model, auc, operating }) => [
    model,
    auc.value.toFixed(3),
    `${auc.delong.low.toFixed(3)} to ${auc.delong.high.toFixed(3)}`,
    operating ? operating.sensitivity.value.toFixed(2) : "",
    operating ? operating.specificity.value.toFixed(2) : "",
  ]);
  const tested = contrasts.flatMap(({ title, test }) =>
    test ? [[title, test.difference.toFixed(3), test.p.toPrecision(2), test.holm.toPrecision(2)]] : [],
  );
  return [
    `held-out cases: ${held?.positives ?? 0} with hemorrhage, ${held?.negatives ?? 0} without`,
    table(rows, ["model", "AUC", "95 % CI (DeLong)", "sensitivity", "specificity"]),
    ...(tested.length > 0 ? [table(tested, ["contrast", "AUC difference", "p (DeLong)", "p (Holm)"])] : []),
    ...cautions,
  ].join("\n\n");
}
