// 16-bit floats and float32: IEEE 754 binary16 and bfloat16 are read exactly; binary16 is written rounded to nearest, ties to even.

const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);

/** The float32 of a binary16 bit pattern (IEEE 754-2008, table 3.5): 1 sign, 5 exponent, 10 fraction bits. */
export function halfToFloat(bits: number): number {
  const sign = (bits & 0x8000) << 16;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return (sign === 0 ? 1 : -1) * fraction * 2 ** -24;
  // Exponent bias 15 becomes 127; infinity and NaN keep the all-ones exponent.
  word[0] = sign | ((exponent === 0x1f ? 0xff : exponent + 112) << 23) | (fraction << 13);
  return float[0];
}

/** The float32 of a bfloat16 bit pattern: its upper half. */
export function bfloatToFloat(bits: number): number {
  word[0] = bits << 16;
  return float[0];
}

/** The binary16 bit pattern nearest to a float32; halfway cases go to the even one, values from 65520 on to infinity, NaN to NaN. */
export function floatToHalf(value: number): number {
  float[0] = value;
  const sign = (word[0] >>> 16) & 0x8000;
  const size = Math.abs(float[0]);
  if (!(size < 65520)) return sign | (Number.isNaN(size) ? 0x7e00 : 0x7c00);
  // Below 2^-14 the steps are those of the subnormals. A carry out of the fraction goes into the exponent, as it should.
  if (size < 2 ** -14) return sign | roundedToEven(size * 2 ** 24);
  const fraction = word[0] & 0x1fff;
  const bits = ((word[0] & 0x7fffffff) >>> 13) - (112 << 10);
  return sign | (bits + (fraction > 0x1000 || (fraction === 0x1000 && (bits & 1) === 1) ? 1 : 0));
}

/** The nearest whole number of one below 2^23; halfway cases go to the even one. */
function roundedToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
