// The deep structures: basal ganglia, thalamus, capsule, ventricles, callosum and their calcium. Head coordinates, mm; the left half is drawn
// and mirrored. Positions and sizes are those of an adult brain in AC-PC coordinates, rounded (ours).
import { fields, sample } from "./fields.ts";
import type { Anatomy, Calcium } from "./patient.ts";
import { clamp, ellipsoid, grown, inside, toEllipsoid, toTube, tube, type Ball, type Ellipsoid, type Tube } from "./shapes.ts";
import { layFluid, layGrey, layWhite, type Place, type Tissue } from "./tissue.ts";

const PUTAMEN = ellipsoid([26, -13, 1], [5.2, 15.5, 10.5], 14);
const PALLIDUM = ellipsoid([19, -9, 0], [4, 8.5, 6.5], 22);
const THALAMUS = ellipsoid([10.5, 8, 7], [8, 14, 9], 24);
/** Bridges of grey matter join caudate and putamen under the anterior limb of the capsule. */
const BRIDGES = ellipsoid([17, -27, -5], [7, 6, 6]);
/** Old white matter over the ventricles, in the middle of the hemisphere. */
const CENTRUM = ellipsoid([25, 2, 36], [9, 32, 12]);
/** The choroid plexus. */
const GLOMUS = ellipsoid([22, 43, 12], [2, 4.5, 4], 20);

const CAUDATE: readonly Ball[] = [
  [12.5, -30, 2, 5.5],
  [12.5, -22, 9, 5.8],
  [15, -8, 19, 3.8],
  [18, 8, 24, 2.8],
  [25, 26, 22, 1.8],
];

const LATERAL: readonly Ball[] = [
  [7, -29, 2, 2.2],
  [14, -46, 4, 2.6],
  [9.5, -38, 8, 4],
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

/** The nuclei of a patient, on both sides alike. */
interface Nuclei {
  readonly caudate: Tube;
  readonly putamen: Ellipsoid;
  readonly pallidum: Ellipsoid;
  readonly thalamus: Ellipsoid;
}

/** What `makeDeep` precomputes for one side. */
interface Half {
  readonly lateral: Tube;
  readonly temporal: Tube;
  readonly choroid: Calcium;
}

export interface Deep {
  /** The left side, in mirrored coordinates. */
  readonly pallidum: Ellipsoid;
  /** Distance to the ventricles of the side, 16 mm at most: smooth enough to be interpolated away from them. */
  toVentricle(x: number, y: number, z: number): number;
  /** Lays the deep structures; the ventricles are filled with what has the given HU. */
  lay(place: Place, tissue: Tissue, ventricleHu: number): void;
}

export function makeDeep(anatomy: Anatomy): Deep {
  const half = (side: 0 | 1): Half => {
    const wider = (balls: readonly Ball[], scale: number): Ball[] => balls.map(([x, y, z, r]) => [x, y, z, r * scale]);
    return {
      lateral: tube(wider(LATERAL, anatomy.ventricles[side]), VENTRICLE_REACH_MM),
      temporal: tube(wider(TEMPORAL, 0.8 * anatomy.ventricles[side]), 6),
      choroid: anatomy.choroid[side],
    };
  };
  const halves = [half(0), half(1)];
  const [putamen, pallidum, thalamus, caudate] = anatomy.nuclei;
  const nuclei: Nuclei = {
    caudate: tube(
      CAUDATE.map(([x, y, z, r]) => [x, y, z, r * caudate]),
      4,
    ),
    putamen: grown(PUTAMEN, putamen),
    pallidum: grown(PALLIDUM, pallidum),
    thalamus: grown(THALAMUS, thalamus),
  };
  const third = ellipsoid([0, 3, -1], [anatomy.thirdMm, 14, 10]);
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
    layPlexus(tissue, choroid, place, toLateral);
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
      const core = toEllipsoid(CENTRUM, ax, y, z);
      if (core < 8) tissue.hu -= 0.8 * anatomy.leukoaraiosisHu * clamp(0.5 - core / 16, 0, 1) * (1 - tissue.grey) * (1 - tissue.fluid);
    }
    layNuclei(anatomy, nuclei, place, tissue);
    if (ventricleMm < NEAR_VENTRICLE_MM) layVentricle(place, tissue, ventricleHu, ax);
    layMiddle(anatomy, third, place, tissue);
    if (ax < 5) {
      layGrey(tissue, 52, inside(toTube(galen, ax, y, z), 1));
      layCalcium(tissue, anatomy.pineal, ax, y - 25, z - 2);
    }
  };
  return { pallidum: nuclei.pallidum, toVentricle, lay };
}

