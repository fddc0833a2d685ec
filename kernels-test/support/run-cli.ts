// Starts the command line as a person would, from a fresh process.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `striatum ARGS` to its end, with `env` over our own environment. */
export function runCli(args: readonly string[], env: Readonly<Record<string, string>> = {}): Finished {
  return spawnSync(process.execPath, ["--import", "tsx", MAIN, ...args], {
    encoding: "utf8",
    env: { ...process.env, STRIATUM_DAWN: "", ...env },
    timeout: 110_000,
  });
}
