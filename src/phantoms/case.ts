// From a case's specification to its pictures and the truth about them.
import type { Vector } from "../dicom/read-slice.ts";
import { isPositive, type CaseSpec } from "./cohort.ts";
import type { PallidalCalcium } from "./deep.ts";
import { drawInfarct, drawLacunes } from "./findings.ts";
import { makeHead, type Findings } from "./head.ts";
import { drawHemorrhage, reachOf, scaled, toClot, type Hemorrhage } from "./hemorrhage.ts";
import { PARAMETERS, type Site, type Stratum } from "./parameters.ts";
import { drawPatient, type Patient } from "./patient.ts";
import { drawArtifacts, scan, type Artifacts } from "./physics.ts";
import { stream, type Draw } from "./random.ts";
import { renderSlice } from "./render.ts";
import { drawScanner, planeOf, type Scanner } from "./scanner.ts";

/** What is known about a case because it was made. */
export interface Truth {
  /** Of the clot, counted on a grid of 1 mm; 0 if there is none. Blood in the ventricles is not counted. */
  readonly volumeMl: number;
  readonly site: Site | null;
  /** The slice with most clot, or the one nearest to the middle of the basal ganglia. From 0, upwards. */
  readonly sliceIndex: number;
  /** Area of clot on each slice, mm2. */
  readonly clotMm2: readonly number[];
  /** A hemorrhage, but not of the basal ganglia. */
  readonly otherBleed: boolean;
  readonly clotHu: number | null;
  readonly ageYears: number;
  /** How often the hemorrhage was drawn anew because no slice would have shown it. */
  readonly redraws: number;
}

export interface PhantomSlice {
  /** HU, [rows, columns]; -1024 outside the scan. */
  readonly hu: Int16Array;
  readonly rows: number;
  readonly columns: number;
  readonly pixelSpacingMm: readonly [row: number, column: number];
  readonly positionMm: Vector;
  readonly orientation: readonly [along: Vector, down: Vector];
  readonly sliceThicknessMm: number;
}

export interface PhantomCase {
  readonly spec: CaseSpec;
  readonly scanner: Scanner;
  readonly truth: Truth;
  /** The slices one by one, upwards. */
  slices(): Generator<PhantomSlice>;
  /** One of them. */
  slice(index: number): PhantomSlice;
}

/** A gantry is tilted because a head is: this share of the tilt is the head's own. */
const LEAN = 0.5;

/** Draws everything about a case but its pixels, which come slice by slice. The same specification gives the same values. */
export function renderCase(spec: CaseSpec): PhantomCase {
  const draws = (purpose: string): Draw => stream(`${PARAMETERS.version}/${spec.kind}/${spec.seed}`, spec.index, purpose);
  const scanner = drawScanner(draws("scanner"), spec.kind);
  const patient = drawPatient(draws("anatomy"), LEAN * scanner.tiltDegrees);
  const { hemorrhage, redraws } = drawVisible(spec, scanner, patient, draws);
  const findings = drawFindings(spec.stratum, hemorrhage, draws("findings"));
  const artifacts = drawCaseArtifacts(spec.stratum, draws("artifacts"));
  const head = makeHead(patient, findings);
  const slice = (index: number): PhantomSlice => {
    const plane = planeOf(scanner, index);
    const image = renderSlice(head, plane);
    scan(image, scanner, artifacts, draws(`noise ${index}`));
    return {
      hu: quantize(image, scanner),
      rows: plane.matrix,
      columns: plane.matrix,
      pixelSpacingMm: [plane.pixelMm, plane.pixelMm],
      positionMm: plane.positionMm,
      orientation: [plane.along, plane.down],
      sliceThicknessMm: plane.thicknessMm,
    };
  };
  return {
    spec,
    scanner,
    truth: { ...measureTruth(hemorrhage, patient, scanner), ageYears: patient.anatomy.ageYears, redraws },
    slice,
    *slices() {
      for (let index = 0; index < scanner.levelsMm.length; index++) yield slice(index);
    },
  };
}

/** Draws the hemorrhage of a stratum until it would be seen: contrast over noise, grown by the root of the area, of 4 or more. */
function drawVisible(
  spec: CaseSpec,
  scanner: Scanner,
  patient: Patient,
  draws: (purpose: string) => Draw,
): { hemorrhage: Hemorrhage | null; redraws: number } {
  const { stratum } = spec;
  const laws = isPositive(stratum) || stratum === "thalamicBleed" || stratum === "lobarBleed" ? PARAMETERS.strata[stratum] : null;
  if (!laws) return { hemorrhage: null, redraws: 0 };
  for (let redraws = 0; ; redraws++) {
    const draw = draws(`hemorrhage ${redraws}`);
    const site: Site = isPositive(stratum) ? draw.choose(PARAMETERS.site) : stratum === "thalamicBleed" ? "thalamus" : "lobar";
    const side = spec.side === "none" ? (draw.chance(0.5) ? "left" : "right") : spec.side;
    const volumeMl = draw.law(laws.volumeMl);
    const drawn = drawHemorrhage(draw, { site, side, volumeMl, clotHu: draw.law(laws.clotHu) });
    // The rough surface adds volume; the shape keeps its form under scaling, so one measurement puts that right.
    const hemorrhage = scaled(drawn, Math.cbrt(volumeMl / measureTruth(drawn, patient, scanner).volumeMl));
    const areaMm2 = Math.max(...measureTruth(hemorrhage, patient, scanner).clotMm2);
    const contrastHu = hemorrhage.hu - patient.anatomy.striatumHu;
    if ((contrastHu / scanner.noiseHu) * Math.sqrt(areaMm2 / 4) >= 4 || redraws === 20) return { hemorrhage, redraws };
  }
}

