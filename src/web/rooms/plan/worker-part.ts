// The worker part of Plan: how a scoring pass is computed, with passes left out or another kernel family, how long its launches take, and what it changes in the
// numbers.
import type { KernelFamily } from "striatum";
import type { ArenaValue, LaunchInfo, LaunchStage, PlanInfo, PlanPass, Variant } from "striatum/inspect";
import type { Choice, Lab, OpenNetwork } from "../../worker/lab.ts";

/** What is other than in the plan that the library makes. */
export interface Settings {
  readonly without: readonly PlanPass[];
  /** Null for the device's own choice. */
  readonly family: KernelFamily | null;
}

/** A launch as the room shows it. */
export interface Launch {
  readonly id: string;
  readonly block: string;
  readonly layer: string;
  readonly stage: LaunchStage;
  readonly op: string;
  readonly family: string;
  readonly kernel: string;
  readonly workgroups: readonly number[];
  readonly flops: number;
  /** Bytes that it must move at least. */
  readonly bytes: number;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}

/** A plan as the room shows it. */
export interface Plan {
  readonly launches: readonly Launch[];
  readonly arenas: readonly number[];
  readonly values: readonly ArenaValue[];
  readonly peakBytes: number;
  readonly boundBytes: number;
}

/** What a plan did when it ran. */
export interface Measured {
  /** Milliseconds of each launch; null where the device has no timestamps, or they are all 0. */
  readonly launches: readonly number[] | null;
  /** Milliseconds of a pass: the sum of the launches, or by the clock. */
  readonly pass: number;
  /** Largest difference of a class's probability from the plan that the library makes. */
  readonly difference: number;
}

const REPEATS = 5;
/** Ends what is being timed for a room that was left. */
let leaving = new AbortController();

/** Stops what runs once the launches that were submitted are done. */
export function close(): void {
  leaving.abort();
  leaving = new AbortController();
}

/** A plan, without running anything. */
export async function plan(lab: Lab, choice: Choice, settings: Settings): Promise<Plan> {
  const { scope } = await lab.network(choice);
  if (isDefault(settings)) return shown(scope.plan());
  using variant = await lab.working("planning", () => opened(scope, settings));
  return shown(variant.plan);
}

/** Runs a plan and the library's own on a picture, and times the launches where the device can. Null where the room was left meanwhile. */
export async function measure(lab: Lab, choice: Choice, picture: string, settings: Settings): Promise<Measured | null> {
  const { signal } = leaving;
  const { scope } = await lab.network(choice);
  const device = await lab.device();
  const { pixels } = lab.picture(picture);
  const { features } = await device.describe();
  return lab.working("timing launches", async () => {
    using variant = await opened(scope, settings);
    const probabilities = await variant.run(pixels);
    if (signal.aborted) return null;
    const difference = isDefault(settings) ? 0 : largestDifference(probabilities, await usual(scope, pixels));
    if (signal.aborted) return null;
    const launches = features.includes("timestamp-query") ? await medians(variant, device.isSoftware ? 1 : REPEATS, signal) : null;
    if (signal.aborted) return null;
    if (launches?.some((milliseconds) => milliseconds > 0))
      return { launches, pass: launches.reduce((sum, milliseconds) => sum + milliseconds, 0), difference };
    const start = performance.now();
    await variant.run(pixels);
    return { launches: null, pass: performance.now() - start, difference };
  });
}

const isDefault = ({ without, family }: Settings): boolean => without.length === 0 && family === null;

const opened = (scope: OpenNetwork["scope"], { without, family }: Settings): Promise<Variant> =>
  scope.variant({ without, ...(family && { kernels: family }) });

/** Probabilities by the plan that the library makes. */
async function usual(scope: OpenNetwork["scope"], pixels: Parameters<Variant["run"]>[0]): Promise<Float32Array> {
  using variant = await scope.variant();
  const probabilities = await variant.run(pixels); // before it is disposed of
  return probabilities;
}

const largestDifference = (a: Float32Array, b: Float32Array): number => Math.max(...a.map((value, i) => Math.abs(value - b[i])));

/** Median milliseconds of each launch; of fewer passes once the signal is aborted. */
async function medians(variant: Variant, repeats: number, signal: AbortSignal): Promise<number[]> {
  const passes: number[][] = [];
  while (passes.length < repeats && !(signal.aborted && passes.length > 0))
    passes.push((await variant.times()).map(({ milliseconds: [taken] }) => taken));
  return passes[0].map((_, launch) => passes.map((pass) => pass[launch]).toSorted((a, b) => a - b)[Math.floor(passes.length / 2)]);
}

const shown = ({ launches, arenas, values, peakBytes, boundBytes }: PlanInfo): Plan => ({
  launches: launches.map(launchOf),
  arenas,
  values,
  peakBytes,
  boundBytes,
});

function launchOf({ id, block, layer, stage, op, family, kernel, workgroups, flops, leastBytes: bytes, bindings }: LaunchInfo): Launch {
  const names = (of: string): string[] => [
    ...new Set(bindings.flatMap(({ access, value }) => (access === of && value !== null ? [value] : []))),
  ];
  return {
    id,
    block,
    layer,
    stage,
    op,
    family,
    kernel: kernel.name,
    workgroups,
    flops,
    bytes,
    reads: names("read"),
    writes: names("read_write"),
  };
}
