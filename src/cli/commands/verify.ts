// striatum verify: checks this adapter's results. Every kernel, in every family, against its op's float64 definition; every gradient
// against central differences; or a whole network's training steps against the same steps in float64. Exits with 1 if a bound is exceeded.
import { Option, type Command } from "commander";
import type { Engine } from "../../engine/engine.ts";
import { compareWithReference } from "../../verify/judge.ts";
import type { Case } from "../../kernels/cases/case.ts";
import { cases } from "../../kernels/cases/index.ts";
import { allKernels } from "../../kernels/all.ts";
import type { KernelName } from "../../kernels/index.ts";
import { FAMILIES, type Family, type Kernel } from "../../kernels/kernel.ts";
import { networkNamed } from "../../models/index.ts";
import { GRADIENT_TOLERANCE, gradientErrors } from "../../ops/check-gradient.ts";
import { gradientCases } from "../../ops/gradient-cases.ts";
import { ops, type OpName } from "../../ops/index.ts";
import { checkNetwork } from "../network-check.ts";
import { familiesOf, familyOption, netOption, withEngine } from "../options.ts";
import { EXIT, paint, print, printJson, say, table } from "../output.ts";

interface VerifyOptions {
  readonly op?: OpName;
  readonly net?: string;
  readonly family?: Family;
  readonly json?: boolean;
}

/** One comparison: of a kernel's outputs, of a gradient, or of a network's training. */
export interface Finding {
  readonly op: string;
  readonly case: string;
  readonly family: string;
  /** Largest error relative to its bound. */
  readonly worstError: number;
  readonly bound: number;
  /** At most 1 if it is right. */
  readonly ratio: number;
}

export function registerVerify(program: Command): void {
  program
    .command("verify")
    .description("check this adapter's kernels against float64: all of them, those of an op, or a network's training")
    .addOption(new Option("--op <name>", "this op and its backward passes").choices(Object.keys(ops)).conflicts("net"))
    .addOption(netOption().makeOptionMandatory(false))
    .addOption(familyOption())
    .option("--json", "one JSON document on stdout")
    .action((options: VerifyOptions) => withEngine((engine) => verify(engine, options)));
}

async function verify(engine: Engine, options: VerifyOptions): Promise<void> {
  const findings = options.net === undefined ? await verifyOps(engine, options) : await verifyNetwork(engine, options.net, options.family);
  if (findings.length === 0) throw new Error("nothing was compared: that op has no kernel of that family on this adapter");
  const wrong = findings.filter(({ ratio }) => !(ratio <= 1));
  const worst = findings.reduce((a, b) => (b.ratio > a.ratio || Number.isNaN(b.ratio) ? b : a));
  if (options.json)
    printJson({ adapter: engine.adapterName, host: engine.platform.host, compared: findings.length, wrong: wrong.length, findings });
  else print(formatFindings(findings));
  say(
    `${findings.length} compared on ${engine.adapterName}; the worst, ${worst.op} (${worst.case}, ${worst.family}), is at ${worst.ratio.toPrecision(2)} of its bound`,
  );
  if (wrong.length === 0) return say(paint("green", "all within their bounds"));
  say(paint("red", `${wrong.length} beyond their bounds: ${[...new Set(wrong.map(({ op, family }) => `${op} (${family})`))].join(", ")}`));
  process.exitCode = EXIT.failed;
}

/** Findings as rows; those beyond their bounds are marked. */
export function formatFindings(findings: readonly Finding[]): string {
  const rows = findings.map(({ op, case: title, family, worstError, bound, ratio }) => [
    op,
    title,
    family,
    worstError.toExponential(2),
    bound.toExponential(2),
    ratio.toFixed(3),
    ratio <= 1 ? "" : "WRONG",
  ]);
  return table(rows, ["op", "case", "family", "worst error", "bound", "ratio"]);
}

const isWanted = (name: string, wanted: OpName | undefined): boolean =>
  wanted === undefined || name === wanted || name.startsWith(`${wanted}Backward`);

/** Kernels and gradients, of all ops or of one with its backward passes. */
export async function verifyOps(engine: Engine, { op, family: only }: VerifyOptions): Promise<Finding[]> {
  const findings: Finding[] = [];
  /** Adds them, and says on stderr how far it is. */
  const report = (name: string, found: readonly Finding[]): void => {
    findings.push(...found);
    if (found.length > 0)
      say(`${name}: ${found.length} compared, worst at ${Math.max(...found.map(({ ratio }) => ratio)).toPrecision(2)} of its bound`);
  };
  for (const [name, list] of Object.entries<Readonly<Record<string, Case>>>(cases)) {
    if (isWanted(name, op)) report(name, await verifyKernel(engine, name as KernelName, list, only ? [only] : FAMILIES));
  }
  // Gradients do not depend on family or adapter: they are checked only without --family.
  if (only === undefined) {
    for (const name of Object.keys(gradientCases) as OpName[]) if (isWanted(name, op)) report(`gradient of ${name}`, verifyGradient(name));
  }
  return findings;
}

async function verifyKernel(
  engine: Engine,
  name: KernelName,
  list: Readonly<Record<string, Case>>,
  families: readonly Family[],
): Promise<Finding[]> {
  const kernel: Kernel = allKernels[name];
  const found: Finding[] = [];
  for (const [title, tested] of Object.entries(list)) {
    for (const family of families.filter((family) => kernel[family])) {
      const verdict = await compareWithReference(engine, name, tested, family);
      if (!verdict) continue;
      const { worstError, bound, ratio } = verdict;
      found.push({ op: name, case: title, family, worstError, bound, ratio });
    }
  }
  return found;
}

function verifyGradient(name: OpName): Finding[] {
  return Object.entries(gradientCases[name] ?? {}).flatMap(([title, tested]) =>
    Object.entries(gradientErrors(name, tested)).map(([port, worstError]) => ({
      op: name,
      case: `gradient of ${port}: ${title}`,
      family: "float64",
      worstError,
      bound: GRADIENT_TOLERANCE,
      ratio: worstError / GRADIENT_TOLERANCE,
    })),
  );
}

async function verifyNetwork(engine: Engine, net: string, family: Family | undefined): Promise<Finding[]> {
  const checks = await checkNetwork(engine, networkNamed(net), familiesOf(family), say);
  return checks.map(({ state, worstError, bound, ratio }) => ({
    op: net,
    case: state,
    family: family ?? "default",
    worstError,
    bound,
    ratio,
  }));
}
