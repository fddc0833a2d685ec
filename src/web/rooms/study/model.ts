// The page's one study as the room shows it: it outlives the room, as the study goes on while another room is open.
import { signal } from "@preact/signals-core";
import type { CasesReport, CheckedCaseInfo, StandingEvent, StudyForecast, StudyModelName, StudyProgress } from "striatum/study";
import { studyClient } from "./client.ts";
import type { Placed } from "./dropped.ts";
import type { FolderInfo, PlanChoices, StudyInfo } from "./messages.ts";
import { TEXT } from "./text.ts";

/** Work that takes time, and how far it is where that is known. */
interface Doing {
  readonly text: string;
  readonly done?: number;
  readonly of?: number;
}

/** A training as it goes: its step and the losses so far. */
export interface Curve {
  readonly step: number;
  readonly of: number;
  readonly losses: readonly number[];
}

/** What two models are, for a short study. */
export const TWO_MODELS: readonly StudyModelName[] = ["alexnet-untrained-plain", "alexnet-pretrained-plain"];
const MOST_LOSSES = 400;

class StudyModel {
  readonly folder = signal<FolderInfo | null>(null);
  readonly isSynthetic = signal(false);
  readonly slab = signal(false);
  /** Cases as they are read. */
  readonly found = signal<readonly CheckedCaseInfo[]>([]);
  readonly report = signal<CasesReport | null>(null);
  /** Labels by path; null where the folder has a list of its own. */
  readonly labels = signal<ReadonlyMap<string, string> | null>(null);
  /** Position of the case that a key labels. */
  readonly current = signal(0);
  readonly info = signal<StudyInfo | null>(null);
  readonly forecast = signal<StudyForecast | null>(null);
  readonly doing = signal<Doing | null>(null);
  readonly isRunning = signal(false);
  readonly isPausing = signal(false);
  readonly standing = signal<StandingEvent | null>(null);
  readonly curves = signal<ReadonlyMap<string, Curve>>(new Map());
  readonly note = signal("");
  readonly html = signal<string | null>(null);
  readonly left = signal<readonly string[] | null>(null);
  #job = "";
  readonly #client = studyClient();

