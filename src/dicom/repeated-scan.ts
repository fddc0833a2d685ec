// A range of the patient that was scanned twice in one series: its slices interleave, and between neighbours lies a patient who may have moved.
import type { PlacedSlice } from "./upright.ts";

/** Two scans in one series. */
export interface Repeat {
  /** How far the second lies above the first, in the mean. */
  readonly shiftMm: number;
  /** Lowest slice of each. */
  readonly first: string;
  readonly second: string;
}

/** Fewer slices are no scan. */
const FEWEST = 4;
/** Part of the shorter scan that the other covers. Acquisitions one after another share little more than their ends. */
const OVERLAP = 0.5;
/** Two scans taken for one are this unevenly spaced, every second distance like every other second one. */
const UNEVEN = 0.5;
const EVEN = 0.1;

/** By the numbers of the acquisitions, or by distances that alternate. Slices are sorted by their levels. Those that only touch are one scan. */
export function repeatIn(slices: readonly PlacedSlice[], levelsMm: readonly number[]): Repeat | null {
  const indices = slices.map((_, i) => i);
  const numbers = new Set(slices.map(({ acquisitionNumber }) => acquisitionNumber));
  const scans = [...numbers]
    .filter((number) => number !== null)
    .map((number) => indices.filter((i) => slices[i].acquisitionNumber === number));
  const whole = scans.filter((scan) => scan.length >= FEWEST);
  const pairs = whole
    .flatMap((a, n) => whole.slice(n + 1).map((b) => [a, b] as const))
    .filter(([a, b]) => overlap(a, b, levelsMm) > OVERLAP);
  if (slices.length >= 2 * FEWEST && alternates(levelsMm))
    pairs.push([indices.filter((i) => i % 2 === 0), indices.filter((i) => i % 2 === 1)]);
  return pairs.map(([a, b]) => repeatOf(a, b, slices, levelsMm)).find(({ shiftMm }) => shiftMm < thicknessOf(slices)) ?? null;
}

/** A little less than the thickness of the slices, so that neighbours do not count as overlapping. */
const thicknessOf = ([{ sliceThicknessMm }]: readonly PlacedSlice[]): number => 0.9 * (sliceThicknessMm ?? Infinity);

function overlap(a: readonly number[], b: readonly number[], levelsMm: readonly number[]): number {
  const [lowA, highA, lowB, highB] = [a[0], a[a.length - 1], b[0], b[b.length - 1]].map((i) => levelsMm[i]);
  return (Math.min(highA, highB) - Math.max(lowA, lowB)) / Math.min(highA - lowA, highB - lowB);
}

/** Whether distances go short, long, short, long. */
function alternates(levelsMm: readonly number[]): boolean {
  const distances = levelsMm.slice(1).map((level, i) => level - levelsMm[i]);
  const [even, odd] = [0, 1].map((part) => distances.filter((_, i) => i % 2 === part));
  const [short, long] = [median(even), median(odd)].sort((x, y) => x - y);
  const near = (values: readonly number[]): boolean => values.every((value) => Math.abs(value - median(values)) < EVEN * long);
  return short < UNEVEN * long && near(even) && near(odd);
}

function repeatOf(a: readonly number[], b: readonly number[], slices: readonly PlacedSlice[], levelsMm: readonly number[]): Repeat {
  const shifts = b.map((i) =>
    a.map((k) => levelsMm[i] - levelsMm[k]).reduce((best, shift) => (Math.abs(shift) < Math.abs(best) ? shift : best)),
  );
  const shiftMm = median(shifts);
  const [lower, upper] = shiftMm < 0 ? [b, a] : [a, b];
  return { shiftMm: Math.abs(shiftMm), first: slices[lower[0]].file, second: slices[upper[0]].file };
}

const median = (values: readonly number[]): number => [...values].sort((x, y) => x - y)[values.length >> 1];
