// Stored values to Hounsfield units (PS3.3 C.7.6.3, C.11.1). [rows, columns], 8 or 16 bits allocated.

/** What an out-of-scan pixel becomes: as dark as air can be. */
const PADDING_HU = -1024;

/** How values lie in their cells of 8 or 16 bits. */
export interface CellCoding {
  readonly bitsAllocated: 8 | 16;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
  readonly bigEndian: boolean;
}

export interface PixelCoding extends CellCoding {
  readonly slope: number;
  readonly intercept: number;
  /** Inclusive range of stored values that mean "outside the scan". */
  readonly padding: readonly [low: number, high: number] | null;
}

/**
 * HU = slope * value + intercept, in float32. Padding, and whatever falls below -1024 HU, becomes -1024 HU and is counted.
 * Bits above HighBit may hold overlays or garbage: they are cut off before the sign is extended.
 */
export function toHounsfield(bytes: Uint8Array, coding: PixelCoding): { hu: Float32Array; padded: number } {
  const { bitsAllocated, bitsStored, highBit, signed, bigEndian, slope, intercept, padding } = coding;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const hu = new Float32Array(bitsAllocated === 8 ? bytes.length : bytes.length >> 1);
  const left = 31 - highBit;
  const right = 32 - bitsStored;
  const [low, high] = padding ?? [1, 0];
  let padded = 0;
  for (let i = 0; i < hu.length; i++) {
    const cell = bitsAllocated === 8 ? bytes[i] : view.getUint16(2 * i, !bigEndian);
    const aligned = cell << left;
    const value = signed ? aligned >> right : aligned >>> right;
    const units = slope * value + intercept;
    const outside = (value >= low && value <= high) || units < PADDING_HU;
    if (outside) padded++;
    hu[i] = outside ? PADDING_HU : units;
  }
  return { hu, padded };
}

/** A 16-bit attribute of VR "US or SS" as a stored value. */
export function storedValue(word: number, signed: boolean): number {
  return signed ? (word << 16) >> 16 : word;
}
