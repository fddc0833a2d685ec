// Which slices show the basal ganglia, found from the pictures alone: no label, no annotation, no search for blood.
// The inside of the skull is measured on every slice; the vertex lies where it vanishes, the basal ganglia about 70 mm below it, and the
// ventricles' widest level a little above them. Measured on one real head and on phantoms: medians, not anatomy; see data/README.md.
import { notesOn } from "./geometry.ts";
import { implausible } from "./plausible.ts";
import type { CtSeries } from "./series.ts";
import type { PlacedSlice } from "./upright.ts";

export type Selection =
  | {
      readonly kind: "selected";
      /** Indices into `series.slices`, nearest to the centre first. */
      readonly indices: readonly number[];
      /** Level of the centre along the series' normal. */
      readonly centreMm: number;
    }
  | { readonly kind: "not assessable"; readonly reason: string };

export interface SelectionOptions {
  /**
   * The scan is known to cover little more than the basal ganglia, so its middle is their centre. Never inferred: a scan that stops short
   * of the vertex is "not assessable" unless the caller says this.
   */
  readonly slab?: boolean;
}

const VERTEX_AREA_MM2 = 1200;
/** Somewhere a whole head must show this much. */
const HEAD_AREA_MM2 = 11_000;
const VERTEX_TO_CENTRE_MM = 70;
const HALF_BAND_MM = 12;
const FEWEST_SLICES = 3;
/** The centre lies this far below the level where the ventricles are widest. */
const VENTRICLES_TO_CENTRE_MM = 10;

/** Why a scan that does not reach the top of the head is refused, unless it is said to be a slab. */
export const BELOW_VERTEX = "the scan stops below the vertex";

/** Slices within 12 mm of the centre of the basal ganglia in a sorted series, or why there are none. */
export function selectBasalGanglia(series: CtSeries, { slab = false }: SelectionOptions = {}): Selection {
  const { levelsMm, slices } = series;
  const refuse = (reason: string): Selection => ({ kind: "not assessable", reason });
  for (const slice of slices) {
    if (!slice.pixelSpacingMm) return refuse(`no pixel spacing: areas cannot be measured${notesOn(slice, ["PixelSpacing"])}`);
    const reason = implausible(slice);
    if (reason) return refuse(reason);
  }
  const inside = slices.map(measureInside);
  if (!inside.some(({ areaMm2 }) => areaMm2 >= HEAD_AREA_MM2)) return refuse("no slice shows a closed skull with 110 cm2 of brain inside");
  let centreMm: number;
  if (slab) {
    centreMm = (levelsMm[0] + levelsMm[levelsMm.length - 1]) / 2;
  } else {
    const vertexMm = findVertex(inside, levelsMm);
    if (vertexMm === null) return refuse(BELOW_VERTEX);
    centreMm = refineByVentricles(inside, levelsMm, vertexMm - VERTEX_TO_CENTRE_MM);
  }
  const distance = (i: number): number => Math.abs(levelsMm[i] - centreMm);
  const indices = levelsMm.map((_, i) => i).filter((i) => distance(i) <= HALF_BAND_MM);
  if (indices.length < FEWEST_SLICES)
    return refuse(`only ${indices.length} slices lie within ${HALF_BAND_MM} mm of the basal ganglia, ${FEWEST_SLICES} needed`);
  return { kind: "selected", indices: indices.sort((a, b) => distance(a) - distance(b)), centreMm };
}

/** Whether a slice shows a closed skull with as much brain inside as a series must show somewhere. Throws if its pixel spacing is unknown. */
export function showsHead(slice: PlacedSlice): boolean {
  return measureInside(slice).areaMm2 >= HEAD_AREA_MM2;
}

/** Going down from the top, the level where the area passes 12 cm2, between two slices; null if the top slice is above that already. */
function findVertex(inside: readonly Inside[], levelsMm: readonly number[]): number | null {
  const below = inside.findLastIndex(({ areaMm2 }) => areaMm2 >= VERTEX_AREA_MM2);
  if (below < 0 || below === inside.length - 1) return null;
  const drop = inside[below].areaMm2 - inside[below + 1].areaMm2;
  const part = (inside[below].areaMm2 - VERTEX_AREA_MM2) / drop;
  return levelsMm[below] + part * (levelsMm[below + 1] - levelsMm[below]);
}

