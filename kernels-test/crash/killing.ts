// Kills a program and the processes that it started, as `kill -9` does, at a moment that the caller draws. Works on Linux, whose /proc lists processes.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** Which processes are killed: all of the program's, the one that was started, or one that it started. */
export const VICTIMS = ["all", "first", "other"] as const;
export type Victims = (typeof VICTIMS)[number];

/** When: after a time, or at the n-th change of the names of files in a folder. */
export type Moment = { readonly afterMs: number } | { readonly atChange: number };

export interface Kill {
  readonly folder: string;
  readonly moment: Moment;
  readonly victims: Victims;
}

export interface Ended {
  /** Exit code, null where the started process was killed. */
  readonly code: number | null;
  /** Processes that were killed: 0 where the program ended before. */
  readonly killed: number;
  readonly ms: number;
  /** Changes of names that were seen. */
  readonly changes: number;
  /** The end of what it printed. */
  readonly output: string;
}

const LOOK_MS = 3;
const OUTPUT_CHARACTERS = 4000;

/** Runs a program to its end, or until it is killed; returns when all its processes have ended. */
export async function run(argv: readonly string[], { folder, moment, victims }: Partial<Kill> = {}): Promise<Ended> {
  const started = performance.now();
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "pipe"] });
  const pid = child.pid as number;
  let [killed, changes, names, output] = [0, 0, "", ""];
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text: Buffer) => (output = (output + text.toString()).slice(-OUTPUT_CHARACTERS)));
  let family: number[] = [];
  const look = setInterval(() => {
    if (folder !== undefined) {
      const now = namesIn(folder);
      if (now !== names) changes++;
      names = now;
    }
    if (moment === undefined || killed > 0) return;
    if ("afterMs" in moment ? performance.now() - started < moment.afterMs : changes < moment.atChange) return;
    family = familyOf(pid);
    const chosen = victims === "all" ? family : victims === "first" ? [pid] : family.slice(1, 2);
    for (const victim of chosen) if (kill(victim)) killed++;
  }, LOOK_MS);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  clearInterval(look);
  const ms = performance.now() - started;
  while (family.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  return { code, killed, ms, changes, output };
}

function namesIn(folder: string): string {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" }).join("\n");
  } catch {
    // Not there yet, or a folder went away while it was read.
    return "";
  }
}

/** Parent and state of a process; null where there is none. The name, in brackets, may contain anything. */
function statusOf(pid: number): { readonly parent: number; readonly state: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state, parent: Number(parent) };
  } catch {
    return null;
  }
}

const isAlive = (pid: number): boolean => !["Z", "X", undefined].includes(statusOf(pid)?.state);

/** A process, then its descendants. */
function familyOf(pid: number): number[] {
  const all = readdirSync("/proc")
    .map(Number)
    .filter((id) => Number.isInteger(id));
  const family = [pid];
  for (const member of family) for (const id of all) if (statusOf(id)?.parent === member) family.push(id);
  return family;
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}
