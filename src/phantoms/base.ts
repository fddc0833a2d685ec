// What lies under the hemispheres: brainstem, cerebellum, cisterns, tentorium, and the bones of the skull base. Coarser than the rest: the
// basal ganglia are what this generator is for. Head coordinates, mm.
import { fields, sample } from "./fields.ts";
import type { Anatomy } from "./patient.ts";
import { clamp, inside, toEllipsoid, toTube, tube } from "./shapes.ts";
import { layFluid, layGrey, layWhite, type Place, type Tissue } from "./tissue.ts";

const PETROUS = tube(
  [
    [9, 14, -34, 6],
    [30, 24, -32, 7.5],
    [62, 44, -34, 10],
  ],
  4,
);
const SPHENOID = tube(
  [
    [8, -16, -24, 2.5],
    [30, -24, -21, 2.2],
    [60, -34, -16, 3],
  ],
  4,
);
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
  layFluid(tissue, anatomy.fluidHu, within * inside(toEllipsoid(ax, y - 42, z + 32, 6, 4.5, 9), 1.2));
  if (y > 30 || ax > 20) layGrey(tissue, anatomy.falxHu - 3, inside(Math.abs(distance) - 0.4, 1) * clamp((y - 24 - 0.4 * ax) / 6, 0, 1));
}

/** Midbrain and pons in their fluid, and the star of cisterns before them. */
function layCisterns(anatomy: Anatomy, place: Place, tissue: Tissue, ax: number): void {
  const { y, z } = place;
  if (ax > 30 || y < -24 || y > 40 || z > -4) return;
  const fade = clamp((-5 - z) / 4, 0, 1);
  const wide = 1.4 + 0.9 * anatomy.sulcusMm;
  // The stem leans forward on its way down.
  const stem = toEllipsoid(ax, y - 20 - 0.25 * (z + 14), 0, 15.5, 12.5, 1e3);
  const peduncles = Math.max(stem, -toEllipsoid(ax, y - 6 - 0.25 * (z + 14), 0, 4.5, 5, 1e3));
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

function layBone({ x, y, z }: Place, tissue: Tissue, ax: number): void {
  const petrous = toTube(PETROUS, ax, y, z);
  const sphenoid = Math.min(toTube(SPHENOID, ax, y, z), toEllipsoid(ax, y - 1, z + 34, 10, 13, 9));
  // Under the frontal lobes: the orbital roof, then fat, globe and the ethmoid.
  const roof = y < -20 ? z + 27 - 4 * clamp((ax - 8) / 20, 0, 1) * clamp((-30 - y) / 20, 0, 1) : 99;
  if (roof < 1) {
    layGrey(tissue, -75, inside(roof + 1.5, 1));
    layFluid(tissue, 15, inside(Math.hypot(ax - 31, y + 62, z + 40) - 12, 1));
    layGrey(tissue, 45, inside(Math.abs(Math.hypot(ax - 31, y + 62, z + 40) - 12) - 0.6, 1));
    layGrey(tissue, -850, inside(Math.max(ax - 9, roof + 4), 1));
    layGrey(tissue, 900, inside(Math.min(Math.abs(roof + 0.8) - 0.8, Math.abs(ax - 10) - 0.6), 1));
  }
  const bone = Math.min(petrous, sphenoid);
  if (bone > 1) return;
  const cells = sample(fields().fine, x * 0.5, y * 0.5, z * 0.5);
  const airy = ax > 38 && petrous < -1.5 && cells > 0.3 ? 1 : 0;
  const dense = 950 + 180 * cells;
  layGrey(tissue, airy ? -650 : dense, inside(bone, 1));
}
