// Tries of a target, one after another. Each is a function of target, seed and number alone.
import { writeSync } from "node:fs";
import { Draws } from "./draws.ts";
import { judge, SLOW_MS, tookLong } from "./judge.ts";
import { minimise } from "./minimise.ts";
import type { Target } from "./target.ts";

/** The exit code of a process in which a mutation failed, for which no reader is to blame. */
export const MUTATION_FAILED = 3;

export interface Fault {
  readonly target: string;
  readonly fault: string;
  /** Number of the try; with the seed it gives the input again. */
  readonly index: number;
  readonly input: Uint8Array;
}

export interface Tally {
  readonly tries: number;
  readonly accepted: number;
  readonly refused: number;
  /** The longest one. */
  readonly slowestMs: number;
}

/** The input of a try. */
export function inputOf({ seeds, mutate }: Target, name: string, seed: number, index: number): Uint8Array {
  const draws = new Draws(name, seed, index);
  const { bytes } = draws.pick(seeds);
  return mutate(
    bytes,
    draws,
    seeds.map((one) => one.bytes),
  );
}

export interface Range {
  readonly name: string;
  readonly seed: number;
  readonly from: number;
  /** Ends before this try. */
  readonly to: number;
  /** Ends after this time. */
  readonly limitMs: number;
  /** An open file that gets the number of each try before it begins, so that a watcher knows where one stands still. */
  readonly state?: number;
  /** Reading for so long, twice, is a fault. Default: 5 s. */
  readonly slowMs?: number;
}

/** Makes tries and hands each kind of fault on once, minimised. */
export async function attempt(
  target: Target,
  { name, seed, from, to, limitMs, state, slowMs = SLOW_MS }: Range,
  report: (fault: Fault) => void,
): Promise<Tally> {
  const known = new Set<string>();
  const tally = { tries: 0, accepted: 0, refused: 0, slowestMs: 0 };
  const end = performance.now() + limitMs;
  for (let index = from; index < to && performance.now() < end; index++) {
    if (state !== undefined) writeSync(state, `${name} ${index}`.padEnd(60), 0);
    const input = inputOf(target, name, seed, index);
    const started = performance.now();
    let outcome = await judge(target, input, slowMs);
    // What a suspended or busy machine delayed is fast when it is read again.
    if (tookLong(outcome)) outcome = await judge(target, input, slowMs);
    tally.tries++;
    tally.slowestMs = Math.max(tally.slowestMs, performance.now() - started);
    if (typeof outcome === "string") tally[outcome]++;
    else if (!known.has(outcome.fault)) {
      known.add(outcome.fault);
      const same = async (bytes: Uint8Array): Promise<boolean> => {
        const other = await judge(target, bytes);
        return typeof other !== "string" && other.fault === outcome.fault;
      };
      report({ target: name, fault: outcome.fault, index, input: tookLong(outcome) ? input : await minimise(input, same) });
    }
  }
  return tally;
}
