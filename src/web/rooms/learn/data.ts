// What a network learns from: fractals, synthetic heads, or pictures that the visitor dropped in a folder per class. Drawn in the worker, a few at a time.
import { loadImage, type PixelData } from "striatum";
import type { SyntheticSamples } from "striatum/synthetic";
import type { Settings } from "./settings.ts";

/** Pictures with their classes, to learn from and to score. */
export interface Data {
  readonly labels: readonly string[];
  readonly training: readonly LearnSample[];
  /** Of other patients, other instances; of dropped pictures every fifth. */
  readonly heldOut: readonly LearnSample[];
}

export interface LearnSample {
  readonly image: PixelData;
  /** Index of its class. */
  readonly label: number;
}

/** A dropped picture and the folder that it lay in, which names its class. */
export interface OwnFile {
  readonly folder: string;
  readonly file: File;
}

const INSTANCES = 40;
const HELD_OUT_INSTANCES = 10;
const SLICES = 2;
/** One of so many dropped pictures of a class is held out. */
const HELD_OUT_SHARE = 5;
/** Milliseconds of drawing before other messages have a turn. */
const TURN = 30;

type Progress = (done: number, of: number) => void;

/** Draws or reads what the settings name. */
export async function dataOf(settings: Settings, own: readonly OwnFile[], progress: Progress): Promise<Data> {
  if (settings.data === "own") return ownData(own, settings, progress);
  const { fractals, phantoms } = await import("striatum/synthetic");
  const { seed, categories } = settings;
  const stored = Math.ceil(settings.size * (256 / 224));
  const [training, heldOut] =
    settings.data === "fractals"
      ? [
          fractals({ seed, categories, instances: INSTANCES, size: stored }),
          fractals({ seed, categories, instances: HELD_OUT_INSTANCES, from: INSTANCES, size: stored }),
        ]
      : [
          phantoms({ seed, cases: settings.cases, slices: SLICES }),
          phantoms({ seed, cases: settings.cases, slices: SLICES, split: "test" }),
        ];
  const of = training.length + heldOut.length;
  const drawn = await drawnAll(training, (done) => progress(done, of));
  return { labels: training.labels, training: drawn, heldOut: await drawnAll(heldOut, (done) => progress(drawn.length + done, of)) };
}

async function drawnAll(samples: SyntheticSamples, progress: (done: number) => void): Promise<LearnSample[]> {
  const drawn: LearnSample[] = [];
  let since = performance.now();
  for (const { image, label } of samples) {
    drawn.push({ image, label: samples.labels.indexOf(label) });
    if (performance.now() - since < TURN) continue;
    progress(drawn.length);
    await turn();
    since = performance.now();
  }
  return drawn;
}

async function ownData(own: readonly OwnFile[], { size }: Settings, progress: Progress): Promise<Data> {
  const labels = [...new Set(own.map(({ folder }) => folder))].toSorted();
  if (labels.length < 2)
    throw new Error("Own pictures: drop a folder that holds a folder of pictures (PNG, JPEG) for each class, at least two of them.");
  const training: LearnSample[] = [];
  const heldOut: LearnSample[] = [];
  const met = new Map<string, number>();
  for (const [i, { folder, file }] of own.entries()) {
    const number = met.get(folder) ?? 0;
    met.set(folder, number + 1);
    const sample = { image: await loadImage(file), label: labels.indexOf(folder) };
    (number % HELD_OUT_SHARE === HELD_OUT_SHARE - 1 ? heldOut : training).push(sample);
    progress(i + 1, own.length);
  }
  if (training.length === 0) throw new Error(`Own pictures: none to learn from at ${size} pixels.`);
  return { labels, training, heldOut };
}

/** Classes dealt anew: a permutation by a linear congruential generator of the seed, so that each class keeps its count. */
export function shuffledLabels(samples: readonly LearnSample[], seed: number): LearnSample[] {
  const labels = samples.map(({ label }) => label);
  let state = (seed % 2 ** 32) >>> 0;
  for (let i = labels.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (i + 1));
    [labels[i], labels[other]] = [labels[other], labels[i]];
  }
  return samples.map(({ image }, i) => ({ image, label: labels[i] }));
}

const turn = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve));
