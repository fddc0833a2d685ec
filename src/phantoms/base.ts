// What lies under the hemispheres: brainstem, cerebellum, cisterns, tentorium, and the bones of the skull base. Coarser than the rest: the
// basal ganglia are what this generator is for. Head coordinates, mm.
import { fields, sample } from "./fields.ts";
import type { Anatomy } from "./patient.ts";
import { clamp, ellipsoid, inside, toEllipsoid, toTube, tube } from "./shapes.ts";
import { layFluid, layGrey, layWhite, type Place, type Tissue } from "./tissue.ts";

const PETROUS = tube(
  [
    [9, 14, -34, 6],
    [30, 24, -32, 7.5],
    [62, 44, -34, 10],
  ],
  4,
);
/** The lesser wing, under the frontal lobe. */
const SPHENOID = tube(
  [
    [8, -16, -22, 2.5],
    [30, -24, -20, 2.2],
    [62, -34, -15, 3],
  ],
  4,
);
const ORBIT = tube(
  [
    [11, -22, -35, 2.5],
    [31, -60, -42, 18],
  ],
  4,
);
const GLOBE = { centre: [31, -60, -42], radiusMm: 12 } as const;
const OPTIC_NERVE = tube(
  [
    [11, -20, -34, 1.8],
    [29, -50, -41, 2.1],
  ],
  2,
);
const RECTI = [
  tube(
    [
      [13, -26, -36, 1.2],
      [17, -46, -41, 2.3],
      [19, -58, -42, 1.2],
    ],
    2,
  ),
  tube(
    [
      [15, -25, -36, 1.2],
      [37, -45, -41, 2],
      [43, -58, -42, 1.2],
    ],
    2,
  ),
];
const FOURTH_VENTRICLE = ellipsoid([0, 42, -32], [6, 4.5, 9]);
/** Columns: as good as endless in z, and seen at z = 0. */
const STEM = ellipsoid([0, 20, 0], [15.5, 12.5, 1e3]);
const INTERPEDUNCULAR = ellipsoid([0, 6, 0], [4.5, 5, 1e3]);
const SPHENOID_BODY = ellipsoid([0, -5, -37], [13, 16, 10]);
const SELLA = ellipsoid([0, -7, -26], [8, 6, 5]);
const SPHENOID_SINUS = ellipsoid([0, -11, -37], [10, 9, 7.5]);
const LENS = ellipsoid([31, -68, -42], [4.5, 2, 4.5]);
const ABOVE_ALL_MM = 6;

/** Lays everything below the incisura; leaves points above it alone. */
export function layBase(anatomy: Anatomy, place: Place, tissue: Tissue): void {
  if (place.z > ABOVE_ALL_MM) return;
  const ax = Math.abs(place.x);
  layPosteriorFossa(anatomy, place, tissue, ax);
  layCisterns(anatomy, place, tissue, ax);
  if (place.z < -14) layBone(place, tissue, ax);
}

/** Negative below the tentorium: its free edge lies near (0, 36, 0), its border on the petrous ridge and the transverse sinus. */
function toTentorium(ax: number, y: number, z: number): number {
  const down = Math.sqrt((0.55 * ax) ** 2 + (0.8 * Math.max(0, y - 38)) ** 2);
  const roof = z + 1 + down;
  const front = 14 + 0.55 * ax - y;
  return Math.max(roof * 0.75, front * 0.85);
}

function layPosteriorFossa(anatomy: Anatomy, place: Place, tissue: Tissue, ax: number): void {
  const { x, y, z, slow, depthMm } = place;
  const distance = toTentorium(ax, y, z);
  if (distance > 2 || y < 10) return;
  const { folds } = fields();
  const within = inside(distance, 1);
  const folia = sample(folds, x * 0.35, y * 0.9 + anatomy.offsets[9], z * 1.1);
  layGrey(tissue, anatomy.whiteHu + 6 + 1.6 * folia + slow, within);
  layFluid(tissue, anatomy.fluidHu + 4, within * inside(depthMm - 1 - 0.6 * anatomy.sulcusMm, 1.2));
  layFluid(tissue, anatomy.fluidHu, within * inside(toEllipsoid(FOURTH_VENTRICLE, ax, y, z), 1.2));
  if (y > 30 || ax > 20) layGrey(tissue, anatomy.falxHu - 3, inside(Math.abs(distance) - 0.4, 1) * clamp((y - 24 - 0.4 * ax) / 6, 0, 1));
}

