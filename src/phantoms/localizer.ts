// A localizer: the head seen from the side, as a scanner shows it before the scan. It is projected from the slices of the scan themselves.
import { AIR_HU } from "../dicom/window.ts";
import type { PhantomSlice } from "./case.ts";

/** Rows of the picture, mm. */
const ROW_MM = 1;
/** Path in water that is shown as water. */
const HEAD_MM = 150;

/** Mean attenuation from right to left, rows from the vertex down: HU of a head 150 mm wide. Slices ascend and share one matrix. */
export function makeLocalizer(slices: readonly PhantomSlice[]): PhantomSlice {
  const { rows: depth, columns, pixelSpacingMm, positionMm, orientation } = slices[0];
  const [, [, cos, minusSin]] = orientation;
  const profiles = slices.map(({ hu }) => profileOf(hu, depth, columns, pixelSpacingMm[1]));
  const bottomMm = slices[0].positionMm[2];
  const topMm = slices[slices.length - 1].positionMm[2];
  const rows = Math.max(2, Math.ceil((topMm - bottomMm) / ROW_MM));
  const hu = new Int16Array(rows * depth);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < depth; column++) {
      // A tilted slice sinks with every pixel towards the back.
      const z = topMm - row * ROW_MM - column * pixelSpacingMm[0] * minusSin;
      let above = slices.findIndex(({ positionMm: [, , own] }) => own >= z);
      if (above === -1) above = slices.length - 1;
      const below = Math.max(0, above - 1);
      const gapMm = slices[above].positionMm[2] - slices[below].positionMm[2];
      const share = gapMm > 0 ? Math.min(1, Math.max(0, (z - slices[below].positionMm[2]) / gapMm)) : 0;
      const value = profiles[below][column] * (1 - share) + profiles[above][column] * share;
      hu[row * depth + column] = Math.max(-1024, Math.min(3071, Math.round(value + AIR_HU)));
    }
  return {
    hu,
    rows,
    columns: depth,
    pixelSpacingMm: [ROW_MM, pixelSpacingMm[0] * cos],
    positionMm: [0, positionMm[1], topMm],
    orientation: [
      [0, 1, 0],
      [0, 0, -1],
    ],
    sliceThicknessMm: HEAD_MM,
  };
}

/** Sum over each row of a slice, above air. */
function profileOf(hu: Int16Array, rows: number, columns: number, pixelMm: number): Float64Array {
  const profile = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let column = 0; column < columns; column++) sum += Math.max(0, hu[row * columns + column] - AIR_HU);
    profile[row] = (sum * pixelMm) / HEAD_MM;
  }
  return profile;
}
