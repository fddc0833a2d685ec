// From a case's specification to its pictures and the truth about them.
import type { Vector } from "../dicom/read-slice.ts";
import { isPositive, type CaseSpec } from "./cohort.ts";
import type { PallidalCalcium } from "./deep.ts";
import { drawInfarct, drawLacunes } from "./findings.ts";
import { makeHead, type Findings } from "./head.ts";
import { drawHemorrhage, scaled, type Hemorrhage } from "./hemorrhage.ts";
import { PARAMETERS, patientsOf, type Site, type Stratum } from "./parameters.ts";
import { drawPatient, type Patient } from "./patient.ts";
import { drawArtifacts, makeScan, type Artifacts } from "./physics.ts";
import { stream, type Draw } from "./random.ts";
import { makeRenderer } from "./render.ts";
import { drawScanner, planeOf, withBoneKernel, type Scanner } from "./scanner.ts";
import { measureTruth, roughVolumeMl, type Truth } from "./truth.ts";

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

export interface CaseTruth extends Truth {
  readonly ageYears: number;
  /** How often the hemorrhage was drawn anew because no slice would have shown it. */
  readonly redraws: number;
}

export interface PhantomCase {
  readonly spec: CaseSpec;
  readonly scanner: Scanner;
  readonly truth: CaseTruth;
  /** The slices one by one, upwards. */
  slices(): Generator<PhantomSlice>;
  /** One of them. */
  slice(index: number): PhantomSlice;
}

const drawsOf =
  ({ kind, seed, index }: CaseSpec) =>
  (purpose: string): Draw =>
    stream(`${PARAMETERS.version}/${patientsOf(kind)}/${seed}`, index, purpose);

/** The scanner of a case, which knows nothing of its label. */
export const scannerOf = (spec: CaseSpec): Scanner => drawScanner(drawsOf(spec)("scanner"), spec.kind);

/** A gantry is tilted because a head is: this share of the tilt is the head's own. */
const LEAN = 0.5;

/**
 * Draws everything about a case but its pixels, which come slice by slice. The same specification gives the same values. A scan with a bone kernel
 * is the same scan, seen sharper and with its own noise.
 */
export function renderCase(spec: CaseSpec, kernel: "soft" | "bone" = "soft"): PhantomCase {
  const draws = drawsOf(spec);
  const { scanner, patient, hemorrhage, truth, redraws } = drawClot(spec, kernel);
  const findings = drawFindings(spec.stratum, hemorrhage, draws("findings"));
  const scan = makeScan(scanner, drawCaseArtifacts(spec.stratum, draws("artifacts")));
  const render = makeRenderer(makeHead(patient, findings), scanner.matrix, scanner.pixelMm, scanner.sharp);
  const slice = (index: number): PhantomSlice => {
    const plane = planeOf(scanner, scanner.slices[index]);
    const image = render(plane);
    scan(image, plane.thicknessMm, draws(kernel === "bone" ? `bone noise ${index}` : `noise ${index}`));
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
    truth: { ...truth, ageYears: patient.anatomy.ageYears, redraws },
    slice,
    *slices() {
      for (let index = 0; index < scanner.slices.length; index++) yield slice(index);
    },
  };
}

/**
 * Draws the hemorrhage of a stratum until the case's own scanner would show it: contrast over noise, grown by the root of the area, of 4 or more.
 */
function drawVisible(
  spec: CaseSpec,
  patient: Patient,
  draws: (purpose: string) => Draw,
): { hemorrhage: Hemorrhage | null; truth: Truth; redraws: number } {
  const { stratum } = spec;
  const scanner = scannerOf(spec);
  const laws = isPositive(stratum) || stratum === "thalamicBleed" || stratum === "lobarBleed" ? PARAMETERS.strata[stratum] : null;
  if (!laws) return { hemorrhage: null, truth: measureTruth(null, patient.pose, scanner), redraws: 0 };
  for (let redraws = 0; ; redraws++) {
    const draw = draws(`hemorrhage ${redraws}`);
    const site: Site = isPositive(stratum) ? draw.choose(PARAMETERS.site) : stratum === "thalamicBleed" ? "thalamus" : "lobar";
    const side = spec.side === "none" ? (draw.chance(0.5) ? "left" : "right") : spec.side;
    const volumeMl = draw.law(laws.volumeMl);
    const drawn = drawHemorrhage(draw, { site, side, volumeMl, clotHu: draw.law(laws.clotHu) });
    // The rough surface adds volume; the shape keeps its form under scaling, so one measurement puts that right.
    const hemorrhage = scaled(drawn, Math.cbrt(volumeMl / roughVolumeMl(drawn, patient.pose)));
    const truth = measureTruth(hemorrhage, patient.pose, scanner);
    const areaMm2 = Math.max(...truth.clotMm2);
    // Whorls of fresh blood take a third of their depth from the mean.
    const contrastHu = hemorrhage.hu - 0.33 * hemorrhage.swirlHu - patient.anatomy.striatumHu;
    if ((contrastHu / scanner.noiseHu) * Math.sqrt(areaMm2 / 4) >= 4 || redraws === 20) return { hemorrhage, truth, redraws };
  }
}

/** A case's scanner, patient and hemorrhage: what is known before a picture is drawn. */
export function drawClot(spec: CaseSpec, kernel: "soft" | "bone" = "soft") {
  const draws = drawsOf(spec);
  const drawn = scannerOf(spec);
  const scanner = kernel === "bone" ? withBoneKernel(drawn) : drawn;
  const patient = drawPatient(draws("anatomy"), LEAN * scanner.tiltDegrees);
  const { hemorrhage, redraws, truth } = drawVisible({ ...spec, kind: patientsOf(spec.kind) }, patient, draws);
  // Another scanner sees the same hemorrhage on other slices.
  return { scanner, patient, hemorrhage, redraws, truth: spec.kind === "shift" ? measureTruth(hemorrhage, patient.pose, scanner) : truth };
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

/** Whole HU; -1024 outside the circle that some scanners reconstruct. */
function quantize(image: Float32Array, { matrix, storage }: Scanner): Int16Array {
  const hu = new Int16Array(image.length);
  const half = (matrix - 1) / 2;
  for (let row = 0; row < matrix; row++) {
    const inCircle = storage === "padded" ? Math.sqrt(half * half - (row - half) ** 2) : half;
    const line = hu.subarray(row * matrix, (row + 1) * matrix);
    quantizeRow(image.subarray(row * matrix, (row + 1) * matrix), line, Math.ceil(half - inCircle), Math.floor(half + inCircle));
  }
  return hu;
}

function quantizeRow(row: Float32Array, hu: Int16Array, first: number, last: number): void {
  for (let column = 0; column < row.length; column++)
    hu[column] = column < first || column > last ? -1024 : Math.max(-1024, Math.min(3071, Math.round(row[column])));
}
