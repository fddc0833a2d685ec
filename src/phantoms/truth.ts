// What is known about a case because it was made: the clot counted on a grid of 1 mm, by the slice in which it lies.
import { boundOf, toClot, type Hemorrhage } from "./hemorrhage.ts";
import type { Site } from "./parameters.ts";
import type { Pose } from "./patient.ts";
import type { Scanner } from "./scanner.ts";

export interface Truth {
  /** Of the clot; 0 if there is none. Blood in the ventricles is not counted. */
  readonly volumeMl: number;
  readonly site: Site | null;
  /** The slice with most clot, or the one nearest to the middle of the basal ganglia. From 0, upwards. */
  readonly sliceIndex: number;
  /** Area of clot on each slice, mm2. */
  readonly clotMm2: readonly number[];
  /** A hemorrhage, but not of the basal ganglia. */
  readonly otherBleed: boolean;
  readonly clotHu: number | null;
}

/** A point in the middle of the basal ganglia, head coordinates. */
const BASAL_GANGLIA_MM = [0, -8, 4] as const;

export function measureTruth(clot: Hemorrhage | null, pose: Pose, scanner: Scanner): Truth {
  const { levelsMm, thicknessMm } = scanner;
  const count = levelsMm.length;
  const stepMm = levelsMm[1] - levelsMm[0];
  const [u, v, w, first] = levelOf(pose, scanner);
  const sliceAt = (x: number, y: number, z: number): number => Math.round((u * x + v * y + w * z + first - levelsMm[0]) / stepMm);
  const clotMm2 = Array.from({ length: count }, () => 0);
  const middle = Math.min(count - 1, Math.max(0, sliceAt(...BASAL_GANGLIA_MM)));
  if (!clot) return { volumeMl: 0, site: null, sliceIndex: middle, clotMm2, otherBleed: false, clotHu: null };
  const voxelMm3 = pose.scale[0] * pose.scale[1] * pose.scale[2];
  const voxels = countVoxels(clot, 1, (x, y, z) => {
    const slice = sliceAt(x, y, z);
    if (slice >= 0 && slice < count) clotMm2[slice] += voxelMm3 / thicknessMm;
  });
  const most = clotMm2.reduce((best, area, i) => (area > clotMm2[best] ? i : best), 0);
  return {
    volumeMl: (voxels * voxelMm3) / 1000,
    site: clot.site,
    sliceIndex: clotMm2[most] > 0 ? most : middle,
    clotMm2,
    otherBleed: clot.site === "thalamus" || clot.site === "lobar",
    clotHu: clot.hu,
  };
}

/** Volume on a grid that is coarser for larger clots: a few per cent off. */
export function roughVolumeMl(clot: Hemorrhage, { scale }: Pose): number {
  const stepMm = clot.radiusMm / 6;
  return (countVoxels(clot, stepMm, () => undefined) * stepMm ** 3 * scale[0] * scale[1] * scale[2]) / 1000;
}

function countVoxels(clot: Hemorrhage, stepMm: number, each: (x: number, y: number, z: number) => void): number {
  const bound = Math.ceil(boundOf(clot) / stepMm);
  const [cx, cy, cz] = clot.centre;
  let voxels = 0;
  for (let k = -bound; k <= bound; k++)
    for (let j = -bound; j <= bound; j++)
      for (let i = -bound; i <= bound; i++) {
        if (i * i + j * j + k * k > bound * bound) continue;
        const x = cx + i * stepMm;
        const y = cy + j * stepMm;
        const z = cz + k * stepMm;
        if (toClot(clot, x, y, z) > 0) continue;
        voxels++;
        each(x, y, z);
      }
  return voxels;
}

/**
 * The level at which the slice through a point of the head meets the axis of the table, as factors of x, y, z and a constant: back to patient
 * coordinates by the transposed rotation, then along the tilted slice.
 */
function levelOf({ rotation, scale, shiftMm }: Pose, { tiltDegrees }: Scanner): readonly [number, number, number, number] {
  const slope = Math.tan((tiltDegrees * Math.PI) / 180);
  const factor = (axis: 0 | 1 | 2): number => scale[axis] * (rotation[axis][2] + slope * rotation[axis][1]);
  return [factor(0), factor(1), factor(2), slope * shiftMm[1]];
}
