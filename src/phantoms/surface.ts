// The surface of the hemispheres: cortex, sulci, the midline with the falx, the Sylvian fissure and the insula. Head coordinates, mm.
import { fields, sample } from "./fields.ts";
import type { Anatomy } from "./patient.ts";
import { clamp, inside } from "./shapes.ts";
import { layFluid, layGrey, type Place, type Tissue } from "./tissue.ts";

/** How far the fold field's zero surfaces are from a point, per unit of the field: about its inverse gradient. */
const FOLD_MM = 3.4;
/** Voxels of the field a millimetre: gyri come out about 10 mm wide. */
const FOLDS_PER_MM = 0.45;
const RIBBON_MM = 2.6;

/** Lays white matter, then everything that belongs to the surface of the brain. */
export function laySurface(anatomy: Anatomy, place: Place, tissue: Tissue): void {
  tissue.hu = anatomy.whiteHu + 1.1 * place.slow;
  tissue.grey = 0;
  tissue.fluid = 0;
  layCortex(anatomy, place, tissue);
  layInsula(anatomy, place, tissue);
  layMidline(anatomy, place, tissue);
}

/** Sulci are the zero surfaces of a band-passed field, stretched towards the middle so that they run inwards. */
function layCortex({ sulcusMm, cortexHu, fluidHu, offsets }: Anatomy, place: Place, tissue: Tissue): void {
  const { x, y, z, depthMm, stretch, slow, slower } = place;
  const reach = 18 + 0.28 * Math.max(0, z - 8);
  if (depthMm > reach + 5) return;
  const gap = 0.5 + 0.75 * sulcusMm * Math.max(0.2, 1 + 0.5 * slower);
  layGrey(tissue, cortexHu + slow, inside(depthMm - gap - 3.1, 1.6));
  const side = x > 0 ? 0 : 3;
  const scale = FOLDS_PER_MM * stretch;
  // Towards the vertex folds stand upright, so that slices cut them across.
  const upright = z < 22 ? z : 22 + 0.4 * (z - 22);
  const fold = sample(fields().folds, x * scale + offsets[side], y * scale + offsets[side + 1], upright * scale + offsets[side + 2]);
  const ax = Math.abs(x);
  let toFold = FOLD_MM * Math.abs(fold);
  // The central sulcus runs unbroken from the midline to the side, forwards and down.
  if (z > 22 && ax > 6) {
    const central = Math.abs(y - 24 + 0.55 * ax - 0.25 * (z - 40) + 2.5 * Math.sin(0.28 * ax + offsets[side]) + slow) * 0.85;
    if (central < toFold) toFold = Math.max(0, central - 0.4);
  }
  const taper = Math.sqrt(clamp(1 - depthMm / reach, 0, 1));
  const least = 0.1 + 0.5 * clamp((z - 20) / 25, 0, 1);
  const width = sulcusMm * 1.15 * Math.max(least, 0.75 + 0.45 * slower) * taper;
  layGrey(tissue, cortexHu + slow, inside(toFold - width - RIBBON_MM, 1.4) * inside(depthMm - reach - 2, 3));
  layFluid(tissue, fluidHu, inside(toFold - width, 1.1) * (width > 0.05 ? 1 : 0));
  layFluid(tissue, fluidHu, inside(depthMm - gap, 1.2));
}

/** The insular sheet with its two openings to the surface, and the stem of the fissure below it. */
function layInsula({ sylvianMm, cortexHu, fluidHu, offsets }: Anatomy, place: Place, tissue: Tissue): void {
  const { x, y, z, slow } = place;
  const ax = Math.abs(x);
  if (ax < 20 || y < -42 || y > 34 || z < -20 || z > 24) return;
  const rough = 1.1 * sample(fields().folds, x * 0.45 + offsets[6], y * 0.45 + offsets[7], z * 0.45 + offsets[8]);
  const sheet = 39.5 - 5 * ((y + 6) / 20) ** 2 - 0.006 * (z - 4) ** 2;
  const onSheet = clamp((19 - Math.abs(y + 7)) / 4, 0, 1) * clamp((16 - Math.abs(z - 3)) / 4, 0, 1);
  let weight = onSheet;
  let distance = Math.abs(ax - sheet + rough);
  const outwards = clamp((ax - 34) / 3, 0, 1) * clamp((18 - Math.abs(z - 2)) / 4, 0, 1);
  const front = Math.abs(y + 24 + 0.25 * (ax - 36) - 0.3 * (z - 2) + 1.5 * rough);
  const back = Math.abs(y - 11 - 0.35 * (ax - 38) - 0.5 * (z - 6) + 1.5 * rough);
  const slit = Math.min(front, back) + 0.25 * sylvianMm;
  if (outwards > 0 && slit < distance + (1 - onSheet) * 50) {
    distance = slit;
    weight = outwards;
  }
  // The stem runs medially at the level of the anterior perforated substance.
  const along = (y + 16 + 0.35 * (ax - 30)) * 0.8;
  const stem = Math.sqrt(along * along + (z + 11) * (z + 11));
  if (ax < 37 && stem < distance + (1 - weight) * 50) {
    distance = stem - 1;
    weight = clamp((37 - ax) / 4, 0, 1) * clamp((ax - 20) / 4, 0, 1);
  }
  // Wider towards the surface, and never evenly.
  const width = (sylvianMm * (0.75 + 0.03 * Math.max(0, ax - 40)) + 0.75 * rough) * weight;
  layGrey(tissue, cortexHu + slow, inside(distance - Math.max(0, width) - 2.8, 1.4) * weight);
  layFluid(tissue, fluidHu, inside(distance - width, 1.1) * weight);
}

/** Longitudinal fissure, medial cortex and falx, everywhere but across the callosum and what lies under it. */
function layMidline({ sulcusMm, cortexHu, fluidHu, falxHu }: Anatomy, place: Place, tissue: Tissue): void {
  const { x, y, z, depthMm, slow, slower, sway } = place;
  const across = Math.abs(x - 1.1 * sway * clamp(depthMm / 12, 0, 1));
  if (across > 9) return;
  const core = Math.sqrt(((y - 1) / 37) ** 2 + ((z - 4) / 22) ** 2);
  const apart = clamp((core - 1) * 7, 0, 1) * (z < -8 && y > -40 ? 0 : 1);
  if (apart === 0) return;
  const half = 0.35 + 0.7 * sulcusMm * Math.max(0.1, 0.7 + 0.6 * slower);
  layGrey(tissue, cortexHu + slow, inside(across - 4.2, 1.4) * apart);
  layFluid(tissue, fluidHu, inside(across - half, 1) * apart);
  if (y > 20 || y < -45 || z > 30) layGrey(tissue, falxHu, inside(across - 0.25, 0.9) * clamp((core - 1.12) * 8, 0, 1));
  // The superior sagittal sinus: a triangle under the vault.
  const sinus = Math.max(across - 4 + 0.45 * depthMm, depthMm - 8);
  layGrey(tissue, 53, inside(sinus, 1.2) * (y > 30 || z > 40 ? 1 : 0));
}
