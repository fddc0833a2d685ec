// Measures Striatum against its peers: same networks, same weights, same images, one table of ratios from one run. README.md explains it.
import { existsSync, rmSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, CommanderError } from "commander";
import { EXIT, print, say, sayFailure, tolerateClosedPipes } from "../../src/cli/output.ts";
import { mathOption, share, tuneOption, tuningTableOption, whole } from "../../src/cli/options.ts";
import { processorTimes, shareOfOthers, type ProcessorTimes } from "../../src/cli/host/processor.ts";
import { networks } from "../../src/models/index.ts";
import { nodeFiles } from "../../src/platform/node-files.ts";
import { commitOf } from "../conditions.ts";
import type { Adapter } from "../results.ts";
import { fileNameOf } from "../results-file.ts";
import { namesOf } from "../names.ts";
import type { Description } from "./runtime.ts";
import { OURS, PEERS } from "./peers.ts";
import { RuntimeProcess } from "./runtime-process.ts";
import { compareInference, compareTraining, type Comparison } from "./compare.ts";
import { writeWorkload } from "./files.ts";
import { INSTALL, missing } from "./installed.ts";
import { ratioTable, withPeers, type NetworkResult, type Run } from "./results.ts";
import type { OurChoice, Workload } from "./workload.ts";

const RESULTS = fileURLToPath(new URL("../results/", import.meta.url));

interface Options extends OurChoice {
  readonly net: readonly string[];
  readonly batch: number;
  readonly width: number;
  readonly size?: number;
  readonly rounds: number;
  readonly trainRounds: number;
  readonly only?: readonly string[];
  readonly train: boolean;
  readonly save: boolean;
}

const onRequest = Object.entries(PEERS).flatMap(([name, { onRequest }]) => (onRequest === undefined ? [] : [`${name} (${onRequest})`]));

const program = new Command("bench/peers")
  .description("Striatum and its peers on the same two networks, weights and images; a table of ratios on stdout")
  .option(
    "--net <list>",
    `networks (default: ${Object.keys(networks).join(",")})`,
    namesOf("network", Object.keys(networks)),
    Object.keys(networks),
  )
  .option("--batch <n>", "images per call", whole(1), 4)
  .option("--width <share>", "share of the papers' channels; less for a quick test", share, 1)
  .option("--size <pixels>", "side of the images (default: the papers')", whole(32))
  .option("--rounds <n>", "timed inference rounds, after two to compare and to warm up", whole(1), 5)
  .option("--train-rounds <n>", "timed training rounds, after one to compare; a peer may take a minute for each", whole(1), 1)
  .option("--only <list>", `peers: ${Object.keys(PEERS).join(",")}`, namesOf("peer", Object.keys(PEERS)))
  .option("--no-train", "inference alone")
  .addOption(tuneOption())
  .addOption(tuningTableOption())
  .addOption(mathOption())
  .option("--no-save", "do not write bench/results, as always with reduced width or size")
  .addHelpText(
    "after",
    `\nOnly on request (--only): ${onRequest.join("; ")}.\nExit code 1 if a peer's results differ from ours, or if it fails.`,
  )
  .exitOverride();

/** Runs the comparison on one network. */
async function measure(net: string, peers: readonly string[], options: Options): Promise<NetworkResult> {
  const folder = await mkdtemp(join(tmpdir(), "striatum-peers-"));
  const processes: RuntimeProcess[] = [];
  const clear = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", clear);
  try {
    const { batch, width, size = networks[net].size, math, tune, tuningTable } = options;
    const ours: OurChoice = { math, ...(tune && { tune }), ...(tuningTable !== undefined && { tuningTable }) };
    const workload: Workload = { net, batch, width, size, folder, ours };
    say(`${net}: writing the weights for all engines`);
    await writeWorkload(workload);
    const runtimes: Record<string, Description> = {};
    const failed: Comparison[] = [];
    for (const name of [OURS, ...peers]) {
      const runtime = new RuntimeProcess(name, workload);
      processes.push(runtime);
      try {
        runtimes[name] = await runtime.ask("describe");
        const { adapter, kernels } = runtimes[name];
        say(`${net}: ${name} has started, on ${adapter}${kernels === undefined ? "" : `; kernels: ${kernels}`}`);
      } catch (error) {
        if (name === OURS) throw error;
        const why = error instanceof Error ? error.message : String(error);
        say(`${net}: ${name} does not start: ${why}`);
        failed.push({ what: "inference", peer: name, verdict: "failed", why, difference: Infinity, first: null, rounds: [] });
      }
    }
    const [own, ...others] = processes.filter(({ name }) => name in runtimes);

    const busy = (): ProcessorTimes => {
      const own = processorTimes();
      return { ...own, ownMs: own.ownMs + processes.reduce((sum, { cpuMs }) => sum + cpuMs, 0) };
    };
    const sayNet = (text: string): void => say(`${net}: ${text}`);
    const before = busy();
    const inference = await compareInference(own, others, { images: batch, rounds: options.rounds, say: sayNet });
    const training: Comparison[] = [];
    if (options.train) {
      const rights = inference.filter(({ verdict }) => verdict === "timed").map(({ peer }) => peer);
      const trainers = others.filter(({ name }) => PEERS[name].trains && rights.includes(name));
      if (trainers.length > 0) training.push(...(await compareTraining(own, trainers, { rounds: options.trainRounds, say: sayNet })));
    }
    const takenByOthers = shareOfOthers(before, busy());
    const { peak } = await own.ask("describe");
    return { net, comparisons: [...failed, ...inference, ...training], runtimes, ...(peak && { peakAfter: peak }), takenByOthers };
  } finally {
    await Promise.all(processes.map((runtime) => runtime.close()));
    clear();
    process.off("exit", clear);
  }
}

