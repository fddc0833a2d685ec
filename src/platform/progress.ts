// Progress events of a long job. One union, several readers: a terminal line, a log, JSON Lines, metrics.jsonl, the page.

export type ProgressEvent =
  | { readonly kind: "note"; readonly text: string }
  /** Number of kernels of the first step that have run once: a driver that compiles late spends its time there. */
  | { readonly kind: "compile"; readonly kernels: number; readonly of: number }
  | {
      readonly kind: "step";
      /** 1 for the first. */
      readonly step: number;
      readonly of: number;
      readonly loss: number;
      readonly imagesPerSecond: number;
      /** Seconds to the end of the job. */
      readonly etaS: number;
    }
  | {
      readonly kind: "epoch";
      /** 1 for the first. */
      readonly epoch: number;
      readonly of: number;
      /** By name, for example loss, validationLoss, validationAuc. */
      readonly metrics: Readonly<Record<string, number>>;
    }
  | { readonly kind: "checkpoint"; readonly step: number; readonly path: string };

/** Synthetic cases that are drawn, or cases that are read. */
export interface CasesEvent {
  readonly kind: "cases";
  /** Default: "drawing". */
  readonly doing?: "drawing" | "reading";
  readonly done: number;
  readonly of: number;
}

/** The start of one of several jobs, to which later events belong, and its end. */
export type JobEvent =
  | {
      readonly kind: "job";
      readonly name: string;
      /** 1 for the first. */
      readonly job: number;
      readonly of: number;
    }
  | { readonly kind: "job-end"; readonly name: string };

/** Where a study of many jobs stands, several of which may run at once. */
export interface StudyEvent {
  readonly kind: "study";
  readonly done: number;
  readonly of: number;
  /** The jobs that run now, with the share of each that is done, from 0 to 1. */
  readonly running: readonly { readonly name: string; readonly share: number }[];
  /** Seconds to the end of the study; null before there is anything to judge by. */
  readonly etaS: number | null;
}

/** Everything that a host may show. */
export type AnyEvent = ProgressEvent | CasesEvent | JobEvent | StudyEvent;
