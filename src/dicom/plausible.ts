// Whether a slice can be one of a head at all, by its size and the distance of its pixels alone.
import type { CtSlice } from "./read-slice.ts";

/** Distance of neighbouring pixels: scanners write 0.1 to 2 mm. Values in metres, or ten or a hundred times too large, are far outside. */
const PIXEL_MM = [0.05, 5] as const;
/** Rows and columns: scanners write 256 or more. */
const FEWEST_PIXELS = 32;

/** Why it cannot; null if it can. An unknown spacing is not judged. */
export function implausible({ rows, columns, pixelSpacingMm }: Pick<CtSlice, "rows" | "columns" | "pixelSpacingMm">): string | null {
  if (Math.min(rows, columns) < FEWEST_PIXELS) return `${columns} x ${rows} pixels are too few: ${FEWEST_PIXELS} x ${FEWEST_PIXELS} needed`;
  const odd = pixelSpacingMm?.find((mm) => mm < PIXEL_MM[0] || mm > PIXEL_MM[1]);
  return odd === undefined
    ? null
    : `a pixel spacing of ${Number(odd.toPrecision(2))} mm is not plausible: ${PIXEL_MM.join(" to ")} mm expected`;
}
