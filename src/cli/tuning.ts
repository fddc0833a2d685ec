// --tune and --tuning-table: the table that chooses a run's kernels, read or measured before the run begins.
import type { Engine } from "../engine/engine.ts";
import { measureRoofline, rooflineOf } from "../engine/roofline.ts";
import type { SessionOptions } from "../engine/session.ts";
import { problemsIn, tuneProblem, waysOf, type TuningProblem } from "../tune/tuner.ts";
import { cachedTable, fitting, keep, tableOf } from "../tune/tuning-cache.ts";
import { loadTable, nameOf, tuningFor, type RunTuning, type TuningEntry, type TuningTable } from "../engine/tuning-table.ts";
import type { Graph } from "../graph/graph.ts";
import { paint, say } from "./output.ts";

export const TUNE = ["off", "cached", "full"] as const;

export interface TuningOptions {
  readonly tune?: (typeof TUNE)[number];
  readonly tuningTable?: string;
}

const today = (): string => new Date().toISOString().slice(0, 10);

/** Options of a run's sessions that determine their problems. */
type Sessions = Pick<SessionOptions, "passes" | "math">;

/** The table for a run of these graphs; null if the default kernels are used. */
export async function openTuning(
  engine: Engine,
  graphs: readonly Graph[],
  { tune = "off", tuningTable }: TuningOptions,
  { signal, ...sessions }: Sessions & { readonly signal?: AbortSignal } = {},
): Promise<RunTuning | null> {
  if (tuningTable === undefined && tune === "off") return null;
  const problems = problemsIn(engine, graphs, sessions);
  if (tuningTable !== undefined) return pinned(engine, await loadTable(engine.platform.files, tuningTable), problems, tuningTable);
  if (tune === "full") await measureMissing(engine, problems, signal ? { signal } : {});
  const table = await fittingTable(engine, problems);
  if (!table) {
    say("nothing of this run was measured on this machine yet, so the default kernels are used: run  npx striatum tune");
    return null;
  }
  const tuning = tuningFor(table, problems);
  say(`${Object.keys(table.problems).length} of ${problems.length} problems are tuned (table ${tuning.hash})`);
  return tuning;
}

/** The cache's valid entries for these problems; null if there are none. */
export async function fittingTable(engine: Engine, problems: readonly TuningProblem[]): Promise<TuningTable | null> {
  const [first] = problems;
  const cached = first && (await cachedTable(engine, first.math));
  const table = cached && fitting(engine, cached, problems);
  return table && Object.keys(table.problems).length > 0 ? table : null;
}

function pinned(engine: Engine, table: TuningTable, problems: readonly TuningProblem[], file: string): RunTuning {
  if (table.adapter !== engine.adapterName)
    say(`${file} was measured on ${table.adapter}: its choices are used as they are, and may be slow on ${engine.adapterName}`);
  if (table.math !== "exact" && problems.some(({ math }) => math !== table.math))
    say(`${file} was made for --math ${table.math}: for choices that only ${table.math} allows, the defaults are used`);
  const tuning = tuningFor(table, problems);
  const found = Object.keys(tuning.table.problems).length;
  if (found === 0)
    throw new Error(`${file} contains none of this run's ${problems.length} problems: it was made for other networks, batches or sizes`);
  say(`${file} contains ${found} of ${problems.length} problems (table ${tuning.hash})`);
  return tuning;
}

/** Adds a table that was measured on this adapter to the cache. Outdated entries are never used. */
export async function importTable(engine: Engine, file: string): Promise<void> {
  const table = await loadTable(engine.platform.files, file);
  if (table.adapter !== engine.adapterName)
    throw new Error(`${file} was measured on ${table.adapter}, and this is ${engine.adapterName}: use it anyway with  --tuning-table`);
  await keep(engine, table);
  say(`${file}: imported ${Object.keys(table.problems).length} problems`);
}

interface MeasureOptions {
  /** Measure problems in the cache, too. */
  readonly again?: boolean;
  readonly signal?: AbortSignal;
}

/** A kernel this close to the peak may mean that other work lowered the measured peak: then the peak is measured again. */
const SUSPICIOUS = 0.9;
const RAISED = 1.05;

/** Measures what the cache lacks and keeps each result at once; returns early if aborted. False if something could not be measured. */
export async function measureMissing(
  engine: Engine,
  problems: readonly TuningProblem[],
  { again = false, signal }: MeasureOptions = {},
): Promise<boolean> {
  const known = again ? {} : ((await fittingTable(engine, problems))?.problems ?? {});
  const missing = problems.filter((problem) => !(problem.key in known) && waysOf(engine, problem).choices.length > 1);
  if (missing.length === 0) return true;
  say(`measuring ${missing.length} problems on ${engine.adapterName}; Ctrl-C keeps the results so far`);
  let roofline = engine.device.features.has("timestamp-query") ? await rooflineOf(engine) : null;
  const measure = async (problem: TuningProblem): Promise<TuningEntry | null> => {
    const entry = await tuneProblem(engine, problem, { roofline, ...(signal && { signal }) });
    if (!entry || !roofline || entry.gflops < SUSPICIOUS * roofline.gflops) return entry;
    const again = await measureRoofline(engine);
    if (again.gflops < RAISED * roofline.gflops) return entry;
    roofline = again;
    return tuneProblem(engine, problem, { roofline, ...(signal && { signal }) });
  };
  let all = true;
  for (const [i, problem] of missing.entries()) {
    const at = `${String(i + 1).padStart(String(missing.length).length)}/${missing.length}`;
    try {
      const entry = await measure(problem);
      if (entry === null) return all;
      await keep(engine, tableOf(engine, { math: problem.math, date: today(), roofline }, { [problem.key]: entry }));
      say(`${at}  ${sentence(problem, entry)}`);
    } catch (error) {
      // After a device loss nothing else can be measured; a problem that is too large or wrong does not affect the others.
      engine.check();
      all = false;
      say(`${at}  ${paint("red", "not measured:")} ${(error as Error).message}`);
    }
  }
  return all;
}

/** "conv2/3x3 conv2dBackwardData: subgroup ROWS=24, 812 us, 1.21 times as fast as the default". */
function sentence({ node }: TuningProblem, entry: TuningEntry): string {
  const gain = entry.rule ? entry.rule.microseconds / entry.microseconds : null;
  const told =
    gain === null ? "the default computes wrongly here" : gain > 1 ? `${gain.toFixed(2)} times as fast as the default` : "the default";
  return `${entry.layer} ${node.op.name}: ${nameOf(entry)}, ${entry.microseconds} us, ${told}`;
}

/** For a session's options. */
export const tunedBy = (tuning: RunTuning | null): { tuned?: RunTuning["tuned"] } => (tuning ? { tuned: tuning.tuned } : {});
