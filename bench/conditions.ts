// Conditions of a measurement: versions, commit, the adapter's roofs before and after, and the load by other processes.
import { spawnSync } from "node:child_process";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { processorTimes, shareOfOthers } from "../src/cli/host/processor.ts";
import type { Engine } from "../src/engine/engine.ts";
import type { Plan } from "../src/engine/planner.ts";
import { measureRoofline, type Roofline } from "../src/engine/roofline.ts";
import type { RunTuning } from "../src/engine/tuning-table.ts";
import type { SessionOptions } from "../src/engine/session.ts";
import type { Family } from "../src/kernels/kernel.ts";
import { networkNamed } from "../src/models/index.ts";
import type { Network } from "../src/models/network.ts";
import { PASSES } from "../src/passes/index.ts";
import type { Adapter, Conditions, NetworkConditions } from "./results.ts";
import { rounded } from "./statistics.ts";

/** Options of all benches. */
export interface Bench {
  readonly engine: Engine;
  readonly sessionOptions: Omit<SessionOptions, "states">;
  /** The table that `sessionOptions` choose kernels by. */
  readonly tuning: RunTuning | null;
  /** The command as it was typed. */
  readonly command: string;
  readonly rounds: number;
  readonly classes: number;
  /** Share of the papers' channels. */
  readonly width: number;
  /** Side of the networks' input; absent: the papers'. */
  readonly size?: number;
  /** Aborted by Ctrl-C: what was measured by then is kept. */
  readonly signal: AbortSignal;
  /** Prints a message. */
  readonly say: (text: string) => void;
}

/** A network as a bench runs it. */
export interface Setting {
  readonly network: Network;
  readonly classes: number;
  readonly width: number;
  readonly size: number;
}

export function settingOf({ classes, width, size }: Pick<Bench, "classes" | "width" | "size">, net: string): Setting {
  const network = networkNamed(net);
  return { network, classes, width, size: size ?? network.size };
}

export function adapterOf({ info: { vendor, architecture, device, description }, adapterName, target }: Engine): Adapter {
  const { subgroupSize, maxBindingBytes } = target;
  return { name: adapterName, vendor, architecture, device, description, subgroupSize, maxBindingBytes };
}

/** Runs `work` between two measurements of the adapter's roofs. `work` reports the processor time of its child processes, in ms. */
export async function underConditions<T>(
  { engine, command }: Bench,
  work: (ofChild: (ms: number) => void) => Promise<T>,
): Promise<{ conditions: Conditions; result: T }> {
  const before = await roofsOf(engine);
  const from = processorTimes();
  let childrenMs = 0;
  const result = await work((ms) => (childrenMs += ms));
  const to = processorTimes();
  const takenByOthers = rounded(shareOfOthers(from, { ...to, ownMs: to.ownMs + childrenMs }));
  const after = await roofsOf(engine);
  const conditions: Conditions = {
    date: `${new Date().toISOString().slice(0, 16).replace("T", " ")}Z`,
    commit: commitOf(),
    command,
    host: engine.platform.host,
    processor: { model: cpus()[0]?.model ?? "unknown", cores: cpus().length, takenByOthers },
    peak: before && after && { before, after },
  };
  return { conditions, result };
}

/** The adapter's best measured roofs: other load only lowers a measurement. */
export function roofOf({ peak }: Conditions): Roofline {
  if (!peak) throw new Error("this adapter has no timestamp queries, so single kernels cannot be timed: leave kernels out (--only)");
  const { before, after } = peak;
  return {
    gflops: Math.max(before.gflops, after.gflops),
    gigabytesPerSecond: Math.max(before.gigabytesPerSecond, after.gigabytesPerSecond),
  };
}

/** Null if the adapter has no timestamps. */
async function roofsOf(engine: Engine): Promise<Roofline | null> {
  if (!engine.device.features.has("timestamp-query")) return null;
  const { gflops, gigabytesPerSecond } = await measureRoofline(engine);
  return { gflops: rounded(gflops), gigabytesPerSecond: rounded(gigabytesPerSecond) };
}

/** The repository's commit; "+" where files differ from it. Null outside a repository. */
export function commitOf(): string | null {
  const git = (...args: string[]): string | null => {
    const { status, stdout } = spawnSync("git", args, { cwd: fileURLToPath(new URL("..", import.meta.url)), encoding: "utf8" });
    return status === 0 ? stdout.trim() : null;
  };
  const commit = git("rev-parse", "--short", "HEAD");
  return commit && `${commit}${git("status", "--porcelain", "--untracked-files=no", "--", "src", "shaders") === "" ? "" : "+"}`;
}

/** What these plans of a network have in common. */
export function networkConditions(
  { sessionOptions: { passes = PASSES, math = "exact" }, tuning }: Bench,
  { classes, width, size }: Setting,
  plans: readonly Plan[],
): NetworkConditions {
  const launches = plans.flatMap((plan) => plan.launches);
  const families = new Set<Family>(launches.map(({ family }) => family));
  return {
    classes,
    width,
    size,
    math,
    passes: [...passes],
    families: [...families].sort(),
    tuning: tuning && { hash: tuning.hash, problems: Object.keys(tuning.table.problems).length },
  };
}
