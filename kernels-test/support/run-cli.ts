// Starts the command line, or another program of this repository, as a person would: from a fresh process.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../../", import.meta.url);

/** What Node is given to run a file of this repository. */
export const argumentsFor = (program: string, args: readonly string[]): string[] => [
  "--import",
  "tsx",
  fileURLToPath(new URL(program, ROOT)),
  ...args,
];

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `striatum ARGS` to its end, with `env` over our own environment. */
export const runCli = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Finished =>
  runProgram("src/cli/main.ts", args, env);

/** Runs a file of this repository to its end. */
export function runProgram(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Finished {
  return spawnSync(process.execPath, argumentsFor(program, args), {
    encoding: "utf8",
    env: { ...process.env, STRIATUM_DAWN: "", ...env },
    timeout: 110_000,
  });
}
