// A run in the worker: its trainer, and marks to go back to.
import { alexnet, googlenet, sgd, type Device } from "striatum";
import { microscope, type Microscope } from "striatum/inspect";
import { openTrainer, type LayerMeasure, type Mark, type StepResult, type Trainer } from "striatum/trainer";
import { dataOf, shuffledLabels, type Data, type OwnFile } from "./data.ts";
import type { RateFrom, Settings } from "./settings.ts";

/** One step of a run. */
export interface StepRecord {
  /** Number of the step, 1 for the first. */
  readonly step: number;
  readonly loss: number;
  /** Weighted loss of each head. */
  readonly losses: Readonly<Record<string, number>>;
  readonly accuracy: number;
}

/** What `advance` gave. */
export interface Advance {
  readonly records: readonly StepRecord[];
  /** Measures of the last step. */
  readonly layers: readonly LayerMeasure[];
  /** Hash of parameters and momenta after the last step; empty where it would have cost too much. */
  readonly hash: string;
  /** Why it stopped early. */
  readonly stopped: "not finite" | "tenfold" | null;
}

/** What `advance` is to do. */
export interface AdvanceOptions {
  /** Steps at most. */
  readonly steps: number;
  /** Milliseconds after which no further step is begun. */
  readonly ms: number;
  /** Whether the last step is measured by layer. */
  readonly measure: boolean;
}

/** Marks at most: each is as large as all parameters and momenta. */
const MOST_MARKS = 8;
/** A hash may take this share of the time of a call. */
const HASH_SHARE = 0.2;
const SLICE_MS = 8;

export class Learner {
  readonly settings: Settings;
  readonly data: Data;
  readonly trainer: Trainer;
  readonly scope: Microscope;
  #rates: readonly RateFrom[];
  #marks: Mark[] = [];
  /** Steps between two marks: a power of two, which doubles when there are too many. */
  #every = 8;
  #firstLoss = NaN;
  #hashMs = 0;

  static async open(
    device: Device,
    settings: Settings,
    options: { readonly data: Data; readonly rates: readonly RateFrom[] },
  ): Promise<Learner> {
    const { net, width, size, seed, batch, momentum, decay, auxiliary, start, off, shuffled, rate } = settings;
    const { data, rates } = options;
    const family = { alexnet, googlenet }[net];
    const without = off.filter((name) => name !== "mean");
    const trainer = await openTrainer(device, family({ classes: data.labels.length, width: 1 / width, size }), {
      samples: shuffled ? shuffledLabels(data.training, seed) : data.training,
      labels: data.labels,
      batch,
      seed,
      rate,
      solver: sgd({ momentum, weightDecay: decay }),
      pixelScale: 1 / 64,
      init: start,
      without,
      ...(net === "googlenet" && { auxiliary }),
      ...(off.includes("mean") && { mean: [0, 0, 0] }),
    });
    const learner = new Learner(settings, data, trainer, rates);
    learner.#marks.push(await trainer.mark());
    return learner;
  }

  private constructor(settings: Settings, data: Data, trainer: Trainer, rates: readonly RateFrom[]) {
    this.settings = settings;
    this.data = data;
    this.trainer = trainer;
    this.scope = microscope(trainer);
    this.#rates = rates;
  }

  get step(): number {
    return this.trainer.steps;
  }

