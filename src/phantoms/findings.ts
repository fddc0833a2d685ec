// Findings besides a hemorrhage of the basal ganglia: old infarcts and lacunes. They come with every label, so that they do not reveal it.
import { fields, sample } from "./fields.ts";
import type { Draw } from "./random.ts";
import { inside } from "./shapes.ts";
import { layFluid, type Place, type Tissue } from "./tissue.ts";

/** A ball of lost tissue, filled with fluid. Head coordinates, mm. */
export interface Hole {
  readonly centre: readonly [x: number, y: number, z: number];
  readonly radiusMm: number;
  readonly edgeMm: number;
  /** Above the HU of the fluid. */
  readonly aboveFluidHu: number;
  /** Roughness of the surface in radii. */
  readonly irregular: number;
}

export function drawInfarct(draw: Draw): Hole {
  return {
    centre: [(draw.chance(0.5) ? 1 : -1) * draw.uniform(28, 52), draw.uniform(-45, 45), draw.uniform(0, 22)],
    radiusMm: draw.uniform(10, 22),
    edgeMm: 5,
    aboveFluidHu: draw.uniform(3, 10),
    irregular: 0.55,
  };
}

/** One to three lacunes among the basal ganglia. */
export function drawLacunes(draw: Draw): Hole[] {
  const lacune = (): Hole => ({
    centre: [(draw.chance(0.5) ? 1 : -1) * draw.uniform(12, 30), draw.uniform(-28, 14), draw.uniform(-6, 18)],
    radiusMm: draw.uniform(2, 4.5),
    edgeMm: 1.6,
    aboveFluidHu: draw.uniform(0, 6),
    irregular: 0.2,
  });
  return Array.from({ length: 1 + Math.floor(draw.uniform(0, 3)) }, lacune);
}

/** Lays a hole. */
export function layHole(
  { centre, radiusMm, edgeMm, aboveFluidHu, irregular }: Hole,
  fluidHu: number,
  { x, y, z }: Place,
  tissue: Tissue,
): void {
  const dx = x - centre[0];
  const dy = y - centre[1];
  const dz = z - centre[2];
  const square = dx * dx + dy * dy + dz * dz;
  if (square > (2.2 * radiusMm + edgeMm) ** 2) return;
  const k = 7 / radiusMm;
  const { slow, folds } = fields();
  const rough = irregular * radiusMm * (sample(slow, x * k, y * k, z * k) + 0.4 * sample(folds, x * 0.35, y * 0.35, z * 0.35));
  layFluid(tissue, fluidHu + aboveFluidHu, inside(Math.sqrt(square) - radiusMm + rough, edgeMm));
}
