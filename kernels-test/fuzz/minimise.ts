// A smaller input with the same fault: parts are left out, halves first, as long as the fault stays.
import { join } from "./mutate-bytes.ts";

const MOST_TRIES = 400;
const LIMIT_MS = 5000;

export async function minimise(bytes: Uint8Array, hasFault: (bytes: Uint8Array) => Promise<boolean>): Promise<Uint8Array> {
  const end = performance.now() + LIMIT_MS;
  let smallest = bytes;
  let tries = 0;
  for (let size = Math.ceil(bytes.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < smallest.length;) {
      if (++tries > MOST_TRIES || performance.now() > end) return smallest;
      const shorter = join(smallest.subarray(0, at), smallest.subarray(at + size));
      if (await hasFault(shorter)) smallest = shorter;
      else at += size;
    }
  }
  return smallest;
}
