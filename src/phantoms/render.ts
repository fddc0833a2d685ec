// Slices of a head before the scanner's blur and noise: partial volume over the thickness of each slice. HU, [matrix, matrix].
import type { Vector } from "../dicom/read-slice.ts";
import { AIR_FROM_MM, CHANNELS, OUT, type Head } from "./head.ts";

/** Where a slice lies. Columns grow to the patient's left, rows to the back, tilted by the gantry. */
export interface Plane {
  readonly matrix: number;
  readonly pixelMm: number;
  readonly thicknessMm: number;
  /** Centre of the first pixel, in the middle of the slice. */
  readonly positionMm: Vector;
  readonly along: Vector;
  readonly down: Vector;
  readonly normal: Vector;
}

const AIR_HU = -1000;
/** Spacing of the lattice of smooth quantities. */
const LATTICE_MM = 3.9;

/** A sharp kernel blurs too little to hide that neighbours look at different depths; it gets more samples. */
export function renderSlice(head: Head, plane: Plane, sharp: boolean): Float32Array {
  const { matrix, pixelMm, thicknessMm } = plane;
  const step = Math.max(1, Math.round(LATTICE_MM / pixelMm));
  const lattice = measureLattice(head, plane, step);
  const nodes = Math.ceil(matrix / step) + 1;
  const image = new Float32Array(matrix * matrix).fill(AIR_HU);
  const depths = depthsOf(pixelMm, thicknessMm, sharp);
  const rowNodes = new Float64Array(nodes * CHANNELS);
  const channels = new Float64Array(CHANNELS);
  for (let row = 0; row < matrix; row++) {
    const top = Math.floor(row / step);
    const down = row / step - top;
    for (let phase = 0; phase < depths.columnPhases; phase++) {
      const at = depths.of(row, phase);
      for (let k = 0; k < at.length; k++) {
        interpolateRow(lattice, nodes, top, down, at[k], rowNodes);
        const share = 1 / at.length;
        for (let column = phase; column < matrix; column += depths.columnPhases) {
          const left = Math.floor(column / step);
          const across = column / step - left;
          const west = left * CHANNELS;
          const east = west + CHANNELS;
          const out = rowNodes[west + OUT] + (rowNodes[east + OUT] - rowNodes[west + OUT]) * across;
          if (out > AIR_FROM_MM) continue;
          for (let c = 0; c < CHANNELS; c++) channels[c] = rowNodes[west + c] + (rowNodes[east + c] - rowNodes[west + c]) * across;
          image[row * matrix + column] += share * (Math.min(2000, head.huAt(channels)) - AIR_HU);
        }
      }
    }
  }
  return image;
}

/** Depths within the slice (0..1 from its lower to its upper face) at which a pixel is sampled. */
interface Depths {
  /** Columns repeat with this period. */
  readonly columnPhases: number;
  of(row: number, column: number): readonly number[];
}

/**
 * Two samples a pixel, three for thick slices. Where pixels are much smaller than the scanner's blur, the four pixels of a 2 x 2 square share
 * the work: each looks at other depths, and the blur averages them.
 */
function depthsOf(pixelMm: number, thicknessMm: number, sharp: boolean): Depths {
  const shared = pixelMm < 0.7;
  const count = (thicknessMm > 6 ? 3 : 2) - (shared && !sharp ? 1 : 0);
  const even = (shift: number): number[] => Array.from({ length: count }, (_, k) => (k + shift) / count);
  const shifted = (shared ? [0.125, 0.625, 0.875, 0.375] : [0.5, 0.5, 0.5, 0.5]).map(even);
  return { columnPhases: shared ? 2 : 1, of: (row, column) => shifted[(row & 1) * 2 + (column & 1)] };
}

/** Channels on the lower and upper face of the slice: [2, nodes, nodes, channels]. */
function measureLattice(head: Head, plane: Plane, step: number): Float64Array {
  const { matrix, pixelMm, thicknessMm, positionMm, along, down, normal } = plane;
  const nodes = Math.ceil(matrix / step) + 1;
  const lattice = new Float64Array(2 * nodes * nodes * CHANNELS);
  const point = [0, 0, 0];
  for (let face = 0; face < 2; face++) {
    const offset = (face - 0.5) * thicknessMm;
    for (let j = 0; j < nodes; j++)
      for (let i = 0; i < nodes; i++) {
        const u = i * step * pixelMm;
        const v = j * step * pixelMm;
        for (let axis = 0; axis < 3; axis++) point[axis] = positionMm[axis] + u * along[axis] + v * down[axis] + offset * normal[axis];
        head.measure(point[0], point[1], point[2], lattice, ((face * nodes + j) * nodes + i) * CHANNELS);
      }
  }
  return lattice;
}

/** The nodes of one row at one depth. */
function interpolateRow(lattice: Float64Array, nodes: number, top: number, down: number, depth: number, target: Float64Array): void {
  const length = nodes * CHANNELS;
  const upper = nodes * length;
  const a = top * length;
  const b = a + length;
  const w00 = (1 - down) * (1 - depth);
  const w10 = down * (1 - depth);
  const w01 = (1 - down) * depth;
  const w11 = down * depth;
  for (let i = 0; i < length; i++)
    target[i] = w00 * lattice[a + i] + w10 * lattice[b + i] + w01 * lattice[upper + a + i] + w11 * lattice[upper + b + i];
}
