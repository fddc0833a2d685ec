// What a study takes, says and gives, as a user of the library writes it.
import type { Picture } from "../../dataset/image.ts";
import type { Source } from "../host.ts";
import type { CheckpointEvent, CompileEvent, NoteEvent, StepEvent } from "../training-types.ts";
import type { CaseFolder } from "./case-folder.ts";

/** Models of a study: network, how its weights start, what it learns from. */
export type StudyModelName =
  | "alexnet-untrained-plain"
  | "alexnet-untrained-augmented"
  | "alexnet-pretrained-plain"
  | "alexnet-pretrained-augmented"
  | "googlenet-untrained-plain"
  | "googlenet-untrained-augmented"
  | "googlenet-pretrained-plain"
  | "googlenet-pretrained-augmented";

/** Cases that are drawn: phantoms, never patients. */
export interface SyntheticCases {
  /** Number of synthetic patients, from 15. */
  readonly synthetic: number;
  /** Seed of the patients, a whole number. Default 0. */
  readonly seed?: number;
}

/** How scans become images. */
export interface CaseImageOptions {
  /** Slices of a series around the basal ganglia. Default 3. */
  readonly slices?: number;
  /** Whether series are slabs around the basal ganglia, where the list does not say it. Default false. */
  readonly slab?: boolean;
  /** Seed of the split by patient where the list has no splits. Default 0. */
  readonly splitSeed?: number;
}

/** Options of `checkCases`. */
export interface CheckCasesOptions extends CaseImageOptions {
  /** Side of the thumbnails in pixels. Default 144. */
  readonly thumbnail?: number;
  /** Called after each case. */
  readonly onCase?: (done: number, of: number, found: CheckedCaseInfo) => void;
}

/** What was found of a case. It has no value of an identifying attribute. */
export interface CheckedCaseInfo {
  /** Number of the case in its list, from 0: what reports show in place of a name. */
  readonly case: number;
  /** Line of the list. */
  readonly line: number;
  /** Label of the list. */
  readonly label: string;
  /** Split that it belongs to. */
  readonly split: "train" | "val" | "test";
  /** "excluded": left out of a study. "error": nothing can be opened before it is mended. */
  readonly verdict: "usable" | "excluded" | "error";
  /** Why it is not usable; null where it is. */
  readonly reason: string | null;
  /** Number of its files. */
  readonly files: number;
  /** Images that stand for it. */
  readonly images: number;
  /** Slices of the series that was chosen; 0 for pictures. */
  readonly slices: number;
  /** What was odd. */
  readonly notes: readonly string[];
  /** Its first image in the brain window; null where none could be read. */
  readonly thumbnail: Picture | null;
}

/** A reason, and how often it was one. */
export interface ReasonCount {
  /** The reason. */
  readonly reason: string;
  /** Number of files or cases. */
  readonly count: number;
}

/** What `checkCases` found in a folder. */
export interface CasesReport {
  /** Labels that occur. */
  readonly classes: readonly string[];
  /** Number of patients. */
  readonly patients: number;
  /** Whether the list names patients; if not, each case counts as a patient of its own. */
  readonly namesPatients: boolean;
  /** Where the splits come from. */
  readonly splits: "the list" | "drawn";
  /** The cases in the order of the list. */
  readonly cases: readonly CheckedCaseInfo[];
  /** Files and folders that the list does not name. */
  readonly unlabelled: readonly string[];
  /** Files left out, by reason. */
  readonly leftOut: readonly ReasonCount[];
  /** Cases excluded, by reason. */
  readonly excluded: readonly ReasonCount[];
  /** Usable cases by split and label. */
  readonly usable: Readonly<Record<"train" | "val" | "test", Readonly<Record<string, number>>>>;
  /** What must be mended before anything can be opened: each names file and line. */
  readonly errors: readonly string[];
  /** What the usable cases lack for a study, with what to do. */
  readonly lacks: readonly string[];
  /** What a person should look at. */
  readonly warnings: readonly string[];
}

/** Options of `openStudy`. Those of the protocol are needed once: a study that is there is resumed without them. */
export interface StudyOptions extends CaseImageOptions {
  /** Folder of the study: of the file system in Node, of the origin's private file system in a browser. */
  readonly out: string;
  /** The cases: a folder, or phantoms. A study that is resumed wants its folder again, as nothing of it is kept; phantoms are kept. */
  readonly cases?: CaseFolder | SyntheticCases;
  /** The weights that ship with this package, from which pretrained models start. Default: each network is pretrained on fractals first. */
  readonly pretrained?: { readonly alexnet: Source; readonly googlenet: Source };
  /** Models to train. Default: all eight. */
  readonly models?: readonly StudyModelName[];
  /** Seeds of the training: each model is trained once per seed. Default 0, 1, 2. */
  readonly seeds?: readonly number[];
  /** Steps of each model's training. Default: the quick profile's, 600 to 960. */
  readonly iterations?: number;
  /** Name of the finding in the report. Default "hemorrhage, as the list says", or of phantoms "basal ganglia hemorrhage". */
  readonly finding?: string;
  /** Called for each case that is read when a folder's study is opened. */
  readonly onCase?: (done: number, of: number) => void;
}

