// The doctor's self-test: a handful of kernels, in the families that this adapter runs first, against their float64 definitions; about a second.
import type { Engine } from "../engine/engine.ts";
import { compareWithReference, type Verdict } from "../verify/judge.ts";
import type { Case } from "../kernels/cases/case.ts";
import { cases } from "../kernels/cases/index.ts";
import { familiesFor } from "../kernels/choose.ts";
import { allKernels } from "../kernels/all.ts";
import type { KernelName } from "../kernels/index.ts";
import type { Kernel } from "../kernels/kernel.ts";
import type { SelfTestResult } from "./host/diagnosis.ts";

/** What a training step spends its time on, and one op of each other kind: few, as a cold driver compiles each. The first case of each is run. */
const TESTED = [
  "conv2d",
  "conv2dBackwardData",
  "conv2dBackwardFilter",
  "lrn",
  "maxPool",
  "softmaxLoss",
  "sgd",
] as const satisfies readonly KernelName[];

export async function selfTest(engine: Engine): Promise<SelfTestResult> {
  const results: { name: string; verdict: Verdict }[] = [];
  for (const name of TESTED) results.push({ name, verdict: await firstVerdict(engine, name) });
  const wrong = results.filter(({ verdict }) => !(verdict.ratio <= 1));
  const worst = results.reduce((a, b) => (b.verdict.ratio > a.verdict.ratio ? b : a));
  const compared = results.reduce((sum, { verdict }) => sum + verdict.elements, 0);
  return {
    passed: wrong.length === 0,
    summary:
      wrong.length > 0
        ? `${wrong.map(({ name, verdict }) => `${name} (${verdict.family}) errs by ${verdict.ratio.toPrecision(3)} times its bound`).join(", ")}: \`npx striatum verify\` says more`
        : `${results.length} kernels, ${compared.toLocaleString("en-US")} values against float64, the worst at ${worst.verdict.ratio.toPrecision(2)} of its bound (${worst.name})`,
  };
}

/** Verdict on the first family that takes the op's first case, as the engine would choose it. */
async function firstVerdict(engine: Engine, name: KernelName): Promise<Verdict> {
  const [tested]: Case[] = Object.values(cases[name]);
  const kernel: Kernel = allKernels[name];
  for (const family of familiesFor(engine.target).filter((family) => kernel[family])) {
    const verdict = await compareWithReference(engine, name, tested, family);
    if (verdict) return verdict;
  }
  throw new Error(`internal: no family takes the first case of ${name}`);
}
