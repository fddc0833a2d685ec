// Small folders of cases for tests of the study: pictures with a list of labels, and CT series in mixed transfer syntaxes. All are drawn.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encode } from "fast-png";
import type { FrameEncoders } from "../../src/codecs/frame.ts";
import type { WritableSyntax } from "../../src/dicom/transfer-syntax.ts";
import { fixture } from "../../src/dicom/slice-fixture.ts";
import { writeCtSlice } from "../../src/dicom/write-slice.ts";
import { philox } from "../../src/tensor/philox.ts";

const SIDE = 80;
const SIDES = ["none", "left", "right"] as const;

/** Whether a pixel lies in the case's bright spot: the patient's left is on the right of a picture. */
function isSpot(i: number, side: (typeof SIDES)[number]): boolean {
  const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
  return side !== "none" && (x - (side === "left" ? 52 : 28)) ** 2 + (y - 40) ** 2 < 60;
}

const noise = (i: number, at: number): number => philox([i, 7], [at, 0, 0, 0])[0] & 63;

/** Writes `count` PNG pictures, from the first of their numbers, and labels.csv with nothing but path and label. */
export function writePictures(folder: string, count: number, first = 0): void {
  mkdirSync(folder, { recursive: true });
  const rows = ["path,label"];
  for (let i = first; i < first + count; i++) {
    const side = SIDES[i % 3];
    const data = Uint8Array.from({ length: SIDE * SIDE }, (_, at) => 60 + noise(i, at) + (isSpot(at, side) ? 90 : 0));
    writeFileSync(join(folder, `${i}.png`), encode({ width: SIDE, height: SIDE, data, channels: 1, depth: 8 }));
    rows.push(`${i}.png,${side}`);
  }
  writeFileSync(join(folder, "labels.csv"), `${rows.join("\n")}\n`);
}

export const SYNTAXES: readonly WritableSyntax[] = ["explicit", "implicit", "big-endian", "rle", "jpeg-lossless-sv1"];

const USUAL_SPLITS = ["train", "train", "train", "val", "test"] as const;

/** How series are written. */
interface SeriesOptions {
  /** Syntaxes of the series, in turn. Default: those that need no encoders. */
  readonly syntaxes?: readonly WritableSyntax[];
  readonly encoders?: FrameEncoders;
  /** Split of a series by its number. Default: of three series after another the same. */
  readonly splitOf?: (series: number) => "train" | "val" | "test";
}

/** Writes `count` slabs of five CT slices, each series in another syntax than the one before, and manifest.csv with splits. */
export function writeSeries(
  folder: string,
  count: number,
  {
    syntaxes = SYNTAXES,
    encoders = {},
    splitOf = (series) => USUAL_SPLITS[Math.floor(series / 3) % USUAL_SPLITS.length],
  }: SeriesOptions = {},
): void {
  const rows = ["path,label,side,patient,split"];
  for (let i = 0; i < count; i++) {
    const side = SIDES[i % 3];
    const patient = `PH${String(i + 1).padStart(4, "0")}`;
    mkdirSync(join(folder, patient), { recursive: true });
    for (let slice = 0; slice < 5; slice++) {
      const stored = Uint16Array.from({ length: SIDE * SIDE }, (_, at) => 1024 + headHu(at, side) + (noise(100 * i + slice, at) >> 4));
      const bytes = writeCtSlice(
        fixture({
          rows: SIDE,
          columns: SIDE,
          stored,
          intercept: -1024,
          bitsStored: 12,
          pixelSpacingMm: [2.8, 2.8],
          positionMm: [-112, -112, 5 * slice],
          uidSeed: `test ${patient}`,
          patient,
          instanceNumber: slice + 1,
        }),
        { syntax: syntaxes[i % syntaxes.length], encoders },
      );
      writeFileSync(join(folder, patient, `${slice}.dcm`), bytes);
    }
    rows.push(`${patient},${side === "none" ? "none" : "hemorrhage"},${side},${patient},${splitOf(i)}`);
  }
  writeFileSync(join(folder, "manifest.csv"), `${rows.join("\n")}\n`);
}

/** Air, a ring of bone, brain, and blood where the spot is. */
function headHu(at: number, side: (typeof SIDES)[number]): number {
  const radius = Math.hypot((at % SIDE) - 39.5, Math.floor(at / SIDE) - 39.5);
  if (radius > 32) return -1000;
  if (radius > 29) return 900;
  return isSpot(at, side) ? 62 : 32;
}
