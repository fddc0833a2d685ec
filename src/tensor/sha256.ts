// SHA-256 (FIPS 180-4), synchronous and alike in Node and browser: names of graphs, protocols, splits and synthetic UIDs.

const ROUND = new Uint32Array(64);
const START = new Uint32Array(8);
(function constants() {
  // The first 32 bits of the fractional parts of cube and square roots of the first 64 primes.
  let count = 0;
  for (let n = 2; count < 64; n++) {
    let prime = true;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
    if (!prime) continue;
    ROUND[count] = (Math.cbrt(n) % 1) * 2 ** 32;
    if (count < 8) START[count] = (Math.sqrt(n) % 1) * 2 ** 32;
    count++;
  }
})();

const rotate = (x: number, by: number): number => (x >>> by) | (x << (32 - by));

/** The 32-byte digest. */
export function sha256(message: Uint8Array | string): Uint8Array {
  const bytes = typeof message === "string" ? new TextEncoder().encode(message) : message;
  const state = START.slice();
  const schedule = new Uint32Array(64);
  const tail = new Uint8Array(bytes.length % 64 < 56 ? 64 : 128);
  const whole = bytes.length - (bytes.length % 64);
  tail.set(bytes.subarray(whole));
  tail[bytes.length - whole] = 0x80;
  const length = new DataView(tail.buffer, tail.length - 8);
  length.setUint32(0, Math.floor(bytes.length / 2 ** 29));
  length.setUint32(4, (bytes.length << 3) >>> 0);
  for (const [part, end] of [
    [bytes, whole],
    [tail, tail.length],
  ] as const) {
    const words = new DataView(part.buffer, part.byteOffset, end);
    for (let at = 0; at < end; at += 64) compress(state, schedule, words, at);
  }
  const digest = new Uint8Array(32);
  const view = new DataView(digest.buffer);
  state.forEach((word, i) => view.setUint32(4 * i, word));
  return digest;
}

function compress(state: Uint32Array, w: Uint32Array, words: DataView, at: number): void {
  for (let t = 0; t < 16; t++) w[t] = words.getUint32(at + 4 * t);
  for (let t = 16; t < 64; t++) {
    const a = w[t - 15];
    const b = w[t - 2];
    w[t] = w[t - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3)) + w[t - 7] + (rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10));
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let t = 0; t < 64; t++) {
    const t1 = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + ROUND[t] + w[t]) | 0;
    const t2 = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] = state[i] + word));
}

/** The digest in hexadecimal, its first `digits` digits. */
export function sha256Hex(message: Uint8Array | string, digits = 64): string {
  return Array.from(sha256(message), (byte) => byte.toString(16).padStart(2, "0"))
    .join("")
    .slice(0, digits);
}
