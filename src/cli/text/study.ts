// A study as text: the protocol, its jobs, and the results.
import type { Analysis } from "../../study/analysis/result.ts";
import { secondsOf } from "../../study/estimate.ts";
import type { Finding } from "../../study/finding.ts";
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

/** Means over seeds and what they decide, then the primary seed's areas. */
export function resultsText(analysis: Analysis, finding: Finding): string {
  const { cohort, models, runs, arms, seeds, cautions } = analysis;
  const held = cohort.splits.find(({ split }) => split === "test");
  const failed = runs.filter(({ faults }) => faults.length > 0);
  const several = seeds.length > 1;
  const meanRows = arms.map(({ model, auc, sd, interval, seeds: learned, leftOut }) => [
    model,
    auc.value === null ? auc.reason : `${auc.value.toFixed(3)}${sd.value === null ? "" : ` \u00b1 ${sd.value.toFixed(3)}`}`,
    interval.low === null ? "" : `${interval.low.toFixed(3)} to ${interval.high.toFixed(3)}`,
    leftOut.length === 0 ? `${learned.length}` : `${learned.length} of ${learned.length + leftOut.length} that learned`,
  ]);
  const rows = models.map(({ model, auc, operating, learned }) => [
    learned ? model : `${model} (did not learn)`,
    auc.value.toFixed(3),
    `${auc.delong.low.toFixed(3)} to ${auc.delong.high.toFixed(3)}`,
    operating ? operating.sensitivity.value.toFixed(2) : "",
    operating ? operating.specificity.value.toFixed(2) : "",
  ]);
  return [
    `held-out cases: ${held?.positives ?? 0} with ${finding.short}, ${held?.negatives ?? 0} without`,
    ...(failed.length > 0
      ? [
          `${failed.length} of ${runs.length} runs did not learn:\n${failed.map(({ model, seed, faults }) => `  ${model}, seed ${seed}: ${faults.join("; ")}`).join("\n")}`,
        ]
      : []),
    ...(several ? [table(meanRows, ["model", "mean AUC \u00b1 SD over seeds", "95 % CI (other seeds and cases)", "seeds"])] : []),
    ...contrastsText(analysis),
    `${several ? `seed ${models[0].seed}:\n` : ""}${table(rows, ["model", "AUC", "95 % CI (DeLong)", "sensitivity", "specificity"])}`,
    ...cautions,
  ].join("\n\n");
}

/** Of means where there are several seeds, else of the one seed by DeLong's test, which decides nothing. */
function contrastsText({ contrasts, armContrasts, seeds }: Analysis): string[] {
  const several = seeds.length > 1;
  const rows = armContrasts.flatMap(({ title, difference, test, verdict, reason }, i) => {
    if (verdict === "not tested") return [];
    const tested = several ? test : contrasts[i].test;
    const p = tested ? [tested.p.toPrecision(2), tested.holm.toPrecision(2)] : ["", ""];
    return [[title, difference.value === null ? "" : difference.value.toFixed(3), ...p, reason ?? verdict]];
  });
  if (rows.length === 0) return [];
  return [
    table(rows, ["contrast", several ? "difference of means" : "AUC difference", several ? "p" : "p (DeLong)", "p (Holm)", "verdict"]),
  ];
}
