// A process that runs one training step and prints the time of each part: JSON on stdout. Started by cold.ts with a given driver
// cache, as only a new process starts cold.
import { StepRunner } from "../src/cli/step-runner.ts";
import { openEngine, type Engine } from "../src/engine/engine.ts";
import { loadTable, tuningFor } from "../src/engine/tuning-table.ts";
import type { Family, MathMode } from "../src/kernels/kernel.ts";
import type { PassName } from "../src/passes/index.ts";
import { networkNamed } from "../src/models/index.ts";
import { openNodePlatform } from "../src/platform/node.ts";

/** The only argument, as JSON. */
export interface FirstStepTask {
  readonly net: string;
  readonly batch: number;
  readonly classes: number;
  readonly width: number;
  readonly size: number;
  readonly families?: readonly Family[];
  readonly passes?: readonly PassName[];
  readonly math?: MathMode;
  /** A file. */
  readonly tuningTable?: string;
}

export interface FirstStep {
  /** Since the process began. */
  readonly loadMs: number;
  readonly deviceMs: number;
  readonly planMs: number;
  readonly compileMs: number;
  readonly prepareMs: number;
  readonly fillMs: number;
  readonly runMs: number;
  /** From opening the session to the end of the step: all but loadMs and deviceMs. */
  readonly firstStepMs: number;
  /** Processor time of the whole process. */
  readonly cpuMs: number;
}

/** When each pipeline was asked for and when it was there, in milliseconds of `performance.now()`. */
function watchCompiling(engine: Engine): { readonly from: number; to: number }[] {
  const seen: { from: number; to: number }[] = [];
  const compile = engine.compile.bind(engine);
  engine.compile = async (shader) => {
    const one = { from: performance.now(), to: Infinity };
    seen.push(one);
    const compiled = await compile(shader);
    one.to = performance.now();
    return compiled;
  };
  return seen;
}

const { net, families, passes, math, tuningTable, ...sizes } = JSON.parse(process.argv[2]) as FirstStepTask;
const loadMs = performance.now();
const engine = await openEngine(await openNodePlatform());
const deviceMs = performance.now() - loadMs;
const tuned = tuningTable === undefined ? {} : { tuned: tuningFor(await loadTable(engine.platform.files, tuningTable)).tuned };
const options = { ...(families && { families }), ...(passes && { passes }), ...(math && { math }), ...tuned };
const compiling = watchCompiling(engine);
const start = performance.now();
const runner = await StepRunner.open(engine, { network: networkNamed(net), ...sizes }, options);
// Filling compiles as well, after opening: that is part of filling.
const opened = start + runner.openMs;
const ofStep = compiling.filter(({ to }) => to <= opened);
const asked = Math.min(...ofStep.map(({ from }) => from));
const compiled = Math.max(...ofStep.map(({ to }) => to));
const runMs = await runner.train();
const { user, system } = process.cpuUsage();
const answer: FirstStep = {
  loadMs,
  deviceMs,
  planMs: asked - start,
  compileMs: compiled - asked,
  prepareMs: opened - compiled,
  fillMs: runner.fillMs,
  runMs,
  firstStepMs: runner.openMs + runner.fillMs + runMs,
  cpuMs: (user + system) / 1000,
};
process.stdout.write(`${JSON.stringify(answer)}\n`);
runner.dispose();
engine.dispose();
