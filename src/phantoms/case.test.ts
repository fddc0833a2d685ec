// The pictures: values of tissues, sides, volumes, noise, and how hard they are for simple rules. Slow ones are few and small.
import { expect, test } from "vitest";
import { renderCase, type PhantomCase, type PhantomSlice } from "./case.ts";
import { makeCohort, type CaseSpec } from "./cohort.ts";
import type { Stratum } from "./parameters.ts";

const cohort = makeCohort({ cases: 36, seed: 7, kind: "quick" });
const first = (...strata: Stratum[]): CaseSpec => {
  const found = cohort.find(({ stratum }) => strata.includes(stratum));
  if (!found) throw new Error(`no case of ${strata.join(" or ")}`);
  return found;
};

/** Bounds of the bone, and the millimetres of a pixel from its middle. */
function frame({ hu, rows, columns, pixelSpacingMm }: PhantomSlice) {
  const bone = Array.from(hu.keys()).filter((i) => hu[i] > 500);
  const x = bone.map((i) => i % columns);
  const y = bone.map((i) => Math.floor(i / columns));
  const middle = (values: number[]): number => (values.reduce((a, b) => Math.min(a, b)) + values.reduce((a, b) => Math.max(a, b))) / 2;
  const half = (values: number[]): number => (values.reduce((a, b) => Math.max(a, b)) - middle(values)) * pixelSpacingMm[0];
  const [cx, cy, mm] = [middle(x), middle(y), pixelSpacingMm[0]];
  return {
    left: (at: number): number => ((at % columns) - cx) * mm,
    back: (at: number): number => (Math.floor(at / columns) - cy) * mm,
    halfWidthMm: half(x),
    halfLengthMm: half(y),
    pixels: rows * columns,
  };
}

const percentile = (values: number[], share: number): number => values.sort((a, b) => a - b)[Math.floor(values.length * share)];

/** Pixels of the brain: within an ellipse well inside the skull. */
function brainOf(slice: PhantomSlice): number[] {
  const { left, back, halfWidthMm, halfLengthMm } = frame(slice);
  return Array.from(slice.hu.keys()).filter((at) => (left(at) / (halfWidthMm - 13)) ** 2 + (back(at) / (halfLengthMm - 13)) ** 2 < 1);
}

/** The slice in the middle of the slab, chosen without the truth. */
const middleSlice = (phantom: PhantomCase): PhantomSlice => phantom.slice(Math.round((phantom.scanner.slices.length - 1) / 2));

test("the same specification gives the same pixels, whatever was rendered before", () => {
  const spec = first("medium");
  const once = renderCase(spec).slice(3);
  renderCase(first("easy")).slice(2);
  expect(
    renderCase(spec)
      .slice(3)
      .hu.every((value, i) => value === once.hu[i]),
  ).toBe(true);
  expect(
    renderCase({ ...spec, seed: "8" })
      .slice(3)
      .hu.every((value, i) => value === once.hu[i]),
  ).toBe(false);
});

test("tissues have the values of a head: brain, fluid, bone, air", () => {
  const slice = middleSlice(renderCase(first("normal")));
  const brain = brainOf(slice).map((at) => slice.hu[at]);
  // One real head: 5, 50 and 95 % at 12, 29 and 44 HU; scanners differ by several.
  expect(percentile(brain, 0.5)).toBeGreaterThan(24);
  expect(percentile(brain, 0.5)).toBeLessThan(35);
  expect(percentile(brain, 0.01)).toBeLessThan(20);
  expect(percentile(brain, 0.05)).toBeGreaterThan(2);
  expect(percentile(brain, 0.99)).toBeLessThan(60);
  const { halfWidthMm, halfLengthMm } = frame(slice);
  expect(halfWidthMm).toBeGreaterThan(60);
  expect(halfLengthMm).toBeGreaterThan(halfWidthMm);
  expect(halfLengthMm).toBeLessThan(105);
  const all = Array.from(slice.hu);
  expect(percentile(all, 0.999)).toBeGreaterThan(900);
  expect(percentile(all, 0.02)).toBeLessThan(-900);
});

