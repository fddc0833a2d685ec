// One case as files: its slices as CT Image Storage, as its scanner would have stored them, and its truth. All of it is synthetic and says so.
import { writeCapture, writeCtSlice, type SyntheticSlice, type WriteOptions } from "../dicom/write-slice.ts";
import { renderCase, scannerOf, type CaseTruth, type PhantomCase, type PhantomSlice } from "./case.ts";
import type { CaseSpec } from "./cohort.ts";
import { drawDoseSheet } from "./dose-sheet.ts";
import { makeLocalizer } from "./localizer.ts";
import { PARAMETERS } from "./parameters.ts";
import type { Scanner } from "./scanner.ts";

export interface NamedBytes {
  /** Below the cohort's folder: "PH0001/001.dcm". */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface CaseFiles {
  readonly spec: CaseSpec;
  readonly truth: CaseTruth;
  readonly scanner: Scanner;
  readonly files: readonly NamedBytes[];
}

/** What it takes to write all transfer syntaxes: deflate and the encoders of compressed frames. */
export type SliceCodecs = Omit<WriteOptions, "syntax">;

/**
 * Renders a case and writes its files. The same specification gives the same bytes. With `extras`, by default where the scanner says so, the folder
 * also holds a localizer, the scan with a bone kernel, and a dose sheet.
 */
export function makeCaseFiles(spec: CaseSpec, codecs: SliceCodecs = {}, extras = scannerOf(spec).extras): CaseFiles {
  const phantom = renderCase(spec);
  const { truth, scanner } = phantom;
  const files: NamedBytes[] = [];
  const slices = [...phantom.slices()];
  const write = (name: string, { scanner }: PhantomCase, slice: PhantomSlice, series: Series, instanceNumber: number): void => {
    files.push({ name: `${spec.patient}/${name}`, bytes: dicomOf(spec, scanner, slice, { ...SERIES[series], instanceNumber }, codecs) });
  };
  slices.forEach((slice, i) => write(sliceName(i), phantom, slice, "scan", i + 1));
  if (extras) {
    write("localizer.dcm", phantom, makeLocalizer(slices), "localizer", 1);
    const bone = renderCase(spec, "bone");
    let index = 0;
    for (const slice of bone.slices()) write(`bone-${sliceName(index)}`, bone, slice, "bone", ++index);
    const sheet = { ...drawDoseSheet(slices.length), uidSeed: uidSeedOf(spec), patient: spec.patient, seriesNumber: 99, instanceNumber: 1 };
    files.push({ name: `${spec.patient}/dose.dcm`, bytes: writeCapture(sheet) });
  }
  return { spec, truth, scanner, files };
}

/** File of a slice, counted from 0 upwards. */
export const sliceName = (index: number): string => `${String(index + 1).padStart(3, "0")}.dcm`;

const uidSeedOf = ({ kind, seed, patient }: CaseSpec): string => `phantom ${PARAMETERS.version} ${kind} ${seed} ${patient}`;

const SERIES = {
  localizer: { seriesNumber: 1, imageType: "ORIGINAL\\PRIMARY\\LOCALIZER" },
  scan: { seriesNumber: 2, imageType: "ORIGINAL\\PRIMARY\\AXIAL" },
  bone: { seriesNumber: 3, imageType: "ORIGINAL\\PRIMARY\\AXIAL" },
} as const;

type Series = keyof typeof SERIES;

function dicomOf(
  spec: CaseSpec,
  scanner: Scanner,
  slice: PhantomSlice,
  numbers: Pick<SyntheticSlice, "seriesNumber" | "instanceNumber" | "imageType">,
  codecs: SliceCodecs,
): Uint8Array {
  const { hu, ...geometry } = slice;
  return writeCtSlice(
    {
      ...geometry,
      ...numbers,
      ...store(hu, scanner),
      gantryTiltDegrees: numbers.seriesNumber === SERIES.localizer.seriesNumber ? 0 : scanner.tiltDegrees,
      windows: scanner.windows,
      kernel: scanner.kernel,
      uidSeed: uidSeedOf(spec),
      patient: spec.patient,
    },
    { ...codecs, syntax: scanner.syntax },
  );
}

/** What pixels outside the reconstructed circle are stored as, by scanners that have one. */
const PADDING = -2000;
const OUTSIDE_HU = -1024;

/** HU as this scanner would have stored them. */
function store(hu: Int16Array, { storage, slope }: Scanner) {
  if (storage === "unsigned12") {
    return { stored: Uint16Array.from(hu, (value) => Math.min(value + 1024, 4095)), slope, intercept: -1024, bitsStored: 12 };
  }
  const intercept = storage === "signed" ? -1024 : 0;
  const stored = hu.map((value) => (storage === "padded" && value === OUTSIDE_HU ? PADDING : Math.round((value - intercept) / slope)));
  return { stored, slope, intercept, bitsStored: 16, ...(storage === "padded" && { padding: PADDING }) };
}
