// Sorting, turning and dropping, on files written in the orientation under test.
import { describe, expect, test } from "vitest";
import { kernelKind } from "./reconstruction-kernel.ts";
import type { CtSlice, Vector } from "./read-slice.ts";
import { groupSeries, pickSeries, type CtSeries } from "./series.ts";
import { fixture, roundTrip } from "./slice-fixture.ts";
import type { SyntheticSlice } from "./write-slice.ts";

const place = (z: number, differs: Partial<SyntheticSlice> = {}): Promise<CtSlice> =>
  roundTrip(fixture({ positionMm: [-100, -110, z], ...differs }), `at${z}.dcm`);

const stack = (levels: readonly number[], differs: Partial<SyntheticSlice> = {}): Promise<CtSlice[]> =>
  Promise.all(levels.map((z) => place(z, differs)));

test("slices are sorted by place, whatever their numbers and names say", async () => {
  const { series, dropped } = groupSeries(await stack([20, 5, 15, 0, 10]));
  expect(dropped).toEqual([]);
  expect(series).toHaveLength(1);
  expect(series[0].levelsMm).toEqual([0, 5, 10, 15, 20]);
  expect(series[0].spacingsMm).toEqual([5, 5, 5, 5]);
  expect(series[0].warnings).toEqual([]);
});

test("a tilted stack is measured along its normal", async () => {
  const t = (18.5 * Math.PI) / 180;
  const orientation: [Vector, Vector] = [
    [1, 0, 0],
    [0, Math.cos(t), -Math.sin(t)],
  ];
  const { series } = groupSeries(await stack([0, 7.38, 14.76, 22.14], { orientation }));
  expect(series[0].tiltDegrees).toBeCloseTo(18.5, 4);
  for (const spacing of series[0].spacingsMm) expect(spacing).toBeCloseTo(7.38 * Math.cos(t), 4);
  expect(series[0].warnings).toEqual([expect.stringContaining("tilted by 18.5 degrees")]);
});

test("duplicates, gaps and uneven spacing are said", async () => {
  const { series, dropped } = groupSeries(await stack([0, 5, 5.001, 10, 15, 30]));
  expect(series[0].levelsMm).toEqual([0, 5, 10, 15, 30]);
  expect(dropped).toEqual([{ file: "at5.001.dcm", reason: "another slice of the series lies at the same place" }]);
  expect(series[0].warnings).toEqual([
    expect.stringContaining("1 slices lie at the place of another"),
    expect.stringContaining("varies from 5.00 to 15.00 mm"),
    expect.stringContaining("a gap of 15.00 mm"),
  ]);
});

// One landmark pixel in patient coordinates: every orientation must show it at the same place after turning.
const upright = fixture();
const landmark = { row: 1, column: 6 };

/** The fixture as a scanner with other row and column directions would have stored it. */
function turned(along: Vector, down: Vector, swapped: boolean): SyntheticSlice {
  const rows = swapped ? upright.columns : upright.rows;
  const columns = swapped ? upright.rows : upright.columns;
  const stored = new Int16Array(48);
  const [rowMm, columnMm] = upright.pixelSpacingMm;
  const spacing: [number, number] = swapped ? [columnMm, rowMm] : [rowMm, columnMm];
  const [x0, y0, z0] = upright.positionMm;
  const positionMm: Vector = [
    along[0] + down[0] < 0 ? x0 + (upright.columns - 1) * columnMm : x0,
    along[1] + down[1] < 0 ? y0 + (upright.rows - 1) * rowMm : y0,
    z0,
  ];
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const x = positionMm[0] + column * spacing[1] * along[0] + row * spacing[0] * down[0];
      const y = positionMm[1] + column * spacing[1] * along[1] + row * spacing[0] * down[1];
      const from = Math.round((y - y0) / rowMm) * upright.columns + Math.round((x - x0) / columnMm);
      stored[row * columns + column] = upright.stored[from];
    }
  return { ...upright, rows, columns, stored, pixelSpacingMm: spacing, positionMm, orientation: [along, down] };
}

test.each<[Vector, Vector, boolean]>([
  [[1, 0, 0], [0, 1, 0], false],
  [[-1, 0, 0], [0, 1, 0], false],
  [[1, 0, 0], [0, -1, 0], false],
  [[-1, 0, 0], [0, -1, 0], false],
  [[0, 1, 0], [1, 0, 0], true],
  [[0, 1, 0], [-1, 0, 0], true],
  [[0, -1, 0], [1, 0, 0], true],
  [[0, -1, 0], [-1, 0, 0], true],
])("columns along %j and rows along %j are turned upright", async (along, down, swapped) => {
  const slice = await roundTrip(turned(along, down, swapped));
  const { series } = groupSeries([slice], { minSlices: 1 });
  const [result] = series[0].slices;
  expect(result.rows).toBe(upright.rows);
  expect(result.pixelSpacingMm).toEqual(upright.pixelSpacingMm);
  expect(result.positionMm.map((value) => Math.round(value * 1e4) / 1e4)).toEqual(upright.positionMm);
  expect(result.hu).toEqual(Float32Array.from(upright.stored));
  expect(result.hu[landmark.row * result.columns + landmark.column]).toBe(upright.stored[landmark.row * upright.columns + landmark.column]);
  expect(series[0].normal[2]).toBeCloseTo(1, 6);
});

