// striatum bench: how long a network's steps take on this adapter. The results are checked before anything is timed. Times are milliseconds.
import { cpus } from "node:os";
import { Option, type Command } from "commander";
import type { Engine } from "../engine/engine.ts";
import { profileJson, profileTable } from "../engine/profile-report.ts";
import { median, profileSession } from "../engine/profiler.ts";
import type { Family } from "../kernels/kernel.ts";
import { networkNamed } from "../models/index.ts";
import { meanShape, storedSize } from "../train/graphs.ts";
import { Trainer } from "../train/trainer.ts";
import { sizeOf } from "../tensor/shape.ts";
import { noiseBatch } from "../train/noise-batch.ts";
import { familiesOf, kernelsOption, netOption, share, whole, withEngine } from "./options.ts";
import { printJson, say } from "./output.ts";
import { spotCheck, type SpotCheck } from "./spot-check.ts";

interface StepOptions {
  readonly net: string;
  readonly batch: number;
  readonly steps: number;
  readonly classes: number;
  readonly width: number;
  readonly size?: number;
  readonly kernels?: Family;
  readonly profile?: boolean;
}

export function registerBench(program: Command): void {
  program
    .command("bench")
    .description("measure, after checking that what is measured is right")
    .command("step")
    .description("one training step and one scoring pass of a network, on seeded noise; JSON on stdout")
    .addOption(netOption())
    .option("--batch <n>", "images a step", whole(1), 4)
    .option("--steps <n>", "steps that count, after two to warm up", whole(1), 10)
    .option("--classes <n>", "classes", whole(2), 1000)
    .option("--width <share>", "share of the paper's channels: 1, 1/2, 1/4 ...", share, 1)
    .option("--size <pixels>", "side of the network's input (default: the paper's)", whole(32))
    .addOption(kernelsOption())
    .option("--profile", "also time every launch of the training step, against the adapter's measured roofs")
    .addOption(new Option("--json", "what is printed anyway").hideHelp())
    .addHelpText(
      "after",
      "\nfirstStepMs runs from opening the session to the end of the first training step: plan, compile, fill, run. Drivers may keep compiled\n" +
        "code on disk between processes (Mesa does: MESA_SHADER_CACHE_DISABLE=true tells what a new machine would take).",
    )
    .action((options: StepOptions) => withEngine((engine) => benchStep(engine, options)));
}

const WARM_UPS = 2;
const SEED = 1;
/** Small enough that ten steps on noise go nowhere; the time of a step does not depend on it. */
const RATE = 1e-4;

