// All targets by name.
import type { Target } from "./target.ts";
import { dicomTargets } from "./targets-dicom.ts";
import { pictureTargets } from "./targets-picture.ts";
import { studyTargets } from "./targets-study.ts";
import { tableTargets } from "./targets-tables.ts";
import { weightsTargets } from "./targets-weights.ts";

/** Making a target takes up to seconds: some seeds come from an analysis or an encoder. */
export const TARGETS: Readonly<Record<string, () => Promise<Target>>> = {
  ...dicomTargets,
  ...pictureTargets,
  ...weightsTargets,
  ...tableTargets,
  ...studyTargets,
};
