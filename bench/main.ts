// npm run bench: verifies, then times. Each bench saves its entry as soon as it is done, so Ctrl-C keeps the results so far; see README.md.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { listenForInterruption } from "../src/cli/interruption.ts";
import {
  mathOption,
  familiesOf,
  familyOption,
  passesOption,
  share,
  tuneOption,
  tuningTableOption,
  whole,
  withEngine,
} from "../src/cli/options.ts";
import { trainingOptions } from "../src/cli/step-runner.ts";
import { openTuning, tunedBy, type TuningOptions } from "../src/cli/tuning.ts";
import { EXIT, print, say, sayFailure, tolerateClosedPipes } from "../src/cli/output.ts";
import type { Engine } from "../src/engine/engine.ts";
import type { Family, MathMode } from "../src/kernels/kernel.ts";
import { networks } from "../src/models/index.ts";
import { nodeFiles } from "../src/platform/node-files.ts";
import type { PassName } from "../src/passes/index.ts";
import { scoringGraph, storedSize } from "../src/train/graphs.ts";
import { trainingGraph } from "../src/train/training-graphs.ts";
import { benchAblation } from "./ablation.ts";
import { benchCold } from "./cold.ts";
import { adapterOf, settingOf, type Bench } from "./conditions.ts";
import { benchInput } from "./input.ts";
import { benchKernels } from "./kernels.ts";
import { fileEntry, fileNameOf, readResults, type Entry } from "./results-file.ts";
import { benchSteps } from "./steps.ts";

const BENCHES = ["kernels", "steps", "cold", "input", "growth", "ablation"] as const;
type BenchName = (typeof BENCHES)[number];

interface Options extends TuningOptions {
  readonly only: readonly BenchName[];
  readonly net: readonly string[];
  readonly batches?: readonly number[];
  readonly rounds?: number;
  readonly classes: number;
  readonly width?: number;
  readonly size?: number;
  readonly family?: Family;
  readonly math: MathMode;
  readonly passes: readonly PassName[];
  readonly quick?: boolean;
  readonly out?: string;
}

const list =
  <T>(one: (text: string) => T) =>
  (text: string): T[] =>
    text.split(",").map((part) => one(part.trim()));

const oneOf =
  <const T extends string>(names: readonly T[]) =>
  (text: string): T => {
    const found = names.find((name) => name === text);
    if (found === undefined) throw new InvalidArgumentError(`choose from ${names.join(", ")}.`);
    return found;
  };

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** `widths`: of the width that is asked for. */
const FULL = { rounds: 9, width: 1, batches: [1, 4, 16, 32], widths: [1 / 4, 1 / 2, 1], pairs: 3, cases: 24 } as const;
/** Shows that everything works; its figures are of small networks and few rounds. */
const QUICK = { rounds: 3, width: 1 / 4, batches: [1, 4], widths: [1 / 2, 1], pairs: 1, cases: 6 } as const;
/** Batch of every bench that is not a table by batch. */
const BATCH = 4;

