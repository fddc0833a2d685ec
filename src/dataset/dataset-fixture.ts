// For tests: files in memory, and a synthetic head written as CT slices: a ball of bone around a ball of brain, with fluid in its middle
// and a bright spot on the patient's left.
import { writeCtSlice, type SyntheticSlice } from "../dicom/write-slice.ts";
import type { ReadableFiles } from "./folder.ts";

export interface MemoryFiles extends ReadableFiles {
  /** Paths in the order in which they were read. */
  readonly reads: string[];
}

export function memoryFiles(entries: Readonly<Record<string, Uint8Array | string>>): MemoryFiles {
  const reads: string[] = [];
  return {
    reads,
    read: async (path) => {
      reads.push(path);
      const content = entries[path];
      if (content === undefined) throw new Error(`cannot read "${path}"`);
      return typeof content === "string" ? new TextEncoder().encode(content) : content;
    },
    list: async (path) => {
      const prefix = path === "" || path.endsWith("/") ? path : `${path}/`;
      const inside = Object.keys(entries).filter((name) => name.startsWith(prefix));
      if (inside.length === 0) throw new Error(`cannot list "${path}"`);
      return [...new Set(inside.map((name) => name.slice(prefix.length).replace(/\/.*/, "/")))].sort();
    },
  };
}

const SIDE = 96;
const PIXEL_MM = 2.5;
const THICKNESS_MM = 5;
const SPOT_MM = { left: 25, radius: 12 };

export interface Head {
  readonly patient: string;
  /** Levels from the middle of the head, in mm. Default -60 to 90: past the vertex, which lies at 75. */
  readonly fromMm?: number;
  readonly toMm?: number;
  /** Pixels run to the patient's right, as a scanner may store them. */
  readonly mirrored?: boolean;
  readonly imageType?: string;
  /** Tells one head's pixels from another's. Default 30. */
  readonly brainHu?: number;
  readonly seriesNumber?: number;
  readonly kernel?: string;
}

/** The files of a series by name. Brain is 30 HU, fluid 8, the spot 70, bone 800, air -1000. */
export function headSeries({
  patient,
  fromMm = -60,
  toMm = 90,
  mirrored = false,
  imageType,
  brainHu = 30,
  seriesNumber = 2,
  kernel = "SOFT30",
}: Head): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = {};
  for (let z = fromMm, n = 1; z <= toMm; z += THICKNESS_MM, n++) {
    const half = ((SIDE - 1) / 2) * PIXEL_MM;
    const slice: SyntheticSlice = {
      rows: SIDE,
      columns: SIDE,
      stored: Int16Array.from({ length: SIDE * SIDE }, (_, i) => {
        const left = ((i % SIDE) * PIXEL_MM - half) * (mirrored ? -1 : 1);
        return hounsfield(left, Math.floor(i / SIDE) * PIXEL_MM - half, z, brainHu);
      }),
      slope: 1,
      intercept: 0,
      bitsStored: 16,
      pixelSpacingMm: [PIXEL_MM, PIXEL_MM],
      positionMm: [mirrored ? half : -half, -half, z],
      orientation: [
        [mirrored ? -1 : 1, 0, 0],
        [0, 1, 0],
      ],
      sliceThicknessMm: THICKNESS_MM,
      gantryTiltDegrees: 0,
      windows: [],
      kernel,
      imageType: imageType ?? "ORIGINAL\\PRIMARY\\AXIAL",
      uidSeed: `fixture ${patient}`,
      patient,
      seriesNumber,
      instanceNumber: n,
    };
    files[`${String(n).padStart(3, "0")}.dcm`] = writeCtSlice(slice);
  }
  return files;
}

function hounsfield(left: number, back: number, up: number, brainHu: number): number {
  const radius = Math.hypot(left, back, up);
  if (radius > 84) return -1000;
  if (radius > 75) return 770 + brainHu;
  if (Math.hypot(left - SPOT_MM.left, back, up) < SPOT_MM.radius) return 70;
  return Math.hypot(left, back, up - 15) < 12 ? 8 : brainHu;
}

/** Entries under a folder. */
export const inFolder = (folder: string, files: Readonly<Record<string, Uint8Array>>): Record<string, Uint8Array> =>
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`${folder}/${name}`, bytes]));
