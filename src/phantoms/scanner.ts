// One scanner and protocol, drawn once a patient: matrix, tilt, thickness, noise, storage. Independent of the label.
import type { Vector } from "../dicom/read-slice.ts";
import type { WritableSyntax } from "../dicom/transfer-syntax.ts";
import type { Window } from "../dicom/window.ts";
import { PARAMETERS, type CohortKind } from "./parameters.ts";
import type { Draw } from "./random.ts";
import type { Plane } from "./render.ts";

export interface Scanner {
  readonly matrix: number;
  readonly pixelMm: number;
  readonly thicknessMm: number;
  readonly tiltDegrees: number;
  /** Middle of the picture. */
  readonly centreMm: readonly [x: number, y: number];
  /** Levels of the slices at table height, ascending. */
  readonly levelsMm: readonly number[];
  /** Deviation of the noise at 5 mm in the middle. */
  readonly noiseHu: number;
  readonly noiseGrainMm: number;
  readonly blurMm: number;
  readonly sharp: boolean;
  readonly cuppingHu: number;
  /** Half width of the headrest, and where its bottom lies. */
  readonly headrestMm: readonly [halfWidth: number, bottomY: number] | null;
  readonly storage: "padded" | "unsigned12" | "signed" | "scaled";
  readonly slope: number;
  readonly syntax: Extract<WritableSyntax, "explicit" | "implicit" | "big-endian">;
  readonly windows: readonly Window[];
  readonly kernel: string;
}

export function drawScanner(draw: Draw, kind: CohortKind): Scanner {
  const shared = PARAMETERS.scanner;
  const laws = shared[kind];
  const thicknessMm = Number(draw.choose(laws.thicknessMm));
  const tiltDegrees = draw.chance(shared.tilted) ? draw.law(shared.tiltDegrees) : 0;
  // The step along the table that gives touching slices.
  const stepMm = thicknessMm / Math.cos((tiltDegrees * Math.PI) / 180);
  const topMm = laws.toZMm - (kind === "study" && draw.chance(shared.vertexCut) ? 10 : 0);
  const phase = draw.uniform(-0.5, 0.5) * stepMm;
  const count = Math.floor((topMm - laws.fromZMm) / stepMm) + 1;
  const sharp = draw.chance(shared.sharpKernel);
  const storage = draw.choose(shared.storage);
  return {
    matrix: laws.matrix,
    pixelMm: draw.law(laws.pixelMm),
    thicknessMm,
    tiltDegrees,
    centreMm: [draw.normal(0, 3), draw.normal(4, 4)],
    levelsMm: Array.from({ length: count }, (_, i) => laws.fromZMm + phase + i * stepMm),
    noiseHu: draw.law(shared.noiseHu),
    noiseGrainMm: draw.law(shared.noiseGrainMm),
    blurMm: sharp ? 0.38 : draw.law(shared.blurMm),
    sharp,
    cuppingHu: draw.law(shared.cuppingHu),
    headrestMm: draw.chance(0.85) ? [draw.uniform(86, 96), draw.uniform(104, 112)] : null,
    storage,
    slope: storage === "scaled" ? (draw.chance(0.5) ? 2 : 0.5) : 1,
    syntax: draw.choose(shared.syntax),
    windows: windowsOf(draw.choose(shared.windows)),
    kernel: sharp ? "SHARP60" : draw.choose(shared.kernel),
  };
}

/** "40/80+40/200" */
function windowsOf(text: string): Window[] {
  if (text === "none") return [];
  return text.split("+").map((pair) => {
    const [centerHu, widthHu] = pair.split("/").map(Number);
    return { centerHu, widthHu };
  });
}

/** The plane of a slice. Tilt turns rows about x; the table moves along z, so that the stack is sheared. */
export function planeOf(scanner: Scanner, slice: number): Plane {
  const { matrix, pixelMm, thicknessMm, tiltDegrees, centreMm, levelsMm } = scanner;
  const tilt = (tiltDegrees * Math.PI) / 180;
  const cos = Math.cos(tilt);
  const sin = Math.sin(tilt);
  const half = ((matrix - 1) / 2) * pixelMm;
  const down: Vector = [0, cos, -sin];
  return {
    matrix,
    pixelMm,
    thicknessMm,
    positionMm: [centreMm[0] - half, (centreMm[1] - half) * cos, levelsMm[slice] - (centreMm[1] - half) * sin],
    along: [1, 0, 0],
    down,
    normal: [0, sin, cos],
  };
}
