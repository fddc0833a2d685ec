// What training and files must not contain: NaN and infinity.

/** Whether no value is NaN or infinite: x - x is 0 for every other. */
export function allFinite(data: Float32Array): boolean {
  for (let i = 0; i < data.length; i++) if (data[i] - data[i] !== 0) return false;
  return true;
}
