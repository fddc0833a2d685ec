// A run is a folder: its settings (job.json), its metrics (metrics.jsonl, one event per line), the state of training (checkpoints/), and, written
// last, its result (run.json). Plain files, each written whole or not at all, so that a run killed at any moment can resume.
import { parsedText } from "../platform/json.ts";
import { clearPartials } from "../platform/partials.ts";
import type { Files, FolderLock } from "../platform/platform.ts";
import { OtherGraph, readCheckpoint, writeCheckpoint, type Checkpoint, type Json } from "../weights/checkpoint.ts";
import { METRICS_LINE, OBJECT } from "./job-schema.ts";

/** All that determines a run's numbers. Equal jobs on the same adapter give the same bits. */
export type Job = Readonly<Record<string, Json>>;

/** One line of metrics.jsonl. Holds no time, so that two runs of a job can be compared byte for byte. */
export interface MetricsLine {
  readonly epoch: number;
  /** Steps done when the line was written. */
  readonly step: number;
  readonly [metric: string]: number;
}

/** The settings. A folder that has it is a run. */
export const JOB_FILE = "job.json";
const METRICS = "metrics.jsonl";
/** The result. A folder that has it is complete. */
export const END_FILE = "run.json";
const CHECKPOINTS = "checkpoints";
/** Checkpoints that are kept: the last, and the one before it. */
const KEPT = 2;
const MAX_TEXT_BYTES = 64 * 2 ** 20;

export class RunFolder {
  readonly path: string;
  readonly #files: Files;
  #lock: Pick<FolderLock, "check"> | null = null;

  private constructor(files: Files, path: string) {
    this.#files = files;
    this.path = path;
  }

