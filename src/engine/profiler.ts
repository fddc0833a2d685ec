// Where a step's time goes: every launch timed by the GPU's clock over several steps, added up by layer or kernel, and compared with what this
// adapter was measured to reach. Times are milliseconds; a multiply-add is two operations; bytes are what the formula must move at least.
import type { Engine } from "./engine.ts";
import type { PlannedLaunch } from "./planner.ts";
import { rooflineOf, type Roofline } from "./roofline.ts";
import type { Session } from "./session.ts";
import { blockOf, layerOf, stagesOf, type Stage } from "./stages.ts";

export interface ProfileOptions {
  /** Steps that count. Default 10. */
  readonly repeats?: number;
  /** Steps before them: a driver may compile at the first launch. Default 2. */
  readonly warmUps?: number;
}

/** One launch of the plan with its time in every step that counted. */
export interface TimedLaunch {
  readonly planned: PlannedLaunch;
  readonly layer: string;
  readonly stage: Stage;
  /** Milliseconds [repeats] */
  readonly times: readonly number[];
}

export interface Profile {
  readonly adapter: string;
  readonly roofline: Roofline;
  readonly repeats: number;
  readonly launches: readonly TimedLaunch[];
}

/** Times a session's steps with the inputs it was last fed. Measures the adapter's roofs if that was not done yet. */
export async function profileSession(
  engine: Engine,
  session: Session,
  { repeats = 10, warmUps = 2 }: ProfileOptions = {},
): Promise<Profile> {
  if (!(Number.isInteger(repeats) && repeats >= 1)) throw new Error(`profile: repeats must be a whole number from 1, got ${repeats}`);
  const roofline = await rooflineOf(engine);
  for (let i = 0; i < warmUps; i++) await session.profile();
  const { launches, graph } = session.plan;
  const times: number[][] = launches.map(() => []);
  for (let i = 0; i < repeats; i++) {
    (await session.profile()).forEach(({ microseconds }, launch) => times[launch].push(microseconds / 1000));
  }
  const stage = stagesOf(graph);
  return {
    adapter: engine.adapterName,
    roofline,
    repeats,
    launches: launches.map((planned, i) => ({ planned, layer: layerOf(planned.node), stage: stage(planned.node), times: times[i] })),
  };
}

/** What a profile is added up by: launches alone, layers, blocks of layers ("inception_3a"), kernels with their tunables, stages of the step. */
export const GROUPINGS = ["launch", "layer", "block", "kernel", "stage"] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface ProfileRow {
  readonly name: string;
  readonly launches: number;
  /** Median over the steps of the sum of its launches. */
  readonly milliseconds: number;
  /** Half the interquartile range of those sums. */
  readonly spread: number;
  /** Share of the step's time, 0..1. */
  readonly share: number;
  readonly gflops: number;
  readonly gigabytesPerSecond: number;
  /**
   * Shortest time that the roofs allow, over the time taken: 1 is as good as this adapter gets. Above 1 where tensors stay in its caches, which are
   * faster than its memory.
   */
  readonly roof: number;
}

/** Launches that are reported as one, in the order of the step. */
export interface Group {
  readonly name: string;
  readonly members: readonly TimedLaunch[];
}

/** A profile's launches put together; a group stands where its first launch does. */
export function groupsOf({ launches }: Profile, by: Grouping): Group[] {
  const groups = new Map<string, TimedLaunch[]>();
  launches.forEach((timed, i) => {
    const key = nameOf(timed, i, by);
    const group = groups.get(key);
    if (group) group.push(timed);
    else groups.set(key, [timed]);
  });
  return [...groups].map(([name, members]) => ({ name, members }));
}

function nameOf({ layer, stage, planned: { node, shader } }: TimedLaunch, i: number, by: Grouping): string {
  if (by === "layer") return layer;
  if (by === "block") return blockOf(layer);
  if (by === "kernel") return shader.name;
  return by === "stage" ? stage : `${i} ${node.label}: ${shader.name}`;
}

/** A profile's rows in the order of the step. */
export const rowsBy = (profile: Profile, by: Grouping): ProfileRow[] => groupsOf(profile, by).map((group) => rowOf(profile, group));

/** The whole step as one row. */
export const wholeStep = (profile: Profile): ProfileRow => rowOf(profile, { name: "step", members: profile.launches });

/** Times, rates and share of the roof of some launches. */
export function rowOf({ launches, roofline }: Profile, { name, members }: Group): ProfileRow {
  const times = sumTimes(members);
  const milliseconds = median(times);
  const flops = sum(members.map(({ planned }) => planned.launch.flops));
  const bytes = sum(members.map(({ planned }) => planned.launch.bytes));
  return {
    name,
    launches: members.length,
    milliseconds,
    spread: spreadOf(times),
    share: milliseconds / median(sumTimes(launches)),
    gflops: flops / milliseconds / 1e6,
    gigabytesPerSecond: bytes / milliseconds / 1e6,
    roof: sum(members.map((member) => shortest(member, roofline))) / milliseconds,
  };
}

/** Milliseconds that a launch takes at the roofs: of its arithmetic or of its memory, whichever is longer. */
export const shortest = ({ planned: { launch } }: TimedLaunch, { gflops, gigabytesPerSecond }: Roofline): number =>
  Math.max(launch.flops / gflops, launch.bytes / gigabytesPerSecond) / 1e6;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Milliseconds of all of them, step by step. */
const sumTimes = (members: readonly TimedLaunch[]): number[] => members[0].times.map((_, i) => sum(members.map(({ times }) => times[i])));

/** The middle value; the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2;
}

/** Half the interquartile range, by linear interpolation between the sorted values: half of all runs are closer. */
export function spreadOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)];
    return below + (place - Math.floor(place)) * (sorted[Math.ceil(place)] - below);
  };
  return (at(0.75) - at(0.25)) / 2;
}
