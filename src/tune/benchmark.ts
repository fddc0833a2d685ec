// Which of several ways is the fastest: measured round by round, so that whatever else the machine does meanwhile slows all alike.
// Pure: the candidates bring the clock.
import { median } from "../engine/profiler.ts";

export interface Candidate {
  /** Makes ready, checks the result and warms up. Gives the reason where this way cannot run or computes wrongly. */
  start(): Promise<string | null>;
  /** Microseconds of one run. */
  sample(): Promise<number>;
}

/** How a candidate came out: its median time, why it did not start, or null where the benchmark was over before. */
export type Outcome = { readonly microseconds: number } | { readonly refused: string } | null;

export interface BenchmarkOptions {
  /** Microseconds that nothing can go below, where that is known: a candidate near it ends the benchmark. */
  readonly shortest: number | null;
  readonly signal?: AbortSignal;
}

/** Share of the roofline at which the benchmark ends. */
const CLOSE_ENOUGH = 0.9;
/** A candidate that takes this much longer than the best gives up, by its best sample: other work on the machine only ever adds. */
const TOO_SLOW = 1.5;
const SAMPLES = 6;
/** Samples before a candidate is judged: one alone could coincide with other work. */
const SAMPLES_TO_JUDGE = 2;
/** Largest time, relative to the rule's, at which another way wins: less is noise, and each variant is one more pipeline to compile. */
const WORTHWHILE = 0.95;

/** Measures in the order given; the first is what would run anyway. Null if aborted. */
export async function benchmark(candidates: readonly Candidate[], { shortest, signal }: BenchmarkOptions): Promise<Outcome[] | null> {
  const times: number[][] = candidates.map(() => []);
  const refused: string[] = [];
  const best = (of: (times: readonly number[]) => number): number => Math.min(...times.filter(({ length }) => length > 0).map(of));
  const isOver = (): boolean => shortest !== null && best(median) <= shortest / CLOSE_ENOUGH;

  for (const [i, candidate] of candidates.entries()) {
    if (isOver()) break;
    if (signal?.aborted) return null;
    const reason = await candidate.start();
    if (reason !== null) refused[i] = reason;
    else for (let sample = 0; sample < SAMPLES_TO_JUDGE; sample++) times[i].push(await candidate.sample());
  }
  const keepsUp = (i: number): boolean => Math.min(...times[i]) <= TOO_SLOW * best((samples) => Math.min(...samples));
  // The first stays to the end: the gains of the others are relative to its samples.
  const remaining = (): number[] => [...times.keys()].filter((i) => times[i].length > 0 && (i === 0 || keepsUp(i)));
  for (let sample = SAMPLES_TO_JUDGE; sample < SAMPLES && !isOver() && remaining().length > 1; sample++) {
    for (const i of remaining()) {
      if (signal?.aborted) return null;
      times[i].push(await candidates[i].sample());
    }
  }
  return times.map((samples, i) => {
    if (samples.length > 0) return { microseconds: median(samples) };
    return refused[i] === undefined ? null : { refused: refused[i] };
  });
}

/** Index of the fastest; 0, the rule, unless another wins by more than the noise margin. Undefined if none finished. */
export function winnerOf(outcomes: readonly Outcome[]): number | undefined {
  const timeOf = (i: number): number => {
    const outcome = outcomes[i];
    return outcome && "microseconds" in outcome ? outcome.microseconds : Infinity;
  };
  const fastest = [...outcomes.keys()].reduce((best, i) => (timeOf(i) < timeOf(best) ? i : best), 0);
  if (timeOf(fastest) === Infinity) return undefined;
  return timeOf(fastest) <= WORTHWHILE * timeOf(0) ? fastest : 0;
}
