// What a real GPU's compiler makes of the kernels of both networks' training steps, without a GPU. Skipped where its packages are not installed.
import { beforeAll, describe, expect, test } from "vitest";
import { compileSteps } from "../../bench/compile/compile.ts";
import { kernelReports, type KernelUse } from "../../bench/compile/kernel-uses.ts";
import { missingPackages } from "../../bench/compile/layer.ts";
import {
  CHECKED_GPUS,
  isSplittable,
  isTight,
  LOOP_LIMITS,
  loopGoals,
  loopOf,
  STEP_GOALS,
  STEP_LIMITS,
  worstOf,
  type CheckedGpu,
  type LoopLimit,
} from "../../bench/compile/limits.ts";
import { PHASES, stepReport, type StepReport } from "../../bench/compile/step-report.ts";

const NETS = ["alexnet", "googlenet"] as const;
const BATCHES = [4, 32, 128];

const compiled = new Map<CheckedGpu, { readonly kernels: readonly KernelUse[]; readonly steps: readonly StepReport[] }>();
function resultOf(gpu: CheckedGpu) {
  const known = compiled.get(gpu);
  if (known) return known;
  const steps = NETS.flatMap((net) => BATCHES.map((batch) => ({ net, graph: "training" as const, batch })));
  const made = compileSteps(gpu, { steps });
  const result = { kernels: kernelReports(made, gpu), steps: made.steps.map(stepReport) };
  compiled.set(gpu, result);
  return result;
}

/** Loops of products by kind, each kernel's. */
function loopsOf(kernels: readonly KernelUse[]): Map<string, LoopLimit[]> {
  const loops = new Map<string, LoopLimit[]>();
  for (const kernel of kernels) {
    const kind = loopOf(kernel);
    if (kind !== null && kernel.loop) loops.set(kind, [...(loops.get(kind) ?? []), kernel.loop]);
  }
  return loops;
}

describe.skipIf(missingPackages().length > 0).each(CHECKED_GPUS)("compiled for %s", (gpu) => {
  beforeAll(() => void resultOf(gpu), 300_000);

  test("no kernel spills registers or keeps values in scratch memory", () => {
    const { kernels } = resultOf(gpu);
    expect(kernels.length).toBeGreaterThan(20);
    expect(kernels.filter(({ spills, scratchBytes }) => spills > 0 || scratchBytes > 0).map(({ kernel }) => kernel)).toEqual([]);
  });

  test("every kind of product has a limit, and every limit a product", () => {
    expect([...loopsOf(resultOf(gpu).kernels).keys()].toSorted()).toEqual(Object.keys(LOOP_LIMITS[gpu]).toSorted());
  });

  test.each(Object.entries(LOOP_LIMITS[gpu]))("the loop of %s is within its limits, and they are tight", (kind, limit) => {
    const loops = loopsOf(resultOf(gpu).kernels).get(kind) ?? [];
    expect(loops, "no kernel has this loop").not.toEqual([]);
    const worst = worstOf(loops);
    expect(worst.blocks).toBeLessThanOrEqual(limit.blocks);
    expect(worst.instructions).toBeLessThanOrEqual(limit.instructions);
    expect(worst.exposedWaits).toBeLessThanOrEqual(limit.exposedWaits);
    const goals = loopGoals(gpu, kind);
    const slack = (Object.keys(limit) as (keyof LoopLimit)[]).filter((name) => !isTight(limit[name], worst[name], goals[name]));
    expect(slack, `lower these limits to ${JSON.stringify(worst)}`).toEqual([]);
  });
});

/** Instructions for one product of matrices, in the loop that loads what it needs. */
const INSTRUCTIONS_PER_PRODUCT = { safe: 90, fast: 32 } as const;

test.skipIf(missingPackages().length > 0).each(["safe", "fast"] as const)(
  "products on RDNA 3's matrix units, Dawn's profile %s: one block, no exposed wait, few instructions",
  { timeout: 300_000 },
  (profile) => {
    const steps = NETS.map((net) => ({ net, graph: "training" as const, batch: 32 }));
    const made = compileSteps("navi31", { steps, families: ["matrix"], lanes: 64, profile, only: "gemm-matrix" });
    const kernels = kernelReports(made, "navi31");
    expect(kernels.length).toBeGreaterThan(4);
    for (const { kernel, spills, scratchBytes, loop } of kernels) {
      expect({ spills, scratchBytes }, kernel).toEqual({ spills: 0, scratchBytes: 0 });
      expect(loop, kernel).toMatchObject({ blocks: 1, exposedWaits: 0 });
      expect((loop?.instructions ?? Infinity) / (loop?.mix.matrix ?? 0), kernel).toBeLessThanOrEqual(INSTRUCTIONS_PER_PRODUCT[profile]);
    }
  },
);

describe.skipIf(missingPackages().length > 0).each(NETS)("training steps of %s, planned for a GPU", (net) => {
  const limit = STEP_LIMITS[net];
  const steps = (): StepReport[] => resultOf("navi31").steps.filter((step) => step.net === net);
  beforeAll(() => void resultOf("navi31"), 300_000);

  test.each(BATCHES)("launches, batch %d", (batch) => {
    const launches = steps().find((step) => step.batch === batch)?.launches;
    expect(limit.launches[batch], "the goal").toBeLessThanOrEqual(STEP_GOALS.launches[net]);
    expect(launches, "raise or lower the limit with the plan").toBe(limit.launches[batch]);
  });

  test.each(PHASES)("work beyond the edges of tiles, %s", (phase) => {
    const worst = Math.max(...steps().map(({ computed }) => computed[phase] ?? 0));
    expect(worst).toBeLessThanOrEqual(limit.computed[phase]);
    expect(limit.computed[phase], `lower the limit to ${worst}`).toBeLessThanOrEqual(Math.max(STEP_GOALS.computed, worst + 0.01));
  });

  test.each(BATCHES)("products of few workgroups whose sums could be split, batch %d", (batch) => {
    const small =
      steps()
        .find((step) => step.batch === batch)
        ?.small.filter(isSplittable) ?? [];
    const names = small.map(({ label, phase, workgroups, depth }) => `${label} ${phase}: ${workgroups} workgroups of ${depth}`);
    expect(names.length, names.join("\n")).toBeLessThanOrEqual(limit.splittable[batch]);
    expect(isTight(limit.splittable[batch], names.length, STEP_GOALS.splittable), `lower the limit to ${names.length}`).toBe(true);
  });
});
