// The compiled kernels of several steps with how much of the steps' work each does.
import type { Compiled, LaunchFacts } from "./compile.ts";
import { reportOf, type KernelReport } from "./kernel-report.ts";
import type { Gpu } from "./layer.ts";

export interface KernelUse extends KernelReport {
  /** File in shaders/. */
  readonly shader: string;
  /** Over all steps. */
  readonly launches: number;
  readonly flops: number;
  readonly bytes: number;
}

/** Most work first. */
export function kernelReports({ pipelines, steps }: Compiled, gpu: Gpu): KernelUse[] {
  const all = steps.flatMap(({ launches }) => launches);
  return pipelines
    .map((pipeline) => {
      const uses = all.filter(({ kernel }) => kernel === pipeline.name);
      return {
        ...reportOf(pipeline, gpu.startsWith("navi"), multiplyAddsOf(uses[0])),
        shader: uses[0].shader,
        launches: uses.length,
        flops: uses.reduce((sum, { flops }) => sum + flops, 0),
        bytes: uses.reduce((sum, { bytes }) => sum + bytes, 0),
      };
    })
    .sort((a, b) => b.flops - a.flops || b.bytes - a.bytes);
}

/** Multiply-adds that one turn of a tiled product's loop has by its tile; undefined for other kernels. */
function multiplyAddsOf({ params }: LaunchFacts): number | undefined {
  const [micro, depth] = [Number(params["MICRO"]), Number(params["DEPTH"])];
  return micro > 0 && depth > 0 ? micro * micro * depth : undefined;
}