  /** Sets the rates of the run; marks after the step at which they change are freed. */
  setRates(rates: readonly RateFrom[]): void {
    const same = (a: RateFrom | undefined, b: RateFrom | undefined): boolean => a?.step === b?.step && a?.rate === b?.rate;
    const length = Math.max(rates.length, this.#rates.length);
    const at = Array.from({ length }, (_, i) => i).find((i) => !same(rates[i], this.#rates[i]));
    if (at !== undefined) this.#forget(Math.min(rates[at]?.step ?? Infinity, this.#rates[at]?.step ?? Infinity));
    this.#rates = rates;
  }

  /** Takes steps, as many as are wanted or as fit in a time; stops where the loss is no number or ten times the first. */
  async advance({ steps, ms, measure }: AdvanceOptions): Promise<Advance> {
    const records: StepRecord[] = [];
    let layers: readonly LayerMeasure[] = [];
    let stopped: Advance["stopped"] = null;
    const begun = performance.now();
    let last = 0;
    for (let taken = 0; taken < steps && !stopped; taken++) {
      // The last step of a call is measured: the one after which the time will be over.
      const ends = taken === steps - 1 || performance.now() - begun + last >= ms;
      const before = performance.now();
      const result = await this.#take(measure && ends);
      last = performance.now() - before;
      layers = result.layers ?? layers;
      const { step, loss, losses, accuracy } = result;
      records.push({ step, loss, losses, accuracy });
      stopped = this.#judge(result);
      if (ends) break;
    }
    const isCheap = this.#hashMs < HASH_SHARE * (performance.now() - begun);
    return { records, layers, hash: isCheap ? await this.hash() : "", stopped };
  }

  /** Goes back to the last mark at or before a step; returns its step. The steps from there are replayed by `advance`. */
  async back(step: number): Promise<number> {
    const mark = this.#marks.findLast((each) => each.step <= step) as Mark;
    await this.trainer.back(mark);
    return mark.step;
  }

  async #take(measure: boolean): Promise<StepResult> {
    this.trainer.rate = this.#rates.findLast(({ step }) => step <= this.step)?.rate ?? this.settings.rate;
    const result = await this.trainer.step({ sliceMs: SLICE_MS, measure });
    await this.#markIfDue();
    return result;
  }

  #judge({ step, loss }: StepResult): Advance["stopped"] {
    if (step === 1) this.#firstLoss = loss;
    if (!Number.isFinite(loss)) return "not finite";
    return loss > 10 * this.#firstLoss ? "tenfold" : null;
  }

  async #markIfDue(): Promise<void> {
    const { step } = this;
    if (step % this.#every !== 0 || this.#marks.some((mark) => mark.step === step)) return;
    if (this.#marks.length >= MOST_MARKS) {
      this.#every *= 2;
      const kept = this.#marks.filter((mark) => mark.step % this.#every === 0);
      for (const mark of this.#marks) if (!kept.includes(mark)) mark.dispose();
      this.#marks = kept;
      if (step % this.#every !== 0) return;
    }
    this.#marks.push(await this.trainer.mark());
    this.#marks.sort((a, b) => a.step - b.step);
  }

  #forget(from: number): void {
    for (const mark of this.#marks) if (mark.step > from) mark.dispose();
    this.#marks = this.#marks.filter(({ step }) => step <= from);
  }

  /** Hash of parameters and momenta. */
  async hash(): Promise<string> {
    const begun = performance.now();
    const hash = await this.trainer.hash();
    this.#hashMs = performance.now() - begun;
    return hash;
  }

  dispose(): void {
    this.scope.dispose();
    this.trainer.dispose();
  }
}

/** Data of settings, kept until others are wanted: what is drawn does not depend on the network. */
export class DataShelf {
  #key = "";
  #data: Promise<Data> | null = null;
  #own: readonly OwnFile[] = [];

  /** Takes pictures of the visitor's own, in the place of others. */
  take(own: readonly OwnFile[]): void {
    this.#own = own;
    this.#key = "";
  }

  get(settings: Settings, progress: (done: number, of: number) => void): Promise<Data> {
    const { data, categories, cases, seed, size } = settings;
    const key = JSON.stringify({ fractals: { data, categories, seed, size }, phantoms: { data, cases, seed }, own: { data, size } }[data]);
    if (key !== this.#key || !this.#data) {
      this.#key = key;
      const made = dataOf(settings, this.#own, progress);
      this.#data = made;
      made.catch(() => {
        if (this.#data === made) this.#data = null;
      });
    }
    return this.#data;
  }
}
