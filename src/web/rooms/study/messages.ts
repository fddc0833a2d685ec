// Messages between the room and the worker that runs the study.
import type { Picture } from "striatum";
import type {
  CasesReport,
  CheckedCaseInfo,
  StudyForecast,
  StudyJobInfo,
  StudyModelName,
  StudyPredictions,
  StudyProgress,
} from "striatum/study";

/** What the room shows of a folder before it is read. */
export interface FolderInfo {
  readonly files: number;
  readonly bytes: number;
  readonly isListed: boolean;
  /** Paths that may be cases. */
  readonly candidates: readonly string[];
}

/** Choices that a protocol is made of. */
export interface PlanChoices {
  /** Number of synthetic patients; null for the folder's cases. */
  readonly synthetic: number | null;
  readonly models: readonly StudyModelName[] | null;
  readonly seeds: readonly number[];
  /** Null: the profile's. */
  readonly iterations: number | null;
  readonly slab: boolean;
}

/** A study as the room shows it. */
export interface StudyInfo {
  readonly protocol: string;
  readonly isSynthetic: boolean;
  readonly hasCases: boolean;
  readonly classes: readonly string[];
  readonly jobs: readonly StudyJobInfo[];
  readonly hasReport: boolean;
}

/** What the worker does. */
export interface StudyMethods {
  /** The study that is in the browser's storage; null where there is none. */
  stored(): Promise<StudyInfo | null>;
  give(files: readonly { readonly path: string; readonly file: File }[]): Promise<FolderInfo>;
  /** Sets the list of the cases: labels.csv. */
  label(labels: string): Promise<void>;
  check(slab: boolean): Promise<CasesReport>;
  open(choices: PlanChoices | null): Promise<StudyInfo>;
  forecast(): Promise<StudyForecast>;
  /** True when all jobs are done. */
  run(): Promise<boolean>;
  pause(): Promise<void>;
  info(): Promise<StudyInfo>;
  report(): Promise<string>;
  predictions(): Promise<readonly StudyPredictions[]>;
  pictures(cases: readonly number[]): Promise<readonly Picture[]>;
  weights(model: StudyModelName, seed: number): Promise<Uint8Array>;
  /** Names that are left in the study's folder. */
  forget(): Promise<readonly string[]>;
}

export type ToWorker = { readonly id: number; readonly method: keyof StudyMethods; readonly args: readonly unknown[] };

export type FromStudyWorker =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }
  | { readonly event: "ready" }
  | { readonly event: "case"; readonly done: number; readonly of: number; readonly found: CheckedCaseInfo }
  | { readonly event: "reading"; readonly done: number; readonly of: number }
  | { readonly event: "progress"; readonly progress: StudyProgress };