/** Lays caudate, putamen, pallidum and thalamus; what is left between them is the internal capsule. */
function layNuclei(anatomy: Anatomy, nuclei: Nuclei, { x, y, z, slow }: Place, tissue: Tissue): void {
  const ax = Math.abs(x);
  if (ax > 40 || y < -42 || y > 30 || z < -16 || z > 32) return;
  const { striatumHu, pallidumHu, thalamusHu, nucleusEdgeMm: edge } = anatomy;
  layGrey(tissue, striatumHu + 0.6 * slow, inside(toTube(nuclei.caudate, ax, y, z), edge - 0.4));
  if (z < 0) layGrey(tissue, striatumHu - 1, inside(toEllipsoid(BRIDGES, ax, y, z), edge));
  layGrey(tissue, striatumHu + 0.6 * slow, inside(toEllipsoid(nuclei.putamen, ax, y, z), edge));
  layGrey(tissue, pallidumHu, inside(toEllipsoid(nuclei.pallidum, ax, y, z), edge));
  layGrey(tissue, thalamusHu + 0.6 * slow, inside(toEllipsoid(nuclei.thalamus, ax, y, z), edge + 0.6));
}

/** Third ventricle, pineal region and the cistern behind it. */
function layMiddle(anatomy: Anatomy, third: Ellipsoid, { x, y, z }: Place, tissue: Tissue): void {
  const ax = Math.abs(x);
  if (ax > 22 || y < -18 || y > 46 || z > 18) return;
  layFluid(tissue, anatomy.fluidHu, inside(toEllipsoid(third, ax, y, z), 1.1));
  const open = 0.9 + 0.8 * anatomy.sulcusMm;
  const wide = 10 + 4 * anatomy.sulcusMm;
  const crescent = Math.max(Math.abs(y - 33 - 0.03 * ax * ax) - open - 0.09 * (wide - ax), Math.abs(z + 1) - 7, ax - wide);
  layFluid(tissue, anatomy.fluidHu + 3, inside(crescent, 1.4));
}

function layCalcium(tissue: Tissue, { radiusMm, hu }: Calcium, dx: number, dy: number, dz: number): void {
  if (radiusMm > 0 && dx * dx + dy * dy + dz * dz < 36) layGrey(tissue, hu, inside(Math.sqrt(dx * dx + dy * dy + dz * dz) - radiusMm, 1.2));
}

/** The choroid plexus hangs in the atrium: a soft glomus, calcified or not. */
function layPlexus(tissue: Tissue, calcium: Calcium, { x, y, z }: Place, toLateral: number): void {
  if (toLateral > 1) return;
  const ax = Math.abs(x);
  const [gx, gy, gz] = GLOMUS.centre;
  layGrey(tissue, 40, inside(toEllipsoid(GLOMUS, ax, y, z), 1.2) * inside(toLateral, 1));
  layCalcium(tissue, calcium, ax - gx, y - gy, z - gz);
}

/** Mineral in both pallida, or faintly in one: the mimic that looks most like blood. */
export interface PallidalCalcium {
  /** [left, right], 0..1 */
  readonly density: readonly [left: number, right: number];
  readonly hu: number;
  readonly offset: number;
}

export function layPallidalCalcium(calcium: PallidalCalcium, pallidum: Ellipsoid, { x, y, z }: Place, tissue: Tissue): void {
  const density = calcium.density[x > 0 ? 0 : 1];
  const ax = Math.abs(x);
  if (density === 0 || ax < 8 || ax > 32 || y < -26 || y > 8 || z < -12 || z > 12) return;
  const depth = Math.max(0, toEllipsoid(pallidum, ax, y, z) + 3) / 2.2;
  const flecks = clamp(0.55 + 0.5 * sample(fields().fine, x * 0.6 + calcium.offset, y * 0.6, z * 0.6), 0, 1);
  layGrey(tissue, calcium.hu, density * Math.exp(-depth * depth) * flecks);
}
