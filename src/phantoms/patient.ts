// One synthetic patient: age, pose, skull and tissue values, drawn once. No picture yet.
import { PARAMETERS } from "./parameters.ts";
import type { Draw } from "./random.ts";
import { clamp } from "./shapes.ts";

/** From patient coordinates (LPS, mm) to head coordinates (LPS, mm, origin in the middle of the AC-PC line), without scale or warp. */
export interface Pose {
  /** Rows of the rotation from patient to head axes. */
  readonly rotation: readonly [readonly number[], readonly number[], readonly number[]];
  readonly shiftMm: readonly [x: number, y: number];
  readonly scale: readonly [x: number, y: number, z: number];
}

/** Head coordinates of a point in patient coordinates, both in mm. */
export function headCoordinates({
  rotation,
  shiftMm,
  scale,
}: Pose): (x: number, y: number, z: number) => readonly [number, number, number] {
  const [rx, ry, rz] = rotation;
  const [sx, sy, sz] = scale;
  return (x, y, z) => {
    const px = x - shiftMm[0];
    const py = y - shiftMm[1];
    return [
      (rx[0] * px + rx[1] * py + rx[2] * z) / sx,
      (ry[0] * px + ry[1] * py + ry[2] * z) / sy,
      (rz[0] * px + rz[1] * py + rz[2] * z) / sz,
    ];
  };
}

export interface Skull {
  readonly egg: number;
  readonly plagiocephaly: number;
  readonly thicknessMm: number;
  readonly scalpMm: number;
  readonly frontalSinus: boolean;
}

export interface Anatomy {
  readonly ageYears: number;
  /** -0.9 (full) to 1.4 (shrunken). */
  readonly atrophy: number;
  readonly warpMm: number;
  readonly whiteHu: number;
  readonly cortexHu: number;
  readonly striatumHu: number;
  readonly pallidumHu: number;
  readonly thalamusHu: number;
  /** How softly the nuclei fade into the capsule. */
  readonly nucleusEdgeMm: number;
  readonly fluidHu: number;
  readonly sulcusMm: number;
  readonly sylvianMm: number;
  /** Half width of the third ventricle. */
  readonly thirdMm: number;
  /** Scale of the lateral ventricles, [left, right]. */
  readonly ventricles: readonly [left: number, right: number];
  /** Darkening of the white matter beside the ventricles. */
  readonly leukoaraiosisHu: number;
  readonly falxHu: number;
  /** Flowing blood. */
  readonly bloodHu: number;
  /** How much denser than that the middle cerebral artery is, [left, right]: clotted in a few. */
  readonly denseArteryHu: readonly [left: number, right: number];
  /** Scale of the nuclei, one for each of putamen, pallidum, thalamus, caudate. */
  readonly nuclei: readonly [putamen: number, pallidum: number, thalamus: number, caudate: number];
  /** Radius and HU of the calcified pineal, and of the choroid plexus [left, right]; radius 0 where there is no calcium. */
  readonly pineal: Calcium;
  readonly choroid: readonly [left: Calcium, right: Calcium];
  /** Where the noise fields are read, in voxels. */
  readonly offsets: readonly number[];
}

export interface Calcium {
  readonly radiusMm: number;
  readonly hu: number;
}

export interface Patient {
  readonly pose: Pose;
  readonly skull: Skull;
  readonly anatomy: Anatomy;
}

/** `leanDegrees` is added to the pitch that is drawn. */
export function drawPatient(draw: Draw, leanDegrees: number): Patient {
  const laws = PARAMETERS.pose;
  const ageYears = draw.law(laws.ageYears);
  const atrophy = clamp((0.6 * (ageYears - 58)) / 30 + draw.normal(0, 0.4), -0.9, 1.4);
  const size = draw.law(laws.scale);
  const elongation = draw.law(laws.elongation);
  const pose: Pose = {
    rotation: rotation(draw.law(laws.pitchDegrees) + leanDegrees, draw.law(laws.rollDegrees), draw.law(laws.yawDegrees)),
    shiftMm: [draw.law(laws.shiftXMm), draw.law(laws.shiftYMm)],
    scale: [0.985 * size * (1 + elongation), 0.99 * size * (1 - elongation), size * draw.normal(1, 0.02)],
  };
  const skull: Skull = {
    egg: draw.normal(0.135, 0.03),
    plagiocephaly: draw.normal(0, 0.02),
    thicknessMm: clamp(draw.normal(6.5, 1), 4, 9.5),
    scalpMm: clamp(draw.normal(6, 1.5), 3, 10),
    frontalSinus: draw.chance(0.6),
  };
  return { pose, skull, anatomy: drawAnatomy(draw, ageYears, atrophy) };
}

