// A study's jobs in several processes at once, each of which takes what is ready (`npx striatum study run`): on an adapter that is a processor, small
// networks keep one core busy each and gain little from a second thread. Results do not depend on their number: jobs share nothing but files.
import { spawn, type ChildProcess } from "node:child_process";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import { TryAgain } from "../../platform/try-again.ts";
import type { AnyEvent } from "../../platform/progress.ts";

/** An event of process number `from`, from 0. */
export interface FromProcess {
  readonly from: number;
  readonly event: AnyEvent;
}

export interface StudyProcesses {
  readonly out: string;
  readonly count: number;
  readonly scoreAgain: boolean;
  /** Once aborted, each process writes a checkpoint and ends. */
  readonly signal: AbortSignal;
}

/** Mesa's processor adapter computes with this many threads beside the calling one. */
const THREADS = "LP_NUM_THREADS";

/**
 * Runs the study of a folder to its end; false where the signal stopped it. Throws what the first process that fails says, once the others have
 * stopped. The processes end with this one, however it ends: they watch their stdin.
 */
export async function* runProcesses({ out, count, scoreAgain, signal }: StudyProcesses): AsyncGenerator<FromProcess, boolean> {
  const threads = Math.floor(availableParallelism() / count);
  const env = { [THREADS]: String(threads > 1 ? threads : 0), ...process.env };
  const args = ["study", "run", "--out", out, "--jobs", "1", "--json", "--end-with-stdin", ...(scoreAgain ? ["--score-again"] : [])];
  const queue: FromProcess[] = [];
  let wake: () => void = () => undefined;
  const failures: string[] = [];
  let stopped = false;
  let again: string | null = null;
  const running = new Set<ChildProcess>();
  const stop = (): void => running.forEach((child) => child.stdin?.end());
  signal.addEventListener("abort", stop);
  for (let from = 0; from < count; from++) {
    // A group of its own: Ctrl-C reaches this process, which stops the others once.
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1], ...args], { env, detached: true });
    running.add(child);
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-4000)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const event = eventOf(line);
      if (event) queue.push({ from, event });
      wake();
    });
    child.on("error", (error) => failures.push(error.message));
    child.on("close", (code) => {
      running.delete(child);
      const error = errorIn(stderr);
      // A lost device and a folder that another process has also end with 75, and say so.
      if (code === STOPPED && error === null) stopped = true;
      else if (code === STOPPED) again ??= error;
      else if (code !== 0) failures.push(error ?? `a process of the study ended with ${String(code)}`);
      if (code !== 0) stop();
      wake();
    });
  }
  try {
    while (running.size > 0 || queue.length > 0) {
      const next = queue.shift();
      if (next) yield next;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
  if (failures.length > 0) throw new Error(failures[0]);
  if (again !== null) throw new TryAgain(again);
  return !stopped && !signal.aborted;
}

/** Exit code of a process that has checkpointed and stopped. */
const STOPPED = 75;

/** Results are printed as documents of many lines; events are one line each. */
function eventOf(line: string): FromProcess["event"] | null {
  if (!line.startsWith('{"kind":')) return null;
  const event = JSON.parse(line) as AnyEvent;
  // Each process knows its own jobs alone; where the whole study stands is said by who started them.
  return event.kind === "study" ? null : event;
}

/** The last "error: ..." line and what follows it. */
function errorIn(stderr: string): string | null {
  const at = stderr.lastIndexOf("error: ");
  return at < 0 ? null : stderr.slice(at + "error: ".length).trim();
}