async function benchStep(engine: Engine, options: StepOptions): Promise<void> {
  const { net, batch: images, steps, classes, width, kernels } = options;
  const network = networkNamed(net);
  const size = options.size ?? network.size;
  const sessionOptions = familiesOf(kernels);
  const now = (): number => engine.platform.now();
  const batch = noiseBatch({ seed: SEED, images, stored: storedSize(network, size), classes });

  const start = now();
  const settings = { network, classes, width, size, batch: images, momentum: 0.9, weightDecay: network.weightDecay };
  const trainer = await Trainer.open(engine, settings, sessionOptions);
  try {
    const opened = now();
    trainer.setMean(new Float32Array(sizeOf(meanShape(network, storedSize(network, size)))).fill(127.5));
    await trainer.start(SEED);
    const filled = now();
    const losses: number[] = [];
    const train = async (step: number): Promise<number> => {
      trainer.setSums({ loss: 0, correct: 0 });
      const before = now();
      trainer.train(batch, { seed: SEED, step, rate: RATE });
      await trainer.idle();
      const took = now() - before;
      losses.push(finite((await trainer.sums()).loss, step));
      return took;
    };
    const runMs = await train(0);
    const firstStepMs = opened - start + (filled - opened) + runMs;
    say(`first step after ${Math.round(firstStepMs)} ms`);

    const { plan } = trainer.step;
    const checked = await spotCheck(engine, plan, sessionOptions);
    requireRight(checked);
    say(`checked the matrix products: worst output at ${Math.max(...checked.map(({ ratio }) => ratio)).toPrecision(2)} of its bound`);

    const before = processorTimes();
    const trainTimesMs = await timed(steps, (i) => train(1 + i));
    const inferTimesMs = await timed(steps, async () => {
      const before = now();
      const p = await trainer.score(batch);
      const took = now() - before;
      requireProbabilities(p, classes);
      return took;
    });
    const takenByOthers = shareOfOthers(before, processorTimes());
    if (takenByOthers > 0.1)
      say(
        `other processes took ${Math.round(100 * takenByOthers)} % of the processors meanwhile: on a software adapter these times are too long`,
      );
    const trainMs = median(trainTimesMs);
    const inferMs = median(inferTimesMs);
    const profile = options.profile ? await profileSession(engine, trainer.step, { repeats: steps }) : null;
    if (profile) say(profileTable(profile, { by: "kernel" }));
    printJson({
      net,
      batch: images,
      classes,
      width,
      size,
      kernels: [...new Set(plan.launches.map(({ family }) => family))],
      adapter: engine.adapterName,
      host: engine.platform.host,
      processor: { model: cpus()[0]?.model ?? "unknown", cores: cpus().length, takenByOthers },
      inferMs,
      trainMs,
      firstStepMs,
      imagesPerSecond: { infer: (1000 * images) / inferMs, train: (1000 * images) / trainMs },
      peakBytes: plan.peakBytes,
      boundBytes: plan.boundBytes,
      dispatches: plan.launches.length,
      pipelines: new Set(plan.launches.map(({ shader }) => shader)).size,
      inferMinMs: Math.min(...inferTimesMs),
      trainMinMs: Math.min(...trainTimesMs),
      inferTimesMs,
      trainTimesMs,
      firstStep: { openMs: opened - start, fillMs: filled - opened, runMs },
      losses,
      checked,
      ...(profile && { profile: profileJson(profile) }),
    });
  } finally {
    trainer.dispose();
  }
}

/** Times of `count` runs that count, after some that do not. */
async function timed(count: number, run: (i: number) => Promise<number>): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < WARM_UPS + count; i++) times.push(await run(i));
  return times.slice(WARM_UPS);
}

interface ProcessorTimes {
  /** All processors together, and what this process used of them. */
  readonly busyMs: number;
  readonly totalMs: number;
  readonly ownMs: number;
}

function processorTimes(): ProcessorTimes {
  const all = cpus().map(({ times }) => times);
  const idleMs = all.reduce((sum, { idle }) => sum + idle, 0);
  const totalMs = all.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  const { user, system } = process.cpuUsage();
  return { busyMs: totalMs - idleMs, totalMs, ownMs: (user + system) / 1000 };
}

/** 0 on a quiet machine. */
function shareOfOthers(from: ProcessorTimes, to: ProcessorTimes): number {
  const others = to.busyMs - from.busyMs - (to.ownMs - from.ownMs);
  return Math.max(0, others) / Math.max(1, to.totalMs - from.totalMs);
}

function finite(loss: number, step: number): number {
  if (!Number.isFinite(loss)) throw new Error(`the loss of step ${step} is ${loss}: this adapter computes wrongly; run  striatum verify`);
  return loss;
}

function requireRight(checks: readonly SpotCheck[]): void {
  const wrong = checks.filter(({ ratio }) => !(ratio <= 1));
  if (wrong.length === 0) return;
  const told = wrong.map(
    ({ layer, op, kernels, ratio }) => `\n  ${op} "${layer}" by ${kernels.join(", ")}: ${ratio.toPrecision(3)} of its bound`,
  );
  throw new Error(`nothing is timed, because results are wrong:${told.join("")}\nrun  striatum verify  for every kernel's error`);
}

function requireProbabilities(p: Float32Array, classes: number): void {
  for (let row = 0; row < p.length; row += classes) {
    const sum = p.subarray(row, row + classes).reduce((a, b) => a + b, 0);
    if (!(Math.abs(sum - 1) < 1e-4)) throw new Error(`the probabilities of image ${row / classes} add up to ${sum}: run  striatum verify`);
  }
}
