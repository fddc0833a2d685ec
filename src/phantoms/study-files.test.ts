// A folder of the study as a reader of its files sees it: other series beside the scan, compressed pixels, and what is drawn by chance alone.
import { expect, test } from "vitest";
import { readCtSlice } from "../dicom/read-slice.ts";
import { groupSeries, pickSeries } from "../dicom/series.ts";
import { makeCaseFiles } from "./case-files.ts";
import { renderCase, scannerOf } from "./case.ts";
import { makeCohort } from "./cohort.ts";
import type { Scanner } from "./scanner.ts";

const cohort = makeCohort({ cases: 170, seed: 5, kind: "study" });
const scanners = makeCohort({ cases: 400, seed: 6, kind: "study" }).map(scannerOf);
const none = (): Promise<never> => Promise.reject(new Error("nothing here is deflated"));

test("a folder with a localizer, a bone series and a dose sheet gives the scan", async () => {
  // Small pictures of a slab, which are quick to make.
  const [spec] = makeCohort({ cases: 6, seed: 5, kind: "quick" });
  const { files, scanner } = makeCaseFiles(spec, {}, true);
  expect(files).toHaveLength(2 * scanner.slices.length + 2);
  const slices = [];
  const refused: string[] = [];
  for (const { name, bytes } of files)
    try {
      slices.push(await readCtSlice(bytes, name, { inflate: none, decoders: {} }));
    } catch (error) {
      refused.push((error as Error).message);
    }
  expect(refused).toHaveLength(1);
  expect(refused[0]).toContain("dose.dcm: expected a CT image (CT Image Storage), got Secondary Capture");
  const { series } = groupSeries(slices);
  const picked = pickSeries(series, spec.patient);
  expect(picked.slices).toHaveLength(scanner.slices.length);
  expect(picked.slices.every(({ file }) => /^PH\d{4}\/\d{3}\.dcm$/.test(file))).toBe(true);
  const bone = slices.filter(({ kernel }) => kernel === "BONE70");
  expect(bone).toHaveLength(scanner.slices.length);
  const scouts = slices.filter(({ isLocalizer }) => isLocalizer);
  expect(scouts).toHaveLength(1);
  // Seen from the side a skull is wider than it is on any slice, and there is air around it.
  expect(Math.max(...scouts[0].hu)).toBeGreaterThan(100);
  expect(scouts[0].hu[0]).toBeLessThan(-900);
});

test("every syntax comes about as often as it should, a fifth of the folders hold more than the scan, some protocols have two parts", () => {
  const share = (is: (scanner: Scanner) => boolean): number => scanners.filter(is).length / scanners.length;
  expect(share(({ syntax }) => syntax === "explicit")).toBeCloseTo(0.35, 1);
  expect(share(({ syntax }) => syntax === "jpeg-lossless-sv1")).toBeCloseTo(0.15, 1);
  expect(new Set(scanners.map(({ syntax }) => syntax)).size).toBe(9);
  expect(share(({ extras }) => extras)).toBeCloseTo(0.2, 1);
  const two = scanners.filter(({ slices }) => new Set(slices.map(({ thicknessMm }) => thicknessMm)).size === 2);
  expect(two.length).toBeGreaterThan(15);
  // One overlap, where the thickness changes.
  for (const { slices } of two) {
    const overlaps = slices.slice(1).filter(({ lowerMm }, i) => lowerMm < slices[i].upperMm - 0.05);
    expect(overlaps.length).toBeLessThanOrEqual(1);
  }
});

test("a bone kernel's series stands beside a soft one alone, in every cohort: of two sharp series none would be the scan", () => {
  const specs = [0, 1, 2, 3].flatMap((seed) => makeCohort({ kind: "study", seed, cases: 170 }));
  const both = specs.map(scannerOf).filter(({ sharp, extras }) => sharp && extras);
  expect(both).toEqual([]);
});

test("the scanner knows nothing of the label: both labels meet every common syntax", () => {
  const met = (label: string): Set<string> => new Set(cohort.filter((spec) => spec.label === label).map((spec) => scannerOf(spec).syntax));
  for (const syntax of ["explicit", "implicit", "jpeg-lossless-sv1", "rle", "jpeg-ls", "jpeg-2000-lossless"]) {
    expect(met("hemorrhage"), syntax).toContain(syntax);
    expect(met("none"), syntax).toContain(syntax);
  }
});

test("half of length, width and height comes near the true volume", () => {
  const ratios = cohort
    .filter(({ stratum }) => stratum === "easy")
    .slice(0, 12)
    .map((spec) => renderCase(spec).truth)
    .map(({ abc2Ml, volumeMl }) => abc2Ml / volumeMl);
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  // Kothari 1996: close for compact clots, too much for irregular ones.
  expect(mean).toBeGreaterThan(0.8);
  expect(mean).toBeLessThan(1.6);
});
