// An intracerebral hemorrhage: site, volume, irregular surface, texture, edema, blood in the ventricles, and how it pushes the brain aside.
// Sites and shapes after Kim 2014 (J Cerebrovasc Endovasc Neurosurg 16(3)); edema after the i-DEF trial (10.1007/s12028-025-02337-7).
import { fields, sample } from "./fields.ts";
import type { Site } from "./parameters.ts";
import type { Draw } from "./random.ts";
import { clamp, ellipsoid, grown, inside, toEllipsoid, type Ellipsoid } from "./shapes.ts";
import type { Place, Spot, Tissue } from "./tissue.ts";

export interface Hemorrhage {
  readonly site: Site;
  /** Without its roughness. Head coordinates, mm. */
  readonly form: Ellipsoid;
  /** Radius of the ball of the same nominal volume. */
  readonly radiusMm: number;
  /** Roughness of the surface, in radii. */
  readonly irregular: number;
  readonly edgeMm: number;
  readonly hu: number;
  readonly textureHu: number;
  /** Blood above the level is darker, below it brighter; null for an even clot. */
  readonly fluidLevelY: number | null;
  /** Still bleeding: how much darker its whorls of fresh blood are; 0 for none. */
  readonly swirlHu: number;
  readonly edemaHu: number;
  readonly edemaMm: number;
  /** Share of its volume by which the brain is pushed away. */
  readonly push: number;
  /** Level of blood in the ventricles on the side of the clot and on the other, as a y; null where there is none. */
  readonly ventricleLevelY: readonly [same: number | null, other: number | null];
  /** Where the noise fields are read, in voxels. */
  readonly offset: number;
}

const LATERAL_SPREAD: Readonly<Record<Site, readonly [x: [number, number], y: [number, number], z: [number, number]]>> = {
  putamen: [
    [27, 2.5],
    [-10, 5],
    [3, 3],
  ],
  caudate: [
    [13, 1.5],
    [-26, 3],
    [7, 3],
  ],
  pallidum: [
    [20, 2],
    [-6, 3],
    [1, 2],
  ],
  thalamus: [
    [12, 2],
    [8, 3],
    [8, 3],
  ],
  lobar: [
    [48, 4],
    [0, 0],
    [12, 8],
  ],
};

export interface HemorrhageOrder {
  readonly site: Site;
  readonly side: "left" | "right";
  readonly volumeMl: number;
  readonly clotHu: number;
}

export function drawHemorrhage(draw: Draw, { site, side, volumeMl, clotHu }: HemorrhageOrder): Hemorrhage {
  const sign = side === "left" ? 1 : -1;
  const radiusMm = Math.cbrt((3 * volumeMl * 1000) / (4 * Math.PI));
  const [x, drawnY, z] = LATERAL_SPREAD[site].map(([mean, spread]) => draw.normal(mean, spread));
  // Lobar bleeds lie in front or behind.
  const y = site === "lobar" ? (draw.chance(0.5) ? 38 : -38) : drawnY;
  const long = site === "putamen";
  const e1 = long ? draw.uniform(0.62, 0.85) : draw.uniform(0.8, 1);
  const e2 = long ? draw.uniform(1.2, 1.55) : draw.uniform(1, 1.3);
  const turnDegrees = sign * draw.normal(14, 10);
  const firstDay = draw.chance(0.7);
  const intoVentricle = draw.chance(site === "caudate" ? 0.8 : site === "thalamus" ? 0.6 : site !== "lobar" && volumeMl > 8 ? 0.4 : 0);
  const level = draw.uniform(30, 58);
  return {
    site,
    form: ellipsoid([sign * x, y, z], [radiusMm * e1, radiusMm * e2, radiusMm / (e1 * e2)], turnDegrees),
    radiusMm,
    irregular: draw.uniform(0.08, 0.3) + 0.12 * Math.min(1, volumeMl / 40),
    edgeMm: draw.uniform(2.4, 3.8),
    hu: clotHu,
    textureHu: draw.uniform(2, 6),
    fluidLevelY: draw.chance(0.12) ? y + draw.normal(0, 0.15) * radiusMm : null,
    swirlHu: draw.chance(0.35) ? draw.uniform(8, 18) : 0,
    edemaHu: draw.uniform(6, 10),
    // Narrow about a small clot.
    edemaMm: (firstDay ? draw.uniform(3.5, 6) : draw.uniform(5, 9)) * Math.min(1, 0.4 + radiusMm / 20),
    push: draw.uniform(0.6, 1.15),
    ventricleLevelY: intoVentricle ? [level, level + 8] : [null, null],
    offset: draw.uniform(0, 64),
  };
}