/** Saves the run in the adapter's file; its other entries stay. */
async function save(run: Run): Promise<void> {
  const file = fileNameOf(run.networks[0].runtimes[OURS].details as Adapter);
  const path = join(RESULTS, file);
  await nodeFiles.write(path, withPeers(existsSync(path) ? await readFile(path, "utf8") : null, run));
  say(`saved as "peers" in bench/results/${file}`);
}

/** The machine's measured peaks during the run. */
function machineState({ net, runtimes, peakAfter, takenByOthers }: NetworkResult): string {
  const peaks = [runtimes[OURS].peak, peakAfter].filter((peak) => peak !== undefined);
  const each = (digits: number, of: "gflops" | "gigabytesPerSecond"): string =>
    peaks.map((peak) => peak[of].toFixed(digits)).join(" then ");
  const adapter =
    peaks.length > 0
      ? `adapter ${each(0, "gflops")} GFLOPS, ${each(1, "gigabytesPerSecond")} GB/s`
      : "adapter not measured (no timestamps)";
  const processor = runtimes["ort-cpu"]?.processorGflops;
  return [
    `${net}: measured peaks: ${adapter}`,
    ...(processor === undefined ? [] : [`processor ${processor.toFixed(0)} GFLOPS (ONNX Runtime's matrix product)`]),
    `other processes used ${Math.round(100 * takenByOthers)} % of the processors`,
  ].join("; ");
}

async function main(options: Options): Promise<number> {
  const peers = options.only ?? Object.keys(PEERS).filter((name) => PEERS[name].onRequest === undefined);
  const absent = missing(peers.flatMap((name) => PEERS[name].packages));
  if (absent.length > 0) throw new Error(`the peers are not installed (${absent.join(", ")}): run  ${INSTALL}`);
  const run = {
    date: `${new Date().toISOString().slice(0, 16).replace("T", " ")}Z`,
    commit: commitOf() ?? "unknown",
    command: ["bench/peers/main.ts", ...process.argv.slice(2)].join(" "),
    batch: options.batch,
    system: `${process.platform} ${process.arch}, node ${process.versions.node}`,
    processor: { model: cpus()[0]?.model ?? "unknown", cores: cpus().length },
  };
  let failed = false;
  const results: NetworkResult[] = [];
  for (const net of options.net) {
    try {
      results.push(await measure(net, peers, options));
    } catch (error) {
      failed = true;
      sayFailure(error);
    }
  }
  if (results.length === 0) return EXIT.failed;
  print(ratioTable(results));
  for (const result of results) print(machineState(result));
  const out = results.flatMap(({ net, comparisons }) =>
    comparisons.filter(({ verdict }) => verdict !== "timed").map((comparison) => ({ net, ...comparison })),
  );
  for (const { net, what, peer, verdict, why } of out) print(`${net}, ${what}: ${peer} ${verdict}: ${why}`);
  // A quick test never replaces a measurement.
  if (options.save && options.width === 1 && options.size === undefined) await save({ ...run, networks: results });
  return failed || out.length > 0 ? EXIT.failed : EXIT.done;
}

tolerateClosedPipes();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(EXIT.interrupted));
try {
  program.parse();
  process.exitCode = await main(program.opts<Options>());
} catch (error) {
  if (!(error instanceof CommanderError)) sayFailure(error);
  process.exitCode = error instanceof CommanderError ? (error.exitCode === 0 ? EXIT.done : EXIT.usage) : EXIT.failed;
}
