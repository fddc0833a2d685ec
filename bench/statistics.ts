// Summaries of repeated measurements: the median and the quartiles, and ratios round by round. Times are milliseconds.

import { median } from "../src/engine/profiler.ts";

/** Distribution of times. `runs` is their number. */
export interface Spread {
  readonly median: number;
  readonly p25: number;
  readonly p75: number;
  readonly min: number;
  readonly runs: number;
}

/** A spread with all its times, in the order of the rounds. */
export interface Timing extends Spread {
  readonly times: number[];
}

/** The value below which a share of them lies: linear between neighbours (Hyndman and Fan 1996, type 7). */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new Error("internal: no value, no quantile");
  const sorted = values.toSorted((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)];
  return below + (at % 1) * (sorted[Math.ceil(at)] - below);
}

export const spreadOf = (times: readonly number[]): Spread => ({
  median: rounded(median(times)),
  p25: rounded(quantile(times, 0.25)),
  p75: rounded(quantile(times, 0.75)),
  min: rounded(Math.min(...times)),
  runs: times.length,
});

export const timingOf = (times: readonly number[]): Timing => ({ ...spreadOf(times), times: times.map(rounded) });

/** Five digits: more is below the clocks' resolution. */
export const rounded = (value: number): number => Number(value.toPrecision(5));

/** Median over the rounds of a / b: other load in a round affects both. */
export function ratioByRound(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) throw new Error(`internal: ${a.length} rounds of one, ${b.length} of the other`);
  return median(a.map((value, round) => value / b[round]));
}

/** A repeatable measurement. */
export interface Candidate {
  /** Milliseconds of one run. */
  run(): Promise<number>;
}

export interface Rounds {
  readonly rounds: number;
  /** Warm-up runs of each before the first round. */
  readonly warmUps: number;
  /** Once aborted, the round is left unfinished and does not count. */
  readonly signal: AbortSignal;
  readonly onRound?: (done: number) => void;
}

/**
 * Runs all of them in turn, in rounds, each round starting with the next one, so that other load affects all alike. The times of the complete
 * rounds: [items][rounds].
 */
export async function interleave(candidates: readonly Candidate[], { rounds, warmUps, signal, onRound }: Rounds): Promise<number[][]> {
  const times: number[][] = candidates.map(() => []);
  for (let i = 0; i < warmUps; i++) {
    for (const candidate of candidates) {
      if (signal.aborted) return times;
      await candidate.run();
    }
  }
  for (let round = 0; round < rounds; round++) {
    const ofRound = new Map<number, number>();
    for (let turn = 0; turn < candidates.length; turn++) {
      if (signal.aborted) return times;
      const which = (round + turn) % candidates.length;
      ofRound.set(which, await candidates[which].run());
    }
    for (const [which, time] of ofRound) times[which].push(time);
    onRound?.(round + 1);
  }
  return times;
}