  /** A new run. Throws if the folder already contains one. */
  static async create(files: Files, path: string, job: Job): Promise<RunFolder> {
    const folder = new RunFolder(files, path);
    if (await files.exists(folder.#at(JOB_FILE))) {
      throw new Error(`${path} already contains a run: pass --resume to resume it, or choose another --out`);
    }
    await files.write(folder.#at(JOB_FILE), `${JSON.stringify(job, null, 2)}\n`);
    return folder;
  }

  /** A run to read or to resume. */
  static async open(files: Files, path: string): Promise<RunFolder> {
    const folder = new RunFolder(files, path);
    if (!(await files.exists(folder.#at(JOB_FILE))))
      throw new Error(`${path} is not a run: ${JOB_FILE} is missing. Start one with \`npx striatum train --out ${path}\``);
    return folder;
  }

  /** Takes the folder for writing: the lock must still be held before each checkpoint, and what a killed process left half-written goes. */
  async guardedBy(lock: Pick<FolderLock, "check">): Promise<void> {
    this.#lock = lock;
    for (const folder of [this.path, this.#at(CHECKPOINTS)]) await clearPartials(this.#files, folder);
  }

  #at(...names: string[]): string {
    return [this.path, ...names].join("/");
  }

  async job(): Promise<Job> {
    const { accuracy, ...job } = await this.#json(JOB_FILE);
    // Older runs call the math mode "accuracy".
    return { ...(accuracy !== undefined && { math: accuracy }), ...job };
  }

  /** Throws, naming every difference, unless the folder's job is this one. */
  async expectJob(job: Job): Promise<void> {
    const known = await this.job();
    const keys = [...new Set([...Object.keys(known), ...Object.keys(job)])];
    const differing = keys.filter((key) => JSON.stringify(known[key]) !== JSON.stringify(job[key]));
    if (differing.length === 0) return;
    const told = differing.map((key) => `${key} was ${JSON.stringify(known[key])}, now ${JSON.stringify(job[key])}`);
    const advice = differing.some((key) => key === "epochs" || key === "epochImages")
      ? `A run keeps its length, over which its learning rate falls: resume with the options it was started with, or train on from its weights in another folder (--weights ${this.path} --out ...)`
      : "Resume with the options it was started with";
    throw new Error(`${this.path} is the run of a different job: ${told.join("; ")}. ${advice}`);
  }

  async ended(): Promise<Json> {
    return (await this.#files.exists(this.#at(END_FILE))) ? this.#json(END_FILE) : null;
  }

  async #json(name: string): Promise<Job> {
    return parsedText(OBJECT, await this.#files.read(this.#at(name), MAX_TEXT_BYTES), { file: this.#at(name), what: "that of a run" });
  }

  async append(line: MetricsLine): Promise<void> {
    await this.#files.append(this.#at(METRICS), JSON.stringify(line));
  }

  async metrics(): Promise<MetricsLine[]> {
    if (!(await this.#files.exists(this.#at(METRICS)))) return [];
    const text = new TextDecoder().decode(await this.#files.read(this.#at(METRICS), MAX_TEXT_BYTES));
    // What follows the last newline was left half-written by a kill: it belongs to no checkpoint and is dropped.
    const whole = text.split("\n").slice(0, -1);
    return whole.map((line, i) =>
      parsedText(METRICS_LINE, new TextEncoder().encode(line), {
        file: `${this.#at(METRICS)} line ${i + 1}`,
        what: "the metrics of an epoch",
      }),
    );
  }

  /** Removes what is from after `step`, metrics and checkpoints: it will be written again. */
  async rewind(step: number): Promise<void> {
    for (const name of await this.#checkpoints()) if (name > checkpointName(step)) await this.#files.remove(this.#at(CHECKPOINTS, name));
    const kept = (await this.metrics()).filter((line) => line.step <= step);
    await this.#files.write(this.#at(METRICS), kept.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }

  /** Writes a checkpoint and drops those that are older than the last two. Returns its path. */
  async saveCheckpoint(checkpoint: Checkpoint): Promise<string> {
    await this.#lock?.check();
    const path = this.#at(CHECKPOINTS, checkpointName(checkpoint.step));
    await this.#files.write(path, await writeCheckpoint(checkpoint));
    for (const name of (await this.#checkpoints()).slice(0, -KEPT)) await this.#files.remove(this.#at(CHECKPOINTS, name));
    return path;
  }

  /** The last checkpoint of a graph that is whole, its path, and what is wrong with those after it; null before the first. */
  async lastCheckpoint(
    graphHash: string,
  ): Promise<{ readonly checkpoint: Checkpoint; readonly path: string; readonly damaged: readonly string[] } | null> {
    const names = await this.#checkpoints();
    const damaged: string[] = [];
    for (const name of names.reverse()) {
      const path = this.#at(CHECKPOINTS, name);
      const bytes = await this.#files.read(path);
      try {
        return { checkpoint: await readCheckpoint(bytes, path, graphHash), path, damaged };
      } catch (error) {
        if (error instanceof OtherGraph) throw error;
        damaged.push((error as Error).message);
      }
    }
    if (damaged.length === 0) return null;
    throw new Error(
      `${damaged.join("; ")}. No checkpoint of this run is whole: restore one, or remove ${this.#at(CHECKPOINTS)} to train again from the first step`,
    );
  }

  async hasCheckpoint(): Promise<boolean> {
    return (await this.#checkpoints()).length > 0;
  }

  async #checkpoints(): Promise<string[]> {
    if (!(await this.#files.exists(this.#at(CHECKPOINTS)))) return [];
    return (await this.#files.list(this.#at(CHECKPOINTS))).filter((name) => /^step-\d+\.safetensors$/.test(name)).sort();
  }

  /** Writes a file beside the others: weights, predictions, the mean. */
  async write(name: string, content: string | Iterable<Uint8Array>): Promise<string> {
    await this.#files.write(this.#at(name), content);
    return this.#at(name);
  }

  async read(name: string): Promise<Uint8Array> {
    return this.#files.read(this.#at(name));
  }

  async has(name: string): Promise<boolean> {
    return this.#files.exists(this.#at(name));
  }

  /** Marks the run as complete. Written last. */
  async end(result: Json): Promise<void> {
    await this.#files.write(this.#at(END_FILE), `${JSON.stringify(result, null, 2)}\n`);
  }
}

/** Padded, so that names sort by step. */
const checkpointName = (step: number): string => `step-${String(step).padStart(8, "0")}.safetensors`;
