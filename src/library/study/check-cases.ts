// `dataset check` as a function: what a folder of cases contains, and what is wrong or odd with it.
import { checkDataset, type CheckedCase } from "../../dataset/check.ts";
import type { Picture } from "../../dataset/image.ts";
import { splitPlan } from "../../dataset/split.ts";
import { readManifest } from "../../dataset/manifest-file.ts";
import { callback, expectOptions, flag, whole } from "../check.ts";
import { hostPlatform } from "../host.ts";
import { CaseFolder } from "./case-folder.ts";
import { CASES, mounted } from "./mounted.ts";
import type { CasesReport, CheckCasesOptions, CheckedCaseInfo } from "./study-types.ts";

/**
 * Reads every case of a folder and reports what it contains, excludes and lacks. No value of an identifying attribute, no date and no UID is in the report.
 * Throws where the folder has no list of its cases, or one that cannot be read; all else is in the report.
 */
export async function checkCases(folder: CaseFolder, options: CheckCasesOptions = {}): Promise<CasesReport> {
  expectOptions("checkCases", options, { slices: whole(1), slab: flag, splitSeed: whole(0), thumbnail: whole(1), onCase: callback });
  const { slices, slab, splitSeed, thumbnail, onCase } = options;
  const { files, inflate, decoders } = mounted(await hostPlatform(), { cases: CaseFolder.filesOf(folder) });
  const isSplit = (await readManifest(files, CASES)).cases.some(({ split }) => split !== null);
  const { check, thumbnails } = await checkDataset(CASES, {
    files,
    inflate,
    decoders,
    ...(!isSplit && { split: splitPlan(splitSeed ?? 0) }),
    ...(slices !== undefined && { slices }),
    ...(slab !== undefined && { slab }),
    ...(thumbnail !== undefined && { size: thumbnail }),
    ...(onCase && { onCase: (done, of, { item, thumbnail: picture }) => onCase(done, of, infoOf(item, picture)) }),
  });
  const { classes, patients, namesPatients, splits, cases, unlabelled, flow, errors, lacks, warnings } = check;
  return {
    classes,
    patients,
    namesPatients,
    splits,
    cases: cases.map((item, i) => infoOf(item, thumbnails[i])),
    unlabelled,
    leftOut: flow.leftOut,
    excluded: flow.excluded,
    usable: flow.usable,
    errors,
    lacks: lacks.study,
    warnings,
  };
}

const infoOf = (item: CheckedCase, thumbnail: Picture | null): CheckedCaseInfo => {
  const { case: number, line, label, split, verdict, reason, files, images, series, notes } = item;
  return { case: number, line, label, split, verdict, reason, files, images, slices: series?.slices ?? 0, notes, thumbnail };
};