/** Midbrain and pons in their fluid, and the star of cisterns before them. */
function layCisterns(anatomy: Anatomy, place: Place, tissue: Tissue, ax: number): void {
  const { y, z } = place;
  if (ax > 30 || y < -24 || y > 40 || z > -4) return;
  const fade = clamp((-5 - z) / 4, 0, 1);
  const wide = 1.4 + 0.9 * anatomy.sulcusMm;
  // The stem leans forward on its way down.
  const stem = toEllipsoid(STEM, ax, y - 0.25 * (z + 14), 0);
  const peduncles = Math.max(stem, -toEllipsoid(INTERPEDUNCULAR, ax, y - 0.25 * (z + 14), 0));
  if (z > -24) {
    const angle = Math.atan2(ax, -(y + 4));
    const star = Math.hypot(ax, y + 4) - (8.5 + 3 * Math.cos(5 * angle)) * clamp((-6 - z) / 6, 0, 1);
    layFluid(tissue, anatomy.fluidHu + 2, inside(star, 1.4) * (z < -7 ? 1 : 0));
  }
  const rough = sample(fields().folds, place.x * 0.4 + anatomy.offsets[10], y * 0.4, z * 0.4);
  layFluid(
    tissue,
    anatomy.fluidHu + 2,
    inside(peduncles - wide * (0.7 + 0.7 * rough), 1.6) * inside(-peduncles, 1.6) * fade * (y < 34 ? 1 : 0),
  );
  layWhite(tissue, anatomy.whiteHu + 4, inside(peduncles, 1.4) * fade);
  // Optic chiasm and vessels stand out of the star.
  if (z < -12 && z > -20) layGrey(tissue, 42, inside(Math.hypot(ax - 3.5, y + 7) - 1.6, 1));
}

function layBone(place: Place, tissue: Tissue, ax: number): void {
  const { x, y, z } = place;
  if (y < -12) layFace(place, tissue, ax);
  const cells = sample(fields().fine, x * 0.5, y * 0.5, z * 0.5);
  // Body of the sphenoid with the dorsum of the sella behind; the sinus in it is full of air.
  const body = toEllipsoid(SPHENOID_BODY, ax, y, z);
  const sella = toEllipsoid(SELLA, ax, y, z);
  const petrous = toTube(PETROUS, ax, y, z);
  const bone = Math.min(petrous, toTube(SPHENOID, ax, y, z), Math.max(body, -sella));
  if (bone < 1) {
    const airy = ax > 38 && y > 10 && petrous < -1.3 && cells > 0.1;
    layGrey(tissue, airy ? -700 : 950 + 180 * cells, inside(bone, 1));
  }
  const sinus = toEllipsoid(SPHENOID_SINUS, ax, y, z);
  if (sinus < 1) layGrey(tissue, ax < 0.7 ? 500 : -950, inside(sinus, 1));
}

/** Under the frontal lobes: the roof of the orbit, then fat, muscles, nerve and globe in a cone of bone, and the ethmoid between the cones. */
function layFace({ x, y, z }: Place, tissue: Tissue, ax: number): void {
  // Lowest at the midline, highest over the middle of each orbit.
  const roof = z + 34 - 13 * clamp(1.15 - Math.abs(ax - 31) / 22, 0, 1) * clamp((-14 - y) / 16, 0, 1);
  if (roof > 1 || y > -18) return;
  const fold = sample(fields().folds, x * 0.55, y * 0.4, z * 0.4);
  // Elsewhere muscle and fat, as behind the cheek.
  layGrey(tissue, fold > 0.2 ? 50 : -60, inside(roof + 1.5, 1));
  const orbit = toTube(ORBIT, ax, y, z);
  const ethmoid = Math.max(ax - 11.5, -72 - y, y + 22, roof + 4);
  layGrey(tissue, Math.abs(fold) < 0.13 || ax < 0.8 ? 350 : -930, inside(ethmoid, 1));
  layGrey(tissue, 900, inside(Math.min(Math.abs(roof + 0.9) - 0.9, Math.abs(orbit - 1) - (ax > orbitAxis(y) ? 1.4 : 0.5)), 1));
  if (orbit > 0.5) return;
  layGrey(tissue, -80, inside(orbit, 1));
  for (const muscle of RECTI) layGrey(tissue, 48, inside(toTube(muscle, ax, y, z), 1));
  layGrey(tissue, 38, inside(toTube(OPTIC_NERVE, ax, y, z), 1));
  const [gx, gy, gz] = GLOBE.centre;
  const globe = Math.hypot(ax - gx, y - gy, z - gz) - GLOBE.radiusMm;
  layFluid(tissue, 14, inside(globe, 1));
  layGrey(tissue, 48, inside(Math.abs(globe + 0.5) - 0.6, 1));
  layGrey(tissue, 75, inside(toEllipsoid(LENS, ax, y, z), 1));
}

/** How far from the midline the axis of the orbit lies. */
const orbitAxis = (y: number): number => 11 + (20 * (-22 - y)) / 38;