test("localizers, unplaced slices, sagittal slices and leftovers are dropped with a reason", async () => {
  const kept = await stack([0, 5, 10, 15]);
  const localizer = await place(1, { imageType: "ORIGINAL\\PRIMARY\\LOCALIZER" });
  const sagittal = await place(2, {
    orientation: [
      [0, 1, 0],
      [0, 0, -1],
    ],
  });
  const unplaced = { ...(await place(3)), positionMm: null };
  const bone = await place(4, { kernel: "SHARP60", seriesNumber: 3 });
  const { series, dropped } = groupSeries([localizer, ...kept, sagittal, unplaced, bone]);
  expect(series.map(({ slices }) => slices.length)).toEqual([4]);
  expect(dropped.map(({ reason }) => reason)).toEqual([
    "a localizer",
    "not an axial slice",
    "no position or orientation: left and right are unknown",
    "a slice that stands alone, 4 needed",
  ]);
});

describe("of several series", () => {
  const bone = { kernel: "SHARP60", seriesNumber: 4 };
  const thin = { sliceThicknessMm: 1, seriesNumber: 3 };
  const pick = (slices: readonly CtSlice[]): CtSeries => pickSeries(groupSeries(slices).series, "case 1");

  test("the soft kernel is picked before the sharp one, and exclusions are reported", async () => {
    const picked = pick([...(await stack([0, 5, 10, 15, 20], bone)), ...(await stack([0, 5, 10, 15]))]);
    expect(picked.slices.map(({ kernel }) => kernel)).toEqual(Array<string>(4).fill("SOFT30"));
    expect(picked.warnings).toEqual(["another series is left out: 5 slices of 5 mm, kernel SHARP60 (sharp)"]);
  });

  test("a soft kernel of thin slices is picked before a sharp one of thick slices, and thick before thin", async () => {
    const thinSoft = await stack([0, 1, 2, 3, 4], thin);
    expect(pick([...thinSoft, ...(await stack([0, 5, 10, 15], bone))]).slices[0].sliceThicknessMm).toBe(1);
    expect(pick([...thinSoft, ...(await stack([0, 5, 10, 15]))]).slices[0].sliceThicknessMm).toBe(5);
  });

  test("of equals the one with most slices is picked", async () => {
    const longer = await stack([0, 5, 10, 15, 20], { seriesNumber: 7 });
    expect(pick([...(await stack([0, 5, 10, 15])), ...longer]).slices).toHaveLength(5);
  });

  test("a sharp series alone is better than none", async () => {
    expect(pick(await stack([0, 5, 10, 15], bone)).slices).toHaveLength(4);
  });

  test("equals are refused and listed, without a UID", async () => {
    const twins = [...(await stack([0, 5, 10, 15])), ...(await stack([0, 5, 10, 15], { seriesNumber: 7 }))];
    expect(() => pick(twins)).toThrow(
      /^case 1: expected one axial CT series, got 2 that are equally good \(4 slices of 5 mm, kernel SOFT30 \(soft\), beginning with at0\.dcm; 4 slices/,
    );
    expect(() => pick([])).toThrow("case 1: has no axial CT series");
  });
});

describe("a missing slice", () => {
  const pick = async (levels: readonly number[]): Promise<CtSeries> => pickSeries(groupSeries(await stack(levels)).series, "case 1");

  test.each([
    ["in the middle", [0, 5, 10, 20, 25, 30], "case 1: a slice is missing between at10.dcm and at20.dcm (a gap of 10.00 mm where 5.00 mm"],
    ["before the last", [0, 5, 10, 15, 25], "a slice is missing between at15.dcm and at25.dcm"],
    ["twice over", [0, 5, 20, 25, 30], "2 slices are missing between at5.dcm and at20.dcm"],
    ["by a long way", [0, 5, 10, 15, 33, 38, 43], "3 slices are missing between at15.dcm and at33.dcm"],
  ])("%s is refused", async (_, levels, message) => {
    await expect(pick(levels)).rejects.toThrow(message);
  });

  test("that is there but does not say where it lies is named", async () => {
    const slices = await stack([0, 5, 10, 20, 25, 30]);
    const { series, dropped } = groupSeries([...slices, { ...(await place(15)), positionMm: null }]);
    expect(() => pickSeries(series, "case 1", dropped)).toThrow(
      "a slice is missing between at10.dcm and at20.dcm (a gap of 10.00 mm where 5.00 mm is usual); no position or orientation: at15.dcm; restore it",
    );
  });

  test.each([
    ["a protocol of two parts that overlap", [0, 4, 8, 12, 16, 17.08, 24.08, 31.08, 38.08]],
    ["a protocol that doubles its spacing", [0, 5, 10, 15, 20, 30, 40, 50, 60]],
    ["a little unevenness", [0, 5, 10.4, 15, 20.2, 25]],
  ])("%s is none", async (_, levels) => {
    expect((await pick(levels)).holes).toEqual([]);
  });
});

test("derived pictures are dropped; a lossy slice is kept and marked", async () => {
  const kept = await stack([0, 5, 10, 15]);
  const averaged = await place(20, { imageType: "DERIVED\\SECONDARY\\AXIAL" });
  const lossy = { ...(await place(20)), isLossy: true };
  expect(groupSeries([...kept, averaged]).dropped).toEqual([{ file: "at20.dcm", reason: expect.stringContaining("derived") }]);
  const { series } = groupSeries([...kept, lossy]);
  expect(series[0].slices).toHaveLength(5);
  expect(series[0].warnings).toEqual(["1 slices have lossy compression: their Hounsfield units are not exact"]);
});

test.each([
  ["STANDARD", "soft"],
  ["BONEPLUS", "sharp"],
  ["H31s", "soft"],
  ["Hr68f\\3", "sharp"],
  ["FC21", "soft"],
  ["FC81", "sharp"],
  ["UB", "soft"],
  ["YB", "sharp"],
  ["", "unknown"],
  ["C3PO", "unknown"],
])("the kernel %j is %s", (name, kind) => expect(kernelKind(name)).toBe(kind));
