// Slices of a head before the scanner's blur and noise: partial volume over the thickness of each slice. HU, [matrix, matrix].
import { AIR_HU } from "../dicom/window.ts";
import type { Vector } from "../dicom/read-slice.ts";
import { AIR_FROM_MM, CHANNELS, OUT, type SkullHead } from "./head.ts";
import type { Spot } from "./tissue.ts";

/** Where a slice lies. Columns grow to the patient's left, rows to the back, tilted by the gantry. */
export interface Plane {
  readonly matrix: number;
  readonly pixelMm: number;
  readonly thicknessMm: number;
  /** Centre of the first pixel, in the middle of the slice. */
  readonly positionMm: Vector;
  /** The same on the lower and the upper face. Slices that touch say exactly the same of the face they share. */
  readonly facesMm: readonly [lower: Vector, upper: Vector];
  readonly along: Vector;
  readonly down: Vector;
}

/** Spacing of the lattice of smooth quantities. */
const LATTICE_MM = 4.8;

/** The smooth quantities on one face of a slice: [nodes, nodes, channels]. */
interface Face {
  originMm: Vector | null;
  /** Along each side. */
  readonly nodes: number;
  readonly channels: Float64Array;
}

/**
 * Makes a renderer of slices of one head, all of one matrix and pixel size. A picture holds until the next call. The renderer keeps the faces of
 * the last slice, as the next may share one; pictures do not depend on what was rendered before. A sharp kernel blurs too little to hide that neighbours look at different depths; it gets
 * more samples.
 */
export function makeRenderer(head: SkullHead, matrix: number, pixelMm: number, sharp: boolean): (plane: Plane) => Float32Array {
  const step = Math.max(1, Math.round(LATTICE_MM / pixelMm));
  const nodes = Math.ceil(matrix / step) + 1;
  const face = (): Face => ({ originMm: null, nodes, channels: new Float64Array(nodes * nodes * CHANNELS) });
  let lower = face();
  let upper = face();
  const rowNodes = new Float64Array(nodes * CHANNELS);
  const image = new Float32Array(matrix * matrix);
  const spot: Spot = { x: 0, y: 0, z: 0, outMm: 0, west: 0, across: 0 };

  return (plane) => {
    if (same(upper.originMm, plane.facesMm[0])) [lower, upper] = [upper, lower];
    measureFace(head, plane, 0, step, lower);
    measureFace(head, plane, 1, step, upper);
    image.fill(AIR_HU);
    const depths = depthsOf(pixelMm, plane.thicknessMm, sharp);
    // Head coordinates of a point are affine in row, column and depth.
    const [origin, top] = plane.facesMm.map((corner) => head.toHead(...corner));
    const toColumn = difference(head, plane.facesMm[0], plane.along, pixelMm);
    const toRow = difference(head, plane.facesMm[0], plane.down, pixelMm);
    const row: Row = { nodes: rowNodes, step, start: 0, phase: 0, phases: depths.columnPhases, share: 1, origin: [0, 0, 0], toColumn };
    const lattice: Lattice = { lower: lower.channels, upper: upper.channels, nodes, north: 0, down: 0 };
    for (let j = 0; j < matrix; j++) {
      lattice.north = Math.floor(j / step);
      lattice.down = j / step - lattice.north;
      row.start = j * matrix;
      for (row.phase = 0; row.phase < depths.columnPhases; row.phase++) {
        const at = depths.of(j, row.phase);
        row.share = 1 / at.length;
        for (const depth of at) {
          interpolateRow(lattice, depth, rowNodes);
          for (let k = 0; k < 3; k++) row.origin[k] = origin[k] + j * toRow[k] + (top[k] - origin[k]) * depth;
          renderRow(head, row, spot, image, matrix);
        }
      }
    }
    return image;
  };
}

/** Samples of one row at one depth, and where they lie. One object serves a slice. */
interface Row {
  /** The smooth quantities at the row and depth: [nodes, channels]. */
  readonly nodes: Float64Array;
  /** Columns between two nodes. */
  readonly step: number;
  /** First element of the row in the picture. */
  start: number;
  /** Columns are sampled from `phase` on, every `phases`. */
  phase: number;
  readonly phases: number;
  /** Share of a sample in its pixel. */
  share: number;
  /** The first column's point, head coordinates. */
  readonly origin: [x: number, y: number, z: number];
  /** From one column to the next. */
  readonly toColumn: readonly number[];
}

