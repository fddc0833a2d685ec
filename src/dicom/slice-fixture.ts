// For tests: a small synthetic slice, read back through a file as a scanner's would be.
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
