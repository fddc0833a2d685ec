// striatum study: eight models from cases to the report, as jobs that one process does in turn or several share.
import type { Command } from "commander";
import { openNodePlatform } from "../../platform/node.ts";
import type { JobEvent, ProgressEvent } from "../../platform/progress.ts";
import { readAnalysis } from "../../study/jobs/analysis.ts";
import { secondsOf } from "../../study/estimate.ts";
import type { StudyContext } from "../../study/jobs/context.ts";
import { isDone, missingFor, runStudyJob } from "../../study/jobs/run-job.ts";
import { findJob, folderOf } from "../../study/plan.ts";
import { runStudy } from "../../study/study.ts";
import { readStudy, RESULTS, REPORT } from "../../study/study-folder.ts";
import { listenForInterruption } from "../interruption.ts";
import { EXIT, print, printJson, say } from "../output.ts";
import { openProgress } from "../progress.ts";
import { openContext } from "../study-context.ts";
import { addProtocolOptions, openStudy, outOption, type StudyOptions } from "../study-options.ts";
import { planText, resultsText, settingsText, type PlannedJob } from "../text/study.ts";

const NOTE =
  "\nSynthetic cases show that the software works, not that a model would work on patients, and no result is the paper's.\n" +
  "For research and teaching, not for diagnosis.";
const SCORE_AGAIN = ["--score-again", "score test cases again that a run has scored; the report tells"] as const;
const JSON_EVENTS = ["--json", "events as JSON Lines on stdout, then the results"] as const;

export function registerStudy(program: Command): void {
  // Options after a subcommand are the subcommand's.
  const study = program.enablePositionalOptions().command("study").enablePositionalOptions();
  addProtocolOptions(study)
    .description("train eight models, judge them on held-out cases, write the report: all of it, or job by job")
    .option(...SCORE_AGAIN)
    .option(...JSON_EVENTS)
    .addHelpText("after", NOTE)
    .action((options: StudyOptions) => act(options, all, openStudy));
  addProtocolOptions(study.command("plan"))
    .description("fix the protocol and list its jobs: what is done, what is ready, how long they may take")
    .option("--json", "the plan as JSON")
    .action(plan);
  const part = (name: string, description: string): Command =>
    study
      .command(name)
      .description(description)
      .addOption(outOption())
      .option(...JSON_EVENTS);
  part("run", "run the jobs that are not done, or one of them; several processes may do so at once")
    .option("--job <job>", "one job: its id, its name, or its place in the plan")
    .option(...SCORE_AGAIN)
    .action((options: StudyOptions & { job?: string }) => act(options, options.job === undefined ? all : one(options.job)));
  part("analyse", "compare the trained models; lists what is missing, with exit code 75").action((options: StudyOptions) =>
    act(options, one("analysis")),
  );
  part("report", "write the report of a study whose models are compared").action((options: StudyOptions) => act(options, one("report")));
}

async function plan(options: StudyOptions): Promise<void> {
  const platform = await openNodePlatform();
  const study = await openStudy(platform.files, options);
  const context = openContext(platform, study, options, new AbortController().signal);
  const jobs = await planned(context);
  if (!options.json) return print(`${settingsText(study.protocol)}\n\n${planText(study.protocol, jobs)}`);
  printJson(
    jobs.map(({ job, state }, place) => {
      const { id, name, kind, needs } = job;
      return { job: place, id, name, kind, folder: folderOf(job), needs, state, seconds: Math.round(secondsOf(study.protocol, job)) };
    }),
  );
}

const planned = (context: StudyContext): Promise<PlannedJob[]> =>
  Promise.all(
    context.plan.map(async (job): Promise<PlannedJob> => {
      if (await isDone(context, job)) return { job, state: "done" };
      return { job, state: (await missingFor(context, job)).length === 0 ? "ready" : "waiting" };
    }),
  );

type Ending = "done" | "stopped" | "try again";
type Action = (context: StudyContext) => AsyncGenerator<ProgressEvent | JobEvent, Ending>;

const all: Action = async function* (context) {
  if (context.protocol.profile === "paper") yield { kind: "note", text: planText(context.protocol, await planned(context)) };
  return (yield* runStudy(context)) ? "done" : "stopped";
};

const one = (named: string): Action =>
  async function* (context) {
    const job = findJob(context.plan, named);
    yield { kind: "job", name: job.name, job: context.plan.indexOf(job) + 1, of: context.plan.length };
    const outcome = yield* runStudyJob(job, context);
    if (outcome.kind === "cached") yield { kind: "note", text: `cached: ${job.name} is done` };
    if (outcome.kind === "taken") yield { kind: "note", text: `${job.name} is being run by another process` };
    if (outcome.kind === "waiting")
      yield { kind: "note", text: `${job.name} waits for ${outcome.missing.map(({ name }) => name).join(", ")}` };
    if (outcome.kind === "stopped") return "stopped";
    return outcome.kind === "done" || outcome.kind === "cached" ? "done" : "try again";
  };

async function act(
  options: StudyOptions,
  action: Action,
  open: typeof openStudy = (files, { out }) => readStudy(files, out),
): Promise<void> {
  const { out, json = false } = options;
  const platform = await openNodePlatform();
  const study = await open(platform.files, options);
  const interruption = listenForInterruption();
  const progress = openProgress({ json });
  const context = openContext(platform, study, options, interruption.signal);
  try {
    const events = action(context);
    let next = await events.next();
    for (; next.done !== true; next = await events.next())
      if (json || (next.value.kind !== "checkpoint" && next.value.kind !== "epoch")) progress.event(next.value);
    progress.end();
    if (next.value === "stopped") {
      process.exitCode = interruption.exitCode();
      say(`stopped; the same command goes on with ${out}`);
    } else if (next.value === "try again") process.exitCode = EXIT.tryAgain;
    else if (await platform.files.exists(`${out}/${RESULTS}`)) {
      const analysis = await readAnalysis(context, `${out}/${RESULTS}`);
      if (json) printJson(analysis);
      else
        print(
          `\n${resultsText(analysis)}\n\n${out}/${RESULTS}${(await platform.files.exists(`${out}/${REPORT}`)) ? `, ${out}/${REPORT}` : ""}`,
        );
    }
  } finally {
    progress.end();
    interruption.dispose();
    context.dispose();
  }
}
