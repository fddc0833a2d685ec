// Where a case's clot lies on its slices: the truth about single pixels, from the specification alone and without drawing a picture.
import type { Vector } from "../dicom/read-slice.ts";
import { drawClot } from "./case.ts";
import type { CaseSpec } from "./cohort.ts";
import { boundOf, toClot, type Hemorrhage } from "./hemorrhage.ts";
import { headCoordinates } from "./patient.ts";
import type { Plane } from "./render.ts";
import { planeOf } from "./scanner.ts";

export interface ClotOfCase {
  /** As the case's truth has it; 0 where there is none. */
  readonly volumeMl: number;
  /** The pictures' side in pixels. */
  readonly matrix: number;
  readonly pixelMm: number;
  /** Number of slices. */
  readonly slices: number;
  /** Share of each pixel's depth that is clot, [matrix, matrix], on a slice counted from 0 upwards. Blood in the ventricles is not counted. */
  shares(slice: number): Float32Array;
}

/** Depths of a slice at which each pixel is looked at. */
const DEPTHS = [0.1, 0.3, 0.5, 0.7, 0.9];

/** The clot of a case, of the basal ganglia or elsewhere. The same specification gives the same clot as `renderCase`. */
export function clotOf(spec: CaseSpec): ClotOfCase {
  const { scanner, patient, hemorrhage, truth } = drawClot(spec);
  return {
    volumeMl: truth.volumeMl,
    matrix: scanner.matrix,
    pixelMm: scanner.pixelMm,
    slices: scanner.slices.length,
    shares: (slice) =>
      hemorrhage
        ? sharesOn(planeOf(scanner, scanner.slices[slice]), hemorrhage, headCoordinates(patient.pose))
        : new Float32Array(scanner.matrix ** 2),
  };
}

type ToHead = (x: number, y: number, z: number) => readonly [number, number, number];

/** From one pixel to the next, in head coordinates. */
function step(toHead: ToHead, from: readonly number[], direction: Vector, pixelMm: number): readonly number[] {
  const here = toHead(from[0], from[1], from[2]);
  const [x, y, z] = from.map((value, axis) => value + pixelMm * direction[axis]);
  return toHead(x, y, z).map((value, axis) => value - here[axis]);
}

function sharesOn({ matrix, pixelMm, facesMm: [lower, upper], along, down }: Plane, clot: Hemorrhage, toHead: ToHead): Float32Array {
  const shares = new Float32Array(matrix * matrix);
  const [cx, cy, cz] = clot.form.centre;
  const reach = boundOf(clot);
  for (const depth of DEPTHS) {
    const corner = lower.map((value, axis) => value + depth * (upper[axis] - value));
    // Head coordinates are affine in row and column.
    const [x0, y0, z0] = toHead(corner[0], corner[1], corner[2]);
    const [ax, ay, az] = step(toHead, corner, along, pixelMm);
    const [dx, dy, dz] = step(toHead, corner, down, pixelMm);
    for (let row = 0; row < matrix; row++)
      for (let column = 0; column < matrix; column++) {
        const x = x0 + column * ax + row * dx;
        const y = y0 + column * ay + row * dy;
        const z = z0 + column * az + row * dz;
        if ((x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2 > reach * reach) continue;
        if (toClot(clot, x, y, z) <= 0) shares[row * matrix + column] += 1 / DEPTHS.length;
      }
  }
  return shares;
}