test("noise has the drawn deviation, grain, and little power at low frequencies", () => {
  const spec = cohort.find((other) => ["unsigned12", "signed"].includes(renderCase(other).scanner.storage));
  if (!spec) throw new Error("every scanner pads");
  const phantom = renderCase(spec);
  const slice = middleSlice(phantom);
  // A corner of the picture is air: noise and no anatomy.
  const covariance = (lag: number): number => {
    let sum = 0;
    for (let row = 2; row < 32; row++)
      for (let column = 2; column < 42; column++) {
        const at = row * slice.columns + column;
        sum += (slice.hu[at] + 1000) * (slice.hu[at + lag] + 1000);
      }
    return sum / (30 * 40);
  };
  // Less than in the middle: rays that miss the head are hardly weakened.
  const deviation = Math.sqrt(covariance(0));
  expect(deviation).toBeGreaterThan(0.3 * phantom.scanner.noiseHu);
  expect(deviation).toBeLessThan(0.6 * phantom.scanner.noiseHu);
  expect(covariance(1) / covariance(0)).toBeGreaterThan(0.1);
  // As filtered back-projection has it: pixels a few apart are anticorrelated.
  expect(Math.min(covariance(2), covariance(3)) / covariance(0)).toBeLessThan(0);
});

test.each(["left", "right"] as const)(
  "blood of a case labelled %s lies on that side of the patient and covers the area it says",
  (side) => {
    const spec = cohort.find((other) => other.side === side && other.stratum === "easy");
    if (!spec) throw new Error(`no easy case on the ${side}`);
    const phantom = renderCase(spec);
    const { truth, scanner } = phantom;
    const slice = phantom.slice(truth.sliceIndex);
    const { left } = frame(slice);
    const blood = brainOf(slice).filter((at) => slice.hu[at] > 50 && slice.hu[at] < 95);
    const onSide = blood.filter((at) => (side === "left" ? left(at) > 0 : left(at) < 0));
    expect(onSide.length).toBeGreaterThan(0.8 * blood.length);
    const areaMm2 = onSide.length * scanner.pixelMm ** 2;
    expect(areaMm2).toBeGreaterThan(0.6 * truth.clotMm2[truth.sliceIndex]);
    expect(areaMm2).toBeLessThan(1.4 * truth.clotMm2[truth.sliceIndex] + 150);
  },
);

test("true volumes lie where their strata say, and negatives have none of the basal ganglia", () => {
  let measured = 0;
  for (const spec of cohort.slice(0, 24)) {
    const { truth } = renderCase(spec);
    if (spec.stratum === "easy") expect(truth.volumeMl).toBeGreaterThan(9);
    if (spec.stratum === "easy") expect(truth.volumeMl).toBeLessThan(64);
    if (spec.stratum === "medium") expect(truth.volumeMl).toBeLessThan(20);
    expect(truth.otherBleed).toBe(spec.stratum === "thalamicBleed" || spec.stratum === "lobarBleed");
    if (spec.label === "none" && !truth.otherBleed) expect(truth.volumeMl).toBe(0);
    if (spec.label === "hemorrhage") expect(["putamen", "caudate", "pallidum"]).toContain(truth.site);
    measured++;
  }
  expect(measured).toBe(24);
});

test("a small clot spans neighbouring slices as one body", () => {
  const { truth } = renderCase(first("medium"));
  const shown = truth.clotMm2.map((area, i) => (area > 0 ? i : -1)).filter((i) => i >= 0);
  expect(shown.length).toBeGreaterThan(1);
  expect(shown[shown.length - 1] - shown[0]).toBe(shown.length - 1);
  expect(truth.clotMm2[truth.sliceIndex]).toBe(Math.max(...truth.clotMm2));
});

