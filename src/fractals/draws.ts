// Random numbers of the fractals: streams of Philox words, and directions drawn from them. Only +, -, *, / and square roots, which IEEE 754 fixes to
// the last bit, are ever applied to them: the same seed gives the same images in every JavaScript engine.
import { philox, unitFloat } from "../tensor/philox.ts";

/** The next number of a stream, uniform in [0, 1), of 24 bits. */
export type Draw = () => number;

/** What a stream is for; the last word of its counter. 0 to 3 are dropout's, initial values', placement's and order's. */
export const STREAM = { category: 16, instance: 17 } as const;

/** The stream of (seed, a, b, purpose). Seed below 2^53; a and b below 2^32. */
export function drawsOf(seed: number, a: number, b: number, purpose: number): Draw {
  const key = [seed % 2 ** 32, Math.floor(seed / 2 ** 32)] as const;
  let block = philox(key, [0, a, b, purpose]);
  let used = 0;
  return () => {
    if (used > 0 && used % 4 === 0) block = philox(key, [used / 4, a, b, purpose]);
    return unitFloat(block[used++ % 4]);
  };
}

/** Uniform in [low, high). */
export const between = (draw: Draw, low: number, high: number): number => low + (high - low) * draw();

/** A direction within some 17 degrees of the first axis: its tangent is uniform. */
export function slant(draw: Draw): readonly [cosine: number, sine: number] {
  const tangent = between(draw, -0.3, 0.3);
  const length = Math.sqrt(1 + tangent * tangent);
  return [1 / length, tangent / length];
}

/** A direction, uniform on the circle: the cosine and sine of an angle that is never computed (von Neumann 1951: a point of the disc, scaled). */
export function direction(draw: Draw): readonly [cosine: number, sine: number] {
  for (;;) {
    const x = between(draw, -1, 1);
    const y = between(draw, -1, 1);
    const square = x * x + y * y;
    if (square > 1 || square < 0.01) continue;
    const length = Math.sqrt(square);
    return [x / length, y / length];
  }
}
