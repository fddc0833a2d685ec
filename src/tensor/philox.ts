// Philox4x32-10, a counter-based random generator: the value is a function of (key, counter) alone, so that nothing need be stored
// to draw it again. Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3". shaders/lib/philox.wgsl is its twin.

/** High and low half of a 32 x 32 bit product, by 16-bit halves. */
function multiply(a: number, b: number): [high: number, low: number] {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >>> 16);
  const carry = aLow * bHigh + (middle % 0x10000);
  return [(aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) >>> 0, Math.imul(a, b) >>> 0];
}

export type Block = [number, number, number, number];

/** Four random 32-bit words for one counter. */
export function philox(key: readonly [number, number], counter: Readonly<Block>): Block {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const [high0, low0] = multiply(0xd2511f53, c0);
    const [high1, low1] = multiply(0xcd9e8d57, c2);
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** A word as a float in [0, 1) with 24 bits, exact in float32. */
export const unitFloat = (word: number): number => (word >>> 8) / 0x1000000;
