// Learning as the page's thread sees it: one worker call after another, runs beside each other, rewinding and replaying, and why it stopped.
import { batch as together, effect, signal, untracked } from "@preact/signals-core";
import type { EvaluationResult } from "striatum/trainer";
import { Panel } from "../../shell/panel.ts";
import type { Page } from "../../shell/page.ts";
import type { OwnFile } from "./data.ts";
import { Runs, type Replay, type Run } from "./runs.ts";
import { changedSettings, keysOf, ratesOf, settingsOf, shortNumber, type RateFrom, type Settings } from "./settings.ts";
import { TEXT } from "./text.ts";
import type * as Part from "./worker-part.ts";
import type { BatchPicture, Opened } from "./worker-part.ts";

/** Milliseconds of steps in one call while it plays. */
const PLAY_MS = 150;
/** Milliseconds between two looks at the batch while it plays. */
const LOOK_EVERY = 1000;
const FILTER_SIDE = 44;
const GAP = 3;

/** Why it paused. */
export interface Stop {
  readonly kind: "not finite" | "tenfold";
  /** The first step whose loss was so. */
  readonly step: number;
  /** Layer with the largest gradient of that step; null until it is found. */
  readonly layer: { readonly name: string; readonly gradient: number } | null;
}

const learnings = new WeakMap<Page, Learning>();

/** What learns on a page; the same for all rooms that show it. */
export function learningOf(page: Page): Learning {
  const learning = learnings.get(page) ?? new Learning(page);
  learnings.set(page, learning);
  return learning;
}

/** One for each page: what was learnt stays while other rooms are open. */
export class Learning {
  readonly runs = new Runs();
  readonly filters: Panel;
  /** What the worker has open; null before. */
  readonly opened = signal<Opened | null>(null);
  /** Step at which the open run stands. */
  readonly step = signal(0);
  readonly playing = signal(false);
  /** Steps that are still to be replayed; 0 where it does not replay. */
  readonly replaying = signal(0);
  readonly replayed = signal<Replay | null>(null);
  readonly stop = signal<Stop | null>(null);
  readonly batch = signal<readonly BatchPicture[]>([]);
  readonly score = signal<EvaluationResult | null>(null);
  readonly measures = signal(true);
  /** Number of the run whose gradients stand beside the open one's; 0: the last other. */
  readonly beside = signal(0);
  readonly filterColumns = signal(8);
  readonly own = signal<readonly OwnFile[]>([]);
  readonly note = signal("");
  readonly #page: Page;
  readonly #part;
  #last: Promise<unknown> = Promise.resolve();
  /** Counts what was asked for: an earlier one ends when it sees that it is not the last. */
  #asked = 0;
  /** The step at which the worker stands: beyond `step` where another run was opened while it took steps. */
  #reached = 0;
  #lookedAt = 0;
  #regardless = false;

