// Where a study stands and how long it still takes, from the events of the processes that share its jobs. Pure: the caller brings the clock.
import type { AnyEvent, StudyEvent } from "../platform/progress.ts";

/** A job by its name, what it is estimated to take, and whether it was done before. */
export interface TimedJob {
  readonly name: string;
  /** Estimated seconds; only the proportions between jobs count. */
  readonly seconds: number;
  readonly done: boolean;
}

/** Seconds before a pace is judged: the first ones go into opening adapters. */
const SETTLING_S = 5;

export class StudyClock {
  readonly #jobs: readonly TimedJob[];
  readonly #startedMs: number;
  readonly #finished: Set<string>;
  /** By process: the job it runs and the share of it that is done. */
  readonly #running = new Map<number, { name: string; share: number }>();
  /** Estimated seconds of the jobs that were done before. */
  readonly #before: number;

  constructor(jobs: readonly TimedJob[], nowMs: number) {
    this.#jobs = jobs;
    this.#startedMs = nowMs;
    this.#finished = new Set(jobs.filter(({ done }) => done).map(({ name }) => name));
    this.#before = this.#work();
  }

  /** Takes an event of process `from`. */
  event(from: number, event: AnyEvent): void {
    if (event.kind === "job") this.#running.set(from, { name: event.name, share: 0 });
    if (event.kind === "job-end") {
      this.#finished.add(event.name);
      this.#running.delete(from);
    }
    const running = this.#running.get(from);
    if (!running) return;
    if (event.kind === "step") running.share = event.step / event.of;
    else if (event.kind === "cases") running.share = event.done / event.of;
  }

  status(nowMs: number): StudyEvent {
    const elapsedS = (nowMs - this.#startedMs) / 1000;
    const done = this.#work();
    const pace = (done - this.#before) / elapsedS;
    const left = this.#jobs.reduce((sum, { seconds }) => sum + seconds, 0) - done;
    return {
      kind: "study",
      done: this.#finished.size,
      of: this.#jobs.length,
      running: [...this.#running.values()].map(({ name, share }) => ({ name, share })),
      etaS: elapsedS >= SETTLING_S && pace > 0 ? left / pace : null,
    };
  }

  /** Estimated seconds of what is done, shares of running jobs included. */
  #work(): number {
    const shares = new Map([...this.#running.values()].map(({ name, share }) => [name, share]));
    return this.#jobs.reduce((sum, { name, seconds }) => sum + seconds * (this.#finished.has(name) ? 1 : (shares.get(name) ?? 0)), 0);
  }
}