test("another scanner sees the study's patients in thicker, sharper, brighter slices", () => {
  const options = { cases: 24, seed: 7 };
  const spec = makeCohort({ ...options, kind: "study" }).find(({ stratum }) => stratum === "easy");
  if (!spec) throw new Error("no easy case");
  const shifted = makeCohort({ ...options, kind: "shift" })[spec.index];
  expect({ ...shifted, kind: "study" }).toEqual(spec);
  const [before, after] = [renderCase(spec), renderCase(shifted)];
  expect(after.scanner.slices.every(({ thicknessMm }) => thicknessMm === 7.5)).toBe(true);
  expect(after.scanner.sharp).toBe(true);
  // The same hemorrhage, counted on other slices.
  expect(after.truth.volumeMl).toBeCloseTo(before.truth.volumeMl, 6);
  expect(after.truth.redraws).toBe(before.truth.redraws);
  const median = (phantom: PhantomCase): number => {
    const slice = phantom.slice(phantom.truth.sliceIndex);
    return percentile(
      brainOf(slice).map((at) => slice.hu[at]),
      0.5,
    );
  };
  expect(median(after) - median(before)).toBeGreaterThan(2);
  expect(median(after) - median(before)).toBeLessThan(7);
});

test("the hard bleeds of both cohorts are smaller than 2 mL and would be seen on their own scanners", () => {
  for (const kind of ["quick", "study"] as const) {
    const hard = makeCohort({ cases: 170, seed: 7, kind }).filter(({ stratum }) => stratum === "hard");
    expect(hard.length).toBeGreaterThan(8);
    for (const spec of hard.slice(0, 10)) {
      const { truth } = renderCase(spec);
      expect(truth.volumeMl).toBeGreaterThan(0.25);
      expect(truth.volumeMl).toBeLessThan(2);
      expect(truth.redraws).toBeLessThan(20);
    }
  }
});

/** Mean over squares of 5 mm whose centres lie in a box over the basal ganglia of one side; the brightest. */
function brightest(slice: PhantomSlice, sign: 1 | -1): number {
  const { left, back, pixels } = frame(slice);
  const half = Math.floor(2.4 / slice.pixelSpacingMm[0]);
  let best = -Infinity;
  for (let at = 0; at < pixels; at += half) {
    const x = sign * left(at);
    const y = back(at);
    if (x < 5 || x > 42 || y < -45 || y > 25) continue;
    let sum = 0;
    for (let j = -half; j <= half; j++) for (let i = -half; i <= half; i++) sum += slice.hu[at + j * slice.columns + i];
    best = Math.max(best, sum / (2 * half + 1) ** 2);
  }
  return best;
}

/** Probability that a positive scores above a negative (Mann and Whitney). */
function auc(positive: readonly number[], negative: readonly number[]): number {
  let above = 0;
  for (const p of positive) for (const n of negative) above += p > n ? 1 : p === n ? 0.5 : 0;
  return above / (positive.length * negative.length);
}

test.each(["quick", "study"] as const)("simple rules on one slice of a %s case do better than chance and worse than perfect", (kind) => {
  const positives: number[][] = [];
  const negatives: number[][] = [];
  for (const spec of kind === "quick" ? cohort : makeCohort({ cases: 170, seed: 7, kind }).slice(0, 36)) {
    const phantom = renderCase(spec);
    // In a whole head the slice with most blood, which makes it easier for the rules.
    const slice = kind === "quick" ? middleSlice(phantom) : phantom.slice(phantom.truth.sliceIndex);
    const [l, r] = [brightest(slice, 1), brightest(slice, -1)];
    const bloodlike = brainOf(slice).filter((at) => slice.hu[at] >= 50 && slice.hu[at] <= 95).length;
    (spec.label === "hemorrhage" ? positives : negatives).push([bloodlike, Math.max(l, r), Math.abs(l - r)]);
  }
  expect(positives.length + negatives.length).toBe(36);
  for (const rule of [0, 1, 2]) {
    const area = auc(
      positives.map((scores) => scores[rule]),
      negatives.map((scores) => scores[rule]),
    );
    expect(area, `rule ${rule}`).toBeGreaterThan(0.6);
    expect(area, `rule ${rule}`).toBeLessThan(0.95);
  }
});
