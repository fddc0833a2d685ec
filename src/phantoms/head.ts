// A whole synthetic head: what lies at a point of the patient, composed from skull, brain and findings.
// Smooth quantities (distance to the skull, displacement, slow noise) are measured by `measure` on a coarse lattice; `huAt` interpolates what it
// needs of them and turns it into Hounsfield units at full resolution.
import { layBase } from "./base.ts";
import { layPallidalCalcium, makeDeep, type PallidalCalcium } from "./deep.ts";
import { fields, sample } from "./fields.ts";
import { layHole, type Hole } from "./findings.ts";
import { layClot, reachOf, unpush, ventricleHu, type Hemorrhage } from "./hemorrhage.ts";
import { headCoordinates, type Patient } from "./patient.ts";
import { inside } from "./shapes.ts";
import { boneThickness, measureSkull, outsideHu, type SkullPlace } from "./skull.ts";
import { laySurface } from "./surface.ts";
import { emptyTissue, type Place, type Spot } from "./tissue.ts";
import { layVessels } from "./vessels.ts";

export interface Findings {
  readonly hemorrhage: Hemorrhage | null;
  readonly holes: readonly Hole[];
  readonly calcium: PallidalCalcium | null;
}

/**
 * Quantities on the lattice, in this order: place of the tissue (3), distance outside the skull, stretch, three slow fields, distance to the
 * ventricles, bone thickness.
 */
export const CHANNELS = 10;
export const OUT = 3;
const STRETCH = 4;
const SLOW = 5;
const VENTRICLE = 8;
const THICKNESS = 9;

/** Farther than this outside the inner table there is only air. */
export const AIR_FROM_MM = 34;

/** No cell of the lattice with a corner farther out than this reaches into the brain. */
const BRAIN_UNTIL_MM = 20;

export interface SkullHead {
  /** Patient coordinates (LPS, mm) to head coordinates. */
  toHead(x: number, y: number, z: number): readonly [number, number, number];
  /** Writes the channels of a point in patient coordinates to `target` at `at`. */
  measure(x: number, y: number, z: number, target: Float64Array, at: number): void;
  /** HU at a spot on a row of the lattice, [nodes, channels]. */
  huAt(row: Float64Array, spot: Spot): number;
}

export function makeHead(patient: Patient, findings: Findings): SkullHead {
  const { pose, skull, anatomy } = patient;
  const { hemorrhage, holes } = findings;
  const bloodied = hemorrhage && hemorrhage.ventricleLevelY[0] !== null ? hemorrhage : null;
  const deep = makeDeep(anatomy);
  const reach = hemorrhage ? reachOf(hemorrhage) : 0;
  const { slow } = fields();
  const [o0, o1, o2, o3, o4, o5, o6] = anatomy.offsets;
  const toHead = headCoordinates(pose);
  const skullPlace: SkullPlace = { outMm: 0, stretch: 1 };

  const measure = (px: number, py: number, pz: number, target: Float64Array, at: number): void => {
    const [x, y, z] = toHead(px, py, pz);
    measureSkull(skull, x, y, z, skullPlace);
    target[at + OUT] = skullPlace.outMm;
    target[at + THICKNESS] = 0;
    if (skullPlace.outMm > AIR_FROM_MM + 8) return;
    const vary = sample(slow, x * 0.3 + o1, y * 0.3 + o2, z * 0.3 + o4);
    target[at + THICKNESS] = boneThickness(skull, x, y, vary);
    if (skullPlace.outMm > BRAIN_UNTIL_MM) return;
    let bx = x;
    let by = y;
    let bz = z;
    if (hemorrhage && skullPlace.outMm < 0) {
      const [cx, cy, cz] = hemorrhage.form.centre;
      const factor = unpush(hemorrhage, Math.hypot(x - cx, y - cy, z - cz), -skullPlace.outMm);
      bx = cx + (x - cx) * factor;
      by = cy + (y - cy) * factor;
      bz = cz + (z - cz) * factor;
    }
    const warp = anatomy.warpMm;
    target[at] = bx + warp * sample(slow, bx * 0.22 + o0, by * 0.22 + o1, bz * 0.22 + o2);
    target[at + 1] = by + warp * sample(slow, bx * 0.22 + o3, by * 0.22 + o4, bz * 0.22 + o5);
    target[at + 2] = bz + warp * sample(slow, bx * 0.22 + o6, by * 0.22 + o0, bz * 0.22 + o3);
    target[at + VENTRICLE] = deep.toVentricle(target[at], target[at + 1], target[at + 2]);
    target[at + STRETCH] = skullPlace.stretch;
    target[at + SLOW] = vary;
    target[at + SLOW + 1] = sample(slow, x * 0.16 + o5, y * 0.16 + o6, z * 0.16 + o0);
    target[at + SLOW + 2] = sample(slow, o2, y * 0.25 + o3, z * 0.25 + o5);
  };

  const place: Place = { x: 0, y: 0, z: 0, depthMm: 0, stretch: 1, slow: 0, slower: 0, sway: 0, ventricleMm: 0 };
  const tissue = emptyTissue();

  const brainHu = (row: Float64Array, spot: Spot): number => {
    const { west, across } = spot;
    const east = west + CHANNELS;
    place.x = row[west] + (row[east] - row[west]) * across;
    place.y = row[west + 1] + (row[east + 1] - row[west + 1]) * across;
    place.z = row[west + 2] + (row[east + 2] - row[west + 2]) * across;
    place.depthMm = -spot.outMm;
    place.stretch = row[west + STRETCH] + (row[east + STRETCH] - row[west + STRETCH]) * across;
    place.slow = row[west + SLOW] + (row[east + SLOW] - row[west + SLOW]) * across;
    place.slower = row[west + SLOW + 1] + (row[east + SLOW + 1] - row[west + SLOW + 1]) * across;
    place.sway = row[west + SLOW + 2] + (row[east + SLOW + 2] - row[west + SLOW + 2]) * across;
    place.ventricleMm = row[west + VENTRICLE] + (row[east + VENTRICLE] - row[west + VENTRICLE]) * across;
    const { fluidHu } = anatomy;
    laySurface(anatomy, place, tissue);
    deep.lay(place, tissue, bloodied ? ventricleHu(bloodied, fluidHu, place) : fluidHu);
    layBase(anatomy, place, tissue);
    layVessels(anatomy, place, tissue);
    if (findings.calcium) layPallidalCalcium(findings.calcium, deep.pallidum, place, tissue);
    for (let i = 0; i < holes.length; i++) layHole(holes[i], fluidHu, place, tissue);
    if (hemorrhage) layClot(hemorrhage, reach, spot, tissue);
    return tissue.hu;
  };

  const huAt: SkullHead["huAt"] = (row, spot) => {
    const { west, across } = spot;
    const within = inside(spot.outMm, 0.8);
    if (within === 1) return brainHu(row, spot);
    const thickness = row[west + THICKNESS] + (row[west + CHANNELS + THICKNESS] - row[west + THICKNESS]) * across;
    const shell = outsideHu(skull, spot, thickness);
    return within === 0 ? shell : shell + (brainHu(row, spot) - shell) * within;
  };

  return { toHead, measure, huAt };
}
