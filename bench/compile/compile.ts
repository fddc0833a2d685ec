// Compiles the kernels of training steps and scoring passes by a GPU's own compiler, in a process of its own.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Family } from "../../src/kernels/kernel.ts";
import type { Storage } from "../../src/engine/planner.ts";
import type { MeasuredGraph } from "../../src/train/noise-session.ts";
import type { DawnProfile } from "../../src/platform/dawn.ts";
import { compilerEnvironment, type Gpu } from "./layer.ts";

/** A network's step, at the paper's size. */
export interface StepRequest {
  readonly net: string;
  readonly graph: MeasuredGraph;
  readonly batch: number;
}

export interface CompileRequest {
  readonly steps: readonly StepRequest[];
  /** Lanes of a subgroup that the compiler uses and the engine is given; default: the driver's rule, and none where a GPU has several sizes. */
  readonly lanes?: 32 | 64;
  /** Default: what suits the adapter. */
  readonly families?: readonly Family[];
  readonly storage?: Storage;
  /** Dawn's profile; default "safe", with bounds checks in the shaders. */
  readonly profile?: DawnProfile;
  /** Compiles only kernels whose name begins so; default: all. */
  readonly only?: string;
}

/** What a kernel is launched with. */
export interface LaunchFacts {
  readonly label: string;
  readonly op: string;
  readonly family: Family;
  /** Name of the pipeline. */
  readonly kernel: string;
  readonly shader: string;
  readonly params: Readonly<Record<string, number | string>>;
  readonly dims: Readonly<Record<string, number>>;
  readonly workgroups: number;
  readonly flops: number;
  readonly bytes: number;
}

export interface Step extends StepRequest {
  readonly peakBytes: number;
  readonly launches: readonly LaunchFacts[];
}

/** The driver's statistics of a pipeline, under its own names. */
export type Statistics = Readonly<Record<string, number>>;

export interface CompiledPipeline {
  readonly name: string;
  /** Number of the driver's report. */
  readonly n: number;
  readonly milliseconds: number;
  readonly statistics: Statistics;
  readonly assembly: string;
}

export interface Compiled {
  readonly adapter: string;
  readonly driver: string;
  /** As the engine is given it: 0 where a GPU has several. */
  readonly subgroupSize: number;
  readonly subgroupMatrix: Readonly<Record<"M" | "N" | "K", number>> | null;
  readonly steps: readonly Step[];
  readonly pipelines: readonly CompiledPipeline[];
}

/**
 * Compiles what the steps launch. The driver's texts (WGSL, NIR, ACO's, assembly) stay in `keep`, if it is given. Throws where packages are missing,
 * and what the process printed where it fails.
 */
export function compileSteps(gpu: Gpu, request: CompileRequest, keep?: string): Compiled {
  const scratch = mkdtempSync(join(tmpdir(), "striatum-compile-"));
  const reports = keep ?? join(scratch, "reports");
  const [requestPath, outPath] = ["request.json", "out.json"].map((name) => join(scratch, name));
  try {
    mkdirSync(reports, { recursive: true });
    writeFileSync(requestPath, JSON.stringify(request));
    const env = compilerEnvironment({ gpu, reports, ...(request.lanes && { lanes: request.lanes }) });
    const main = fileURLToPath(new URL("plans-main.ts", import.meta.url));
    const { status, signal, stderr } = spawnSync(process.execPath, ["--import", "tsx", main, requestPath, outPath], {
      env,
      encoding: "utf8",
      stdio: ["ignore", "ignore", "pipe"],
    });
    if (status !== 0) throw new Error(`compiling for ${gpu} ended with ${signal ?? `exit code ${status}`}:\n${stderr}`);
    return JSON.parse(readFileSync(outPath, "utf8")) as Compiled;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
