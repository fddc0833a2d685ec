// Where a step's time goes: every launch timed by the GPU's clock over several steps, added up by layer or kernel, and held against what this
// adapter was measured to reach. Times are milliseconds; a multiply-add is two operations; bytes are what the formula must move at least.
import { overwrites, type Graph, type Node } from "../graph/graph.ts";
import type { Engine } from "./engine.ts";
import type { PlannedLaunch } from "./planner.ts";
import { rooflineOf, type Roofline } from "./roofline.ts";
import type { Session } from "./session.ts";

export interface ProfileOptions {
  /** Steps that count. Default 10. */
  readonly repeats?: number;
  /** Steps before them: a driver may compile at the first launch. Default 2. */
  readonly warmUps?: number;
}

/** Part of a training step that a launch belongs to; scoring has but the first. */
export const STAGES = ["forward", "data gradients", "weight gradients", "update"] as const;
export type Stage = (typeof STAGES)[number];

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

/** "inception_3a/3x3" for the layer itself, "inception_3a/3x3.dfilter" and "inception_3a/3x3/weight.step". */
const layerOf = ({ label }: Node): string => label.replace(/\..*$/, "").replace(/\/(weight|bias)$/, "");

/** Differentiation begins with the gradient of the loss; what an update takes as its gradient is a weight's, all else that follows is data's. */
function stagesOf({ nodes, states }: Graph): (node: Node) => Stage {
  const seed = nodes.findIndex(({ label }) => label === "loss.seed");
  const after = new Set(seed < 0 ? [] : nodes.slice(seed));
  const weights = new Set(nodes.map(({ inputs }) => inputs["dw"]));
  const kept = new Set(states.map(({ value }) => value));
  return (node) => {
    if (overwrites(node).some(([input]) => kept.has(node.inputs[input]))) return "update";
    if (!after.has(node)) return "forward";
    return Object.values(node.outputs).some((value) => weights.has(value)) ? "weight gradients" : "data gradients";
  };
}

/** What a profile is added up by. */
export const GROUPINGS = ["layer", "launch", "kernel"] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface ProfileRow {
  readonly name: string;
  readonly launches: number;
  /** Median over the steps of the sum of its launches. */
  readonly milliseconds: number;
  /** Of the step, 0..1. */
  readonly share: number;
  readonly gflops: number;
  readonly gigabytesPerSecond: number;
  /**
   * Shortest time that the roofs allow, over the time taken: 1 is as good as this adapter gets. Above 1 where tensors stay in its caches, which are
   * faster than its memory.
   */
  readonly roof: number;
}

/** A profile's rows in the order of the step; a group stands where its first launch does. */
export function rowsBy({ launches, roofline }: Profile, by: Grouping): ProfileRow[] {
  const step = median(sumTimes(launches));
  return [...groupsOf(launches, by)].map(([name, members]) => row(name, members, roofline, step));
}

/** The whole step as one row. */
export const wholeStep = ({ launches, roofline }: Profile): ProfileRow => row("step", launches, roofline, median(sumTimes(launches)));

function groupsOf(launches: readonly TimedLaunch[], by: Grouping): Map<string, TimedLaunch[]> {
  const groups = new Map<string, TimedLaunch[]>();
  launches.forEach((timed, i) => {
    const { node, shader } = timed.planned;
    const key = by === "layer" ? timed.layer : by === "kernel" ? shader.name : `${i} ${node.label}: ${shader.name}`;
    const group = groups.get(key);
    if (group) group.push(timed);
    else groups.set(key, [timed]);
  });
  return groups;
}

function row(name: string, members: readonly TimedLaunch[], roofline: Roofline, step: number): ProfileRow {
  const milliseconds = median(sumTimes(members));
  const flops = sum(members.map(({ planned }) => planned.launch.flops));
  const bytes = sum(members.map(({ planned }) => planned.launch.bytes));
  return {
    name,
    launches: members.length,
    milliseconds,
    share: milliseconds / step,
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
