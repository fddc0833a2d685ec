// A cohort as files: every slice as a CT Image Storage file, the truth beside them, and a manifest. All of it is synthetic and says so.
import { writeCtSlice } from "../dicom/write-slice.ts";
import { renderCase, type CaseTruth, type PhantomCase, type PhantomSlice } from "./case.ts";
import { makeCohort, type CaseSpec, type CohortOptions } from "./cohort.ts";
import { PARAMETERS } from "./parameters.ts";
import type { Scanner } from "./scanner.ts";

export interface CohortFile {
  /** Below the cohort's folder: "PH0001/001.dcm". */
  readonly name: string;
  readonly content: string | readonly Uint8Array[];
}

/** The files of a cohort one by one, the manifest last: a folder that has one is whole. The same options give the same bytes. */
export function* cohortFiles(options: CohortOptions): Generator<CohortFile> {
  const cohort = makeCohort(options);
  const truths: Record<string, CaseTruth & Pick<CaseSpec, "stratum">> = {};
  for (const spec of cohort) {
    const phantom = renderCase(spec);
    truths[spec.patient] = { stratum: spec.stratum, ...phantom.truth };
    let instance = 0;
    for (const slice of phantom.slices()) {
      instance++;
      yield { name: `${spec.patient}/${String(instance).padStart(3, "0")}.dcm`, content: [dicomOf(phantom, slice, instance)] };
    }
  }
  yield {
    name: "truth.json",
    content: `${JSON.stringify({ synthetic: true, generator: PARAMETERS.version, ...options, cases: truths }, null, 2)}\n`,
  };
  const lines = cohort.map(({ patient, label, side, split }) => `${patient},${label},${side},${patient},${split}`);
  yield { name: "manifest.csv", content: ["path,label,side,patient,split", ...lines, ""].join("\n") };
}

function dicomOf({ spec, scanner }: PhantomCase, slice: PhantomSlice, instanceNumber: number): Uint8Array {
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
    { syntax: scanner.syntax },
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
