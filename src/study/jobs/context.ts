// The context of a study's job: the study, the machine, and the host's functions.
import type { DatasetOptions } from "../../dataset/dataset.ts";
import { splitPlan } from "../../dataset/split.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Platform } from "../../platform/platform.ts";
import type { CohortOptions } from "../../phantoms/cohort.ts";
import type { CasesEvent, ProgressEvent } from "../../platform/progress.ts";
import type { Json } from "../../weights/checkpoint.ts";
import { folderOf, type StudyJob } from "../plan.ts";
import type { NetworkName, Protocol } from "../protocol.ts";
import type { Study } from "../study-folder.ts";

export interface StudyContext extends Study {
  readonly platform: Platform;
  readonly out: string;
  readonly plan: readonly StudyJob[];
  /** Path of the weights that ship for a network. */
  shippedWeights(network: NetworkName): string;
  /** Opened by the first job that computes on it. */
  engine(): Promise<Engine>;
  /** Writes a synthetic cohort into a folder, its manifest last; resolves false where the signal came first. */
  writePhantoms(folder: string, cohort: CohortOptions, signal: AbortSignal): AsyncGenerator<ProgressEvent | CasesEvent, boolean>;
  /** Locks a job's folder for this process; null if another has it. */
  lock(folder: string): Promise<(() => Promise<void>) | null>;
  readonly signal: AbortSignal;
  /** Scores test cases again that a run has scored; the report says so. */
  readonly scoreAgain: boolean;
  readonly version: string;
  /** Commit of the source; null where it is not known. */
  readonly commit: string | null;
}

/** Does a job's work and returns what run.json holds; null where the signal stopped it. */
export type Work<Kind extends StudyJob["kind"]> = (
  job: Extract<StudyJob, { kind: Kind }>,
  context: StudyContext,
) => AsyncGenerator<ProgressEvent | CasesEvent, Readonly<Record<string, Json>> | null>;

export const pathOf = ({ out }: Pick<StudyContext, "out">, job: Pick<StudyJob, "name" | "id">): string => `${out}/${folderOf(job)}`;

/** The job of an id of the plan. */
export function jobOf<Kind extends StudyJob["kind"]>({ plan }: StudyContext, id: string, kind: Kind): Extract<StudyJob, { kind: Kind }> {
  const job = plan.find((job) => job.id === id);
  if (job?.kind !== kind) throw new Error(`internal: the plan has no ${kind} job ${id}`);
  return job as Extract<StudyJob, { kind: Kind }>;
}

/** Folder of the cases. */
export function casesFolder(context: StudyContext): string {
  const { protocol, sources, plan } = context;
  if (protocol.cohort.kind === "synthetic") return `${pathOf(context, plan.find(({ kind }) => kind === "cohort") as StudyJob)}/data`;
  if (sources.data === null) throw new Error(`${context.out}/study.json: does not name the folder of cases; name it with --data`);
  return sources.data;
}

/** How a dataset is opened: the classes, and the split where the manifest has none. */
export function caseOptions({ classes, cohort }: Protocol): Pick<DatasetOptions, "classes" | "target" | "split"> {
  const target = classes.length === 3 ? "side" : "label";
  return { classes, target, ...(cohort.kind === "folder" && cohort.splitSeed !== null && { split: splitPlan(cohort.splitSeed) }) };
}
