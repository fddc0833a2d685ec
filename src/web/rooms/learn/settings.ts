// What is learnt, and how: all of it is in the address, each key absent at its default.
import { NETWORKS } from "../../text.ts";

/** A learning rate from a step on. */
export interface RateFrom {
  readonly step: number;
  readonly rate: number;
}

export const DATA = ["fractals", "phantoms", "own"] as const;
export type DataKind = (typeof DATA)[number];
export const STARTS = ["lsuv", "msra", "reference", "equal"] as const;
export type StartKind = (typeof STARTS)[number];

/** Settings of a run. Two runs of the same settings have the same bits on the same adapter. */
export interface Settings {
  readonly net: "alexnet" | "googlenet";
  /** The paper's channels divided by this. */
  readonly width: number;
  /** Side of the network's input in pixels. */
  readonly size: number;
  readonly data: DataKind;
  /** Categories of fractals. */
  readonly categories: number;
  /** Synthetic patients, those held out included. */
  readonly cases: number;
  readonly seed: number;
  readonly batch: number;
  readonly momentum: number;
  readonly decay: number;
  /** Weight of auxiliary losses. */
  readonly auxiliary: number;
  readonly start: StartKind;
  /** Layers that are left out, by kind or name, and "mean" for pixels whose mean is not subtracted. */
  readonly off: readonly string[];
  /** Classes are dealt to the pictures at random. */
  readonly shuffled: boolean;
  /** Learning rate of the first step. */
  readonly rate: number;
}

type Keys = Readonly<Record<string, string>>;

/** Small networks learn at higher rates: it rises as the channels grow fewer, as in the quick recipes. */
const usualRate = (net: Settings["net"], width: number): number => (net === "alexnet" ? 1 / 8000 : 1 / 4000) * width;
const usualDecay = (net: Settings["net"]): number => (net === "alexnet" ? 0.0005 : 0.0002);

/** Settings that an address says. What is no setting has its default. */
export function settingsOf(keys: Keys): Settings {
  const net = keys["net"] === "alexnet" ? "alexnet" : "googlenet";
  const width = oneOf([1, 2, 4, 8], numberIn(keys, "width", 8), 8);
  return {
    net,
    width,
    size: whole(numberIn(keys, "size", 64), 64, 227),
    data: oneOf(DATA, keys["data"], "fractals"),
    categories: whole(numberIn(keys, "cats", 4), 2, 32),
    cases: whole(numberIn(keys, "cases", 48), 6, 400),
    seed: whole(numberIn(keys, "seed", 0), 0, Number.MAX_SAFE_INTEGER),
    batch: whole(numberIn(keys, "batch", 8), 1, 64),
    momentum: Math.min(0.999, Math.max(0, numberIn(keys, "mom", 0.9))),
    decay: Math.max(0, numberIn(keys, "wd", usualDecay(net))),
    auxiliary: Math.max(0, numberIn(keys, "aux", 0.3)),
    start: oneOf(STARTS, keys["start"], "lsuv"),
    off: (keys["off"] ?? "").split(",").filter((name) => name !== ""),
    shuffled: keys["labels"] === "shuffled",
    rate: Math.max(0, numberIn({ rate: (keys["rate"] ?? "").split(",")[0] }, "rate", usualRate(net, width))),
  };
}

/** Rates that an address says: "0.004,120:0.04" for another from step 120 on. */
export function ratesOf(keys: Keys): RateFrom[] {
  const [, ...later] = (keys["rate"] ?? "").split(",");
  const changes = later
    .map((text) => text.split(":").map(Number))
    .filter(([step, rate]) => Number.isInteger(step) && step > 0 && rate >= 0);
  return [{ step: 0, rate: settingsOf(keys).rate }, ...changes.map(([step, rate]) => ({ step, rate })).toSorted((a, b) => a.step - b.step)];
}

/** Keys of an address that says these settings; those at their defaults are empty, so that they are removed. */
export function keysOf(settings: Settings, rates: readonly RateFrom[]): Keys {
  const { net, width } = settings;
  const unless = (value: number | string, usual: number | string): string => (value === usual ? "" : String(value));
  return {
    net,
    width: unless(width, 8),
    size: unless(settings.size, 64),
    data: unless(settings.data, "fractals"),
    cats: unless(settings.categories, 4),
    cases: unless(settings.cases, 48),
    seed: unless(settings.seed, 0),
    batch: unless(settings.batch, 8),
    rate: unless(
      [shortNumber(rates[0].rate), ...rates.slice(1).map(({ step, rate }) => `${step}:${shortNumber(rate)}`)].join(),
      shortNumber(usualRate(net, width)),
    ),
    mom: unless(settings.momentum, 0.9),
    wd: unless(settings.decay, usualDecay(net)),
    aux: unless(settings.auxiliary, 0.3),
    start: unless(settings.start, "lsuv"),
    off: settings.off.join(","),
    labels: settings.shuffled ? "shuffled" : "",
  };
}

/** Settings with a change; a rate that was the usual one follows the network and its width. */
export function changedSettings(settings: Settings, change: Partial<Settings>): Settings {
  const next = { ...settings, ...change };
  const was = (value: number, usual: (of: Settings) => number): boolean => value === usual(settings);
  return {
    ...next,
    ...(change.rate === undefined && was(settings.rate, (of) => usualRate(of.net, of.width)) && { rate: usualRate(next.net, next.width) }),
    ...(change.decay === undefined && was(settings.decay, (of) => usualDecay(of.net)) && { decay: usualDecay(next.net) }),
  };
}

/** What two settings differ in, for the list of runs: "rate 0.4, without lrn". */
export function difference(before: Settings, after: Settings): string {
  const names: Readonly<Record<keyof Settings, (value: Settings) => string>> = {
    net: ({ net }) => NETWORKS[net],
    width: ({ width }) => `1/${width} of the channels`,
    size: ({ size }) => `${size} pixels`,
    data: ({ data }) => data,
    categories: ({ categories }) => `${categories} categories`,
    cases: ({ cases }) => `${cases} patients`,
    seed: ({ seed }) => `seed ${seed}`,
    batch: ({ batch }) => `batch ${batch}`,
    momentum: ({ momentum }) => `momentum ${momentum}`,
    decay: ({ decay }) => `weight decay ${decay}`,
    auxiliary: ({ auxiliary }) => `auxiliary losses x ${auxiliary}`,
    start: ({ start }) => `start ${start}`,
    off: ({ off }) => (off.length > 0 ? `without ${off.join(", ")}` : "with all parts"),
    shuffled: ({ shuffled }) => (shuffled ? "labels shuffled" : "true labels"),
    rate: ({ rate }) => `rate ${shortNumber(rate)}`,
  };
  const differing = (Object.keys(names) as (keyof Settings)[]).filter((key) => String(before[key]) !== String(after[key]));
  return differing.map((key) => names[key](after)).join(", ");
}

export const shortNumber = (value: number): string => String(Number(value.toPrecision(4)));

function numberIn(keys: Keys, key: string, usual: number): number {
  const value = Number(keys[key] || usual);
  return Number.isFinite(value) ? value : usual;
}

const whole = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, Math.round(value)));

function oneOf<T>(values: readonly T[], value: unknown, usual: T): T {
  return values.includes(value as T) ? (value as T) : usual;
}
