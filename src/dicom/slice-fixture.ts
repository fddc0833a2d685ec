// For tests: a small synthetic slice, read back through a file as a scanner's would be, and elements of such a file changed.
import { ATTRIBUTES, type Keyword } from "./dictionary.ts";
import { readCtSlice, type CtSlice } from "./read-slice.ts";
import { writeCtSlice, type SyntheticSlice } from "./write-slice.ts";

/** 6 rows of 8 columns whose stored values count up from -20. */
export function fixture(differs: Partial<SyntheticSlice> = {}): SyntheticSlice {
  return {
    rows: 6,
    columns: 8,
    stored: Int16Array.from({ length: 48 }, (_, i) => i - 20),
    slope: 1,
    intercept: 0,
    bitsStored: 16,
    pixelSpacingMm: [0.5, 0.4],
    positionMm: [-100, -110.25, 12.5],
    orientation: [
      [1, 0, 0],
      [0, 1, 0],
    ],
    sliceThicknessMm: 5,
    gantryTiltDegrees: 0,
    windows: [{ centerHu: 40, widthHu: 80 }],
    kernel: "SOFT30",
    imageType: "ORIGINAL\\PRIMARY\\AXIAL",
    uidSeed: "fixture",
    patient: "PH0001",
    seriesNumber: 2,
    instanceNumber: 1,
    ...differs,
  };
}

/** Writes and reads back, in explicit VR little endian. */
export function roundTrip(slice: SyntheticSlice, file = "slice.dcm"): Promise<CtSlice> {
  return readCtSlice(writeCtSlice(slice), file, { inflate: () => Promise.reject(new Error("nothing here is deflated")) });
}

/** Overwrites the value of an element of an explicit little endian file: a word, or text of the same length. */
export function edit(bytes: Uint8Array, keyword: Keyword, value: number | string): Uint8Array {
  const [tag, vr] = ATTRIBUTES[keyword];
  const hex = [tag.slice(3, 5), tag.slice(1, 3), tag.slice(7, 9), tag.slice(5, 7)].map((pair) => Number.parseInt(pair, 16));
  const pattern = [...hex, ...Array.from(vr, (letter) => letter.charCodeAt(0))];
  const at = bytes.findIndex((_, i) => i >= 132 && pattern.every((byte, k) => bytes[i + k] === byte));
  if (at < 0) throw new Error(`${keyword} is not in the file`);
  const edited = bytes.slice();
  const view = new DataView(edited.buffer, at);
  if (typeof value === "number") view.setUint16(8, value, true);
  else {
    if (value.length !== view.getUint16(6, true))
      throw new Error(`${keyword}: expected ${view.getUint16(6, true)} letters, got "${value}"`);
    edited.set(new TextEncoder().encode(value), at + 8);
  }
  return edited;
}
