// striatum study: eight models from cases to the report, as jobs that one process does in turn or several share.
import { availableParallelism } from "node:os";
import { Option, type Command } from "commander";
import { openEngine } from "../../engine/engine.ts";
import { openNodePlatform } from "../../platform/node.ts";
import type { AnyEvent } from "../../platform/progress.ts";
import { readAnalysis } from "../../study/jobs/analysis.ts";
import { StudyClock } from "../../study/clock.ts";
import { secondsOf } from "../../study/estimate.ts";
import { findingOf } from "../../study/finding.ts";
import type { StudyContext } from "../../study/jobs/context.ts";
import { isDone, missingFor } from "../../study/jobs/run-job.ts";
import { findJob, folderOf } from "../../study/plan.ts";
import { runJobOfStudy, runStudy, type RunningContext } from "../../study/study.ts";
import { readStudy, RESULTS, REPORT } from "../../study/study-folder.ts";
import { runProcesses } from "../host/study-processes.ts";
import { listenForInterruption } from "../interruption.ts";
import { whole } from "../options.ts";
import { EXIT, print, printJson, say } from "../output.ts";
import { openProgress } from "../progress.ts";
import { openContext } from "../study-context.ts";
import { addProtocolOptions, openStudy, outOption, type StudyOptions } from "../study-options.ts";
import { planText, resultsText, settingsText, type PlannedJob } from "../text/study.ts";

const NOTE =
  "\nSynthetic cases show that the software works, not that a model would work on patients; the results are not the paper's.\n" +
  "For research and teaching, not for diagnosis.";
const SCORE_AGAIN = ["--score-again", "score test cases again that a run has scored already; the report says so"] as const;
const JOBS = [
  "--jobs <n>",
  "processes that share the jobs; results do not depend on it (default: one per core where the adapter is a processor, else 1)",
  whole(1),
] as const;
const JSON_EVENTS = ["--json", "events as JSON Lines on stdout, then the results"] as const;

export function registerStudy(program: Command): void {
  // Options after a subcommand are the subcommand's.
  const study = program.enablePositionalOptions().command("study").enablePositionalOptions();
  addProtocolOptions(study)
    .description("train eight models, evaluate them on held-out cases, write the report: all at once, or job by job")
    .option(...SCORE_AGAIN)
    .option(...JSON_EVENTS)
    .addHelpText("after", NOTE)
    .option(...JOBS)
    .action((options: StudyOptions) => act(options, all(options), { open: openStudy }));
  addProtocolOptions(study.command("plan"))
    .description("fix the protocol and list its jobs with their states and estimated times")
    .option("--json", "the plan as JSON")
    .action(plan);
  const part = (name: string, description: string): Command =>
    study
      .command(name)
      .description(description)
      .addOption(outOption())
      .option(...JSON_EVENTS);
  part("run", "run the open jobs, or one of them; several processes may do so at once")
    .option("--job <job>", "one job: its id, its name, or its index in the plan")
    .option(...SCORE_AGAIN)
    .option(...JOBS)
    .addOption(new Option("--end-with-stdin", "stop, as SIGTERM does, when stdin ends: for a process that another one started").hideHelp())
    .action((options: StudyOptions & { job?: string }) =>
      options.job === undefined ? act(options, all(options)) : act(options, one(options.job), { wait: true }),
    );
  part("analyse", "compare the trained models; if some are missing, list them and exit with 75").action((options: StudyOptions) =>
    act(options, one("analysis"), { wait: true }),
  );
  part("report", "write the report of a study whose models are compared").action((options: StudyOptions) =>
    act(options, one("report"), { wait: true }),
  );
}

