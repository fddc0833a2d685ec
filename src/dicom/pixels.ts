// Stored values to Hounsfield units (PS3.3 C.7.6.3, C.11.1): what the attributes say of their bits, sign and scale, and the conversion.
// [rows, columns], 8 or 16 bits allocated.
import type { Attributes } from "./data-set.ts";
import { nameOf } from "./dictionary.ts";
import { Foreign } from "./foreign.ts";

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

/** Throws where the tags contradict each other, and where stored values cannot be turned into Hounsfield units. */
export function pixelCodingOf(attributes: Attributes): PixelCoding {
  const bitsAllocated = attributes.uint16("BitsAllocated");
  if (bitsAllocated !== 8 && bitsAllocated !== 16)
    throw new Error(`${nameOf("BitsAllocated")}: expected 16, as CT has, or 8, got ${bitsAllocated ?? "none"}`);
  // Bytes of 8-bit values in big-endian words are swapped (PS3.5 8.1.1) or not, as the writer understood it.
  if (bitsAllocated === 8 && attributes.syntax.bigEndian) throw new Error(`${nameOf("BitsAllocated")}: 8 bits are not read in big endian`);
  const bitsStored = attributes.uint16("BitsStored") ?? bitsAllocated;
  const highBit = attributes.uint16("HighBit") ?? bitsStored - 1;
  if (bitsStored < 1 || bitsStored > bitsAllocated || highBit >= bitsAllocated || highBit + 1 < bitsStored)
    throw new Error(
      `expected BitsStored bits (0028,0101) up to HighBit (0028,0102) within ${bitsAllocated}, got ${bitsStored} bits up to bit ${highBit}`,
    );
  const representation = attributes.uint16("PixelRepresentation");
  if (representation !== 0 && representation !== 1)
    throw new Error(`${nameOf("PixelRepresentation")}: expected 0 or 1, got ${representation ?? "none"}`);
  const signed = representation === 1;
  const first = attributes.uint16("PixelPaddingValue");
  const second = attributes.uint16("PixelPaddingRangeLimit") ?? first;
  const limits = first === null || second === null ? null : [storedValue(first, signed), storedValue(second, signed)];
  return {
    bitsAllocated,
    bitsStored,
    highBit,
    signed,
    bigEndian: attributes.syntax.bigEndian,
    ...rescale(attributes),
    padding: limits && [Math.min(...limits), Math.max(...limits)],
  };
}

/** Throws Foreign where the attributes give values another unit. */
export function requireHounsfield(attributes: Attributes): void {
  if (!["", "HU"].includes(attributes.text("RescaleType"))) throw new Foreign(`${nameOf("RescaleType")}: expected HU, got another unit`);
}

function rescale(attributes: Attributes): { slope: number; intercept: number } {
  if (attributes.has("ModalityLUTSequence"))
    throw new Error(`${nameOf("ModalityLUTSequence")} instead of slope and intercept is not supported: convert the file first`);
  requireHounsfield(attributes);
  const [slope] = attributes.numbers("RescaleSlope");
  const [intercept] = attributes.numbers("RescaleIntercept");
  if (slope === undefined || intercept === undefined)
    throw new Error("no RescaleSlope or RescaleIntercept (0028,1053, 0028,1052): the stored values cannot be turned into Hounsfield units");
  // A slope of zero, or one that leaves float32, is damage; CT slopes lie near 1.
  if (!(Math.abs(slope) > 0 && Math.abs(slope) <= 1e4 && Math.abs(intercept) <= 1e6))
    throw new Error(`expected a plausible RescaleSlope and RescaleIntercept (0028,1053, 0028,1052), got ${slope} and ${intercept}`);
  return { slope, intercept };
}

/** A 16-bit attribute of VR "US or SS" as a stored value. */
function storedValue(word: number, signed: boolean): number {
  return signed ? (word << 16) >> 16 : word;
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