/** A job of a study. */
export interface StudyJobInfo {
  /** Name, unique in the study, for example "googlenet-pretrained-augmented-seed0". */
  readonly name: string;
  /** What it does. */
  readonly kind: "cohort" | "pretrain" | "train" | "external" | "analysis" | "report";
  /** Whether it is done. */
  readonly done: boolean;
  /** Steps of its training; 0 where it trains nothing. */
  readonly steps: number;
}

/** What a study will take on this machine, from one measured step of each network. */
export interface StudyForecast {
  /** Seconds of a training step by network, measured. */
  readonly stepSeconds: Readonly<Record<string, number>>;
  /** Seconds of the jobs that are not done. */
  readonly seconds: number;
}

/** What a number of test cases can show, whatever the models: Hanley and McNeil's standard error. */
export interface StudyPrecision {
  /** Usable test cases with the finding. */
  readonly positives: number;
  /** Usable test cases without it. */
  readonly negatives: number;
  /** 95 % intervals of an area under the ROC curve. */
  readonly intervals: readonly { readonly auc: number; readonly low: number; readonly high: number }[];
}

/** The ROC curve of scored cases. */
export interface RocSummary {
  /** Cases that are positive. */
  readonly positives: number;
  /** Cases that are not. */
  readonly negatives: number;
  /** Area under the curve. */
  readonly auc: number;
  /** Lower end of DeLong's 95 % interval. */
  readonly low: number;
  /** Upper end of it. */
  readonly high: number;
  /** Points from (0, 0) to (1, 1), one for each distinct score. */
  readonly curve: readonly { readonly sensitivity: number; readonly specificity: number; readonly threshold: number }[];
}

/** Cases that are drawn or read. */
export interface CasesEvent {
  /** Which event it is. */
  readonly kind: "cases";
  /** What is done with them. Default "drawing". */
  readonly doing?: "drawing" | "reading";
  /** Number of cases that are done. */
  readonly done: number;
  /** Number of all cases. */
  readonly of: number;
}

/** A job begins. Events that follow belong to it. */
export interface JobStartEvent {
  /** Which event it is. */
  readonly kind: "job";
  /** Name of the job. */
  readonly name: string;
  /** Its place in the plan, 1 for the first. */
  readonly job: number;
  /** Number of jobs. */
  readonly of: number;
}

/** A job is done. */
export interface JobEndEvent {
  /** Which event it is. */
  readonly kind: "job-end";
  /** Name of the job. */
  readonly name: string;
}

/** A stretch of steps between two looks at the validation cases is done. */
export interface LookEvent {
  /** Which event it is. */
  readonly kind: "epoch";
  /** Number of the look, 1 for the first. */
  readonly epoch: number;
  /** Number of looks. */
  readonly of: number;
  /** Values by name: "loss", "validationLoss", "validationAuc" and others. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** Where the whole study stands. */
export interface StandingEvent {
  /** Which event it is. */
  readonly kind: "study";
  /** Number of jobs that are done. */
  readonly done: number;
  /** Number of jobs. */
  readonly of: number;
  /** The jobs that run, with the share of each that is done, from 0 to 1. */
  readonly running: readonly { readonly name: string; readonly share: number }[];
  /** Seconds to the end; null before there is anything to judge by. */
  readonly etaS: number | null;
}

/** What happens in a study that runs. */
export type StudyProgress =
  | NoteEvent
  | CompileEvent
  | StepEvent
  | LookEvent
  | CheckpointEvent
  | CasesEvent
  | JobStartEvent
  | JobEndEvent
  | StandingEvent;

/** What one trained model says of the cases that it did not learn from. */
export interface StudyPredictions {
  /** The model. */
  readonly model: string;
  /** Seed of its training. */
  readonly seed: number;
  /** Names of the classes, "none" first. */
  readonly classes: readonly string[];
  /** The cases by their numbers. */
  readonly cases: readonly {
    readonly case: number;
    readonly split: "val" | "test";
    readonly label: string;
    readonly probabilities: readonly number[];
  }[];
}
