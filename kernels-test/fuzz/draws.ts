// Random draws of one mutation: a function of the campaign's seed, the target's name and the number of the try, so that any input can be made again.
import { philox } from "../../src/tensor/philox.ts";
import { sha256 } from "../../src/tensor/sha256.ts";

/** Numbers at the edges of fields of 8, 16 and 32 bits, and sizes that readers multiply. */
const EDGES = [
  0,
  1,
  2,
  3,
  7,
  8,
  16,
  64,
  127,
  128,
  255,
  256,
  512,
  4096,
  32767,
  32768,
  65534,
  65535,
  65536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
];

export class Draws {
  readonly #key: readonly [number, number];
  readonly #index: number;
  #drawn = 0;

  constructor(target: string, seed: number, index: number) {
    const hash = sha256(target);
    this.#key = [seed >>> 0, new DataView(hash.buffer, hash.byteOffset).getUint32(0)];
    this.#index = index;
  }

  word(): number {
    return philox(this.#key, [this.#index >>> 0, this.#drawn++, 0, 0])[0];
  }

  /** A whole number below `end`; 0 where there is none. */
  below(end: number): number {
    return end < 1 ? 0 : this.word() % end;
  }

  chance(share: number): boolean {
    return this.word() < share * 2 ** 32;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }

  edge(): number {
    return this.pick(EDGES);
  }
}
