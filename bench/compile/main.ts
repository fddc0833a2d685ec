// npm run bench:compile: compiles the kernels of both networks' steps by Mesa's AMD compiler, without a GPU, and prints what it made of them.
// docs/compiled-kernels.md says what the numbers mean.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, CommanderError, Option } from "commander";
import { familyOption, storageOption, whole } from "../../src/cli/options.ts";
import { EXIT, print, say, sayFailure, table, tolerateClosedPipes } from "../../src/cli/output.ts";
import type { Storage } from "../../src/engine/planner.ts";
import type { DawnProfile } from "../../src/platform/dawn.ts";
import type { Family } from "../../src/kernels/kernel.ts";
import { networks } from "../../src/models/index.ts";
import { nodeFiles } from "../../src/platform/node-files.ts";
import { MEASURED_GRAPHS, type MeasuredGraph } from "../../src/train/noise-session.ts";
import { namesOf } from "../names.ts";
import { compileSteps, type Compiled } from "./compile.ts";
import { kernelReports, type KernelUse } from "./kernel-uses.ts";
import { GPUS, type Gpu } from "./layer.ts";
import { PHASES, stepReport, type StepReport } from "./step-report.ts";

interface Options {
  readonly gpu: Gpu;
  readonly net: readonly string[];
  readonly graph: MeasuredGraph;
  readonly batches: readonly number[];
  readonly family?: Family;
  readonly storage: Storage;
  readonly lanes?: "32" | "64";
  readonly dawn: DawnProfile;
  readonly only?: string;
  readonly keep?: string;
  readonly out?: string;
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

async function run({ gpu, net: nets, graph, batches, family, storage, lanes, dawn, only, keep, out }: Options): Promise<void> {
  const compiled = compileSteps(
    gpu,
    {
      steps: nets.flatMap((net) => batches.map((batch) => ({ net, graph, batch }))),
      storage,
      profile: dawn,
      ...(family && { families: [family] }),
      ...(lanes && { lanes: Number(lanes) as 32 | 64 }),
      ...(only !== undefined && { only }),
    },
    keep,
  );
  const steps = compiled.steps.map(stepReport);
  const kernels = kernelReports(compiled, gpu);
  const path = out ?? join(ROOT, "runs/compile", `${gpu}.json`);
  await nodeFiles.write(path, `${JSON.stringify({ gpu, generation: GPUS[gpu], driver: compiled.driver, steps, kernels }, null, 1)}\n`);
  print(`${gpu} (${GPUS[gpu]}), ${compiled.driver}, subgroups of ${kernels[0]?.lanes ?? compiled.subgroupSize} lanes\n`);
  print(kernelTable(kernels, compiled));
  print(`\n${stepTable(steps)}`);
  say(path);
}

const KERNEL_COLUMNS =
  "#,launches,% FLOP,% bytes,VGPR,SGPR,spills,scratch,LDS,subgroups,waits,| blocks,FMA,matrix,VALU,LDS,load,scalar,SALU,sync,all,exposed,rate,| kernel";

function kernelTable(kernels: readonly KernelUse[], { steps }: Compiled): string {
  const sum = (of: "flops" | "bytes"): number => steps.flatMap(({ launches }) => launches).reduce((total, launch) => total + launch[of], 0);
  const [flops, bytes] = [sum("flops"), sum("bytes")];
  const percent = (part: number, whole: number): string => ((100 * part) / whole).toFixed(1);
  const rows = kernels.map((kernel) => [
    String(kernel.n),
    String(kernel.launches),
    percent(kernel.flops, flops),
    percent(kernel.bytes, bytes),
    ...[kernel.vectorRegisters, kernel.scalarRegisters, kernel.spills, kernel.scratchBytes, kernel.workgroupMemoryBytes].map(String),
    String(kernel.subgroups),
    String(kernel.exposedWaits),
    ...loopCells(kernel),
    `| ${kernel.kernel}`,
  ]);
  return table(rows, KERNEL_COLUMNS.split(","));
}

function loopCells({ loop }: KernelUse): string[] {
  if (!loop) return ["|", ...Array.from({ length: 11 }, () => "")];
  const { blocks, multiplyAdds, instructions, mix, exposedWaits, rate } = loop;
  const counts = [mix.matrix, mix.valu, mix.lds, mix.load, mix.scalarLoad, mix.salu + mix.branch, mix.wait + mix.barrier + mix.hint];
  return [`| ${blocks}`, ...[multiplyAdds, ...counts, instructions, exposedWaits].map(String), `${(100 * rate).toFixed(0)} %`];
}

function stepTable(steps: readonly StepReport[]): string {
  const rows = steps.map(({ net, graph, batch, launches, flops, bytes, computed, small }) => [
    net,
    graph,
    String(batch),
    String(launches),
    (flops / 1e9).toFixed(1),
    (bytes / 1e9).toFixed(2),
    ...PHASES.map((phase) => computed[phase]?.toFixed(2) ?? ""),
    String(small.length),
  ]);
  const phases = PHASES.map((phase) => `computed / asked, ${phase}`);
  return table(rows, ["net", "graph", "batch", "launches", "GFLOP", "GB", ...phases, "products under 200 workgroups"]);
}

const batchesOf = (text: string): number[] => text.split(",").map((part) => whole(1)(part.trim()));

tolerateClosedPipes();
const program = new Command("bench:compile")
  .description("compile the kernels of a step by Mesa's AMD compiler, without a GPU: registers, spills, the inner loop's instructions")
  .addOption(new Option("--gpu <gpu>", "GPU to compile for").choices(Object.keys(GPUS)).default("navi31"))
  .option("--net <nets>", "networks", namesOf("network", Object.keys(networks)), Object.keys(networks))
  .addOption(new Option("--graph <graph>", "what to compile").choices(MEASURED_GRAPHS).default("training"))
  .option("--batches <list>", "images per step", batchesOf, [4, 32, 128])
  .addOption(familyOption())
  .addOption(storageOption())
  .addOption(new Option("--lanes <n>", "lanes of a subgroup, where the GPU has both").choices(["32", "64"]))
  .addOption(
    new Option("--dawn <profile>", "Dawn's profile: safe, or fast, without bounds checks").choices(["safe", "fast"]).default("safe"),
  )
  .option("--only <kernel>", "only kernels whose name begins so")
  .option("--keep <folder>", "folder for the WGSL and the driver's texts of each kernel: NIR, ACO's representation, assembly")
  .option("--out <file>", "JSON file of the results (default: runs/compile/GPU.json)")
  .exitOverride()
  .action(run);

try {
  await program.parseAsync();
} catch (error) {
  // Commander prints its own errors.
  if (!(error instanceof CommanderError)) sayFailure(error);
  process.exitCode = error instanceof CommanderError ? (error.exitCode === 0 ? EXIT.done : EXIT.usage) : EXIT.failed;
}