/** Adds one row's samples at one depth. A function of its own: what runs once per row is compiled once, what runs once per slice is not. */
function renderRow(head: SkullHead, row: Row, spot: Spot, image: Float32Array, matrix: number): void {
  const { nodes, step, start, phase, phases, share, origin, toColumn } = row;
  const [x, y, z] = origin;
  const [dx, dy, dz] = toColumn;
  for (let column = phase; column < matrix; column += phases) {
    const left = Math.floor(column / step);
    const across = column / step - left;
    const west = left * CHANNELS;
    const out = nodes[west + OUT] + (nodes[west + CHANNELS + OUT] - nodes[west + OUT]) * across;
    if (out > AIR_FROM_MM) continue;
    spot.x = x + column * dx;
    spot.y = y + column * dy;
    spot.z = z + column * dz;
    spot.outMm = out;
    spot.west = west;
    spot.across = across;
    image[start + column] += share * (Math.min(2000, head.huAt(nodes, spot)) - AIR_HU);
  }
}

/** Depths within the slice (0..1 from its lower to its upper face) at which a pixel is sampled. */
interface Depths {
  /** Columns repeat with this period. */
  readonly columnPhases: number;
  of(row: number, column: number): readonly number[];
}

/**
 * Two samples per pixel, three for thick slices. Where pixels are much smaller than the scanner's blur, the four pixels of a 2 x 2 square share
 * the work: each looks at other depths, and the blur averages them.
 */
function depthsOf(pixelMm: number, thicknessMm: number, sharp: boolean): Depths {
  const shared = pixelMm < 0.7;
  const count = (thicknessMm > 6 ? 3 : 2) - (shared && !sharp ? 1 : 0);
  const even = (shift: number): number[] => Array.from({ length: count }, (_, k) => (k + shift) / count);
  const shifted = (shared ? [0.125, 0.625, 0.875, 0.375] : [0.5, 0.5, 0.5, 0.5]).map(even);
  return { columnPhases: shared ? 2 : 1, of: (row, column) => shifted[(row & 1) * 2 + (column & 1)] };
}

const same = (a: Vector | null, b: Vector): boolean => a !== null && a[0] === b[0] && a[1] === b[1] && a[2] === b[2];

function difference(head: SkullHead, from: Vector, direction: Vector, stepMm: number): readonly number[] {
  const a = head.toHead(...from);
  const b = head.toHead(from[0] + stepMm * direction[0], from[1] + stepMm * direction[1], from[2] + stepMm * direction[2]);
  return [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
}

/** Measures a face of a plane, unless it is known already. */
function measureFace(head: SkullHead, { pixelMm, along, down, facesMm }: Plane, which: 0 | 1, step: number, face: Face): void {
  const origin = facesMm[which];
  if (same(face.originMm, origin)) return;
  face.originMm = origin;
  const { nodes } = face;
  for (let j = 0; j < nodes; j++)
    for (let i = 0; i < nodes; i++) {
      const u = i * step * pixelMm;
      const v = j * step * pixelMm;
      const x = origin[0] + u * along[0] + v * down[0];
      const y = origin[1] + u * along[1] + v * down[1];
      const z = origin[2] + u * along[2] + v * down[2];
      head.measure(x, y, z, face.channels, (j * nodes + i) * CHANNELS);
    }
}

/** Both faces of a slice, [nodes, nodes, channels], and a row between two of their rows of nodes. */
interface Lattice {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly nodes: number;
  /** The row of nodes before it, and the share of the one after it. */
  north: number;
  down: number;
}

/** Writes the nodes of one row at one depth (0 on the lower face, 1 on the upper). */
function interpolateRow({ lower, upper, nodes, north, down }: Lattice, depth: number, target: Float64Array): void {
  const length = nodes * CHANNELS;
  const a = north * length;
  const b = a + length;
  const w00 = (1 - down) * (1 - depth);
  const w10 = down * (1 - depth);
  const w01 = (1 - down) * depth;
  const w11 = down * depth;
  for (let i = 0; i < length; i++) target[i] = w00 * lower[a + i] + w10 * lower[b + i] + w01 * upper[a + i] + w11 * upper[b + i];
}