async function plan(options: StudyOptions): Promise<void> {
  const platform = await openNodePlatform();
  const study = await openStudy(platform, options);
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
type Action = (context: RunningContext) => AsyncGenerator<AnyEvent, Ending>;

/** Every job that is not done, in as many processes as asked for. A person sees one line for the whole study, JSON Lines hold every job's events. */
const all = ({ jobs, json = false, endWithStdin: shared = false }: StudyOptions): Action =>
  async function* (context) {
    const { protocol, out, scoreAgain, signal, platform } = context;
    const known = await planned(context);
    if (protocol.profile !== "quick" && !shared) yield { kind: "note", text: planText(protocol, known) };
    const clock = new StudyClock(
      known.map(({ job, state }) => ({ name: job.name, seconds: secondsOf(protocol, job), done: state === "done" })),
      platform.now(),
    );
    const trainings = known.filter(({ job, state }) => state !== "done" && (job.kind === "train" || job.kind === "pretrain")).length;
    const count = Math.min(jobs ?? (await usualProcesses(context)), Math.max(1, trainings));
    if (count === 1) {
      const events = runStudy(context, { shared });
      for (;;) {
        const { done, value } = await events.next();
        if (done === true) return value ? "done" : "stopped";
        clock.event(0, value);
        if (json || value.kind === "note") yield value;
        else yield clock.status(platform.now());
      }
    }
    const events = runProcesses({ out, count, scoreAgain, signal });
    for (;;) {
      const { done, value } = await events.next();
      if (done === true) return value ? "done" : "stopped";
      clock.event(value.from, value.event);
      if (json || value.event.kind === "note") yield value.event;
      else yield clock.status(platform.now());
    }
  };

/** One on a GPU, which one process keeps busy; on an adapter that is a processor, one for each core. */
async function usualProcesses({ platform }: StudyContext): Promise<number> {
  const engine = await openEngine(platform);
  const { cpu } = engine.target;
  engine.dispose();
  return cpu ? availableParallelism() : 1;
}

const one = (named: string): Action =>
  async function* (context) {
    const job = findJob(context.plan, named);
    const outcome = yield* runJobOfStudy(job, context);
    if (outcome.kind === "cached") yield { kind: "note", text: `cached: ${job.name} is done` };
    if (outcome.kind === "taken") yield { kind: "note", text: context.takenText(job.name) };
    if (outcome.kind === "waiting")
      yield { kind: "note", text: `${job.name} waits for ${outcome.missing.map(({ name }) => name).join(", ")}` };
    if (outcome.kind === "stopped") return "stopped";
    return outcome.kind === "done" || outcome.kind === "cached" ? "done" : "try again";
  };

async function act(
  options: StudyOptions,
  action: Action,
  {
    open = ({ files }, { out }) => readStudy(files, out),
    wait = false,
  }: { readonly open?: typeof openStudy; readonly wait?: boolean } = {},
): Promise<void> {
  const { out, json = false } = options;
  const platform = await openNodePlatform();
  const study = await open(platform, options);
  const interruption = listenForInterruption();
  if (options.endWithStdin) {
    // The event loop may end before the stream does.
    process.stdin.on("end", () => process.emit("SIGTERM")).resume();
    if ("unref" in process.stdin) process.stdin.unref();
  }
  const progress = openProgress({ json });
  const context = openContext(platform, study, { ...options, wait }, interruption.signal);
  try {
    const events = action(context);
    let next = await events.next();
    for (; next.done !== true; next = await events.next())
      if (json || (next.value.kind !== "checkpoint" && next.value.kind !== "epoch")) progress.event(next.value);
    progress.end();
    if (next.value === "stopped") {
      process.exitCode = interruption.exitCode() || EXIT.tryAgain;
      say(`stopped; run the same command to resume ${out}`);
    } else if (next.value === "try again") process.exitCode = EXIT.tryAgain;
    else if (await platform.files.exists(`${out}/${RESULTS}`)) {
      const analysis = await readAnalysis(context, `${out}/${RESULTS}`);
      if (json) printJson(analysis);
      else
        print(
          `\n${resultsText(analysis, findingOf(study.protocol))}\n\n${out}/${RESULTS}${(await platform.files.exists(`${out}/${REPORT}`)) ? `, ${out}/${REPORT}` : ""}`,
        );
    }
  } finally {
    progress.end();
    interruption.dispose();
    await context.dispose();
  }
}