function drawFindings(stratum: Stratum, hemorrhage: Hemorrhage | null, draw: Draw): Findings {
  const { background } = PARAMETERS;
  // Drawn whether used or not, so that strata differ in nothing else.
  const infarct = drawInfarct(draw);
  const lacunes = drawLacunes(draw);
  const both = draw.chance(0.5);
  const strength = [draw.uniform(0.4, 1), draw.uniform(0.3, 1), draw.uniform(0.5, 1)];
  const left = draw.chance(0.5);
  const bilateral: PallidalCalcium = { density: [strength[0], strength[1]], hu: draw.uniform(60, 140), offset: draw.uniform(0, 64) };
  const oneSided: PallidalCalcium = {
    density: left ? [strength[2], 0] : [0, strength[2]],
    hu: draw.uniform(55, 85),
    offset: bilateral.offset,
  };
  const withInfarct = draw.chance(background.oldInfarct) || stratum === "oldInfarct";
  const withLacunes = draw.chance(background.lacunes) || stratum === "lacunes" || (stratum === "oldInfarct" && both);
  return {
    hemorrhage,
    holes: [...(withInfarct ? [infarct] : []), ...(withLacunes ? lacunes : [])],
    calcium: stratum === "pallidalCalcium" ? bilateral : stratum === "faintCalcium" ? oneSided : null,
  };
}

function drawCaseArtifacts(stratum: Stratum, draw: Draw): Artifacts {
  const some = draw.chance(PARAMETERS.background.streaks);
  const motion = draw.chance(PARAMETERS.background.motion);
  return drawArtifacts(draw, { streaks: stratum === "streaks" ? "strong" : some ? "some" : "none", motion });
}

/** Middle of the basal ganglia above the AC-PC line. */
const BASAL_GANGLIA_Z_MM = 4;

/** Counts the clot on a grid of 1 mm in head coordinates, by the slice in which it lies. */
function measureTruth(clot: Hemorrhage | null, patient: Patient, scanner: Scanner): Omit<Truth, "ageYears" | "redraws"> {
  const { scale, rotation, shiftMm } = patient.pose;
  const count = scanner.levelsMm.length;
  const clotMm2 = Array.from({ length: count }, () => 0);
  const tilt = (scanner.tiltDegrees * Math.PI) / 180;
  // Level along the normal, back to patient coordinates: the rotation's transpose.
  const levelOf = (x: number, y: number, z: number): number => {
    const [hx, hy, hz] = [x * scale[0], y * scale[1], z * scale[2]];
    const back = (axis: 0 | 1 | 2): number => rotation[0][axis] * hx + rotation[1][axis] * hy + rotation[2][axis] * hz;
    // The stack is sheared: a slice meets the table's axis at its level.
    return back(2) + (back(1) + shiftMm[1]) * Math.tan(tilt);
  };
  const stepMm = count > 1 ? scanner.levelsMm[1] - scanner.levelsMm[0] : scanner.thicknessMm;
  const sliceAt = (level: number): number => Math.round((level - scanner.levelsMm[0]) / stepMm);
  const voxelMm3 = scale[0] * scale[1] * scale[2];
  let voxels = 0;
  if (clot) {
    const reach = Math.ceil(reachOf(clot) - 2.2 * clot.edemaMm);
    const [cx, cy, cz] = clot.centre;
    for (let z = -reach; z <= reach; z++)
      for (let y = -reach; y <= reach; y++)
        for (let x = -reach; x <= reach; x++) {
          if (x * x + y * y + z * z > reach * reach || toClot(clot, cx + x, cy + y, cz + z) > 0) continue;
          voxels++;
          const slice = sliceAt(levelOf(cx + x, cy + y, cz + z));
          if (slice >= 0 && slice < count) clotMm2[slice] += voxelMm3 / scanner.thicknessMm;
        }
  }
  const middle = Math.min(count - 1, Math.max(0, sliceAt(levelOf(0, -8, BASAL_GANGLIA_Z_MM))));
  const most = clotMm2.reduce((best, area, i) => (area > clotMm2[best] ? i : best), 0);
  return {
    volumeMl: (voxels * voxelMm3) / 1000,
    site: clot?.site ?? null,
    sliceIndex: clotMm2[most] > 0 ? most : middle,
    clotMm2,
    otherBleed: clot !== null && (clot.site === "thalamus" || clot.site === "lobar"),
    clotHu: clot?.hu ?? null,
  };
}

/** Whole HU; -1024 outside the circle that some scanners reconstruct. */
function quantize(image: Float32Array, { matrix, storage }: Scanner): Int16Array {
  const hu = new Int16Array(image.length);
  const half = (matrix - 1) / 2;
  for (let row = 0; row < matrix; row++)
    for (let column = 0; column < matrix; column++) {
      const at = row * matrix + column;
      const outside = storage === "padded" && (row - half) ** 2 + (column - half) ** 2 > half * half;
      hu[at] = outside ? -1024 : Math.max(-1024, Math.min(3071, Math.round(image[at])));
    }
  return hu;
}
