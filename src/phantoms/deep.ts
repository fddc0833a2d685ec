// The deep structures: basal ganglia, thalamus, capsule, ventricles, callosum and their calcium. Head coordinates, mm; the left half is drawn
// and mirrored. Positions and sizes are those of an adult brain in AC-PC coordinates, rounded (ours).
import { fields, sample } from "./fields.ts";
import type { Anatomy, Calcium } from "./patient.ts";
import { clamp, inside, toEllipsoid, toTube, tube, type Ball, type Tube } from "./shapes.ts";
import { layFluid, layGrey, layWhite, type Place, type Tissue } from "./tissue.ts";

/** An ellipsoid turned about z so that its front end lies nearer to the midline. */
export interface Nucleus {
  readonly centre: readonly [x: number, y: number, z: number];
  readonly axes: readonly [number, number, number];
  readonly turnDegrees: number;
}

const NUCLEI = {
  putamen: { centre: [26, -13, 1], axes: [5.2, 15.5, 10.5], turnDegrees: 14 },
  pallidum: { centre: [19, -9, 0], axes: [4, 8.5, 6.5], turnDegrees: 22 },
  thalamus: { centre: [10.5, 8, 7], axes: [8, 14, 9], turnDegrees: 24 },
} as const satisfies Record<string, Nucleus>;

const CAUDATE: readonly Ball[] = [
  [12.5, -30, 2, 5.5],
  [12.5, -22, 9, 5.8],
  [15, -8, 19, 3.8],
  [18, 8, 24, 2.8],
  [25, 26, 22, 1.8],
];

const LATERAL: readonly Ball[] = [
  [15, -47, 5, 1.6],
  [9.5, -38, 8, 3.6],
  [5.5, -25, 9, 3.6],
  [4.2, -16, 10, 2.4],
  [8, -5, 19, 4],
  [13, 10, 24, 4.6],
  [19, 27, 21, 5.2],
  [25, 41, 11, 6],
  [23, 55, 9, 3],
  [20, 66, 8, 1],
];

const TEMPORAL: readonly Ball[] = [
  [25, 41, 11, 5],
  [33, 35, -3, 2.4],
  [35, 18, -14, 1.8],
  [29, 2, -20, 1.5],
];

const VEIN_OF_GALEN: readonly Ball[] = [
  [0, 33, 9, 1.6],
  [0, 40, 8, 2],
  [0, 62, -4, 1.6],
];

/** How far from a ventricle its distance is still measured. */
const VENTRICLE_REACH_MM = 16;
/** Nearer than this the interpolated distance is too coarse and is measured anew. */
const NEAR_VENTRICLE_MM = 4;

/** What `makeDeep` precomputes for one side. */
interface Half {
  readonly lateral: Tube;
  readonly temporal: Tube;
  readonly choroid: Calcium;
}

export interface Deep {
  /** Distance to the ventricles of the side, 16 mm at most: smooth enough to be interpolated away from them. */
  toVentricle(x: number, y: number, z: number): number;
  /** Lays the deep structures; the ventricles are filled with what has the given HU. */
  lay(place: Place, tissue: Tissue, ventricleHu: number): void;
}

export function makeDeep(anatomy: Anatomy): Deep {
  const half = (side: 0 | 1): Half => {
    const grown = (balls: readonly Ball[], scale: number): Ball[] => balls.map(([x, y, z, r]) => [x, y, z, r * scale]);
    return {
      lateral: tube(grown(LATERAL, anatomy.ventricles[side]), VENTRICLE_REACH_MM),
      temporal: tube(grown(TEMPORAL, 0.8 * anatomy.ventricles[side]), 6),
      choroid: anatomy.choroid[side],
    };
  };
  const halves = [half(0), half(1)];
  const caudate = tube(
    CAUDATE.map(([x, y, z, r]) => [x, y, z, r * anatomy.nuclei[3]]),
    4,
  );
  const galen = tube(VEIN_OF_GALEN, 3);
  const toVentricle = (x: number, y: number, z: number): number => {
    const { lateral, temporal } = halves[x > 0 ? 0 : 1];
    return Math.min(toTube(lateral, Math.abs(x), y, z), toTube(temporal, Math.abs(x), y, z));
  };
  const layVentricle = (place: Place, tissue: Tissue, ventricleHu: number, ax: number): void => {
    const { x, y, z } = place;
    const { lateral, temporal, choroid } = halves[x > 0 ? 0 : 1];
    const toLateral = toTube(lateral, ax, y, z);
    // The septum stands between the frontal horns.
    const septum = y < -2 ? inside(ax - 0.35, 0.7) : 0;
    layFluid(tissue, ventricleHu, inside(Math.min(toLateral, toTube(temporal, ax, y, z)), 1.2) * (1 - septum));
    layPlexus(tissue, choroid, ax, y, z, toLateral);
  };
  const lay = (place: Place, tissue: Tissue, ventricleHu: number): void => {
    const { x, y, z, slow, ventricleMm } = place;
    const ax = Math.abs(x);
    if (ax > 46 || y < -56 || y > 76 || z < -26 || z > 50) return;
    if (ventricleMm < 6 && ax < 9 && y > -40 && y < 40) layWhite(tissue, anatomy.whiteHu + slow, inside(ventricleMm - 4, 1.5));
    if (ventricleMm < VENTRICLE_REACH_MM) {
      const near = 1 - Math.max(0, ventricleMm) / VENTRICLE_REACH_MM;
      tissue.hu -= anatomy.leukoaraiosisHu * near * near * (1 - tissue.grey) * (1 - tissue.fluid);
    }
    // Over the ventricles, in the middle of the hemisphere, it goes on.
    if (z > 24) {
      const core = toEllipsoid(ax - 25, y - 2, z - 36, 9, 32, 12);
      if (core < 8) tissue.hu -= 0.8 * anatomy.leukoaraiosisHu * clamp(0.5 - core / 16, 0, 1) * (1 - tissue.grey) * (1 - tissue.fluid);
    }
    layNuclei(anatomy, place, tissue, ax, caudate);
    if (ventricleMm < NEAR_VENTRICLE_MM) layVentricle(place, tissue, ventricleHu, ax);
    layMiddle(anatomy, place, tissue, ax);
    if (ax < 5) {
      layGrey(tissue, 52, inside(toTube(galen, ax, y, z), 1));
      layCalcium(tissue, anatomy.pineal, ax, y - 25, z - 2);
    }
  };
  return { toVentricle, lay };
}

