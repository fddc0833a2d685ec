// Where a slice lies and how it is meant to be shown, as its attributes say. Axes are the patient's: x to the left, y to the back, z to the
// head (DICOM LPS).
import type { Attributes } from "./data-set.ts";
import { nameOf, type Keyword } from "./dictionary.ts";
import type { HuWindow } from "./window.ts";

export type Vector = readonly [x: number, y: number, z: number];

export interface Geometry {
  /** Distance between rows, then between columns. */
  readonly pixelSpacingMm: readonly [row: number, column: number] | null;
  /** Centre of the first pixel. */
  readonly positionMm: Vector | null;
  /** Direction in which the column index grows, then the one in which the row index grows: unit vectors. */
  readonly orientation: readonly [along: Vector, down: Vector] | null;
  readonly sliceThicknessMm: number | null;
}

/** Where the slice lies. What is malformed is noted and left out. */
export function geometryOf(attributes: Attributes, notes: string[]): Geometry {
  const read = (keyword: Keyword, count: number): number[] | null => {
    const commas = decimalCommas(attributes.text(keyword));
    const values = commas ?? attributes.numbers(keyword);
    if (values.length === count && values.every((value) => Number.isFinite(value))) {
      if (commas) notes.push(`${nameOf(keyword)} has decimal commas: read as points`);
      return values;
    }
    if (values.length > 0) notes.push(`${nameOf(keyword)} does not hold ${count} numbers: ignored`);
    return null;
  };
  const spacing = read("PixelSpacing", 2);
  const position = read("ImagePositionPatient", 3);
  const six = read("ImageOrientationPatient", 6);
  const thickness = read("SliceThickness", 1)?.[0] ?? 0;
  const positive = spacing !== null && spacing[0] > 0 && spacing[1] > 0;
  if (spacing && !positive) notes.push(`${nameOf("PixelSpacing")} is not positive: ignored`);
  return {
    pixelSpacingMm: positive ? [spacing[0], spacing[1]] : null,
    positionMm: position && [position[0], position[1], position[2]],
    orientation: six && directions(six, notes),
    sliceThicknessMm: thickness > 0 ? thickness : null,
  };
}

/** The numbers of a text that has a comma where a decimal point belongs; null if it has none, or others. */
function decimalCommas(text: string): number[] | null {
  const parts = text.split("\\");
  const isWritten = text.includes(",") && parts.every((part) => /^[+-]?\d*[.,]?\d+(e[+-]?\d+)?$/i.test(part));
  return isWritten ? parts.map((part) => Number(part.replace(",", "."))) : null;
}

/** " (PixelSpacing (0028,0030) is not positive: ignored)": what was noted about these attributes of a slice; "" if nothing. */
export function notesOn({ notes }: { readonly notes: readonly string[] }, keywords: readonly Keyword[]): string {
  const own = notes.filter((note) => keywords.some((keyword) => note.startsWith(nameOf(keyword))));
  return own.length > 0 ? ` (${own.join("; ")})` : "";
}

/** Two perpendicular unit vectors, or nothing: a rounded one is made exact, another one is not trusted. */
function directions([a, b, c, d, e, f]: readonly number[], notes: string[]): Geometry["orientation"] {
  const along = Math.hypot(a, b, c);
  const down = Math.hypot(d, e, f);
  if (Math.abs(along - 1) > 0.01 || Math.abs(down - 1) > 0.01 || Math.abs(a * d + b * e + c * f) > 0.01) {
    notes.push(`${nameOf("ImageOrientationPatient")} does not hold two perpendicular unit vectors: ignored`);
    return null;
  }
  return [
    [a / along, b / along, c / along],
    [d / down, e / down, f / down],
  ];
}

/** The file's own windows, valid ones only. */
export function windowsOf(attributes: Attributes, notes: string[]): HuWindow[] {
  const centers = attributes.numbers("WindowCenter");
  const widths = attributes.numbers("WindowWidth");
  const all = centers.slice(0, widths.length).map((centerHu, i) => ({ centerHu, widthHu: widths[i] }));
  const valid = all.filter(({ centerHu, widthHu }) => Number.isFinite(centerHu) && widthHu >= 1);
  if (valid.length < Math.max(centers.length, widths.length))
    notes.push("a window without a finite center or a width of 1 or more: ignored");
  return valid;
}
