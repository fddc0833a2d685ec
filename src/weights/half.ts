// 16-bit floats as float32: IEEE 754 binary16 and bfloat16. Both conversions are exact.

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