/** The same form in another size. */
export function scaled(clot: Hemorrhage, by: number): Hemorrhage {
  return { ...clot, radiusMm: clot.radiusMm * by, form: grown(clot.form, by) };
}

/** No part of the clot lies farther from its centre. */
export function boundOf({ form, irregular, radiusMm }: Hemorrhage): number {
  return Math.max(...form.axes) + 2.5 * irregular * radiusMm;
}

/** Beyond this distance from the centre nothing of the clot or its edema is left. */
export function reachOf(clot: Hemorrhage): number {
  return boundOf(clot) + 2.2 * clot.edemaMm + clot.edgeMm;
}

/** Signed distance to the clot's surface at head coordinates. */
export function toClot(clot: Hemorrhage, x: number, y: number, z: number): number {
  const { form, radiusMm, irregular, offset } = clot;
  const dx = x - form.centre[0];
  const dy = y - form.centre[1];
  const dz = z - form.centre[2];
  const plain = toEllipsoid(form, x, y, z);
  // Waves scale with the clot; a fixed distance field would shave small ones away.
  const { slow, folds, fine } = fields();
  const k = 10 / radiusMm;
  const waves =
    0.75 * sample(slow, dx * k + offset, dy * k, dz * k) + 0.3 * sample(folds, dx * k * 0.7, dy * k * 0.7 + offset, dz * k * 0.7);
  // Blood splits fibres: fringes of a few millimetres, on small clots and large.
  const fringes = sample(fine, x * 0.55 + offset, y * 0.55, z * 0.55);
  return plain + irregular * radiusMm * waves + Math.min(0.7, 0.12 * radiusMm) * fringes;
}

/** Lays clot and edema over the tissue at a spot; far ones are left alone. */
export function layClot(clot: Hemorrhage, reach: number, { x, y, z }: Spot, tissue: Tissue): void {
  const { hu, textureHu, fluidLevelY, swirlHu, edemaHu, edemaMm, edgeMm, radiusMm, offset } = clot;
  const { centre } = clot.form;
  const dx = x - centre[0];
  const dy = y - centre[1];
  const dz = z - centre[2];
  if (dx * dx + dy * dy + dz * dz > reach * reach) return;
  const distance = toClot(clot, x, y, z);
  if (distance > -edgeMm) {
    const fall = Math.max(0, distance) / edemaMm;
    tissue.hu -= edemaHu * Math.exp(-fall * fall * fall) * (1 - 0.3 * tissue.grey) * (1 - tissue.fluid);
  }
  const weight = inside(distance, Math.min(edgeMm, 0.6 * radiusMm));
  if (weight === 0) return;
  let blood = hu + textureHu * sample(fields().slow, dx * 0.5 + offset, dy * 0.5 + offset, dz * 0.5);
  if (swirlHu > 0) blood -= swirlHu * clamp(0.3 + sample(fields().folds, dx * 0.22 + offset, dy * 0.22 - offset, dz * 0.22), 0, 1);
  if (fluidLevelY !== null) blood += 12 * clamp((y - fluidLevelY) / 2, -1, 1);
  tissue.hu += (blood - tissue.hu) * weight;
}

/** HU of ventricular fluid where blood has sunk into it; the plane leans so that the occipital horns fill first. */
export function ventricleHu(clot: Hemorrhage, fluidHu: number, { x, y, z }: Place): number {
  const same = x * clot.form.centre[0] > 0;
  const level = clot.ventricleLevelY[same ? 0 : 1];
  if (level === null) return fluidHu;
  return fluidHu + (clot.hu - 6 - fluidHu) * clamp((y - 0.3 * z - level) / 3, 0, 1);
}

/**
 * Where the tissue now at a point was before the clot pushed it outwards: a ball of volume V moves a shell at r to cbrt(r^3 + V'). The skull
 * does not give, and the push fades with distance. Returns the factor by which the offset from the clot's centre shrinks.
 */
export function unpush({ radiusMm, push }: Hemorrhage, r: number, depthMm: number): number {
  const ratio = radiusMm / Math.max(r, 1e-3);
  const free = Math.cbrt(Math.max(0.02, 1 - push * ratio * ratio * ratio));
  return 1 - (1 - free) * clamp(depthMm / 25, 0, 1) * Math.exp(-Math.max(0, r - radiusMm) / 45);
}
