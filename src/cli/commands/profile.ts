// striatum profile: times a network's step on this adapter, launch by launch; and, with --ablate, the effect of every pass and every family
// of kernels. Matrix products are checked before anything is timed.
import { InvalidArgumentError, Option, type Command } from "commander";
import type { Engine } from "../../engine/engine.ts";
import { profileJson, profileTable, profileTrace } from "../../engine/profile-report.ts";
import { GROUPINGS, profileSession, type Grouping } from "../../engine/profiler.ts";
import type { Plan } from "../../engine/planner.ts";
import { planFor, type SessionOptions } from "../../engine/session.ts";
import { requireTimestamps } from "../../engine/timestamps.ts";
import { networkNamed } from "../../models/index.ts";
import type { PassName } from "../../passes/index.ts";
import { ablate } from "../../train/ablation.ts";
import { MEASURED_GRAPHS, measuredGraph, openOnNoise, type MeasuredGraph } from "../../train/noise-session.ts";
import { formatAblation } from "../text/ablation.ts";
import { familiesOf, passesOption, stepOptions, whole, withEngine, type StepOptions } from "../options.ts";
import { print, say } from "../output.ts";
import { spotCheck, type SpotCheck } from "../../verify/spot-check.ts";
import { requireRight } from "../step-runner.ts";
import { openTuning, tunedBy } from "../tuning.ts";

interface ProfileOptions extends StepOptions {
  readonly passes: readonly PassName[];
  readonly graph: MeasuredGraph;
  readonly by: Grouping | "pass";
  readonly sort: "time" | "order";
  readonly top?: number;
  readonly json?: string;
  readonly trace?: string;
  readonly ablate?: boolean;
  readonly compare: number;
  readonly textbook?: boolean;
}

export function registerProfile(program: Command): void {
  const command = program.command("profile").description("time every launch of a network's step against this adapter's measured roofs");
  for (const option of stepOptions()) command.addOption(option);
  command
    .addOption(passesOption())
    .addOption(new Option("--graph <graph>", "step to profile").choices(MEASURED_GRAPHS).default("training"))
    .addOption(new Option("--by <what>", "meaning of a row; a stage is also called pass").choices([...GROUPINGS, "pass"]).default("launch"))
    .addOption(
      new Option("--sort <how>", "order of the rows: slowest first, or as the step runs").choices(["time", "order"]).default("time"),
    )
    .option("--top <n>", "rows to print before the rest is summed in one", whole(1))
    .option("--json <file>", "write all numbers, including every single time")
    .option("--trace <file>", "write a trace for ui.perfetto.dev, speedscope or chrome://tracing")
    .addOption(
      new Option("--ablate", "instead: the training step with each pass and each kernel family off in turn").conflicts(ONLY_OF_PROFILES),
    )
    .option("--compare <n>", "with --ablate: steps trained before losses and weights are compared", whole(1), 5)
    .option("--textbook", "with --ablate: also without any pass, with textbook kernels (slow)")
    .addHelpText(
      "after",
      "\nEvery launch is timed by the GPU's clock, in a compute pass of its own. A row: microseconds (median of the steps, and half the\n" +
        "interquartile range), share of the step, GFLOP/s, GB/s, and the time that the measured roofs allow as a share of the time taken.\n" +
        "An ablation times whole steps by the host's clock, in rounds (--steps) of one step of each configuration. All are in memory at once.",
    )
    .action((options: ProfileOptions, command: Command) => {
      const alone = ["compare", "textbook"].find((name) => command.getOptionValueSource(name) === "cli");
      if (alone !== undefined && !options.ablate) throw new InvalidArgumentError(`--${alone} wants --ablate.`);
      return withEngine((engine) => (options.ablate ? ablateStep : profileStep)(engine, options));
    });
}

const ONLY_OF_PROFILES = ["graph", "by", "sort", "top", "trace"];

const settingsOf = ({ net, batch, classes, width, size }: ProfileOptions) => {
  const network = networkNamed(net);
  return { network, batch, classes, width, size: size ?? network.size };
};

/** Kernels and passes as the options ask for them. */
async function sessionOptionsOf(engine: Engine, graph: MeasuredGraph, options: ProfileOptions): Promise<Omit<SessionOptions, "states">> {
  const { family, passes, math, storage } = options;
  const tuning = await openTuning(engine, [measuredGraph(graph, settingsOf(options))], options, { passes, math });
  return { ...familiesOf(family), passes, math, storage, ...tunedBy(tuning) };
}

/** Throws if a matrix product of the plan is wrong. */
async function check(engine: Engine, plan: Plan, sessionOptions: Omit<SessionOptions, "states">): Promise<SpotCheck[]> {
  const checked = await spotCheck(engine, plan, sessionOptions);
  requireRight(checked);
  say(`checked the matrix products: worst output at ${Math.max(...checked.map(({ ratio }) => ratio)).toPrecision(2)} of its bound`);
  return checked;
}

async function profileStep(engine: Engine, options: ProfileOptions): Promise<void> {
  const { graph, steps, by, sort, top, json, trace } = options;
  requireTimestamps(engine);
  const sessionOptions = await sessionOptionsOf(engine, graph, options);
  const opened = await openOnNoise(engine, graph, settingsOf(options), sessionOptions);
  try {
    const checked = await check(engine, opened.session.plan, sessionOptions);
    const measured = await profileSession(engine, opened.session, { repeats: steps });
    print(profileTable(measured, { by: by === "pass" ? "stage" : by, sort, ...(top !== undefined && { top }) }));
    if (json !== undefined) await writeJson(engine, json, options, { graph, ...profileJson(measured), checked });
    if (trace !== undefined) await engine.platform.files.write(trace, JSON.stringify(profileTrace(measured)));
  } finally {
    opened.dispose();
  }
}

async function ablateStep(engine: Engine, options: ProfileOptions): Promise<void> {
  const { steps: rounds, compare, textbook = false, json } = options;
  const settings = settingsOf(options);
  const training = { ...settings, momentum: 0.9, weightDecay: settings.network.weightDecay };
  const sessionOptions = await sessionOptionsOf(engine, "training", options);
  const checked = await check(engine, planFor(engine, measuredGraph("training", settings), sessionOptions), sessionOptions);
  const ablation = await ablate(engine, training, { ...sessionOptions, steps: compare, rounds, textbook, onProgress: say });
  print(formatAblation(ablation));
  if (json !== undefined) await writeJson(engine, json, options, { ...ablation, checked });
}

/** What was measured, on what, and how. */
async function writeJson({ platform }: Engine, file: string, options: ProfileOptions, result: object): Promise<void> {
  const { batch, classes, width, size } = settingsOf(options);
  const { net, passes, math, storage } = options;
  const what = { net, batch, classes, width, size, passes, math, storage, host: platform.host };
  await platform.files.write(file, JSON.stringify({ ...what, ...result }));
}
