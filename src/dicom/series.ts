// Loose slices to sorted series. Geometry decides everything: file names, instance numbers and slice locations are not looked at.
// Pictures are turned upright; volumes are not resampled.
import { notesOn } from "./geometry.ts";
import { kernelKind } from "./reconstruction-kernel.ts";
import type { CtSlice, Vector } from "./read-slice.ts";
import { repeatIn, type Repeat } from "./repeated-scan.ts";
import { differences, groupSlices, normalOf, SAME_PLACE_MM, type SliceGroup } from "./slice-groups.ts";
import { cross, dot, turnUpright, type PlacedSlice } from "./upright.ts";

/** Slices of one series, upright, sorted upwards (against the normal that points to the head). */
export interface CtSeries {
  readonly key: string;
  readonly slices: readonly PlacedSlice[];
  /** Unit vector from slice to slice, towards the head. */
  readonly normal: Vector;
  /** Angle between the normal and the long axis of the table: the gantry's tilt for an axial series. */
  readonly tiltDegrees: number;
  /** Position of each slice along the normal. */
  readonly levelsMm: readonly number[];
  /** Distance between neighbours along the normal, one fewer than slices. */
  readonly spacingsMm: readonly number[];
  /** Where slices seem to be missing. */
  readonly holes: readonly Hole[];
  /** Two scans of one range, where the series seems to hold them. */
  readonly repeat: Repeat | null;
  readonly warnings: readonly string[];
}

/** Two neighbours that lie further apart than those around them. */
export interface Hole {
  /** Index of the spacing, and of the slice below it. */
  readonly index: number;
  readonly gapMm: number;
  readonly usualMm: number;
}

export interface Dropped {
  readonly file: string;
  readonly reason: string;
}

export interface GroupOptions {
  /** Smaller groups are localizers and leftovers. */
  readonly minSlices?: number;
}

/** |n_z| below this is not an axial picture. */
const AXIAL_COSINE = 0.8;

/**
 * Groups by series, orientation, extents, spacing and kernel, drops what cannot be used (each file with its reason), turns the rest upright,
 * sorts along the normal, and warns about what a reader of the result should know. Largest series first.
 */
export function groupSeries(slices: readonly CtSlice[], { minSlices = 4 }: GroupOptions = {}): { series: CtSeries[]; dropped: Dropped[] } {
  const dropped: Dropped[] = [];
  const upright: PlacedSlice[] = [];
  for (const slice of slices) {
    const reason = unusable(slice);
    if (reason) dropped.push({ file: slice.file, reason });
    else upright.push(turnUpright(slice as PlacedSlice));
  }
  const groups = groupSlices(upright);
  const series: CtSeries[] = [];
  for (const group of groups) {
    if (group.slices.length >= minSlices) series.push(arrange(group, dropped));
    else {
      const { length } = group.slices;
      const few = length === 1 ? "a slice that stands alone" : `only ${length} slices belong together`;
      const reason = `${few}, ${minSlices} needed${apart(group, groups)}`;
      for (const { file } of group.slices) dropped.push({ file, reason });
    }
  }
  series.sort((a, b) => b.slices.length - a.slices.length);
  return { series, dropped };
}

/** Why slices stand apart from the largest other group of their series; "" if there is none. */
function apart({ slices: [first] }: SliceGroup, groups: readonly SliceGroup[]): string {
  const others = groups.filter((group) => group.slices[0].seriesKey === first.seriesKey && !group.slices.includes(first));
  const [largest] = others.sort((a, b) => b.slices.length - a.slices.length);
  return largest ? `: the rest of the series differs in ${inWords(differences(first, largest.slices[0]))}` : "";
}

const inWords = (names: readonly string[]): string => names.join(" and ");

const counted = (count: number): string => `${count} ${count === 1 ? "slice" : "slices"}`;

/**
 * The series to read: soft kernels before unnamed before sharp ones, then slices of 2.5 to 7.5 mm before others, then the most slices. What is
 * passed over becomes a warning of the one picked. Throws, and lists what there is, if that leaves none or a choice (a series is never
 * picked by chance), if the one picked holds two scans, and if slices are missing in it; `dropped` may be those.
 */
