// Finds the fastest of several candidates, measured in rounds, so that other load affects all alike.
// Pure: the candidates measure their times.
import { median } from "../engine/profiler.ts";

export interface Candidate {
  /** Prepares, checks the result and warms up. Returns the reason if this candidate cannot run or is wrong. */
  start(): Promise<string | null>;
  /** Microseconds of one run. */
  sample(): Promise<number>;
}

/** Result of a candidate: its median time, the reason why it did not run, or null if the comparison ended before. */
export type Outcome = { readonly microseconds: number } | { readonly refused: string } | null;

export interface BenchmarkOptions {
  /** Lower bound in microseconds, if known: a candidate near it ends the comparison. */
  readonly shortest: number | null;
  readonly signal?: AbortSignal;
}

/** Share of the roofline at which the comparison ends. */
const CLOSE_ENOUGH = 0.9;
/** A candidate whose minimum is this much longer than the best's is dropped: other load only adds time. */
const TOO_SLOW = 1.5;
const SAMPLES = 6;
/** Rounds before a candidate may be dropped: a single one could coincide with other load. */
const SAMPLES_TO_JUDGE = 2;
/** Largest time, relative to the default's, at which another candidate is chosen: smaller gains are noise, and each variant is a pipeline to compile. */
const WORTHWHILE = 0.95;

/** Measures in the given order; the first is the default. Null if aborted. */
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
  // The first is never dropped: the gains of the others are relative to its times.
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

/** Index of the fastest; 0, the default, unless another is faster by more than the noise margin. Undefined if none finished. */
export function winnerOf(outcomes: readonly Outcome[]): number | undefined {
  const timeOf = (i: number): number => {
    const outcome = outcomes[i];
    return outcome && "microseconds" in outcome ? outcome.microseconds : Infinity;
  };
  const fastest = [...outcomes.keys()].reduce((best, i) => (timeOf(i) < timeOf(best) ? i : best), 0);
  if (timeOf(fastest) === Infinity) return undefined;
  return timeOf(fastest) <= WORTHWHILE * timeOf(0) ? fastest : 0;
}
