// The entry striatum/study: the study of the command line, on the user's folder or on phantoms. Loaded only where it is wanted, best in a worker.
export {
  caseFolder,
  type CaseFolder,
  type GivenDirectory,
  type GivenFile,
  type GivenFileHandle,
  type PlacedFile,
} from "./library/study/case-folder.ts";
export { checkCases } from "./library/study/check-cases.ts";
export { rocSummary, studyPrecision } from "./library/study/precision.ts";
export { forgetStudy, hasStoredStudy, openStudy, type Study } from "./library/study/study.ts";
export type {
  CaseImageOptions,
  CasesEvent,
  CasesReport,
  CheckCasesOptions,
  CheckedCaseInfo,
  JobEndEvent,
  JobStartEvent,
  LookEvent,
  ReasonCount,
  RocSummary,
  StandingEvent,
  StudyForecast,
  StudyJobInfo,
  StudyModelName,
  StudyOptions,
  StudyPrecision,
  StudyPredictions,
  StudyProgress,
  SyntheticCases,
} from "./library/study/study-types.ts";
