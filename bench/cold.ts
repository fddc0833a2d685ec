// The first training step of a fresh process, with the driver's cache of compiled code empty and then filled by that process.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { trainingOptions } from "../src/cli/step-runner.ts";
import { planFor } from "../src/engine/session.ts";
import { saveTable } from "../src/engine/tuning-table.ts";
import { trainingGraph } from "../src/train/training-graphs.ts";
import { networkConditions, settingOf, underConditions, type Bench } from "./conditions.ts";
import type { FirstStep, FirstStepTask } from "./first-step.ts";
import type { Cold, Start } from "./results.ts";
import { rounded } from "./statistics.ts";

/** Beside this file, and as this file is: a source, or a bundle of the GPU kit. */
const PROGRAM = fileURLToPath(new URL(`first-step${extname(import.meta.url)}`, import.meta.url));

/** Starts pairs of processes, each with a cache of its own. Null if it was interrupted before the first pair was done. */
export async function benchCold(bench: Bench, net: string, { batch, pairs }: { batch: number; pairs: number }): Promise<Cold | null> {
  const { engine, sessionOptions, tuning, say, signal } = bench;
  const { families, passes, math } = sessionOptions;
  const setting = settingOf(bench, net);
  const { classes, width, size } = setting;
  const { graph } = trainingGraph(trainingOptions({ ...setting, batch }));
  const plan = planFor(engine, graph, sessionOptions);
  const folder = mkdtempSync(join(tmpdir(), "striatum-cold-"));
  try {
    const tuningTable = join(folder, "tuning.json");
    if (tuning) await saveTable(engine.platform.files, tuningTable, tuning.table);
    const task: FirstStepTask = {
      net,
      batch,
      classes,
      width,
      size,
      ...(families && { families }),
      ...(passes && { passes }),
      ...(math && { math }),
      ...(tuning && { tuningTable }),
    };
    const { conditions, result: starts } = await underConditions(bench, async (ofChild) => {
      const starts: Start[] = [];
      for (let pair = 0; pair < pairs; pair++) {
        const cache = join(folder, `driver-cache-${pair}`);
        mkdirSync(cache);
        for (const driverCache of ["empty", "warm"] as const) {
          const told = await firstStep(task, cache, signal);
          if (!told) return starts;
          const { cpuMs, ...start } = told;
          ofChild(cpuMs);
          starts.push({ driverCache, ...start });
          say(`${net}: first step of a process, driver cache ${driverCache}: ${(start.firstStepMs / 1000).toFixed(1)} s`);
        }
      }
      return starts;
    });
    if (starts.length === 0) return null;
    return { conditions, network: networkConditions(bench, setting, [plan]), batch, starts };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const ANSWER = v.object({
  loadMs: v.number(),
  deviceMs: v.number(),
  planMs: v.number(),
  compileMs: v.number(),
  prepareMs: v.number(),
  fillMs: v.number(),
  runMs: v.number(),
  firstStepMs: v.number(),
  cpuMs: v.number(),
} satisfies Record<keyof FirstStep, v.GenericSchema>);

/** Null where it was interrupted. */
async function firstStep(
  task: FirstStepTask,
  cache: string,
  signal: AbortSignal,
): Promise<(Omit<Start, "driverCache"> & Pick<FirstStep, "cpuMs">) | null> {
  const before = performance.now();
  // Mesa's drivers, NVIDIA's, and whatever follows the XDG convention.
  const env = { ...process.env, MESA_SHADER_CACHE_DIR: cache, __GL_SHADER_DISK_CACHE_PATH: cache, XDG_CACHE_HOME: cache };
  const child = spawn(process.execPath, [...process.execArgv, PROGRAM, JSON.stringify(task)], { env, signal });
  let [out, told] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (told += text));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on("error", (error) => (signal.aborted ? resolve(null) : reject(error)));
    child.on("close", resolve);
  });
  const wallMs = performance.now() - before;
  if (signal.aborted) return null;
  if (status !== 0) throw new Error(`the process of a first step ended with ${status}\n${told.trim()}`);
  const { firstStepMs, cpuMs, ...phases } = v.parse(ANSWER, JSON.parse(out));
  const entries = Object.entries(phases).map(([name, ms]) => [name, rounded(ms)]);
  return { cpuMs, wallMs: rounded(wallMs), firstStepMs: rounded(firstStepMs), phases: Object.fromEntries(entries) as Start["phases"] };
}
