// DICOM in every transfer syntax that is written here.
import { promisify } from "node:util";
import { deflateRawSync, inflateRaw } from "node:zlib";
import { openFrameDecoders } from "../../src/codecs/frame-decoders-node.ts";
import { loadFrameEncoders } from "../../src/codecs/frame-encoders.ts";
import type { Inflate } from "../../src/dicom/data-set.ts";
import { readCtSlices, type CtSlice } from "../../src/dicom/read-slice.ts";
import { fixture } from "../../src/dicom/slice-fixture.ts";
import type { WritableSyntax } from "../../src/dicom/transfer-syntax.ts";
import { writeCtSlice } from "../../src/dicom/write-slice.ts";
import { mutateDicom } from "./mutate-dicom.ts";
import { seed, target, type Target } from "./target.ts";

/** Primes: no other extents have as many pixels, but for a single row or column. */
const [ROWS, COLUMNS] = [29, 31];
const DECODER_LIMIT_MS = 2000;

const inflateRawAsync = promisify(inflateRaw);

/** As the platform's. */
export const inflate: Inflate = async (bytes, limitBytes) => {
  try {
    return new Uint8Array(await inflateRawAsync(bytes, { maxOutputLength: Math.max(1, limitBytes) }));
  } catch (cause) {
    throw new Error("inflate: the deflate data is damaged", { cause });
  }
};

const SYNTAXES: readonly WritableSyntax[] = [
  "implicit",
  "explicit",
  "deflated",
  "big-endian",
  "rle",
  "jpeg-lossless-sv1",
  "jpeg-ls",
  "jpeg-2000-lossless",
  "htj2k-lossless",
];

async function dicomOf(syntax: WritableSyntax): Promise<Target> {
  const encoders = await loadFrameEncoders();
  const decoders = openFrameDecoders(DECODER_LIMIT_MS);
  const stored = Uint16Array.from({ length: ROWS * COLUMNS }, (_, i) => 1000 + ((i * 7) % 97) + 3 * Math.floor(i / COLUMNS));
  const slice = fixture({ rows: ROWS, columns: COLUMNS, stored, intercept: -1024, bitsStored: 12, windows: [] });
  const signed = fixture({ rows: ROWS, columns: COLUMNS, stored: Int16Array.from(stored, (value) => value - 1024), padding: -2000 });
  return target({
    seeds: [slice, signed].map((one, i) =>
      seed(`${syntax} ${i}`, writeCtSlice(one, { syntax, deflate: (bytes) => deflateRawSync(bytes), encoders })),
    ),
    mutate: mutateDicom,
    read: (bytes, file) => readCtSlices(bytes, file, { inflate, decoders }),
    wrong: wrongSlices,
  });
}

function wrongSlices(slices: readonly CtSlice[]): string | null {
  if (slices.length !== 1) return `${slices.length} frames of a file of one`;
  const [{ rows, columns, hu, notes }] = slices;
  if (hu.length !== rows * columns) return "another number of values than rows by columns";
  if (!hu.every(Number.isFinite)) return "Hounsfield units that are not finite";
  const told = rows * columns === ROWS * COLUMNS || notes.length > 0;
  return told ? null : "another extent, without a note";
}

/** By target name. */
export const dicomTargets: Readonly<Record<string, () => Promise<Target>>> = Object.fromEntries(
  SYNTAXES.map((syntax) => [`dicom-${syntax}`, () => dicomOf(syntax)]),
);
