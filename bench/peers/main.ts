// Measures Striatum against its peers: same networks, same weights, same images, one table of ratios from one run. README.md says how to read it.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { EXIT, print, say, sayFailure, tolerateClosedPipes } from "../../src/cli/output.ts";
import { share, whole } from "../../src/cli/options.ts";
import { processorTimes, shareOfOthers, type ProcessorTimes } from "../../src/cli/processor.ts";
import { networks } from "../../src/models/index.ts";
import { nodeFiles } from "../../src/platform/node-files.ts";
import { OURS, PEERS, type Description } from "./contestant.ts";
import { ContestantProcess } from "./contestant-process.ts";
import { inferenceDuels, trainingDuels, type Duel } from "./duel.ts";
import { writeWorkload } from "./files.ts";
import { INSTALL, missing } from "./installed.ts";
import { ratioTable, slugOf, withPeers, type NetworkResult, type Run } from "./results.ts";
import type { Workload } from "./workload.ts";

interface Options {
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

const listOf =
  (what: string, names: readonly string[]) =>
  (text: string): readonly string[] => {
    const wanted = text.split(",").map((name) => name.trim());
    const unknown = wanted.find((name) => !names.includes(name));
    if (unknown !== undefined) throw new InvalidArgumentError(`there is no ${what} "${unknown}": choose from ${names.join(", ")}.`);
    return wanted;
  };

const onRequest = Object.entries(PEERS).flatMap(([name, { onRequest }]) => (onRequest === undefined ? [] : [`${name} (${onRequest})`]));

const program = new Command("bench/peers")
  .description("Striatum and its peers on the same two networks, weights and images; a table of ratios on stdout")
  .option(
    "--net <list>",
    `networks (default: ${Object.keys(networks).join(",")})`,
    listOf("network", Object.keys(networks)),
    Object.keys(networks),
  )
  .option("--batch <n>", "images a call", whole(1), 4)
  .option("--width <share>", "share of the papers' channels: less for a quick look", share, 1)
  .option("--size <pixels>", "side of the images (default: the papers')", whole(32))
  .option("--rounds <n>", "inference rounds that count, after two to compare and to warm up", whole(1), 5)
  .option("--train-rounds <n>", "training rounds that count, after one to compare; a peer may take a minute for each", whole(1), 1)
  .option("--only <list>", `peers: ${Object.keys(PEERS).join(",")}`, listOf("peer", Object.keys(PEERS)))
  .option("--no-train", "inference alone")
  .option("--no-save", "leave bench/results alone")
  .addHelpText(
    "after",
    `\nOnly on request (--only): ${onRequest.join("; ")}.\nExit code 1 if a peer computes something else than ours, or fails.`,
  )
  .exitOverride();

/** Contestants of one network from start to end. */
async function measure(net: string, peers: readonly string[], options: Options): Promise<NetworkResult> {
  const folder = await mkdtemp(join(tmpdir(), "striatum-peers-"));
  const processes: ContestantProcess[] = [];
  try {
    const { batch, width, size = networks[net].size } = options;
    const workload: Workload = { net, batch, width, size, folder };
    say(`${net}: writing the weights for everyone`);
    await writeWorkload(workload);
    const contestants: Record<string, Description> = {};
    const failed: Duel[] = [];
    for (const name of [OURS, ...peers]) {
      const contestant = new ContestantProcess(name, workload);
      processes.push(contestant);
      try {
        contestants[name] = await contestant.ask("describe");
        say(`${net}: ${name} is up, on ${contestants[name].adapter}`);
      } catch (error) {
        if (name === OURS) throw error;
        const why = error instanceof Error ? error.message : String(error);
        say(`${net}: ${name} does not start: ${why}`);
        failed.push({ what: "inference", peer: name, verdict: "failed", why, difference: Infinity, first: null, rounds: [] });
      }
    }
    const [ours, ...others] = processes.filter(({ name }) => name in contestants);

    const busy = (): ProcessorTimes => {
      const own = processorTimes();
      return { ...own, ownMs: own.ownMs + processes.reduce((sum, { cpuMs }) => sum + cpuMs, 0) };
    };
    const sayNet = (text: string): void => say(`${net}: ${text}`);
    const before = busy();
    const inference = await inferenceDuels(ours, others, { images: batch, rounds: options.rounds, say: sayNet });
    const training: Duel[] = [];
    if (options.train) {
      const rights = inference.filter(({ verdict }) => verdict === "timed").map(({ peer }) => peer);
      const trainers = others.filter(({ name }) => PEERS[name].trains && rights.includes(name));
      if (trainers.length > 0) training.push(...(await trainingDuels(ours, trainers, { rounds: options.trainRounds, say: sayNet })));
    }
    return { net, duels: [...failed, ...inference, ...training], contestants, takenByOthers: shareOfOthers(before, busy()) };
  } finally {
    await Promise.all(processes.map((contestant) => contestant.close()));
    await rm(folder, { recursive: true, force: true });
  }
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Of the working tree; "+" where it differs from that commit. */
function commit(): string {
  const git = (...argv: string[]): string =>
    execFileSync("git", argv, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    const changed = git("status", "--porcelain", "--untracked-files=no", "--", "src", "shaders") !== "";
    return git("rev-parse", "--short", "HEAD") + (changed ? "+" : "");
  } catch {
    return "unknown";
  }
}

/** Files the run under the adapter's name; what else the file holds stays. */
async function save(run: Run): Promise<void> {
  const slug = slugOf(run.networks[0].contestants[OURS].adapter);
  const path = join(root, "bench", "results", `${slug}.json`);
  await nodeFiles.write(path, withPeers(existsSync(path) ? await readFile(path, "utf8") : null, run));
  say(`filed as "peers" in bench/results/${slug}.json (npm run format before it is committed)`);
}

/** What the machine could do meanwhile: times are to be read beside it. */
function machineState({ net, contestants, takenByOthers }: NetworkResult): string {
  const { peak } = contestants[OURS];
  const adapter = peak
    ? `adapter ${peak.gflops.toFixed(0)} GFLOPS, ${peak.gigabytesPerSecond.toFixed(1)} GB/s`
    : "adapter not measured (no timestamps)";
  const processor = contestants["ort-cpu"]?.processorGflops;
  return [
    `${net}: measured peaks: ${adapter}`,
    ...(processor === undefined ? [] : [`processor ${processor.toFixed(0)} GFLOPS (ONNX Runtime's matrix product)`]),
    `others took ${Math.round(100 * takenByOthers)} % of the processors`,
  ].join("; ");
}

async function main(options: Options): Promise<number> {
  const peers = options.only ?? Object.keys(PEERS).filter((name) => PEERS[name].onRequest === undefined);
  const absent = missing(peers.flatMap((name) => PEERS[name].packages));
  if (absent.length > 0) throw new Error(`the peers are not installed (${absent.join(", ")}): run  ${INSTALL}`);
  const date = new Date().toISOString().slice(0, 10);
  const results: NetworkResult[] = [];
  for (const net of options.net) results.push(await measure(net, peers, options));
  const run: Run = {
    date,
    commit: commit(),
    command: ["bench/peers/main.ts", ...process.argv.slice(2)].join(" "),
    batch: options.batch,
    width: options.width,
    system: `${process.platform} ${process.arch} ${release()}, node ${process.versions.node}`,
    processor: { model: cpus()[0]?.model ?? "unknown", cores: cpus().length },
    networks: results,
  };
  print(ratioTable(results));
  for (const result of results) print(machineState(result));
  const out = results.flatMap(({ net, duels }) => duels.filter(({ verdict }) => verdict !== "timed").map((duel) => ({ net, ...duel })));
  for (const { net, what, peer, verdict, why } of out) print(`${net}, ${what}: ${peer} ${verdict}: ${why}`);
  if (options.save) await save(run);
  return out.length > 0 ? EXIT.failed : EXIT.done;
}

tolerateClosedPipes();
try {
  program.parse();
  process.exitCode = await main(program.opts<Options>());
} catch (error) {
  if (!(error instanceof CommanderError)) sayFailure(error);
  process.exitCode = error instanceof CommanderError ? (error.exitCode === 0 ? EXIT.done : EXIT.usage) : EXIT.failed;
}