/** Moves the expected centre towards the one that the ventricles indicate, as far as the band allows. */
function refineByVentricles(inside: readonly Inside[], levelsMm: readonly number[], expectedMm: number): number {
  let peak = -1;
  for (let i = 0; i < levelsMm.length; i++) {
    const offset = levelsMm[i] - expectedMm - VENTRICLES_TO_CENTRE_MM;
    if (Math.abs(offset) <= HALF_BAND_MM && (peak < 0 || inside[i].fluidMm2 > inside[peak].fluidMm2)) peak = i;
  }
  if (peak < 0) return expectedMm;
  // Half way: the vertex and the ventricles err independently, by about as much.
  return (expectedMm + levelsMm[peak] - VENTRICLES_TO_CENTRE_MM) / 2;
}

interface Inside {
  /** Brain and fluid inside the skull. */
  readonly areaMm2: number;
  /** Fluid in the middle 50 x 80 mm of it. */
  readonly fluidMm2: number;
}

const CELL_MM = 1.5;
const BONE_HU = 200;
const TISSUE_HU = [-20, 110] as const;
const FLUID_HU = 16;

/** Works on cells of about 1.5 mm: the mean for tissue, the maximum for bone, which closes sutures and foramina as it is widened by a cell. */
function measureInside(slice: PlacedSlice): Inside {
  if (!slice.pixelSpacingMm) throw new Error("internal: areas of a slice of unknown spacing");
  const [rowMm, columnMm] = slice.pixelSpacingMm;
  const block = Math.max(1, Math.round(CELL_MM / columnMm));
  const rows = Math.floor(slice.rows / block);
  const columns = Math.floor(slice.columns / block);
  const mean = new Float32Array(rows * columns);
  const bone = new Uint8Array(rows * columns);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      let highest = -Infinity;
      for (let y = row * block; y < (row + 1) * block; y++)
        for (let x = column * block; x < (column + 1) * block; x++) {
          const value = slice.hu[y * slice.columns + x];
          sum += value;
          if (value > highest) highest = value;
        }
      mean[row * columns + column] = sum / (block * block);
      if (highest > BONE_HU) bone[row * columns + column] = 1;
    }
  const outside = flood(widen(bone, rows, columns), rows, columns);
  const tissue: number[] = [];
  let rowSum = 0;
  let columnSum = 0;
  for (let i = 0; i < mean.length; i++) {
    if (outside[i] || mean[i] <= TISSUE_HU[0] || mean[i] >= TISSUE_HU[1]) continue;
    tissue.push(i);
    rowSum += Math.floor(i / columns);
    columnSum += i % columns;
  }
  const cellMm2 = block * block * rowMm * columnMm;
  const middleRow = rowSum / tissue.length;
  const middleColumn = columnSum / tissue.length;
  const fluid = tissue.filter(
    (i) =>
      mean[i] < FLUID_HU &&
      Math.abs(Math.floor(i / columns) - middleRow) * block * rowMm <= 40 &&
      Math.abs((i % columns) - middleColumn) * block * columnMm <= 25,
  );
  return { areaMm2: tissue.length * cellMm2, fluidMm2: fluid.length * cellMm2 };
}

/** Dilation by one cell in the four directions. */
function widen(mask: Uint8Array, rows: number, columns: number): Uint8Array {
  const wide = mask.slice();
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      if (!mask[row * columns + column]) continue;
      if (row > 0) wide[(row - 1) * columns + column] = 1;
      if (row < rows - 1) wide[(row + 1) * columns + column] = 1;
      if (column > 0) wide[row * columns + column - 1] = 1;
      if (column < columns - 1) wide[row * columns + column + 1] = 1;
    }
  return wide;
}

/** Walls, and everything that the first corner reaches around them. */
function flood(walls: Uint8Array, rows: number, columns: number): Uint8Array {
  const reached = walls.slice();
  const stack = reached.length > 0 ? [0] : [];
  while (stack.length > 0) {
    const cell = stack.pop()!;
    if (reached[cell]) continue;
    reached[cell] = 1;
    const column = cell % columns;
    if (column > 0) stack.push(cell - 1);
    if (column < columns - 1) stack.push(cell + 1);
    if (cell >= columns) stack.push(cell - columns);
    if (cell < (rows - 1) * columns) stack.push(cell + columns);
  }
  return reached;
}
