// What the attributes say of stored values: their bits, their sign, and how they become Hounsfield units.
import type { Attributes } from "./data-set.ts";
import { nameOf } from "./dictionary.ts";
import { storedValue, type PixelCoding } from "./pixels.ts";

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

function rescale(attributes: Attributes): { slope: number; intercept: number } {
  if (attributes.has("ModalityLUTSequence"))
    throw new Error(`${nameOf("ModalityLUTSequence")} instead of slope and intercept is not supported: convert the file first`);
  const type = attributes.text("RescaleType");
  if (type !== "" && type !== "HU") throw new Error(`${nameOf("RescaleType")}: expected HU, got another unit: leave this file out`);
  const [slope] = attributes.numbers("RescaleSlope");
  const [intercept] = attributes.numbers("RescaleIntercept");
  if (slope === undefined || intercept === undefined)
    throw new Error("no RescaleSlope or RescaleIntercept (0028,1053, 0028,1052): the stored values cannot be turned into Hounsfield units");
  // A slope of zero, or one that leaves float32, is damage; CT slopes lie near 1.
  if (!(Math.abs(slope) > 0 && Math.abs(slope) <= 1e4 && Math.abs(intercept) <= 1e6))
    throw new Error(`expected a plausible RescaleSlope and RescaleIntercept (0028,1053, 0028,1052), got ${slope} and ${intercept}`);
  return { slope, intercept };
}
