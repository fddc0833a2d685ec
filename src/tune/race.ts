// Which of several ways is the fastest: measured round by round, so that whatever else the machine does meanwhile slows all alike.
// Pure: the racers bring the clock.
import { median } from "../engine/profiler.ts";

export interface Racer {
  /** Makes ready, checks the result and warms up. Gives the reason where this way cannot run or computes wrongly. */
  start(): Promise<string | null>;
  /** Microseconds of one run. */
  lap(): Promise<number>;
}

/** How a racer came out: its median time, why it did not start, or null where the race was over before. */
export type Outcome = { readonly microseconds: number } | { readonly refused: string } | null;

export interface RaceOptions {
  /** Microseconds that nothing can go below, where that is known: a racer near it ends the race. */
  readonly shortest: number | null;
  readonly signal?: AbortSignal;
}

/** Share of the roofline at which the race ends. */
const CLOSE_ENOUGH = 0.9;
/** A racer that takes this much longer than the best gives up, by its best lap: other work on the machine only ever adds. */
const TOO_SLOW = 1.5;
const LAPS = 6;
/** Laps before a racer is judged: one alone could coincide with other work. */
const LAPS_TO_JUDGE = 2;
/** Largest time, relative to the rule's, at which another way wins: less is noise, and each variant is one more pipeline to compile. */
const WORTHWHILE = 0.95;

/** Races in the order given, the first being what would run anyway. Null if aborted. */
export async function race(racers: readonly Racer[], { shortest, signal }: RaceOptions): Promise<Outcome[] | null> {
  const times: number[][] = racers.map(() => []);
  const refused: string[] = [];
  const best = (of: (times: readonly number[]) => number): number => Math.min(...times.filter(({ length }) => length > 0).map(of));
  const isOver = (): boolean => shortest !== null && best(median) <= shortest / CLOSE_ENOUGH;

  for (const [i, racer] of racers.entries()) {
    if (isOver()) break;
    if (signal?.aborted) return null;
    const reason = await racer.start();
    if (reason !== null) refused[i] = reason;
    else for (let lap = 0; lap < LAPS_TO_JUDGE; lap++) times[i].push(await racer.lap());
  }
  const keepsUp = (i: number): boolean => Math.min(...times[i]) <= TOO_SLOW * best((laps) => Math.min(...laps));
  // The first stays to the end: the gains of the others are relative to its laps.
  const inRace = (): number[] => [...times.keys()].filter((i) => times[i].length > 0 && (i === 0 || keepsUp(i)));
  for (let lap = LAPS_TO_JUDGE; lap < LAPS && !isOver() && inRace().length > 1; lap++) {
    for (const i of inRace()) {
      if (signal?.aborted) return null;
      times[i].push(await racers[i].lap());
    }
  }
  return times.map((laps, i) => {
    if (laps.length > 0) return { microseconds: median(laps) };
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
