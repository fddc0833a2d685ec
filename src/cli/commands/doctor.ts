// striatum doctor: reports what this machine has, what will run on it, what is missing and what to do.
import type { Command } from "commander";
import { diagnose } from "../host/diagnosis.ts";
import type { Diagnosis, SelfTest } from "../host/diagnosis.ts";
import { EXIT, paint, print, printJson, say, table } from "../output.ts";

/** `selfTest` is run if an adapter is found. */
export function registerDoctor(program: Command, selfTest: SelfTest): void {
  program
    .command("doctor")
    .description("report what this machine has, what will run on it and what is missing")
    .option("--json", "the diagnosis as one JSON document on stdout")
    .option("--no-self-test", "only list what is here; compute nothing")
    .addHelpText(
      "after",
      "\nSTRIATUM_DAWN chooses Dawn's toggles and adapter: src/platform/dawn.ts lists them. Exits with 1 if nothing can compute.",
    )
    .action(async (options: { json?: boolean; selfTest: boolean }) => {
      const diagnosis = await diagnose(options.selfTest ? selfTest : undefined);
      if (options.json) printJson(diagnosis);
      else report(diagnosis);
      if (!diagnosis.ready) process.exitCode = EXIT.failed;
    });
}

/** Limits that only concern drawing; --json has them too. */
const OF_DRAWING = /Texture|Sampler|Vert|Fragment|Color|InterStage/;

function report({ ready, host, adapters, adapter, kernels, selfTest, remarks }: Diagnosis): void {
  const rows: string[][] = Object.entries(host ?? {}).map(([name, value]) => [name, value]);
  rows.push(["adapters", adapters.length === 0 ? "none" : `${adapters.length}: ${adapters.join("; ")}`]);
  if (adapter) {
    const { subgroupMinSize: min, subgroupMaxSize: max } = adapter;
    rows.push(
      ["adapter", [adapter.vendor, adapter.architecture, adapter.device].filter((part) => part !== "").join(" / ")],
      ["driver", adapter.description],
      ["kind", adapter.software ? "software: the CPU computes" : "GPU"],
      ["subgroups", adapter.features.includes("subgroups") ? (min === max ? `${min} lanes` : `${min} to ${max} lanes`) : "none"],
    );
  }
  if (kernels.length > 0) rows.push(["kernels", `${kernels.join(", then ")}: the first that fits the problem`]);
  if (selfTest) rows.push(["self-test", `${selfTest.passed ? "passed" : "failed"}: ${selfTest.summary}`]);
  print(table(rows));
  if (adapter) {
    print(`\nfeatures\n${wrap(adapter.features)}`);
    const limits = Object.entries(adapter.limits).filter(([name]) => !OF_DRAWING.test(name));
    print(`\nlimits\n${table(limits.map(([name, value]) => [`  ${name}`, String(value), binary(value)]))}`);
  }
  say("");
  for (const { kind, what, fix } of remarks)
    say(`${kind === "problem" ? paint("red", "problem:") : paint("yellow", "note:")} ${what}\n  ${fix.replaceAll("\n", "\n  ")}`);
  say(ready ? paint("green", "ready") : paint("red", "not ready"));
}

/** 134217728 -> "128 Mi"; below a Mi only what is even. */
function binary(value: number): string {
  const units: readonly [number, string][] = [
    [2 ** 30, "Gi"],
    [2 ** 20, "Mi"],
    [2 ** 10, "Ki"],
  ];
  const unit = units.find(([size]) => value >= size && (value % size === 0 || value >= 2 ** 20));
  return unit ? `${Number((value / unit[0]).toFixed(1))} ${unit[1]}` : "";
}

function wrap(words: readonly string[]): string {
  const lines = [""];
  for (const word of words) {
    if (`${lines.at(-1)} ${word}`.length > 100) lines.push("");
    lines.push(`${lines.pop()} ${word}`);
  }
  return lines.map((line) => ` ${line}`).join("\n");
}
