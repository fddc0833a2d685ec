// What is known about a case because it was made: the clot counted on a fine grid, by the slice in which it lies.
import { boundOf, toClot, type Hemorrhage } from "./hemorrhage.ts";
import type { Site } from "./parameters.ts";
import type { Pose } from "./patient.ts";
import type { Scanner, ScanSlice } from "./scanner.ts";
import { clamp } from "./shapes.ts";

export interface Truth {
  /** Volume of the clot; 0 if there is none. Blood in the ventricles is not counted. */
  readonly volumeMl: number;
  /** What a reader with a ruler would say (Kothari 1996): half of length, width and height. Too much for irregular clots, as in life. */
  readonly abc2Ml: number;
  readonly site: Site | null;
  /** The slice with most clot, or the one nearest to the middle of the basal ganglia. From 0, upwards. */
  readonly sliceIndex: number;
  /** Area of clot on each slice, mm2. */
  readonly clotMm2: readonly number[];
  /** A hemorrhage, but not of the basal ganglia. */
  readonly otherBleed: boolean;
  readonly intoVentricles: boolean;
  readonly clotHu: number | null;
}

/** A point in the middle of the basal ganglia, head coordinates. */
const BASAL_GANGLIA_MM = [0, -8, 4] as const;

export function measureTruth(clot: Hemorrhage | null, pose: Pose, scanner: Scanner): Truth {
  const { slices } = scanner;
  const toSlices = slicesFrom(pose, scanner);
  const clotMm2 = slices.map(() => 0);
  const middle = nearest(slices, toSlices(...BASAL_GANGLIA_MM)[0]);
  if (!clot)
    return {
      volumeMl: 0,
      abc2Ml: 0,
      site: null,
      sliceIndex: middle,
      clotMm2,
      otherBleed: false,
      intoVentricles: false,
      clotHu: null,
    };
  // A grid of 1 mm, coarser for clots of more than 4 mL: never fewer than 4,000 voxels a ball.
  const stepMm = clamp(clot.radiusMm / 10, 1, 1.6);
  const voxelMm3 = stepMm ** 3 * pose.scale[0] * pose.scale[1] * pose.scale[2];
  /** Where each slice shows clot: [across, down, across, down ...] */
  const points: number[][] = slices.map(() => []);
  const voxels = countVoxels(clot, stepMm, (x, y, z) => {
    const [levelMm, acrossMm, downMm] = toSlices(x, y, z);
    for (let i = 0; i < slices.length; i++)
      if (levelMm >= slices[i].lowerMm && levelMm < slices[i].upperMm) {
        clotMm2[i] += voxelMm3 / slices[i].thicknessMm;
        points[i].push(acrossMm, downMm);
      }
  });
  const most = clotMm2.reduce((best, area, i) => (area > clotMm2[best] ? i : best), 0);
  return {
    volumeMl: (voxels * voxelMm3) / 1000,
    abc2Ml: abc2(clotMm2, points[most], stepMm, slices),
    site: clot.site,
    sliceIndex: clotMm2[most] > 0 ? most : middle,
    clotMm2,
    otherBleed: clot.site === "thalamus" || clot.site === "lobar",
    intoVentricles: clot.ventricleLevelY[0] !== null,
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
  const [cx, cy, cz] = clot.form.centre;
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
 * ABC/2 (Kothari 1996, Stroke 27:1304): A the longest diameter on the slice with most clot, B the one across it, C the thickness of the slices,
 * whole where they show more than 75 % of that area, half from 25 %, not at all below.
 */
function abc2(areas: readonly number[], points: readonly number[], stepMm: number, slices: readonly ScanSlice[]): number {
  const most = Math.max(...areas);
  if (most === 0) return 0;
  const length = (angle: number): number => {
    let low = Infinity;
    let high = -Infinity;
    for (let i = 0; i < points.length; i += 2) {
      const along = points[i] * Math.cos(angle) + points[i + 1] * Math.sin(angle);
      low = Math.min(low, along);
      high = Math.max(high, along);
    }
    // Points stand for voxels.
    return high - low + stepMm;
  };
  const lengths = Array.from({ length: 36 }, (_, i) => length((i * Math.PI) / 36));
  const longest = Math.max(...lengths);
  const across = lengths[(lengths.indexOf(longest) + 18) % 36];
  const height = areas.reduce((sum, area, i) => {
    const share = area / most;
    return sum + slices[i].thicknessMm * (share > 0.75 ? 1 : share >= 0.25 ? 0.5 : 0);
  }, 0);
  return (longest * across * height) / 2000;
}

/**
 * From head coordinates to the level at which the slice through a point meets the axis of the table, and to the place on that slice: back to patient
 * coordinates by the transposed rotation, then along the tilted slice.
 */
function slicesFrom({ rotation, scale, shiftMm }: Pose, { tiltDegrees }: Scanner) {
  const tilt = (tiltDegrees * Math.PI) / 180;
  const tan = Math.tan(tilt);
  const cos = Math.cos(tilt);
  const [a, b, c] = rotation;
  return (x: number, y: number, z: number): readonly [levelMm: number, acrossMm: number, downMm: number] => {
    const u = x * scale[0];
    const v = y * scale[1];
    const w = z * scale[2];
    const behindMm = a[1] * u + b[1] * v + c[1] * w + shiftMm[1];
    return [a[2] * u + b[2] * v + c[2] * w + tan * behindMm, a[0] * u + b[0] * v + c[0] * w + shiftMm[0], behindMm / cos];
  };
}

function nearest(slices: readonly ScanSlice[], levelMm: number): number {
  const off = ({ levelMm: own }: ScanSlice): number => Math.abs(own - levelMm);
  return slices.reduce((best, slice, i) => (off(slice) < off(slices[best]) ? i : best), 0);
}
