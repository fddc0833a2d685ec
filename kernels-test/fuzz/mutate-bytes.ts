// Mutations of bytes that know nothing of a format.
import type { Draws } from "./draws.ts";

/** Makes another input of a seed. `pool` has all seeds of the target. */
export type Mutate = (bytes: Uint8Array, draws: Draws, pool: readonly Uint8Array[]) => Uint8Array;

export const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** Longest input that mutations make. */
const MOST_BYTES = 2 ** 20;

type Step = (bytes: Uint8Array, at: number, draws: Draws, pool: readonly Uint8Array[]) => Uint8Array;

const replaced = (bytes: Uint8Array, at: number, removed: number, by: Uint8Array): Uint8Array =>
  join(bytes.subarray(0, at), by, bytes.subarray(Math.min(bytes.length, at + removed)));

const part = (bytes: Uint8Array, draws: Draws, most: number): Uint8Array => {
  const from = draws.below(bytes.length);
  return bytes.subarray(from, from + 1 + draws.below(most));
};

const STEPS: readonly Step[] = [
  (bytes, at, draws) => replaced(bytes, at, 1, Uint8Array.of(bytes[at] ^ (1 << draws.below(8)))),
  (bytes, at, draws) => replaced(bytes, at, 1, Uint8Array.of(draws.below(256))),
  (bytes, at) => bytes.subarray(0, at),
  (bytes, _, draws) => bytes.subarray(0, bytes.length - draws.below(64)),
  edgeValue,
  (bytes, at, draws, pool) => {
    const other = part(draws.pick(pool), draws, 256);
    return replaced(bytes, at, other.length, other);
  },
  (bytes, at, draws) => replaced(bytes, at, 0, bytes.subarray(at, at + 1 + draws.below(200))),
  (bytes, at, draws) => replaced(bytes, at, 1 + draws.below(64), new Uint8Array(0)),
  (bytes, at, draws) =>
    replaced(
      bytes,
      at,
      0,
      Uint8Array.from({ length: 1 + draws.below(64) }, () => draws.below(256)),
    ),
  (bytes, at, draws) => {
    const run = new Uint8Array(1 + draws.below(16)).fill(draws.pick([0, 255, 128]));
    return replaced(bytes, at, run.length, run);
  },
  (bytes, at, draws, pool) => {
    const other = draws.pick(pool);
    return join(bytes.subarray(0, at), other.subarray(draws.below(other.length + 1)));
  },
];

/** A number of 8, 16 or 32 bits at the edge of what fits, in either order of bytes. */
function edgeValue(bytes: Uint8Array, at: number, draws: Draws): Uint8Array {
  const value = Buffer.alloc(4);
  const width = draws.pick([1, 2, 4]);
  if (draws.chance(0.6)) value.writeUInt32LE(draws.edge());
  else value.writeUIntBE(draws.edge() % 2 ** (8 * width), 0, width);
  return replaced(bytes, at, width, value.subarray(0, width));
}

/** One change, or several; half of them in the first kilobyte, where headers are. */
export const mutateBytes: Mutate = (bytes, draws, pool) => {
  let mutated = bytes;
  const count = draws.chance(0.5) ? 1 : 1 + draws.below(6);
  for (let k = 0; k < count; k++) {
    const at = draws.below(draws.chance(0.5) ? Math.min(mutated.length, 1024) : mutated.length);
    mutated = draws.pick(STEPS)(mutated, at, draws, pool).subarray(0, MOST_BYTES);
  }
  return Uint8Array.from(mutated);
};