function drawAnatomy(draw: Draw, ageYears: number, atrophy: number): Anatomy {
  const laws = PARAMETERS.tissueHu;
  const whiteHu = draw.law(laws.white);
  // The contrast of the nuclei fades with age.
  const striatumHu = whiteHu + draw.law(laws.striatumAboveWhite) - Math.max(0, atrophy);
  const ventricle = clamp(Math.exp(0.38 * atrophy + draw.normal(0, 0.18)), 0.55, 2);
  const plexus = (): Calcium => ({ radiusMm: draw.chance(0.65) ? draw.uniform(1.5, 4) : 0, hu: draw.uniform(80, 260) });
  return {
    ageYears,
    atrophy,
    warpMm: draw.law(PARAMETERS.pose.warpMm),
    whiteHu,
    cortexHu: whiteHu + draw.law(laws.cortexAboveWhite),
    striatumHu,
    pallidumHu: striatumHu - 1.2,
    thalamusHu: whiteHu + draw.law(laws.thalamusAboveWhite),
    nucleusEdgeMm: draw.uniform(3.4, 5.2),
    fluidHu: draw.law(laws.fluid),
    sulcusMm: clamp(0.85 + 0.7 * atrophy + draw.normal(0, 0.15), 0.2, 2.2),
    sylvianMm: clamp(1.3 + 1.2 * atrophy + draw.normal(0, 0.3), 0.3, 3.4),
    thirdMm: clamp(2 + 1.6 * atrophy + draw.normal(0, 0.4), 1, 5),
    ventricles: [ventricle * draw.normal(1, 0.08), ventricle * draw.normal(1, 0.08)],
    leukoaraiosisHu: Math.max(0, draw.normal(3 + 3 * Math.max(0, atrophy), 2.5)),
    falxHu: draw.uniform(46, 52),
    bloodHu: draw.law(laws.blood),
    denseArteryHu: denseArtery(draw),
    nuclei: [draw.normal(1, 0.06), draw.normal(1, 0.06), draw.normal(1, 0.06), draw.normal(1, 0.07)],
    pineal: { radiusMm: draw.chance(0.6) ? draw.uniform(1.2, 3) : 0, hu: draw.uniform(80, 250) },
    choroid: [plexus(), plexus()],
    offsets: Array.from({ length: 12 }, () => draw.uniform(0, 64)),
  };
}

function denseArtery(draw: Draw): readonly [left: number, right: number] {
  const denser = draw.uniform(10, 25);
  const left = draw.chance(0.5);
  if (!draw.chance(PARAMETERS.background.denseArtery)) return [0, 0];
  return left ? [denser, 0] : [0, denser];
}

/** Patient to head axes: pitch about x, roll about y, yaw about z, degrees. */
function rotation(pitch: number, roll: number, yaw: number): Pose["rotation"] {
  const [a, b, c] = [pitch, roll, yaw].map((degrees) => (degrees * Math.PI) / 180);
  const about = (angle: number, first: number, second: number): number[][] => {
    const matrix: number[][] = [0, 1, 2].map((row) => [0, 1, 2].map((column) => (row === column ? 1 : 0)));
    matrix[first][first] = matrix[second][second] = Math.cos(angle);
    matrix[first][second] = -Math.sin(angle);
    matrix[second][first] = Math.sin(angle);
    return matrix;
  };
  const product = (m: number[][], n: number[][]): number[][] =>
    m.map((row) => n[0].map((_, j) => row.reduce((sum, v, k) => sum + v * n[k][j], 0)));
  const [x, y, z] = product(about(c, 0, 1), product(about(b, 2, 0), about(a, 1, 2)));
  return [x, y, z];
}
