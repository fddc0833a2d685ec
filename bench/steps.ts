// Times of training steps and scoring passes, by batch and by width: all sizes are on the device at once and run in turn, in rounds,
// so that other load affects all alike.
import { freemem } from "node:os";
import { StepRunner, trainingOptions } from "../src/cli/step-runner.ts";
import { planFor } from "../src/engine/session.ts";
import type { Plan } from "../src/engine/planner.ts";
import { scoringGraph } from "../src/train/graphs.ts";
import { trainingGraph } from "../src/train/training-graphs.ts";
import { networkConditions, settingOf, underConditions, type Bench, type Setting } from "./conditions.ts";
import { isMeasured, type MeasuredStep, type PlanFacts, type Step, type Steps } from "./results.ts";
import { interleave, rounded, timingOf } from "./statistics.ts";

/** One row of a table. */
export interface StepSize {
  readonly batch: number;
  readonly width: number;
}

const WARM_UPS = 1;
/** A training step longer than this is skipped. */
const LONGEST_STEP_MS = 60_000;
/** Share of the machine's free memory that software adapters may use; the rest is for the driver and this process. */
const SHARE_OF_FREE_MEMORY = 0.8;

/** Measures a network at all sizes, in the order given: smaller ones first. Null if it was interrupted before the first round was done. */
export async function benchSteps(bench: Bench, net: string, sizes: readonly StepSize[]): Promise<Steps | null> {
  const setting = settingOf(bench, net);
  const { conditions, result } = await underConditions(bench, async () => measureAll(bench, setting, sizes));
  if (!result.rows.some(isMeasured) && bench.signal.aborted) return null;
  return { conditions, network: networkConditions(bench, setting, result.plans), rows: result.rows };
}

interface Opened {
  readonly size: StepSize;
  readonly runner: StepRunner;
  readonly training: PlanFacts;
  readonly inference: PlanFacts;
}

async function measureAll(bench: Bench, setting: Setting, sizes: readonly StepSize[]): Promise<{ rows: Step[]; plans: Plan[] }> {
  const { say, signal, rounds } = bench;
  const name = setting.network.name;
  const opened = new Map<StepSize, Opened>();
  const skipped = new Map<StepSize, string>();
  try {
    await openAll(bench, setting, sizes, { opened, skipped });
    const all = [...opened.values()];
    const candidates = all.flatMap(({ runner }) => [{ run: () => runner.train() }, { run: () => runner.score() }]);
    const times = await interleave(candidates, {
      rounds,
      warmUps: WARM_UPS,
      signal,
      onRound: (done) => say(`${name}: round ${done} of ${rounds}`),
    });
    const measured = new Map(
      all.map((one, i) => [one.size, times[2 * i].length > 0 ? stepOf(one, times[2 * i], times[2 * i + 1]) : null] as const),
    );
    const rows = sizes.flatMap((size): Step[] => {
      const why = skipped.get(size);
      const row = why === undefined ? measured.get(size) : { ...size, skipped: why };
      return row ? [row] : [];
    });
    return { rows, plans: all.map(({ runner }) => runner.plan) };
  } finally {
    for (const { runner } of opened.values()) runner.dispose();
  }
}

/** Opens, warms up and checks every size that fits; records the reason for the others. */
async function openAll(
  { engine, sessionOptions, say, signal }: Bench,
  setting: Setting,
  sizes: readonly StepSize[],
  { opened, skipped }: { readonly opened: Map<StepSize, Opened>; readonly skipped: Map<StepSize, string> },
): Promise<void> {
  const known = new Set<string>();
  const skip = (size: StepSize, why: string): void => {
    skipped.set(size, why);
    say(`${nameOf(setting, size)}: skipped: ${why}`);
  };
  let msPerImage = 0;
  for (const size of sizes) {
    if (signal.aborted) return;
    const settings = { ...setting, ...size };
    const expectedMs = msPerImage * size.batch;
    if (expectedMs > LONGEST_STEP_MS) {
      skip(size, `a training step would take about ${Math.round(expectedMs / 1000)} s`);
      continue;
    }
    let runner: StepRunner;
    let inference: PlanFacts;
    try {
      const training = planFor(engine, trainingGraph(trainingOptions(settings)).graph, sessionOptions);
      const scoring = planFor(engine, scoringGraph(settings).graph, sessionOptions);
      inference = planFacts(scoring);
      const roomBytes = engine.target.cpu ? freemem() * SHARE_OF_FREE_MEMORY : Infinity;
      if (training.peakBytes > roomBytes) {
        skip(size, `needs ${megabytes(training.peakBytes)}, but only ${megabytes(roomBytes)} are available`);
        continue;
      }
      runner = await StepRunner.open(engine, settings, sessionOptions);
    } catch (error) {
      skip(size, error instanceof Error ? error.message : String(error));
      continue;
    }
    opened.set(size, { size, runner, training: planFacts(runner.plan), inference });
    await runner.train();
    const checks = await runner.check(known);
    const stepMs = await runner.train();
    await runner.score();
    msPerImage = stepMs / size.batch;
    const worst = checks.length > 0 ? `, worst at ${Math.max(...checks.map(({ ratio }) => ratio)).toFixed(2)} of its bound` : "";
    say(`${nameOf(setting, size)}: a step takes about ${Math.round(stepMs)} ms; new matrix products checked: ${checks.length}${worst}`);
  }
}

const nameOf = ({ network }: Setting, { batch, width }: StepSize): string => `${network.name}, batch ${batch}, width ${width}`;
const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;

function planFacts({ peakBytes, boundBytes, launches }: Plan): PlanFacts {
  const flops = launches.reduce((sum, { launch }) => sum + launch.flops, 0);
  const pipelines = new Set(launches.map(({ shader }) => shader)).size;
  return { peakBytes, boundBytes, launches: launches.length, pipelines, gflop: rounded(flops / 1e9) };
}

function stepOf({ size, training, inference }: Opened, trainMs: readonly number[], inferMs: readonly number[]): MeasuredStep {
  const train = timingOf(trainMs);
  const infer = timingOf(inferMs);
  const perSecond = (ms: number): number => rounded((1000 * size.batch) / ms);
  return {
    ...size,
    training,
    inference,
    train,
    infer,
    imagesPerSecond: { train: perSecond(train.median), infer: perSecond(infer.median) },
  };
}
