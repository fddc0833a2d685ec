// One scanner and protocol, drawn once per patient: matrix, tilt, slices, noise, storage. Independent of the label.
import type { Vector } from "../dicom/read-slice.ts";
import type { WritableSyntax } from "../dicom/transfer-syntax.ts";
import type { HuWindow } from "../dicom/window.ts";
import { PARAMETERS, type CohortKind } from "./parameters.ts";
import type { Draw } from "./random.ts";
import type { Plane } from "./render.ts";

/** Levels are where planes meet the axis of the table, mm. */
export interface ScanSlice {
  readonly lowerMm: number;
  readonly levelMm: number;
  readonly upperMm: number;
  /** Across the slice; with a tilted gantry less than from face to face along the table. */
  readonly thicknessMm: number;
}

export interface Scanner {
  readonly matrix: number;
  readonly pixelMm: number;
  /** Upwards. They touch, but for one overlap where a protocol of two parts changes its thickness. */
  readonly slices: readonly ScanSlice[];
  readonly tiltDegrees: number;
  /** Middle of the picture. */
  readonly centreMm: readonly [x: number, y: number];
  /** Deviation of the noise at 5 mm in the middle. */
  readonly noiseHu: number;
  readonly noiseGrainMm: number;
  readonly blurMm: number;
  readonly sharp: boolean;
  readonly cuppingHu: number;
  readonly biasHu: number;
  /** Depth of the dark bar between the petrous bones. */
  readonly barHu: number;
  /** Half width of the headrest, and where its bottom lies. */
  readonly headrestMm: readonly [halfWidth: number, bottomY: number] | null;
  readonly storage: "padded" | "unsigned12" | "signed" | "scaled";
  readonly slope: number;
  readonly syntax: WritableSyntax;
  /** The folder also holds a localizer, the same scan with a bone kernel, and a dose sheet. Not beside a sharp kernel. */
  readonly extras: boolean;
  readonly windows: readonly HuWindow[];
  readonly kernel: string;
}

export function drawScanner(draw: Draw, kind: CohortKind): Scanner {
  const shared = PARAMETERS.scanner;
  const laws = shared[kind];
  const thicknessMm = Number(draw.choose(laws.thicknessMm));
  const tiltDegrees = draw.chance(shared.tilted) ? draw.law(shared.tiltDegrees) : 0;
  const twoParts = draw.chance(laws.twoParts);
  const topMm = laws.toZMm - (draw.chance(laws.vertexCut) ? 10 : 0);
  const bottomMm = laws.fromZMm - (draw.chance(laws.neck) ? 5 * Math.floor(draw.uniform(3, 7)) : 0);
  const phase = draw.uniform(-0.5, 0.5);
  const changeMm = draw.uniform(-30, -18);
  const slices = twoParts
    ? stack(stack([], 4, bottomMm, changeMm, tiltDegrees), 7, changeMm - draw.uniform(0, 3), topMm, tiltDegrees)
    : stack([], thicknessMm, bottomMm + phase * thicknessMm, topMm + phase * thicknessMm, tiltDegrees);
  const sharp = draw.chance(laws.sharpKernel);
  const storage = draw.choose(shared.storage);
  return {
    matrix: laws.matrix,
    pixelMm: draw.law(laws.pixelMm),
    slices,
    tiltDegrees,
    centreMm: [draw.normal(0, 3), draw.normal(4, 4)],
    noiseHu: draw.law(shared.noiseHu),
    noiseGrainMm: draw.law(shared.noiseGrainMm),
    blurMm: sharp ? 0.38 : draw.law(shared.blurMm),
    sharp,
    cuppingHu: draw.law(shared.cuppingHu),
    biasHu: laws.biasHu,
    barHu: draw.law(shared.barHu),
    headrestMm: draw.chance(0.85) ? [draw.uniform(86, 96), draw.uniform(104, 112)] : null,
    storage,
    slope: storage === "scaled" ? (draw.chance(0.5) ? 2 : 0.5) : 1,
    syntax: draw.choose(laws.syntax),
    windows: windowsOf(draw.choose(shared.windows)),
    kernel: sharp ? "SHARP60" : draw.choose(shared.kernel),
    // A second sharp series beside a sharp one would leave open which of them is the scan.
    extras: draw.chance(laws.extras) && !sharp,
  };
}

/** The same scan, reconstructed for bone. */
export const withBoneKernel = (scanner: Scanner): Scanner => ({
  ...scanner,
  sharp: true,
  blurMm: 0.3,
  noiseHu: 2.5 * scanner.noiseHu,
  kernel: "BONE70",
  windows: [{ centerHu: 600, widthHu: 2500 }],
});

/** "40/80+40/200" */
function windowsOf(text: string): HuWindow[] {
  if (text === "none") return [];
  return text.split("+").map((pair) => {
    const [centerHu, widthHu] = pair.split("/").map(Number);
    return { centerHu, widthHu };
  });
}

/** `below` and more slices that touch, the first one's middle at `fromMm` and none beyond `toMm`. */
function stack(below: readonly ScanSlice[], thicknessMm: number, fromMm: number, toMm: number, tiltDegrees: number): ScanSlice[] {
  // The step along the table that gives touching slices.
  const stepMm = thicknessMm / Math.cos((tiltDegrees * Math.PI) / 180);
  const face = (i: number): number => fromMm + (i - 0.5) * stepMm;
  const count = Math.floor((toMm - fromMm) / stepMm) + 1;
  return [
    ...below,
    ...Array.from({ length: count }, (_, i) => ({ lowerMm: face(i), levelMm: fromMm + i * stepMm, upperMm: face(i + 1), thicknessMm })),
  ];
}

/** The plane of a slice. Tilt turns rows about x; the table moves along z, so that the stack is sheared. */
export function planeOf(scanner: Scanner, slice: ScanSlice): Plane {
  const { matrix, pixelMm, tiltDegrees, centreMm } = scanner;
  const { thicknessMm } = slice;
  const tilt = (tiltDegrees * Math.PI) / 180;
  const cos = Math.cos(tilt);
  const sin = Math.sin(tilt);
  const half = ((matrix - 1) / 2) * pixelMm;
  const corner = (levelMm: number, aboveMm: number): Vector => [
    centreMm[0] - half,
    (centreMm[1] - half) * cos + aboveMm * sin,
    // From the face's level on the table to the foot of the normal.
    levelMm - (centreMm[1] - half) * sin - (aboveMm * sin * sin) / cos,
  ];
  return {
    matrix,
    pixelMm,
    thicknessMm,
    positionMm: corner(slice.levelMm, 0),
    facesMm: [corner(slice.lowerMm, -thicknessMm / 2), corner(slice.upperMm, thicknessMm / 2)],
    along: [1, 0, 0],
    down: [0, cos, -sin],
  };
}
