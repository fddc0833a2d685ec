// The surface of the hemispheres: cortex, sulci, the midline with the falx, the Sylvian fissure and the insula. Head coordinates, mm.
import { fields, sample } from "./fields.ts";
import type { Anatomy } from "./patient.ts";
import { clamp, inside } from "./shapes.ts";
import { layFluid, layGrey, type Place, type Tissue } from "./tissue.ts";

/** How far the fold field's zero surfaces are from a point, per unit of the field: about its inverse gradient. */
const FOLD_MM = 3.4;
/** Voxels of the field a millimetre: gyri come out about 10 mm wide. */
const FOLDS_PER_MM = 0.45;
const RIBBON_MM = 2.3;
/** Sulci of the medial surface close within this distance of the fissure. */
const MEDIAL_MM = 13;

/** Where a point lies between the hemispheres. One object serves all points. */
interface Midline {
  /** Distance to the fissure's wavy middle. */
  acrossMm: number;
  /** Half the width of the fissure. */
  halfMm: number;
  /** 1 where the hemispheres are apart, 0 where the callosum and what lies under it join them. */
  apart: number;
  /** Distance from that, as a share of its size, less 1. */
  core: number;
}

const midline: Midline = { acrossMm: 0, halfMm: 0, apart: 0, core: 0 };

/** Lays white matter, then everything that belongs to the surface of the brain. */
export function laySurface(anatomy: Anatomy, place: Place, tissue: Tissue): void {
  tissue.hu = anatomy.whiteHu + 1.1 * place.slow;
  tissue.grey = 0;
  tissue.fluid = 0;
  measureMidline(anatomy, place);
  layCortex(anatomy, place, tissue);
  layInsula(anatomy, place, tissue);
  layMidline(anatomy, place, tissue);
}

function measureMidline({ sulcusMm }: Anatomy, { x, y, z, depthMm, slower, sway }: Place): void {
  midline.acrossMm = Math.abs(x - 1.1 * sway * clamp(depthMm / 12, 0, 1));
  midline.apart = 0;
  if (midline.acrossMm > MEDIAL_MM) return;
  midline.core = Math.sqrt(((y - 1) / 37) ** 2 + ((z - 4) / 22) ** 2) - 1;
  midline.apart = clamp(midline.core * 7, 0, 1) * (z < -8 && y > -40 ? 0 : 1);
  // Wider in front, and towards the surface.
  const wide = y < 0 ? 1 + 0.5 * clamp((24 - depthMm) / 24, 0, 1) : 0.7;
  midline.halfMm = 0.35 + 0.8 * sulcusMm * Math.max(0.1, 0.7 + 0.6 * slower) * wide;
}

/**
 * How sulci differ by lobe: depth, width and spacing. Deepest over the vertex, wide in front, shallow and narrow at the temple, narrow and close
 * at the back.
 */
function reachOf({ y, z, slow }: Place): number {
  const front = clamp((-y - 8) / 26, 0, 1);
  const back = clamp((y - 34) / 22, 0, 1);
  const top = clamp((z - 16) / 24, 0, 1);
  const lobe = 16 + 5 * front - 3 * back + 9 * top;
  // Neighbours differ more than lobes do.
  return lobe * clamp(0.85 + 0.4 * slow, 0.3, 1.5);
}

