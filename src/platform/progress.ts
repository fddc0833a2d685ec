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

/** The start of one of several jobs; later events belong to it. */
export interface JobEvent {
  readonly kind: "job";
  readonly name: string;
  /** 1 for the first. */
  readonly job: number;
  readonly of: number;
}
