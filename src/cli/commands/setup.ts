// striatum setup: installs the software Vulkan driver if no adapter is found, and else does nothing.
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import { findChromium } from "../host/chromium.ts";
import type { Diagnosis } from "../host/diagnosis.ts";
import { aptUpdate, planChromium, planDriver } from "../host/driver-plan.ts";
import type { Machine, Step, Work } from "../host/driver-plan.ts";
import { hasCommand, installedVersions, readMachine } from "../host/machine.ts";
import { inCI, paint, print, say } from "../output.ts";
import { installSwiftShader, SWIFTSHADER_OFFER } from "../host/swiftshader.ts";

interface SetupOptions {
  readonly yes?: boolean;
  readonly browser?: boolean;
  readonly swiftshader?: boolean;
}

export function registerSetup(program: Command): void {
  program
    .command("setup")
    .description("install the software Vulkan driver if no adapter is found")
    .option("-y, --yes", "install without asking (the default in CI, and as root without a terminal)")
    .option("--browser", "also install Chromium for the browser tests (in CI it always does)")
    .option("--swiftshader", "fetch a slower adapter from npm instead; needs no administrator rights")
    .action((options: SetupOptions) => (options.swiftshader ? setupSwiftShader() : setup(options)));
}

const NOTHING: Work = { prepare: [], install: [] };

async function setup(options: SetupOptions): Promise<void> {
  const before = probe();
  if (typeof before === "string") say(`${paint("yellow", "note:")} the process that looked for an adapter crashed (${before})`);
  else if (!before.host) throw new Error(before.remarks.map(({ what, fix }) => `${what}: ${fix}`).join("\n"));
  const answering = typeof before === "string" ? null : before.adapter;
  if (answering) say(`${answering.description} was found: no driver is needed.`);

  const machine = readMachine();
  const driver = answering ? NOTHING : planDriver(machine);
  if ("unable" in driver) throw new Error(`No adapter was found, and setup cannot install one: ${driver.unable}.\n${SWIFTSHADER_OFFER}`);
  const browser = planBrowser(options, machine);
  const installs = [...driver.install, ...browser.install];
  if (installs.length === 0) {
    say("There is nothing to do.");
    return;
  }

  await install([...driver.prepare, aptUpdate, ...installs], options);
  if (answering) return;
  const mesa = installedVersions(["mesa-vulkan-drivers"])["mesa-vulkan-drivers"];
  const after = probe();
  if (typeof after === "string" || !after.adapter)
    throw new Error(
      `mesa-vulkan-drivers ${mesa} is installed, but no adapter was found (Mesa 23 or later is needed).\n${SWIFTSHADER_OFFER}`,
    );
  say(`${paint("green", "ready:")} mesa-vulkan-drivers ${mesa} is installed, ${after.adapter.description} was found.`);
}

/** Chromium if it is asked for and missing. In CI a system that has no package for it only skips the browser tests. */
function planBrowser({ browser }: SetupOptions, machine: Machine): Work {
  if (!browser && !inCI()) return NOTHING;
  const chromium = findChromium();
  const plan = planChromium(machine);
  if (chromium !== undefined) say(`${chromium} is installed for the browser tests.`);
  else if ("install" in plan) return plan;
  else if (browser) throw new Error(plan.unable);
  else say(`The browser tests will be skipped: ${plan.unable}.`);
  return NOTHING;
}

/** Prints the commands, asks if it can, and runs them. */
async function install(wanted: readonly Step[], options: SetupOptions): Promise<void> {
  const steps = asRoot(wanted);
  if (!steps) throw new Error(`This needs root, and sudo was not found. As root run:\n${shown(wanted)}\n${SWIFTSHADER_OFFER}`);
  say(`Setup runs:\n${shown(steps)}`);
  if (!(await agreed(options))) throw new Error(`Nothing was installed.\n${SWIFTSHADER_OFFER}`);
  for (const step of steps) {
    say(paint("dim", `> ${step.argv.join(" ")}`));
    const failure = await run(step);
    if (failure !== undefined && !step.mayFail)
      throw new Error(`${step.argv.join(" ")}: ${failure}. Completed steps stay; setup can be run again.`);
  }
}

function setupSwiftShader(): void {
  const environment = installSwiftShader();
  const found = probe(environment);
  if (typeof found === "string" || !found.adapter)
    throw new Error("SwiftShader was fetched, but no adapter was found: run `npx striatum doctor`");
  say(`${found.adapter.description || "SwiftShader"} is found in an environment with`);
  for (const [name, value] of Object.entries(environment)) print(`export ${name}='${value}'`);
}

/**
 * Runs the doctor in a child process: a driver installed meanwhile is not seen by a process that looked before, and one that crashes
 * takes only the child with it. Returns how the child ended if it printed nothing.
 */
function probe(environment: Readonly<Record<string, string>> = {}): Diagnosis | string {
  const { stdout, status, signal } = spawnSync(
    process.execPath,
    [...process.execArgv, process.argv[1], "doctor", "--json", "--no-self-test"],
    {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, ...environment },
      timeout: 120_000,
    },
  );
  try {
    return JSON.parse(stdout) as Diagnosis;
  } catch {
    return signal ?? `exit code ${status}`;
  }
}

/** The steps as this user can run them; undefined if not at all. */
function asRoot(steps: readonly Step[]): readonly Step[] | undefined {
  if (process.getuid?.() === 0) return steps;
  if (!hasCommand("sudo")) return undefined;
  const sudo = process.stdin.isTTY ? ["sudo"] : ["sudo", "-n"];
  return steps.map((step) => ({ ...step, argv: [...sudo, ...step.argv] }));
}

const shown = (steps: readonly Step[]): string =>
  steps
    .map(
      ({ argv, input }) => `  ${argv.join(" ")}${input === undefined ? "" : ` <<END\n${input.replaceAll(/^/gm, "    ").trimEnd()}\n  END`}`,
    )
    .join("\n");

async function agreed({ yes }: SetupOptions): Promise<boolean> {
  if (yes || inCI() || (process.getuid?.() === 0 && !process.stdin.isTTY)) return true;
  if (!process.stdin.isTTY) {
    say("Cannot ask without a terminal: add --yes.");
    return false;
  }
  const dialogue = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await dialogue.question("Run this? [Y/n] ");
  dialogue.close();
  return /^(y|yes|)$/i.test(answer.trim());
}

/** Runs one step, its output on our stderr. Resolves to how it failed, or to undefined. */
const run = ({ argv, input }: Step): Promise<string | undefined> =>
  new Promise((resolve) => {
    const child = spawn(argv[0], argv.slice(1), { stdio: [input === undefined ? "ignore" : "pipe", 2, 2] });
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`)));
    child.stdin?.end(input);
  });
