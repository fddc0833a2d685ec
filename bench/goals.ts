// The goals for speed and the measured values, for every goal that an adapter's results cover.
import { ALL_PASSES, isMeasured, type Results, type Start, type Step } from "./results.ts";
import { figure, mebibytes, percent, seconds, titleOf } from "./markdown.ts";
import { rowOf } from "./peers/results.ts";
import { median } from "../src/engine/profiler.ts";
import { ratioByRound } from "./statistics.ts";

export interface Goal {
  readonly what: string;
  readonly goal: string;
  readonly measured: string;
  readonly met: boolean;
}

type Measured = Extract<Step, { train: unknown }>;

/** Milliseconds at batch 4, on a software adapter with 2 cores. */
const SOFTWARE_MS: Readonly<Record<string, { readonly infer: number; readonly train: number }>> = {
  alexnet: { infer: 200, train: 800 },
  googlenet: { infer: 400, train: 1400 },
};
const LAUNCHES: Readonly<Record<string, number>> = { alexnet: 60, googlenet: 220 };
const FIRST_STEP_MS = { empty: 10_000, warm: 3000 } as const;
const CONVOLUTION = { gflops: 45, shareOfPeak: 0.2 } as const;
const PEAK_OVER_BOUND = 1.15;
/** Noise of the ratio of two medians of a few rounds. */
const NOISE = 0.05;
const FOR_NOISE = `, ${percent(NOISE)} for noise`;

/** Times of the peer over ours. */
const PEERS: readonly { readonly peer: string; readonly what: string; readonly ratio: number }[] = [
  { peer: "tfjs-webgpu", what: "training", ratio: 30 },
  { peer: "ort-webgpu", what: "inference", ratio: 6 },
  { peer: "ort-cpu", what: "inference", ratio: 1 / 3 },
];

/** Goals are for the papers' full width: others are omitted. */
export function goalsOf(results: Results): Goal[] {
  return [...stepGoals(results), ...batchGoals(results), ...convolutionGoals(results), ...coldGoals(results), ...peerGoals(results)];
}

const fullSteps = ({ steps = {} }: Results): [string, Measured[]][] =>
  Object.entries(steps).map(([net, { rows }]) => [net, rows.filter(isMeasured).filter(({ width }) => width === 1)]);

function stepGoals(results: Results): Goal[] {
  return fullSteps(results).flatMap(([net, rows]) => {
    const four = rows.find(({ batch }) => batch === 4);
    if (!four) return [];
    const most = results.adapter?.architecture === "software" ? SOFTWARE_MS[net] : undefined;
    const atMost = (what: string, goal: number, measured: number, unit: string): Goal => ({
      what: `${titleOf(net)}, batch 4: ${what}`,
      goal: `<= ${goal}${unit}`,
      measured: `${figure(measured)}${unit}`,
      met: measured <= goal,
    });
    return [
      ...(most
        ? [atMost("inference", most.infer, four.infer.median, " ms"), atMost("training step", most.train, four.train.median, " ms")]
        : []),
      ...(net in LAUNCHES ? [atMost("launches per training step", LAUNCHES[net], four.training.launches, "")] : []),
    ];
  });
}

/** How the time of a step grows from one row to the next over how the batch does: at most 1 is what is asked. */
export const growthFrom = (before: Measured, after: Measured, what: "train" | "infer"): number =>
  ratioByRound(after[what].times, before[what].times) / (after.batch / before.batch);

function batchGoals(results: Results): Goal[] {
  return fullSteps(results).flatMap(([net, rows]) => {
    const goals: Goal[] = [];
    const growths = rows.slice(1).map((row, i) => growthFrom(rows[i], row, "train"));
    if (growths.length > 0)
      goals.push({
        what: `${titleOf(net)}: time of a training step does not grow faster than the batch`,
        goal: `<= 1 from row to row${FOR_NOISE}`,
        measured: growths.map((growth) => growth.toFixed(2)).join(", "),
        met: growths.every((growth) => growth <= 1 + NOISE),
      });
    const [four, sixteen] = [4, 16].map((wanted) => rows.find(({ batch }) => batch === wanted));
    if (four && sixteen) {
      const ratio = 1 / growthFrom(four, sixteen, "train");
      goals.push({
        what: `${titleOf(net)}: images/s at batch 16 over batch 4`,
        goal: `>= 1${FOR_NOISE}`,
        measured: ratio.toFixed(2),
        met: ratio >= 1 - NOISE,
      });
    }
    if (rows.length > 0) {
      const worst = Math.max(...rows.map(({ training }) => training.peakBytes / training.boundBytes));
      goals.push({
        what: `${titleOf(net)}: memory over its bound, worst batch`,
        goal: `<= ${PEAK_OVER_BOUND}`,
        measured: worst.toFixed(3),
        met: worst <= PEAK_OVER_BOUND,
      });
    }
    const most = rows.find(({ batch }) => batch === 32);
    if (net === "googlenet" && most) {
      const { peakBytes } = most.training;
      goals.push({
        what: `${titleOf(net)}, batch 32: GPU memory`,
        goal: "< 2048 MiB",
        measured: `${mebibytes(peakBytes)} MiB`,
        met: peakBytes < 2 ** 31,
      });
    }
    return goals;
  });
}

function convolutionGoals({ kernels = {} }: Results): Goal[] {
  return Object.entries(kernels)
    .filter(([, { network }]) => network.width === 1)
    .flatMap(([net, { convolutions }]) =>
      convolutions
        .filter(({ filter, stage }) => filter === "3x3" && stage !== ALL_PASSES)
        .map(({ stage, gflops, shareOfPeak }) => ({
          what: `${titleOf(net)}: 3x3 convolutions, ${stage}`,
          goal: `>= ${CONVOLUTION.gflops} GFLOPS or ${percent(CONVOLUTION.shareOfPeak)} of the measured peak`,
          measured: `${figure(gflops)} GFLOPS, ${percent(shareOfPeak)}`,
          met: gflops >= CONVOLUTION.gflops || shareOfPeak >= CONVOLUTION.shareOfPeak,
        })),
    );
}

function coldGoals({ cold = {} }: Results): Goal[] {
  return Object.entries(cold)
    .filter(([, { network }]) => network.width === 1)
    .flatMap(([net, { starts }]) =>
      (["empty", "warm"] as const).flatMap((driverCache) => {
        const ms = firstSteps(starts, driverCache);
        if (ms === null) return [];
        const most = FIRST_STEP_MS[driverCache];
        return [
          {
            what: `${titleOf(net)}: first training step, driver cache ${driverCache}`,
            goal: `<= ${seconds(most)} s`,
            measured: `${seconds(ms)} s`,
            met: ms <= most,
          },
        ];
      }),
    );
}

function firstSteps(starts: readonly Start[], wanted: Start["driverCache"]): number | null {
  const times = starts.filter(({ driverCache }) => driverCache === wanted).map(({ firstStepMs }) => firstStepMs);
  return times.length > 0 ? median(times) : null;
}

function peerGoals({ peers }: Results): Goal[] {
  return (peers?.networks ?? []).flatMap(({ net, comparisons }) =>
    PEERS.flatMap(({ peer, what, ratio }) => {
      const row = comparisons
        .filter((comparison) => comparison.peer === peer && comparison.what === what)
        .map((comparison) => rowOf(net, comparison))[0];
      if (!row) return [];
      return [
        {
          what: `${titleOf(net)}: ${what}, time of ${peer} over ours`,
          goal: `>= ${figure(ratio)}`,
          measured: figure(row.ratio),
          met: row.ratio >= ratio,
        },
      ];
    }),
  );
}