export function pickSeries(series: readonly CtSeries[], where: string, dropped: readonly Dropped[] = []): CtSeries {
  const [picked, ...others] = preferred(series);
  if (!picked) throw new Error(`${where}: has no axial CT series`);
  if (others.length > 0) {
    const list = [picked, ...others].map((one) => `${describeSeries(one)}, beginning with ${nameIn(one.slices[0].file, where)}`);
    const parts = others.filter(({ key }) => key === picked.key);
    const split =
      parts.length > 0
        ? `; they are one series by its UID, but differ in ${inWords(differences(picked.slices[0], parts[0].slices[0]))}`
        : "";
    throw new Error(
      `${where}: expected one axial CT series, got ${list.length} that are equally good (${list.join("; ")}${split}): leave all but one out`,
    );
  }
  if (picked.repeat) {
    const { shiftMm, first, second } = picked.repeat;
    throw new Error(
      `${where}: the series holds two scans of one range, one ${shiftMm.toFixed(2)} mm above the other (beginning with ${nameIn(first, where)} and ${nameIn(second, where)}); leave one of them out`,
    );
  }
  if (picked.holes.length > 0)
    throw new Error(
      `${where}: ${describeHole(picked, picked.holes[0], where)}${unplaced(dropped, where)}; restore it, or leave the case out`,
    );
  const passedOver = series.filter((one) => one !== picked);
  const leaving = (one: CtSeries): string =>
    one.key === picked.key
      ? `part of the series is left out, as it differs in ${inWords(differences(picked.slices[0], one.slices[0]))}: ${describeSeries(one)}`
      : `another series is left out: ${describeSeries(one)}`;
  return { ...picked, warnings: [...picked.warnings, ...passedOver.map(leaving)] };
}

const KERNELS = ["soft", "unknown", "sharp"] as const;

/** Those that no other series is preferred to. */
function preferred(series: readonly CtSeries[]): CtSeries[] {
  const kindOf = ({ slices: [first] }: CtSeries): number => KERNELS.indexOf(kernelKind(first.kernel));
  const isUsual = ({ slices: [first] }: CtSeries): boolean => (first.sliceThicknessMm ?? 0) >= 2.5 && (first.sliceThicknessMm ?? 0) <= 7.5;
  const rank = (one: CtSeries): number[] => [kindOf(one), isUsual(one) ? 0 : 1, -one.slices.length];
  const compare = (a: CtSeries, b: CtSeries): number =>
    rank(a)
      .map((value, i) => value - rank(b)[i])
      .find((difference) => difference !== 0) ?? 0;
  return series.filter((one) => series.every((other) => compare(one, other) <= 0));
}

function describeSeries({ slices }: CtSeries): string {
  const { sliceThicknessMm, kernel } = slices[0];
  const thickness = sliceThicknessMm === null ? "of unknown thickness" : `of ${sliceThicknessMm} mm`;
  const kind = kernelKind(kernel);
  return `${slices.length} slices ${thickness}, ${kernel ? `kernel ${kernel.slice(0, 32)}${kind === "unknown" ? "" : ` (${kind})`}` : "kernel not named"}`;
}

/** "2 slices are missing between 004.dcm and 005.dcm (...)" */
function describeHole({ slices }: CtSeries, { index, gapMm, usualMm }: Hole, where: string): string {
  const count = Math.max(1, Math.round(gapMm / usualMm) - 1);
  const between = `between ${nameIn(slices[index].file, where)} and ${nameIn(slices[index + 1].file, where)}`;
  const gap = `a gap of ${gapMm.toFixed(2)} mm where ${usualMm.toFixed(2)} mm is usual`;
  return `${count === 1 ? "a slice is" : `${count} slices are`} missing ${between} (${gap})`;
}

/** Slices that may be the missing ones, as their files do not say where they lie. */
function unplaced(dropped: readonly Dropped[], where: string): string {
  const files = dropped.filter(({ reason }) => reason.startsWith(NO_PLACE)).map(({ file }) => nameIn(file, where));
  return files.length === 0 ? "" : `; no position or orientation: ${files.slice(0, 3).join(", ")}${files.length > 3 ? " and others" : ""}`;
}

/** A file's path inside the case's folder; its bare name if it lies elsewhere. */
const nameIn = (path: string, where: string): string =>
  path.slice(path.startsWith(`${where}/`) ? where.length + 1 : path.lastIndexOf("/") + 1);

const NO_PLACE = "no position or orientation";

