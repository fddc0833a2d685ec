// Runs beside each other: their settings, the steps that were taken, and which is open. The page's thread keeps them; the worker holds the one that is open.
import { signal } from "@preact/signals-core";
import type { LayerMeasure } from "striatum/trainer";
import type { Advance, StepRecord } from "./learner.ts";
import { difference, shortNumber, type RateFrom, type Settings } from "./settings.ts";

export const MOST_RUNS = 8;

/** Measures of the layers after a step. */
export interface LayerRecord {
  readonly step: number;
  readonly layers: readonly LayerMeasure[];
}

export interface Run {
  readonly number: number;
  readonly settings: Settings;
  /** Rates from steps on, the first from 0. */
  readonly rates: readonly RateFrom[];
  /** What it differs in from the run that it came of. */
  readonly name: string;
  /** Step i at i - 1. */
  readonly records: StepRecord[];
  readonly measures: LayerRecord[];
  /** Hashes of parameters and momenta by step, where they are known. */
  readonly hashes: Map<number, string>;
}

/** What a replay showed. */
export interface Replay {
  /** Steps that the run had already. */
  readonly steps: number;
  /** Whether each gave the same loss to the bit and, where it is known, the same hash. */
  readonly isSame: boolean;
  /** Whether the hash after the last of them was compared. */
  readonly comparedHash: boolean;
}

export class Runs {
  /** In the order in which they were made. */
  readonly all = signal<readonly Run[]>([]);
  readonly open = signal<Run | null>(null);
  /** Counts changes of records, which are added in place. */
  readonly changes = signal(0);
  #made = 0;

  /** A run of these settings from step 0 on; it is open then. Returns whether an older one gave way. */
  begin(settings: Settings, rates: readonly RateFrom[]): boolean {
    const before = this.open.value;
    const name = before ? difference(before.settings, settings) || "the same again" : "";
    return this.#add({ settings, rates, name, records: [], measures: [], hashes: new Map() });
  }

  /** A run that goes the same way as the open one up to a step, and has another rate from there on. */
  fork(step: number, rate: number): boolean {
    const before = this.open.value as Run;
    const rates = [...before.rates.filter((each) => each.step < step), { step, rate }];
    return this.#add({
      settings: { ...before.settings, rate: rates[0].rate },
      rates,
      name: `rate ${shortNumber(rate)} from step ${step}`,
      records: before.records.slice(0, step),
      measures: before.measures.filter((each) => each.step <= step),
      hashes: new Map([...before.hashes].filter(([at]) => at <= step)),
    });
  }

  /** Takes what steps gave, with the hash after the last of them if it was taken. Steps that the run has already are compared. */
  take(run: Run, { records, layers, hash }: Pick<Advance, "records" | "layers" | "hash">): Replay {
    let steps = 0;
    let isSame = true;
    for (const record of records) {
      const known = run.records[record.step - 1];
      if (known) {
        steps++;
        isSame &&= Object.is(known.loss, record.loss);
      }
      run.records[record.step - 1] = record;
    }
    const step = records.at(-1)?.step ?? 0;
    if (layers.length > 0) {
      const at = run.measures.findIndex((each) => each.step >= step);
      if (at < 0) run.measures.push({ step, layers });
      else run.measures.splice(at, run.measures[at].step === step ? 1 : 0, { step, layers });
    }
    const known = run.hashes.get(step);
    const comparedHash = hash !== "" && known !== undefined;
    if (comparedHash) isSame &&= hash === known;
    if (hash !== "") run.hashes.set(step, hash);
    this.changes.value++;
    return { steps, isSame, comparedHash };
  }

  forget(run: Run): void {
    this.all.value = this.all.value.filter((each) => each !== run);
  }

  #add(run: Omit<Run, "number">): boolean {
    const added = { ...run, number: ++this.#made };
    const kept = this.all.value.length < MOST_RUNS ? this.all.value : this.all.value.filter((_, i) => i !== this.#oldest());
    const gaveWay = kept.length < this.all.value.length;
    this.all.value = [...kept, added];
    this.open.value = added;
    return gaveWay;
  }

  #oldest(): number {
    return this.all.value.findIndex((run) => run !== this.open.value);
  }
}

/** A point of a line: position and value. */
export type Point = readonly [x: number, y: number];

/** At most `most` points of values by position: of each part of the line the smallest and the largest, in their order. What is not finite is left out. */
export function decimated(values: readonly number[], most: number): Point[] {
  const points = values.flatMap((value, x): Point[] => (Number.isFinite(value) ? [[x, value]] : []));
  if (points.length <= most) return points;
  const parts = Math.floor(most / 2);
  const kept: Point[] = [];
  for (let part = 0; part < parts; part++) {
    const of = points.slice(Math.floor((part * points.length) / parts), Math.floor(((part + 1) * points.length) / parts));
    const least = of.reduce((a, b) => (b[1] < a[1] ? b : a));
    const largest = of.reduce((a, b) => (b[1] > a[1] ? b : a));
    kept.push(...(least[0] < largest[0] ? [least, largest] : least === largest ? [least] : [largest, least]));
  }
  return kept;
}
