// striatum bench: how long a network's steps take on this adapter. The results are checked before anything is timed. Times are milliseconds.
import { cpus } from "node:os";
import { Option, type Command } from "commander";
import type { Engine } from "../../engine/engine.ts";
import { profileJson, profileTable } from "../../engine/profile-report.ts";
import { median, profileSession } from "../../engine/profiler.ts";
import { networkNamed } from "../../models/index.ts";
import { scoringGraph } from "../../train/graphs.ts";
import { trainingGraph } from "../../train/training-graphs.ts";
import { familiesOf, stepOptions, withEngine, type StepOptions } from "../options.ts";
import { printJson, say } from "../output.ts";
import { processorTimes, shareOfOthers } from "../host/processor.ts";
import { StepRunner, trainingOptions } from "../step-runner.ts";
import { openTuning, tunedBy } from "../tuning.ts";

interface BenchStepOptions extends StepOptions {
  readonly profile?: boolean;
}

export function registerBench(program: Command): void {
  const command = program
    .command("bench")
    .description("check the results, then measure")
    .command("step")
    .description("one training step and one scoring pass of a network, on seeded noise; JSON on stdout");
  for (const option of stepOptions()) command.addOption(option);
  command
    .option("--profile", "also time every launch of the training step, against the adapter's measured roofs")
    .addOption(new Option("--json", "what is printed anyway").hideHelp())
    .addHelpText(
      "after",
      "\nfirstStepMs runs from opening the session to the end of the first training step: plan, compile, fill, run. Drivers may cache compiled\n" +
        "code on disk between processes. Mesa does; MESA_SHADER_CACHE_DISABLE=true measures a first run.",
    )
    .action((options: BenchStepOptions) => withEngine((engine) => benchStep(engine, options)));
}

const WARM_UPS = 2;

async function benchStep(engine: Engine, options: BenchStepOptions): Promise<void> {
  const { net, batch, steps, classes, width, family, math, storage } = options;
  const network = networkNamed(net);
  const size = options.size ?? network.size;
  const settings = { network, classes, width, size, batch };
  const graphs = [trainingGraph(trainingOptions(settings)).graph, scoringGraph(settings).graph];
  const tuning = await openTuning(engine, graphs, options, { math });
  const runner = await StepRunner.open(engine, settings, { ...familiesOf(family), math, storage, ...tunedBy(tuning) });
  try {
    const { openMs, fillMs, losses, plan } = runner;
    const runMs = await runner.train();
    const firstStepMs = openMs + fillMs + runMs;
    say(`first step after ${Math.round(firstStepMs)} ms`);

    const checked = await runner.check();
    say(`checked the matrix products: worst output at ${Math.max(...checked.map(({ ratio }) => ratio)).toPrecision(2)} of its bound`);

    const before = processorTimes();
    const trainTimesMs = await timed(steps, () => runner.train());
    const inferTimesMs = await timed(steps, () => runner.score());
    const takenByOthers = shareOfOthers(before, processorTimes());
    if (takenByOthers > 0.1)
      say(
        `other processes used ${Math.round(100 * takenByOthers)} % of the processors meanwhile: on a software adapter these times are too long`,
      );
    const trainMs = median(trainTimesMs);
    const inferMs = median(inferTimesMs);
    const profile = options.profile ? await profileSession(engine, runner.trainer.step, { repeats: steps }) : null;
    if (profile) say(profileTable(profile, { by: "kernel" }));
    printJson({
      net,
      batch,
      classes,
      width,
      size,
      storage,
      tuning: tuning?.hash ?? null,
      kernels: [...new Set(plan.launches.map(({ family }) => family))],
      adapter: engine.adapterName,
      host: engine.platform.host,
      processor: { model: cpus()[0]?.model ?? "unknown", cores: cpus().length, takenByOthers },
      inferMs,
      trainMs,
      firstStepMs,
      imagesPerSecond: { infer: (1000 * batch) / inferMs, train: (1000 * batch) / trainMs },
      peakBytes: plan.peakBytes,
      boundBytes: plan.boundBytes,
      dispatches: plan.launches.length,
      pipelines: new Set(plan.launches.map(({ shader }) => shader)).size,
      inferMinMs: Math.min(...inferTimesMs),
      trainMinMs: Math.min(...trainTimesMs),
      inferTimesMs,
      trainTimesMs,
      firstStep: { openMs, fillMs, runMs },
      losses,
      checked,
      ...(profile && { profile: profileJson(profile) }),
    });
  } finally {
    runner.dispose();
  }
}

/** Times of `count` runs after some warm-up runs. */
async function timed(count: number, run: () => Promise<number>): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < WARM_UPS + count; i++) times.push(await run());
  return times.slice(WARM_UPS);
}