const turned = (() => {
  const at = (nucleus: Nucleus) => ({
    sin: Math.sin((nucleus.turnDegrees * Math.PI) / 180),
    cos: Math.cos((nucleus.turnDegrees * Math.PI) / 180),
    ...nucleus,
  });
  return { putamen: at(NUCLEI.putamen), pallidum: at(NUCLEI.pallidum), thalamus: at(NUCLEI.thalamus) };
})();

/** Distance to a nucleus of the left side in mirrored coordinates (ax = |x|). */
function toNucleus(name: keyof typeof NUCLEI, scale: number, ax: number, y: number, z: number): number {
  const { centre, axes, sin, cos } = turned[name];
  const dx = ax - centre[0];
  const dy = y - centre[1];
  return toEllipsoid(dx * cos - dy * sin, dx * sin + dy * cos, z - centre[2], axes[0] * scale, axes[1] * scale, axes[2] * scale);
}

function layNuclei(anatomy: Anatomy, place: Place, tissue: Tissue, ax: number, caudate: Tube): void {
  const { y, z, slow } = place;
  if (ax > 38 || y < -40 || y > 28 || z < -14 || z > 30) return;
  const [putamen, pallidum, thalamus] = anatomy.nuclei;
  layGrey(tissue, anatomy.striatumHu + 0.6 * slow, inside(toTube(caudate, ax, y, z), 2));
  // Bridges of grey matter join caudate and putamen under the anterior limb of the capsule.
  if (z < 0) layGrey(tissue, anatomy.striatumHu - 1, inside(toEllipsoid(ax - 17, y + 27, z + 5, 7, 6, 6), 2));
  layGrey(tissue, anatomy.striatumHu + 0.6 * slow, inside(toNucleus("putamen", putamen, ax, y, z), 2.2));
  layGrey(tissue, anatomy.pallidumHu, inside(toNucleus("pallidum", pallidum, ax, y, z), 2));
  layGrey(tissue, anatomy.thalamusHu + 0.6 * slow, inside(toNucleus("thalamus", thalamus, ax, y, z), 2.4));
}

/** Third ventricle, pineal region and the cistern behind it. */
function layMiddle(anatomy: Anatomy, place: Place, tissue: Tissue, ax: number): void {
  const { y, z } = place;
  if (ax > 22 || y < -18 || y > 46 || z > 18) return;
  layFluid(tissue, anatomy.fluidHu, inside(toEllipsoid(ax, y - 3, z + 1, anatomy.thirdMm, 14, 10), 1.1));
  const open = 0.9 + 0.8 * anatomy.sulcusMm;
  const crescent = Math.max(Math.abs(y - 33 - 0.03 * ax * ax) - open - 0.09 * (17 - ax), Math.abs(z + 1) - 7, ax - 17);
  layFluid(tissue, anatomy.fluidHu + 3, inside(crescent, 1.4));
}

function layCalcium(tissue: Tissue, { radiusMm, hu }: Calcium, dx: number, dy: number, dz: number): void {
  if (radiusMm > 0 && dx * dx + dy * dy + dz * dz < 36) layGrey(tissue, hu, inside(Math.sqrt(dx * dx + dy * dy + dz * dz) - radiusMm, 1.2));
}

/** The choroid plexus hangs in the atrium: a soft glomus, calcified or not. */
function layPlexus(tissue: Tissue, calcium: Calcium, ax: number, y: number, z: number, toLateral: number): void {
  if (toLateral > 1) return;
  const dx = ax - 22;
  const dy = y - 43;
  const dz = z - 12;
  layGrey(tissue, 40, inside(toEllipsoid(dx * 0.94 - dy * 0.34, dy * 0.94 + dx * 0.34, dz, 2, 4.5, 4), 1.2) * inside(toLateral, 1));
  layCalcium(tissue, calcium, dx, dy, dz);
}

/** Mineral in both pallida, or faintly in one: the mimic that looks most like blood. */
export interface PallidalCalcium {
  /** [left, right], 0..1 */
  readonly density: readonly [left: number, right: number];
  readonly hu: number;
  readonly offset: number;
}

export function layPallidalCalcium(calcium: PallidalCalcium, anatomy: Anatomy, { x, y, z }: Place, tissue: Tissue): void {
  const density = calcium.density[x > 0 ? 0 : 1];
  const ax = Math.abs(x);
  if (density === 0 || ax < 8 || ax > 32 || y < -26 || y > 8 || z < -12 || z > 12) return;
  const depth = Math.max(0, toNucleus("pallidum", anatomy.nuclei[1], ax, y, z) + 3) / 2.2;
  const flecks = clamp(0.55 + 0.5 * sample(fields().fine, x * 0.6 + calcium.offset, y * 0.6, z * 0.6), 0, 1);
  layGrey(tissue, calcium.hu, density * Math.exp(-depth * depth) * flecks);
}
