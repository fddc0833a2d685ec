// Vessels full of flowing blood, a little denser than brain: the arteries of the base, branches in the Sylvian fissure, veins and sinuses. Head
// coordinates, mm; the left half is drawn and mirrored. They are what a careless eye takes for a thin bleed.
import { fields, sample } from "./fields.ts";
import type { Anatomy } from "./patient.ts";
import { clamp, inside, toTube, tube, type Tube } from "./shapes.ts";
import { layGrey, type Place, type Tissue } from "./tissue.ts";

const REACH_MM = 2.5;

const CAROTID_TO_MIDDLE_CEREBRAL = tube(
  [
    [9, -8, -26, 2.2],
    [10, -9, -15, 2],
    [20, -13, -13, 1.7],
    [33, -14, -10, 1.6],
    [39, -12, -6, 1.3],
  ],
  REACH_MM,
);
const ANTERIOR_CEREBRAL = tube(
  [
    [10, -9, -15, 1.5],
    [2.5, -16, -13, 1.4],
    [1.8, -36, -6, 1.2],
    [1.8, -42, 8, 1.1],
  ],
  REACH_MM,
);
const BASILAR = tube(
  [
    [0.8, 6, -40, 1.9],
    [0, 5, -28, 1.9],
    [0, 3, -18, 1.7],
    [9, 9, -15, 1.2],
    [17, 22, -12, 1],
  ],
  REACH_MM,
);
const TRANSVERSE_SINUS = tube(
  [
    [3, 76, -9, 3],
    [30, 68, -14, 2.8],
    [52, 46, -19, 3],
    [56, 38, -30, 4],
  ],
  4,
);
const INTERNAL_CEREBRAL = tube(
  [
    [1.6, -10, 13, 0.9],
    [1.8, 14, 15, 1],
    [1.2, 32, 11, 1.3],
  ],
  REACH_MM,
);
const ARTERIES: readonly Tube[] = [CAROTID_TO_MIDDLE_CEREBRAL, ANTERIOR_CEREBRAL, BASILAR];

/** Lays vessels over brain and fluid. */
export function layVessels(anatomy: Anatomy, place: Place, tissue: Tissue): void {
  const { x, y, z, depthMm } = place;
  const ax = Math.abs(x);
  const { bloodHu, denseArteryHu } = anatomy;
  if (z < 10 && z > -44 && ax < 44 && y < 26 && y > -46) {
    const dense = denseArteryHu[x > 0 ? 0 : 1];
    for (let i = 0; i < ARTERIES.length; i++) {
      const distance = toTube(ARTERIES[i], ax, y, z);
      if (distance < 1) layGrey(tissue, bloodHu + (i === 0 ? dense : 0), inside(distance, 1.2));
    }
  }
  if (ax < 4 && z > 6 && z < 20) layGrey(tissue, bloodHu + 3, inside(toTube(INTERNAL_CEREBRAL, ax, y, z), 1));
  if (z < 0 && y > 30) layGrey(tissue, bloodHu + 4, inside(toTube(TRANSVERSE_SINUS, ax, y, z), 1.5));
  // Veins and branches wind through the fluid over the cortex and the insula: threads where two fields vanish.
  const overInsula = ax > 30 && ax < 44 && y > -30 && y < 16 && z > -10 && z < 18;
  if (depthMm < 7 || overInsula) {
    const { folds } = fields();
    const one = sample(folds, x * 0.31 + anatomy.offsets[7], y * 0.31 + anatomy.offsets[9], z * 0.31);
    if (Math.abs(one) > 0.3) return;
    const two = sample(folds, x * 0.31, y * 0.31 + anatomy.offsets[10], z * 0.31 + anatomy.offsets[11]);
    const thread = Math.sqrt(one * one + two * two) * 5 - 1;
    layGrey(tissue, bloodHu, inside(thread, 1.2) * (overInsula ? clamp(tissue.fluid * 2, 0, 1) : clamp((7 - depthMm) / 2, 0, 1)));
  }
}
