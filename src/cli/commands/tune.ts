// striatum tune: measures which kernels are the fastest for a network's problems on this adapter, keeps the result, exports it and explains it.
import { InvalidArgumentError, Option, type Command } from "commander";
import type { Engine } from "../../engine/engine.ts";
import { problemsIn, waysOf, type TuningProblem } from "../../tune/tuner.ts";
import { cachePath } from "../../tune/tuning-cache.ts";
import { saveTable, type TuningTable } from "../../engine/tuning-table.ts";
import type { MathMode } from "../../kernels/kernel.ts";
import { networkNamed } from "../../models/index.ts";
import { MEASURED_GRAPHS, measuredGraph, type MeasuredGraph } from "../../train/noise-session.ts";
import { listenForInterruption } from "../interruption.ts";
import { mathOption, netOption, share, whole, withEngine } from "../options.ts";
import { EXIT, print, printJson, say } from "../output.ts";
import { explain, formatTuning } from "../text/tuning.ts";
import { fittingTable, importTable, measureMissing } from "../tuning.ts";

interface TuneOptions {
  readonly net: string;
  readonly batch: number;
  readonly classes: number;
  readonly width: number;
  readonly size?: number;
  readonly graph: readonly MeasuredGraph[];
  readonly math: MathMode;
  readonly again?: boolean;
  readonly explain?: string;
  readonly import?: string;
  readonly out?: string;
  readonly json?: boolean;
}

export function registerTune(program: Command): void {
  program
    .command("tune")
    .description("measure which kernels are the fastest for a network on this adapter")
    .addOption(netOption())
    .option("--batch <n>", "images per step", whole(1), 4)
    .option("--classes <n>", "classes", whole(2), 1000)
    .option("--width <share>", "share of the paper's channels: 1, 1/2, 1/4 ...", share, 1)
    .option("--size <pixels>", "side of the network's input (default: the paper's)", whole(32))
    .addOption(new Option("--graph <graph...>", "steps to tune").choices(MEASURED_GRAPHS).default(["training", "scoring"]))
    .addOption(mathOption())
    .option("--again", "also measure problems that are in the cache")
    .option("--explain <layer>", "only this layer, such as conv2: all measured candidates and the reason for the choice")
    .option("--import <file>", "first add a table that was measured on this adapter to the cache")
    .option("--out <file>", "also write the table of these problems, for --tuning-table")
    .option("--json", "the table as one JSON document on stdout")
    .addHelpText(
      "after",
      "\nEvery candidate of a problem is checked against float64, then timed in rounds against the others. Results are kept in the user's cache folder\n" +
        "per adapter, driver and build of WebGPU, until the kernels change; --tune cached of other commands uses them.",
    )
    .action((options: TuneOptions) => withEngine((engine) => tune(engine, options)));
}

async function tune(engine: Engine, options: TuneOptions): Promise<void> {
  const { batch, classes, width, math } = options;
  const network = networkNamed(options.net);
  const graphs = options.graph.map((graph) => measuredGraph(graph, { network, batch, classes, width, size: options.size ?? network.size }));
  const all = problemsIn(engine, graphs, { math });
  const problems = options.explain === undefined ? all : ofLayer(all, options.explain);
  if (options.import !== undefined) await importTable(engine, options.import);
  const interruption = listenForInterruption("keeping what is measured");
  try {
    const complete = await measureMissing(engine, problems, { again: options.again ?? false, signal: interruption.signal });
    process.exitCode = interruption.exitCode() || (complete ? EXIT.done : EXIT.failed);
  } finally {
    interruption.dispose();
  }
  const table = await fittingTable(engine, problems);
  if (!table) return say("nothing was measured");
  const { files } = engine.platform;
  if (options.out !== undefined) await saveTable(files, options.out, table);
  if (options.json) printJson(table);
  else if (options.explain !== undefined) print(problems.map((problem) => explainProblem(engine, problem, table.problems)).join("\n\n"));
  else print(formatTuning(table, problems.filter((problem) => waysOf(engine, problem).choices.length > 1).length));
  say(`kept in ${cachePath(engine, math)}`);
}

function ofLayer(problems: readonly TuningProblem[], layer: string): TuningProblem[] {
  const found = problems.filter(({ layers }) => layers.includes(layer));
  if (found.length > 0) return found;
  const layers = new Set(problems.flatMap((problem) => problem.layers));
  throw new InvalidArgumentError(`no layer is named "${layer}". There are ${[...layers].join(", ")}.`);
}

function explainProblem(engine: Engine, problem: TuningProblem, entries: TuningTable["problems"]): string {
  const entry = entries[problem.key];
  if (entry) return explain(problem.key, entry);
  const { choices } = waysOf(engine, problem);
  return `${problem.key}\n${choices.length > 1 ? "not measured yet" : `there is one candidate: ${choices[0].family}`}`;
}