/** Sulci are the zero surfaces of a band-passed field, stretched towards the middle so that they run inwards from the vault and from the fissure. */
function layCortex({ sulcusMm, cortexHu, fluidHu, offsets }: Anatomy, place: Place, tissue: Tissue): void {
  const { x, y, z, depthMm, stretch, slow, slower } = place;
  const reach = reachOf(place);
  const gap = 0.5 + 0.75 * sulcusMm * Math.max(0.2, 1 + 0.5 * slower);
  const { acrossMm, halfMm, apart } = midline;
  // As shares of the way on which a sulcus closes.
  const medial = apart > 0 ? (acrossMm - halfMm) / (apart * MEDIAL_MM * clamp(0.7 + 0.3 * slow, 0.3, 1)) : 1;
  const inwards = Math.min(depthMm / reach, medial);
  const grey = cortexHu + slow;
  if (depthMm < gap + 5) layGrey(tissue, grey, inside(depthMm - gap - 3.1, 2));
  if (inwards < 1.1) {
    const side = x > 0 ? 0 : 3;
    const front = clamp((-y - 8) / 26, 0, 1);
    const back = clamp((y - 34) / 22, 0, 1);
    const scale = FOLDS_PER_MM * stretch * (0.95 - 0.08 * front + 0.12 * back);
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
    const taper = Math.sqrt(clamp(1 - inwards, 0, 1));
    const least = 0.1 + 0.5 * clamp((z - 20) / 25, 0, 1);
    const lobe = 0.95 + 0.25 * front - 0.2 * back;
    const width = sulcusMm * lobe * Math.max(least, 0.85 + 0.5 * slower) * taper;
    layGrey(tissue, grey, inside(toFold - width - RIBBON_MM, 2) * clamp((1.1 - inwards) * 3, 0, 1));
    if (width > 0.05) layFluid(tissue, fluidHu, inside(toFold - width, 1.1));
  }
  if (depthMm < gap + 1) layFluid(tissue, fluidHu, inside(depthMm - gap, 1.2));
}

/** The insular sheet with its two openings to the surface, and the stem of the fissure below it. */
function layInsula({ sylvianMm, cortexHu, fluidHu, offsets }: Anatomy, place: Place, tissue: Tissue): void {
  const { x, y, z, slow } = place;
  const ax = Math.abs(x);
  if (ax < 20 || y < -42 || y > 34 || z < -20 || z > 24) return;
  const rough = 1.5 * sample(fields().folds, x * 0.45 + offsets[6], y * 0.45 + offsets[7], z * 0.45 + offsets[8]);
  const sheet = 39.5 - 5 * ((y + 6) / 20) ** 2 - 0.006 * (z - 4) ** 2;
  const onSheet = clamp((19 - Math.abs(y + 7)) / 4, 0, 1) * clamp((16 - Math.abs(z - 3)) / 4, 0, 1);
  let weight = onSheet;
  // Short gyri make its edge wavy.
  let distance = Math.abs(ax - sheet + rough + 0.8 * Math.sin(0.6 * y + 1.5 * rough + offsets[6]));
  const outwards = clamp((ax - 34) / 3, 0, 1) * clamp((18 - Math.abs(z - 2)) / 4, 0, 1);
  const front = Math.abs(y + 24 + 0.25 * (ax - 36) - 0.3 * (z - 2) + 2 * rough);
  const back = Math.abs(y - 11 - 0.35 * (ax - 38) - 0.5 * (z - 6) + 2 * rough);
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
  // Wider towards the surface, closed in places.
  const open = clamp(0.75 + 0.65 * slow, 0.05, 1.9);
  const width = (sylvianMm * open * (0.75 + 0.03 * Math.max(0, ax - 40)) + 0.6 * rough) * weight;
  layGrey(tissue, cortexHu + slow, inside(distance - Math.max(0, width) - 2.8, 1.4) * weight);
  layFluid(tissue, fluidHu, inside(distance - width, 1.1) * weight);
}

/** Longitudinal fissure, medial cortex, falx and sinus. */
function layMidline({ cortexHu, fluidHu, falxHu }: Anatomy, { y, z, depthMm, slow }: Place, tissue: Tissue): void {
  const { acrossMm, halfMm, apart, core } = midline;
  if (apart === 0 || acrossMm > 9) return;
  layGrey(tissue, cortexHu + slow, inside(acrossMm - halfMm - 2.8, 2) * apart * (1 - tissue.fluid));
  layFluid(tissue, fluidHu, inside(acrossMm - halfMm, 1) * apart);
  if (y > 20 || y < -45 || z > 30) layGrey(tissue, falxHu, inside(acrossMm - 0.25, 0.9) * clamp((core - 0.12) * 8, 0, 1));
  // The superior sagittal sinus: a triangle under the vault.
  const sinus = Math.max(acrossMm - 4 + 0.45 * depthMm, depthMm - 8);
  layGrey(tissue, 53, inside(sinus, 1.2) * (y > 30 || z > 40 ? 1 : 0));
}
