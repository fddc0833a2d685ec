// Slices whose place is known, turned so that columns grow to the patient's left and rows to the back.
import type { CtSlice, Vector } from "./read-slice.ts";

/** A slice whose place is known. */
export type PlacedSlice = CtSlice & {
  readonly positionMm: Vector;
  readonly orientation: readonly [along: Vector, down: Vector];
};

/** Exchanges and flips rows and columns; the first pixel's position and the directions move along. */
export function turnUpright(slice: PlacedSlice): PlacedSlice {
  let turned = slice;
  const [along, down] = slice.orientation;
  if (Math.abs(down[0]) > Math.abs(along[0])) turned = transpose(turned);
  const flipColumns = turned.orientation[0][0] < 0;
  const flipRows = turned.orientation[1][1] < 0;
  if (flipColumns || flipRows) turned = flip(turned, flipRows, flipColumns);
  return turned;
}

function transpose(slice: PlacedSlice): PlacedSlice {
  const { rows, columns, hu, orientation, pixelSpacingMm } = slice;
  const turned = new Float32Array(hu.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) turned[column * rows + row] = hu[row * columns + column];
  return {
    ...slice,
    rows: columns,
    columns: rows,
    hu: turned,
    orientation: [orientation[1], orientation[0]],
    pixelSpacingMm: pixelSpacingMm && [pixelSpacingMm[1], pixelSpacingMm[0]],
  };
}

function flip(slice: PlacedSlice, flipRows: boolean, flipColumns: boolean): PlacedSlice {
  const { rows, columns, hu, positionMm, pixelSpacingMm } = slice;
  const [along, down] = slice.orientation;
  const turned = new Float32Array(hu.length);
  for (let row = 0; row < rows; row++) {
    const from = (flipRows ? rows - 1 - row : row) * columns;
    for (let column = 0; column < columns; column++)
      turned[row * columns + column] = hu[from + (flipColumns ? columns - 1 - column : column)];
  }
  const acrossMm = flipColumns ? (columns - 1) * (pixelSpacingMm?.[1] ?? 0) : 0;
  const downMm = flipRows ? (rows - 1) * (pixelSpacingMm?.[0] ?? 0) : 0;
  const moved = (axis: 0 | 1 | 2): number => positionMm[axis] + acrossMm * along[axis] + downMm * down[axis];
  const negated = ([x, y, z]: Vector): Vector => [0 - x, 0 - y, 0 - z];
  return {
    ...slice,
    hu: turned,
    positionMm: [moved(0), moved(1), moved(2)],
    orientation: [flipColumns ? negated(along) : along, flipRows ? negated(down) : down],
  };
}

export function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

export function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