  constructor() {
    this.#client.onEvent = (event) => {
      if (event.event === "case") {
        const { done, of, found } = event;
        this.found.value = [...this.found.value.filter((item) => item.case !== found.case), found];
        this.doing.value = { text: TEXT.checking(done, of), done, of };
      } else if (event.event === "reading") this.doing.value = { text: TEXT.fixing, done: event.done, of: event.of };
      else if (event.event === "progress") this.#take(event.progress);
    };
  }

  /** Opens the study that is in the browser, if there is one. */
  async find(): Promise<void> {
    if (this.info.value) return;
    this.info.value = await this.#client.call("stored");
    if (this.info.value) this.isSynthetic.value = this.info.value.isSynthetic;
  }

  async give(files: readonly Placed[]): Promise<void> {
    const folder = await this.#client.call("give", files);
    this.folder.value = folder;
    this.isSynthetic.value = false;
    this.report.value = null;
    this.found.value = [];
    this.labels.value = folder.isListed ? null : new Map();
    if (this.info.value && !this.info.value.hasReport && !this.info.value.isSynthetic && folder.isListed) await this.#resume();
  }

  useSynthetic(): void {
    this.folder.value = null;
    this.report.value = null;
    this.isSynthetic.value = true;
  }

  /** Reads all cases. Without a list each is read under a label that is not yet its own. */
  async check(): Promise<void> {
    const folder = this.folder.value;
    if (!folder) return;
    this.found.value = [];
    this.report.value = null;
    const isProvisional = this.labels.value !== null && this.labels.value.size < folder.candidates.length;
    if (isProvisional)
      await this.#client.call(
        "label",
        listOf(folder.candidates, () => "none"),
      );
    await this.#working(TEXT.checkNow, async () => {
      const report = await this.#client.call("check", this.slab.value);
      this.found.value = report.cases;
      if (!isProvisional) this.report.value = report;
    });
  }

  /** Labels the current case and goes on to the next. */
  label(label: string): void {
    const folder = this.folder.value;
    if (!folder || !this.labels.value) return;
    const path = folder.candidates[this.current.value];
    if (path === undefined) return;
    this.labels.value = new Map([...this.labels.value, [path, label]]);
    this.move(1);
  }

  move(by: number): void {
    const last = (this.folder.value?.candidates.length ?? 1) - 1;
    this.current.value = Math.min(last, Math.max(0, this.current.value + by));
  }

  /** Text of labels.csv. */
  labelsText(): string {
    const labels = this.labels.value ?? new Map<string, string>();
    return listOf([...labels.keys()].sort(), (path) => labels.get(path) ?? "");
  }

  /** Goes back from the result of a check to the labels it used. */
  changeLabels(): void {
    this.report.value = null;
  }

  async useLabels(): Promise<void> {
    await this.#client.call("label", this.labelsText());
    await this.check();
  }

  /** Fixes the protocol. */
  async plan(choices: PlanChoices): Promise<void> {
    await this.#working(TEXT.fixing, async () => {
      this.info.value = await this.#client.call("open", choices);
    });
  }

  async #resume(): Promise<void> {
    await this.#working(TEXT.fixing, async () => {
      this.info.value = await this.#client.call("open", null);
    });
  }

  async measure(): Promise<void> {
    await this.#working(TEXT.measuring, async () => {
      this.forecast.value = await this.#client.call("forecast");
    });
  }

  async run(): Promise<void> {
    this.isRunning.value = true;
    try {
      await this.#client.call("run");
    } finally {
      this.isRunning.value = false;
      this.isPausing.value = false;
      this.info.value = await this.#client.call("info");
    }
  }

  async pause(): Promise<void> {
    this.isPausing.value = true;
    await this.#client.call("pause");
  }

  async open(): Promise<string> {
    return this.#client.call("report");
  }

  async forget(): Promise<void> {
    this.left.value = await this.#client.call("forget");
    this.info.value = null;
    this.html.value = null;
    this.forecast.value = null;
    this.standing.value = null;
    this.curves.value = new Map();
  }

  async #working(text: string, work: () => Promise<void>): Promise<void> {
    this.doing.value = { text };
    try {
      await work();
    } finally {
      this.doing.value = null;
    }
  }

  #take(progress: StudyProgress): void {
    if (progress.kind === "study") this.standing.value = progress;
    if (progress.kind === "note") this.note.value = progress.text;
    if (progress.kind === "job") this.#job = progress.name;
    if (progress.kind === "job-end" && this.info.value) {
      const { jobs, ...rest } = this.info.value;
      this.info.value = { ...rest, jobs: jobs.map((job) => (job.name === progress.name ? { ...job, done: true } : job)) };
    }
    if (progress.kind === "cases") this.note.value = TEXT.checking(progress.done, progress.of);
    if (progress.kind !== "step") return;
    const before = this.curves.value.get(this.#job);
    const losses = [...(before && before.step < progress.step ? before.losses : []), progress.loss].slice(-MOST_LOSSES);
    this.curves.value = new Map([...this.curves.value, [this.#job, { step: progress.step, of: progress.of, losses }]]);
  }
}

/** labels.csv: paths with a comma or a quotation mark are quoted. */
function listOf(paths: readonly string[], labelOf: (path: string) => string): string {
  const quoted = (path: string): string => (/[",\n]/.test(path) ? `"${path.replaceAll('"', '""')}"` : path);
  return `path,label\n${paths.map((path) => `${quoted(path)},${labelOf(path)}\n`).join("")}`;
}

let model: StudyModel | null = null;

/** The page's study. */
export const studyModel = (): StudyModel => (model ??= new StudyModel());
export type { StudyModel };