async function bench(
  engine: Engine,
  { only, net: nets, quick = false, family, math, passes, classes, size, out, ...given }: Options,
): Promise<void> {
  const scale = quick ? QUICK : FULL;
  const interruption = listenForInterruption("saving the results so far");
  const adapter = adapterOf(engine);
  // Results of a quick run never replace full ones.
  const path = join(out ?? join(ROOT, quick ? "runs/bench" : "bench/results"), fileNameOf(adapter));
  // A results file that is not valid is an error now, not after half an hour.
  if (await nodeFiles.exists(path)) await readResults(path);
  const scaled = { classes, width: given.width ?? scale.width, ...(size !== undefined && { size }) };
  const batches = (given.batches ?? scale.batches).toSorted((a, b) => a - b);
  const widths = [...new Set(scale.widths.map((width) => width * scaled.width))];
  const byBatch = batches.map((batch) => ({ batch, width: scaled.width }));
  const byWidth = widths.map((width) => ({ batch: BATCH, width }));
  const graphs = nets.flatMap((net) =>
    [...byBatch, ...byWidth].flatMap((one) => {
      const settings = { ...settingOf(scaled, net), ...one };
      return [trainingGraph(trainingOptions(settings)).graph, scoringGraph(settings).graph];
    }),
  );
  const { signal } = interruption;
  const tuning = await openTuning(engine, graphs, given, { passes, math, signal });
  const common: Bench = {
    engine,
    sessionOptions: { ...familiesOf(family), math, passes, ...tunedBy(tuning) },
    tuning,
    command: ["npm run bench --", ...process.argv.slice(2)].join(" "),
    rounds: given.rounds ?? scale.rounds,
    ...scaled,
    signal,
    say,
  };
  const entryOf: Record<BenchName, (net: string) => Promise<Entry | null>> = {
    kernels: async (net) => entry({ bench: "kernels", net }, await benchKernels(common, net, BATCH)),
    steps: async (net) => entry({ bench: "steps", net }, await benchSteps(common, net, byBatch)),
    growth: async (net) => entry({ bench: "growth", net }, await benchSteps(common, net, byWidth)),
    cold: async (net) => entry({ bench: "cold", net }, await benchCold(common, net, { batch: BATCH, pairs: scale.pairs })),
    ablation: async (net) => entry({ bench: "ablation", net }, await benchAblation(common, net, BATCH)),
    input: async (net) => {
      const { network, size } = settingOf(common, net);
      const sides = { stored: storedSize(network, size), crop: size };
      return entry({ bench: "input" }, await benchInput(common, { cases: scale.cases, batch: BATCH, ...sides }));
    },
  };
  try {
    for (const name of BENCHES.filter((name) => only.includes(name))) {
      for (const net of name === "input" ? nets.slice(0, 1) : nets) {
        if (interruption.signal.aborted) break;
        say(`\n${name}${name === "input" ? "" : `: ${net}`}`);
        const made = await entryOf[name](net);
        if (made) await fileEntry(path, adapter, made);
      }
    }
    if (interruption.signal.aborted) process.exitCode = interruption.exitCode();
    print(path);
  } finally {
    interruption.dispose();
  }
}

const entry = <B extends object, E>(place: B, entry: E | null): (B & { readonly entry: E }) | null => entry && { ...place, entry };

tolerateClosedPipes();
const program = new Command("bench")
  .description("verify, then time, all that the two networks run on this adapter; docs/performance.md is generated from the results")
  .addOption(
    new Option("--only <benches>", `benches to run, of ${BENCHES.join(",")}`).argParser(list(oneOf(BENCHES))).default([...BENCHES], "all"),
  )
  .addOption(
    new Option("--net <nets>", `networks to run, of ${Object.keys(networks).join(",")}`)
      .argParser(list(oneOf(Object.keys(networks))))
      .default(Object.keys(networks), "all"),
  )
  .option("--batches <list>", "images per step, for the table by batch (default: 1,4,16,32)", list(whole(1)))
  .option("--rounds <n>", "timed rounds (default: 9)", whole(1))
  .option("--classes <n>", "classes", whole(2), 1000)
  .option("--width <share>", "share of the papers' channels (default: 1)", share)
  .option("--size <pixels>", "side of the networks' input (default: the papers')", whole(32))
  .addOption(familyOption())
  .addOption(mathOption())
  .addOption(passesOption())
  .addOption(tuneOption())
  .addOption(tuningTableOption())
  .option("--quick", "small networks and few rounds, as a smoke test; results in runs/bench")
  .option("--out <folder>", "folder of the results file (default: bench/results)")
  .exitOverride()
  .action((options: Options) => withEngine((engine) => bench(engine, options)));

try {
  await program.parseAsync();
} catch (error) {
  // Commander prints its own errors.
  if (!(error instanceof CommanderError)) sayFailure(error);
  process.exitCode = error instanceof CommanderError ? (error.exitCode === 0 ? EXIT.done : EXIT.usage) : EXIT.failed;
}
