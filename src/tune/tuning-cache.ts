// This machine's measurements, kept between runs: one table for each adapter, driver and build of WebGPU, in the platform's cache. An entry
// is valid as long as its problem has the same candidates and their shaders are the same.
import type { MathMode } from "../kernels/kernel.ts";
import { sha256Hex } from "../tensor/sha256.ts";
import type { Engine } from "../engine/engine.ts";
import type { Roofline } from "../engine/roofline.ts";
import { waysOf, type TuningProblem } from "./tuner.ts";
import { loadTable, merge, newTable, saveTable, type TuningTable } from "../engine/tuning-table.ts";

/** The file of an engine's table for sessions with this math mode. */
export function cachePath({ adapterName, platform, target }: Engine, math: MathMode): string {
  const { webgpu, runtime, dawnFlags } = platform.host;
  const key = sha256Hex(JSON.stringify([adapterName, webgpu ?? runtime, dawnFlags ?? null, target, math]), 16);
  const readable = adapterName
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/^-/, "")
    .slice(0, 40);
  return `${platform.cacheFolder()}/tuning/${readable}-${key}.json`;
}

export interface TableHead {
  readonly math: MathMode;
  readonly date: string;
  readonly roofline: Roofline | null;
}

/** A table of this machine. */
export const tableOf = ({ adapterName, platform }: Engine, head: TableHead, problems: TuningTable["problems"]): TuningTable =>
  newTable({ adapter: adapterName, host: { ...platform.host }, ...head, problems });

/** The cached table; null if nothing was measured yet. Throws, naming the file, if it is damaged. */
export async function cachedTable(engine: Engine, math: MathMode): Promise<TuningTable | null> {
  const { files } = engine.platform;
  const path = cachePath(engine, math);
  return (await files.exists(path)) ? loadTable(files, path) : null;
}

/** Adds a table's entries to the file's current ones: other processes may be measuring, too. */
export async function keep(engine: Engine, found: TuningTable): Promise<void> {
  const held = await cachedTable(engine, found.math);
  await saveTable(engine.platform.files, cachePath(engine, found.math), held ? merge(held, found) : found);
}

/** The table's entries that are still valid for this engine's kernels. */
export function fitting(engine: Engine, table: TuningTable, problems: readonly TuningProblem[]): TuningTable {
  const known = new Map(Object.entries(table.problems));
  const kept = problems.flatMap((problem) => {
    const entry = known.get(problem.key);
    return entry && entry.candidates === waysOf(engine, problem).hash ? [[problem.key, entry] as const] : [];
  });
  return { ...table, problems: Object.fromEntries(kept) };
}
