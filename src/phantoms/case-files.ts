// One case as files: its slices as CT Image Storage, as its scanner would have stored them, and its truth. All of it is synthetic and says so.
import { writeCtSlice, type WriteOptions } from "../dicom/write-slice.ts";
import { renderCase, type CaseTruth, type PhantomCase, type PhantomSlice } from "./case.ts";
import type { CaseSpec } from "./cohort.ts";
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

/** Renders a case and writes its files. The same specification gives the same bytes. */
export function makeCaseFiles(spec: CaseSpec, codecs: SliceCodecs = {}): CaseFiles {
  const phantom = renderCase(spec);
  const files: NamedBytes[] = [];
  for (const slice of phantom.slices()) {
    const instance = files.length + 1;
    files.push({ name: `${spec.patient}/${sliceName(instance - 1)}`, bytes: dicomOf(phantom, slice, instance, codecs) });
  }
  return { spec, truth: phantom.truth, scanner: phantom.scanner, files };
}

/** File of a slice, counted from 0 upwards. */
export const sliceName = (index: number): string => `${String(index + 1).padStart(3, "0")}.dcm`;

function dicomOf({ spec, scanner }: PhantomCase, slice: PhantomSlice, instanceNumber: number, codecs: SliceCodecs): Uint8Array {
  const { hu, ...geometry } = slice;
  return writeCtSlice(
    {
      ...geometry,
      ...store(hu, scanner),
      gantryTiltDegrees: scanner.tiltDegrees,
      windows: scanner.windows,
      kernel: scanner.kernel,
      imageType: "ORIGINAL\\PRIMARY\\AXIAL",
      uidSeed: `phantom ${PARAMETERS.version} ${spec.kind} ${spec.seed} ${spec.patient}`,
      patient: spec.patient,
      seriesNumber: 2,
      instanceNumber,
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
