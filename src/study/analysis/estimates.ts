// Counts as shares with their intervals, and random numbers for what is resampled.
import { clopperPearson, wilson } from "../../statistics/proportion.ts";
import { philox, unitFloat, type Block } from "../../tensor/philox.ts";
import type { NotEstimable, Proportion, Share } from "./result.ts";

export const notEstimable = (reason: string): NotEstimable => ({ value: null, reason });

/** `count` of `of` cases, of which there is one at least. */
export const share = (count: number, of: number): Share => ({
  value: count / of,
  count,
  of,
  ...wilson(count, of),
  exact: clopperPearson(count, of),
});

/** The same where there may be no case: then not estimable, for `reason`. */
export const proportion = (count: number, of: number, reason: string): Proportion => (of > 0 ? share(count, of) : notEstimable(reason));

/** What random numbers are for: each purpose has its own. */
export type Stream = "bootstrap" | "simulation";
const STREAMS: Readonly<Record<Stream, number>> = { bootstrap: 1, simulation: 2 };

/** Random numbers in [0, 1): a function of the seed, the stream and both arguments. */
export function uniformOf(seed: number, stream: Stream): (sample: number, draw: number) => number {
  const key: [number, number] = [seed >>> 0, STREAMS[stream]];
  let [sampleOf, blockOf] = [-1, -1];
  let block: Block = [0, 0, 0, 0];
  return (sample, draw) => {
    if (sample !== sampleOf || draw >> 2 !== blockOf) {
      [sampleOf, blockOf] = [sample, draw >> 2];
      block = philox(key, [sample, blockOf, 0, 0]);
    }
    return unitFloat(block[draw & 3]);
  };
}