  constructor(page: Page) {
    this.#page = page;
    this.#part = page.client.remote<typeof Part>("learn");
    this.filters = new Panel(page.client);
    let devices = page.client.devices.peek();
    effect(() => {
      const now = page.client.devices.value;
      if (now === devices) return;
      devices = now;
      // Another device: the same settings give the same bits there.
      untracked(() => void this.#open(this.step.value));
    });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden || !this.playing.value) return;
      this.pause();
      this.note.value = TEXT.hidden;
    });
  }

  /** Follows the address: other settings are another run, another rate alone a fork. */
  follow(): void {
    const { keys } = this.#page.address.value;
    const settings = settingsOf(keys);
    const rates = ratesOf(keys);
    untracked(() => {
      const same = (run: Run): boolean => JSON.stringify([run.settings, run.rates]) === JSON.stringify([settings, rates]);
      const open = this.runs.open.value;
      if (open && same(open)) return;
      const known = this.runs.all.value.find(same);
      if (known) return this.restore(known);
      const step = Number(keys["step"] ?? 0);
      const forks = open !== null && rates.length > 1 && this.#forksFrom(open, settings, rates);
      const gaveWay = forks ? this.runs.fork(rates[rates.length - 1].step, rates[rates.length - 1].rate) : this.runs.begin(settings, rates);
      this.note.value = gaveWay ? TEXT.tooMany : "";
      if (forks) void this.#forked(rates[rates.length - 1].step);
      else void this.#open(Number.isInteger(step) && step > 0 ? step : 0);
    });
  }

  #forksFrom(open: Run, settings: Settings, rates: readonly RateFrom[]): boolean {
    const at = rates[rates.length - 1].step;
    const before = JSON.stringify([...open.rates.filter(({ step }) => step < at), rates[rates.length - 1]]);
    return (
      this.opened.value !== null &&
      JSON.stringify(open.settings) === JSON.stringify(settings) &&
      before === JSON.stringify(rates) &&
      at <= open.records.length
    );
  }

  /** Changes settings: the address says them, and a run begins. Another rate alone, once steps were taken, begins from the step at which the run stands. */
  change(change: Partial<Settings>): void {
    const open = this.runs.open.value;
    if (!open) return;
    const { rate, ...others } = change;
    const current = this.rate();
    const step = this.step.value;
    if (rate !== undefined && Object.keys(others).length === 0 && step > 0) {
      if (rate === current) return;
      const rates = [...open.rates.filter((each) => each.step < step), { step, rate: Number(shortNumber(rate)) }];
      return this.#page.go({ keys: { ...keysOf(open.settings, rates), step: "" } });
    }
    const settings = changedSettings(open.settings, rate === undefined ? change : { ...change, rate: Number(shortNumber(rate)) });
    this.#page.go({ keys: { ...keysOf(settings, [{ step: 0, rate: settings.rate }]), step: "" } });
  }

  /** Rate of the next step. */
  rate(): number {
    const open = this.runs.open.value;
    return open?.rates.findLast(({ step }) => step <= this.step.value)?.rate ?? open?.settings.rate ?? 0;
  }

  toggle(): void {
    if (this.playing.value) this.pause();
    else void this.play();
  }

  pause(): void {
    this.#asked++;
    this.playing.value = false;
  }

  /** Goes on until it is paused. `regardless` of a loss that stopped it. */
  play(regardless = false): Promise<void> {
    this.#regardless = regardless;
    return this.#run(async (isCurrent) => {
      this.playing.value = true;
      while (isCurrent()) await this.#advance({ steps: 1_000_000, ms: PLAY_MS });
      await this.#look(true);
    });
  }

  take(steps: number): Promise<void> {
    this.#regardless = steps === 1;
    return this.#run(async (isCurrent) => {
      const end = this.step.value + steps;
      this.playing.value = steps > 1;
      while (isCurrent() && this.step.value < end) await this.#advance({ steps: end - this.step.value, ms: PLAY_MS });
      await this.#look(true);
    });
  }

  /** An epoch, and then the score of the pictures that are held out. */
  async epoch(): Promise<void> {
    const { training = 0 } = this.opened.value ?? {};
    const { batch = 1 } = this.runs.open.value?.settings ?? {};
    const step = this.step.value;
    const perEpoch = training / batch;
    await this.take(Math.ceil((Math.floor(step / perEpoch + 1e-9) + 1) * perEpoch - 1e-9) - step);
    if (!this.stop.value) await this.scoreHeldOut();
  }

  scoreHeldOut(): Promise<void> {
    return this.#run(async () => {
      this.score.value = await this.#part.heldOut();
    });
  }

  /** Goes to a step that was taken: back to the mark before it, and the rest again. */
  goTo(step: number): Promise<void> {
    return this.#run((isCurrent) => this.#replayTo(step, isCurrent));
  }

  restore(run: Run): void {
    this.runs.open.value = run;
    this.#page.go({ keys: { ...keysOf(run.settings, run.rates), step: "" } });
    void this.#open(run.records.length);
  }

  forget(run: Run): void {
    this.runs.forget(run);
  }

  /** Pictures of the visitor's own, by folder. */
  takeOwn(files: readonly OwnFile[]): Promise<void> {
    return this.#run(async () => {
      this.own.value = files;
      await this.#part.take(files);
      const open = this.runs.open.value;
      if (open?.settings.data !== "own") return this.change({ data: "own" });
      // The settings are the same, the pictures are others: a run of its own.
      this.runs.begin(open.settings, open.rates);
      await this.#start(0, () => true);
    });
  }

  /** Weights as a file for the visitor, or under a name that other rooms can open. */
  async save(name: string): Promise<Blob | null> {
    let saved: Blob | null = null;
    await this.#run(async () => void (saved = await this.#part.save(name)));
    return saved;
  }

  /** Draws the filters again, after their canvas changed its place. */
  drawFilters(): void {
    const gap = GAP * Math.min(devicePixelRatio, 2);
    if (this.opened.value) void this.#page.attempt(() => this.#part.filters(this.filters.id, this.filterColumns.value, gap));
  }

  /** Fits the filters into a width. */
  fit(width: number): void {
    const { filters = 8 } = this.opened.value ?? {};
    this.filterColumns.value = Math.max(1, Math.min(filters, Math.floor(width / FILTER_SIDE)));
  }

  /** Rows of filters and height of their canvas in pixels. */
  filterHeight(): number {
    return Math.ceil((this.opened.value?.filters ?? 8) / this.filterColumns.value) * FILTER_SIDE;
  }

  /** Runs work once what was asked for before is over; that ends early. */
  #run(work: (isCurrent: () => boolean) => Promise<void>): Promise<void> {
    const number = ++this.#asked;
    this.playing.value = false;
    const isCurrent = (): boolean => number === this.#asked;
    const result = this.#last.then(async () => {
      await this.#page.attempt(() => work(isCurrent));
      if (isCurrent())
        together(() => {
          this.playing.value = false;
          this.replaying.value = 0;
        });
      this.#remember();
    });
    this.#last = result;
    return result;
  }

  #open(step: number): Promise<void> {
    this.opened.value = null;
    return this.#run((isCurrent) => this.#start(step, isCurrent));
  }

  async #start(step: number, isCurrent: () => boolean): Promise<void> {
    const run = this.runs.open.value as Run;
    together(() => {
      this.opened.value = null;
      this.step.value = 0;
      this.batch.value = [];
      this.score.value = null;
      this.stop.value = null;
      this.replayed.value = null;
    });
    const opened = await this.#part.start(run.settings, run.rates);
    this.#reached = 0;
    run.hashes.set(0, opened.hash);
    this.opened.value = opened;
    this.drawFilters();
    if (step > 0) await this.#replay(step, isCurrent);
  }

  /** The worker has the steps of the run that this one goes on from, and perhaps more. */
  #forked(step: number): Promise<void> {
    return this.#run((isCurrent) => (this.#reached === step ? Promise.resolve() : this.#replayTo(step, isCurrent)));
  }

  async #replayTo(step: number, isCurrent: () => boolean): Promise<void> {
    this.#reached = this.step.value = await this.#part.back(step);
    await this.#replay(step, isCurrent);
  }

  /** Takes steps up to one; those that the run has already must give the same bits. */
  async #replay(end: number, isCurrent: () => boolean): Promise<void> {
    this.#regardless = true;
    this.stop.value = null;
    this.replayed.value = null;
    const run = this.runs.open.value as Run;
    const known = run.hashes.get(end);
    let found: Replay = { steps: 0, isSame: true, comparedHash: false };
    while (this.step.value < end && isCurrent()) {
      this.replaying.value = end - this.step.value;
      const { steps, isSame } = await this.#advance({ steps: end - this.step.value, ms: PLAY_MS, replays: true });
      found = { ...found, steps: found.steps + steps, isSame: found.isSame && isSame };
    }
    this.replaying.value = 0;
    // Another run may be open by now, whose hash this is not.
    if (this.step.value !== end || !isCurrent()) return;
    const hash = await this.#part.hash();
    run.hashes.set(end, hash);
    this.replayed.value = { ...found, isSame: found.isSame && (known ?? hash) === hash, comparedHash: known !== undefined };
    await this.#look(true);
  }

  async #advance({
    steps,
    ms,
    replays = false,
  }: {
    readonly steps: number;
    readonly ms: number;
    readonly replays?: boolean;
  }): Promise<Replay> {
    const run = this.runs.open.value as Run;
    const given = await this.#part.advance(run.rates, { steps, ms, measure: this.measures.value });
    this.#reached = given.records.at(-1)?.step ?? this.#reached;
    // Another run may have been opened meanwhile: it will be at a step of its own.
    if (run !== this.runs.open.value) return this.runs.take(run, given);
    const replay = together(() => {
      this.step.value = given.records.at(-1)?.step ?? this.step.value;
      if (!replays) this.replayed.value = null;
      return this.runs.take(run, given);
    });
    this.drawFilters();
    await this.#look(false);
    if (given.stopped && !this.#regardless) await this.#stopped(given.stopped);
    return replay;
  }

  /** Pauses, and looks at the gradients of the step at which it began: that step is taken once more, measured. */
  async #stopped(kind: Stop["kind"]): Promise<void> {
    this.pause();
    const step = this.step.value;
    this.stop.value = { kind, step, layer: null };
    this.#regardless = true;
    const rates = (this.runs.open.value as Run).rates;
    const mark = await this.#part.back(step - 1);
    const { layers } = await this.#part.advance(rates, { steps: step - mark, ms: Infinity, measure: true });
    const known = layers.flatMap(({ layer, gradient }) => (gradient === null ? [] : [{ name: layer, gradient }]));
    const worst = known.find(({ gradient }) => !Number.isFinite(gradient)) ?? known.toSorted((a, b) => b.gradient - a.gradient)[0];
    this.stop.value = { kind, step, layer: worst ?? null };
  }

  /** Looks at the batch, now and then; where it stops for now, also at the hash, by which a replay is compared. */
  async #look(stops: boolean): Promise<void> {
    if (!this.opened.value || (!stops && performance.now() - this.#lookedAt < LOOK_EVERY)) return;
    this.#lookedAt = performance.now();
    this.batch.value = await this.#part.batch();
    const run = this.runs.open.value as Run;
    if (!stops || run.hashes.has(this.step.value)) return;
    run.hashes.set(this.step.value, await this.#part.hash());
    this.runs.changes.value++;
  }

  /** The address says the step at which the run stands. */
  #remember(): void {
    const { room } = this.#page.address.value;
    if (room === "learn" || room === "weight")
      this.#page.go({ keys: { step: this.step.value > 0 ? String(this.step.value) : "" } }, { replace: true });
  }
}