function unusable(slice: CtSlice): string | null {
  if (slice.isLocalizer) return "a localizer";
  if (slice.isDerived) return "derived from other pictures: reformatted, averaged or computed";
  if (!slice.orientation || !slice.positionMm)
    return `${NO_PLACE}: left and right are unknown${notesOn(slice, ["ImagePositionPatient", "ImageOrientationPatient"])}`;
  const normal = cross(slice.orientation[0], slice.orientation[1]);
  if (Math.abs(normal[2]) < AXIAL_COSINE) return "not an axial slice";
  return null;
}

function arrange({ slices: group, remarks }: SliceGroup, dropped: Dropped[]): CtSeries {
  const normal = normalOf(group[0]);
  const placed = group.map((slice) => ({ slice, level: dot(slice.positionMm, normal) })).sort((a, b) => a.level - b.level);
  const warnings = [...remarks];
  const kept = placed.filter(({ slice, level }, i) => {
    if (i === 0 || level - placed[i - 1].level >= SAME_PLACE_MM) return true;
    dropped.push({ file: slice.file, reason: "another slice of the series lies at the same place" });
    return false;
  });
  if (kept.length < placed.length)
    warnings.push(`${placed.length - kept.length} slices lie at the place of another: two phases in one series?`);
  const levelsMm = kept.map(({ level }) => level);
  const spacingsMm = levelsMm.slice(1).map((level, i) => level - levelsMm[i]);
  const tiltDegrees = (Math.acos(Math.min(1, Math.abs(normal[2]))) * 180) / Math.PI;
  if (tiltDegrees > 0.5) warnings.push(`tilted by ${tiltDegrees.toFixed(1)} degrees: the stack is sheared, not a box`);
  warnings.push(...spacingWarnings(spacingsMm));
  const slices = kept.map(({ slice }) => slice);
  const lossy = slices.filter(({ isLossy }) => isLossy).length;
  if (lossy > 0) warnings.push(`${lossy} slices have lossy compression: their Hounsfield units are not exact`);
  if (slices.some(({ pixelSpacingMm }) => !pixelSpacingMm)) warnings.push("no pixel spacing: millimetres are unknown");
  warnings.push(...noted(slices));
  const repeat = repeatIn(slices, levelsMm);
  return { key: slices[0].seriesKey, slices, normal, tiltDegrees, levelsMm, spacingsMm, holes: holesIn(spacingsMm), repeat, warnings };
}

/** What was noted of the slices, each note once with its count. */
function noted(slices: readonly CtSlice[]): string[] {
  const counts = new Map<string, number>();
  for (const note of slices.flatMap(({ notes }) => notes)) counts.set(note, (counts.get(note) ?? 0) + 1);
  return [...counts].map(([note, count]) => `${note} (${count === slices.length ? "all" : count} of ${counted(slices.length)})`);
}

/** Spacings per side that define the usual one at a place. Protocols change their spacing once on the way up, and seldom twice. */
const NEIGHBOURS = 3;

/**
 * Spacings that leave room for whole slices: over 1.5 times what is usual nearby and within a tenth of a multiple of it, or over 3 times. One
 * part of 4 mm and one of 7 mm is a protocol, not a hole; 5, 10, 5 mm is one.
 */
function holesIn(spacingsMm: readonly number[]): Hole[] {
  return spacingsMm.flatMap((gapMm, index) => {
    const around = [...spacingsMm.slice(Math.max(0, index - NEIGHBOURS), index), ...spacingsMm.slice(index + 1, index + 1 + NEIGHBOURS)];
    const usualMm = around.sort((a, b) => a - b)[around.length >> 1] ?? gapMm;
    const ratio = gapMm / usualMm;
    const isHole = ratio > 3.1 || (ratio > 1.5 && Math.abs(ratio - Math.round(ratio)) < 0.1);
    return isHole ? [{ index, gapMm, usualMm }] : [];
  });
}

function spacingWarnings(spacingsMm: readonly number[]): string[] {
  if (spacingsMm.length === 0) return [];
  const sorted = [...spacingsMm].sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1];
  const smallest = sorted[0];
  const largest = sorted[sorted.length - 1];
  const warnings: string[] = [];
  if (largest - smallest > 0.1) warnings.push(`slice spacing varies from ${smallest.toFixed(2)} to ${largest.toFixed(2)} mm`);
  if (largest > 1.5 * median)
    warnings.push(`a gap of ${largest.toFixed(2)} mm where ${median.toFixed(2)} mm is usual: slices may be missing`);
  return warnings;
}
