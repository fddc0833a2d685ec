// A fuzzing campaign: tries of some targets in a process of their own, which is watched. A try that does not end in time, or ends the process, is a fault
// of its reader; the next process goes on after it.
import { fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inputOf, MUTATION_FAILED, type Fault, type Tally } from "./attempts.ts";
import type { Message } from "./child.ts";
import { TARGETS } from "./targets.ts";

export interface Wanted {
  readonly name: string;
  readonly from: number;
  readonly tries: number;
  readonly limitMs: number;
}

export interface Campaign {
  readonly tallies: ReadonlyMap<string, Tally>;
  readonly faults: readonly Fault[];
}

export interface CampaignOptions {
  readonly onFault?: (fault: Fault) => void;
  /** The program that makes the tries. */
  readonly child?: URL;
  /** Standing still for so long, twice in the same try, is a fault. Default: 20 s, more than a reader's own time limit and what a busy machine adds. */
  readonly stillMs?: number;
}

const LOOK_MS = 500;
const NOTHING: Tally = { tries: 0, accepted: 0, refused: 0, slowestMs: 0 };
const CHILD = new URL("./child.ts", import.meta.url);

export async function campaign(
  seed: number,
  wanted: readonly Wanted[],
  { onFault = () => undefined, child = CHILD, stillMs = 20_000 }: CampaignOptions = {},
): Promise<Campaign> {
  const folder = mkdtempSync(join(tmpdir(), "striatum-fuzz-"));
  const tallies = new Map<string, Tally>();
  const faults: Fault[] = [];
  const take = (fault: Fault): void => {
    if (faults.some((known) => known.target === fault.target && known.fault === fault.fault)) return;
    faults.push(fault);
    onFault(fault);
  };
  try {
    let rest = [...wanted];
    // The try that stood still last: a suspended machine does not stand still twice in the same one.
    let suspect = "";
    while (rest.length > 0) {
      const ended = await watched(seed, rest, { child, stillMs, state: join(folder, "state"), tallies, take });
      if (ended === null) break;
      const { name, index, fault, still } = ended;
      const isSure = !still || suspect === `${name} ${index}`;
      suspect = `${name} ${index}`;
      if (isSure) take({ target: name, fault, index, input: inputOf(await TARGETS[name](), name, seed, index) });
      const next = isSure ? index + 1 : index;
      const at = rest.findIndex((one) => one.name === name);
      const { from, tries } = rest[at];
      const before = tallies.get(name) ?? NOTHING;
      tallies.set(name, { ...before, tries: before.tries + next - from });
      rest = rest.slice(at).with(0, { ...rest[at], from: next, tries: from + tries - next });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { tallies, faults };
}

interface Watch extends Required<Pick<CampaignOptions, "child" | "stillMs">> {
  readonly state: string;
  readonly tallies: Map<string, Tally>;
  readonly take: (fault: Fault) => void;
}

/** Runs a process to its end: null, or the try that ended it. */
function watched(
  seed: number,
  wanted: readonly Wanted[],
  { child: program, stillMs, state, tallies, take }: Watch,
): Promise<{ readonly name: string; readonly index: number; readonly fault: string; readonly still: boolean } | null> {
  const jobs = wanted.map(({ name, from, tries, limitMs }) => [name, from, tries, limitMs].join(":"));
  const child = fork(fileURLToPath(program), [String(seed), state, ...jobs], {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "inherit", "pipe", "ipc"],
  });
  let trying = false;
  let errors = "";
  child.stderr?.on("data", (text: Buffer) => (errors = (errors + text.toString()).slice(-2000)));
  child.on("message", (message: Message) => {
    if (message.kind === "fault") take({ ...message.fault, input: new Uint8Array(Buffer.from(message.fault.input, "base64")) });
    else trying = message.kind === "begins";
    if (message.kind !== "done") return;
    const before = tallies.get(message.name) ?? NOTHING;
    const { tries, accepted, refused, slowestMs } = message.tally;
    tallies.set(message.name, {
      tries: before.tries + tries,
      accepted: before.accepted + accepted,
      refused: before.refused + refused,
      slowestMs: Math.max(before.slowestMs, slowestMs),
    });
  });
  let standing = { at: "", sinceMs: performance.now() };
  let still = false;
  const stateNow = (): string => {
    try {
      return readFileSync(state, "utf8").trim();
    } catch {
      return "";
    }
  };
  const watch = setInterval(() => {
    const at = stateNow();
    if (!trying || at !== standing.at) standing = { at, sinceMs: performance.now() };
    else if (performance.now() - standing.sinceMs > stillMs) {
      still = true;
      child.kill("SIGKILL");
    }
  }, LOOK_MS);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearInterval(watch);
      if (code === 0) return resolve(null);
      const [name, index] = stateNow().split(" ");
      const line = errors.split("\n").find((text) => /Error|abort/i.test(text)) ?? "";
      // A process that is killed for standing still may have gone on in that moment.
      if (!still && (!trying || code === MUTATION_FAILED))
        return reject(new Error(`fuzzing ended outside of a try (${signal ?? code}): ${errors}`));
      resolve({
        name,
        index: Number(index),
        still,
        fault: still ? `stands still for ${stillMs / 1000} s` : `ends the process (${signal ?? code}): ${line.slice(0, 100)}`,
      });
    });
  });
}
