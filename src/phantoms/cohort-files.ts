// A cohort as files: every case's DICOM files, the truth beside them as a table and in full, and a manifest.
import { makeCaseFiles, sliceName, type CaseFiles } from "./case-files.ts";
import type { CaseTruth } from "./case.ts";
import { makeCohort, type CaseSpec, type CohortOptions } from "./cohort.ts";
import { PARAMETERS } from "./parameters.ts";
import type { Scanner } from "./scanner.ts";

export interface CohortFile {
  /** Below the cohort's folder: "PH0001/001.dcm". */
  readonly name: string;
  readonly content: string | readonly Uint8Array[];
}

/** Makes the files of a case, here or in a worker thread. */
export type CaseMaker = (spec: CaseSpec) => CaseFiles | Promise<CaseFiles>;

export interface CohortMaking {
  /** Default: makeCaseFiles, in this thread, without codecs of compressed syntaxes. */
  readonly make?: CaseMaker;
  /** Cases that may be in the making at once. */
  readonly atOnce?: number;
}

/** The files of a cohort one by one, the manifest last: a folder that has one is whole. The same options give the same bytes. */
export async function* cohortFiles(
  options: CohortOptions,
  { make = (spec) => makeCaseFiles(spec), atOnce = 1 }: CohortMaking = {},
): AsyncGenerator<CohortFile> {
  const cohort = makeCohort(options);
  const truths: Record<string, CaseTruth & Pick<CaseSpec, "stratum">> = {};
  const rows: string[] = [TRUTH_HEADER];
  const making = new Map<number, Promise<CaseFiles>>();
  let started = 0;
  for (let i = 0; i < cohort.length; i++) {
    for (; started < Math.min(i + atOnce, cohort.length); started++) {
      const made = Promise.resolve(make(cohort[started]));
      // A failure is thrown when the case's turn comes.
      made.catch(() => undefined);
      making.set(started, made);
    }
    const { spec, truth, scanner, files } = await (making.get(i) as Promise<CaseFiles>);
    making.delete(i);
    truths[spec.patient] = { stratum: spec.stratum, ...truth };
    rows.push(truthRow(spec, truth, scanner));
    for (const { name, bytes } of files) yield { name, content: [bytes] };
  }
  yield {
    name: "truth.json",
    content: `${JSON.stringify({ synthetic: true, generator: PARAMETERS.version, ...options, cases: truths }, null, 2)}\n`,
  };
  yield { name: "truth.csv", content: [...rows, ""].join("\n") };
  const coverage = options.kind === "quick" ? "slab" : "head";
  const lines = cohort.map(({ patient, label, side, split }) => `${patient},${label},${side},${patient},${split},${coverage}`);
  yield { name: "manifest.csv", content: ["path,label,side,patient,split,coverage", ...lines, ""].join("\n") };
}

const TRUTH_HEADER =
  "path,label,side,split,stratum,site,volume_ml,abc2_ml,slice,slice_mm2,clot_hu,other_bleed,into_ventricles," +
  "age_years,thickness_mm,tilt_degrees,kernel,syntax";

/** `slice` is the file that shows most clot, or the middle of the basal ganglia where there is none. */
function truthRow({ patient, label, side, split, stratum }: CaseSpec, truth: CaseTruth, scanner: Scanner): string {
  const { volumeMl, abc2Ml, site, sliceIndex, clotMm2, clotHu, otherBleed, intoVentricles, ageYears } = truth;
  return [
    patient,
    label,
    side,
    split,
    stratum,
    site ?? "",
    volumeMl.toFixed(2),
    abc2Ml.toFixed(2),
    sliceName(sliceIndex),
    clotMm2[sliceIndex].toFixed(0),
    clotHu === null ? "" : clotHu.toFixed(1),
    otherBleed,
    intoVentricles,
    Math.round(ageYears),
    scanner.slices[sliceIndex].thicknessMm,
    scanner.tiltDegrees.toFixed(1),
    scanner.kernel,
    scanner.syntax,
  ].join(",");
}
