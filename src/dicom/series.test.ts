// Sorting, turning and dropping, on files written in the orientation under test.
import { expect, test } from "vitest";
import type { CtSlice, Vector } from "./read-slice.ts";
import { groupSeries, pickSeries } from "./series.ts";
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
    expect.stringContaining("1 slices lie where another does"),
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
    "only 1 slices belong together, 4 wanted",
  ]);
});

test("one series of usual thickness is picked; a choice is refused and listed", async () => {
  const thick = await stack([0, 5, 10, 15]);
  const thin = await stack([0, 1, 2, 3, 4], { sliceThicknessMm: 1, seriesNumber: 3 });
  const other = await stack([0, 5, 10, 15], { kernel: "SHARP60", seriesNumber: 4 });
  const { series } = groupSeries([...thin, ...thick]);
  expect(pickSeries(series, "case 1").slices).toHaveLength(4);
  expect(() => pickSeries(groupSeries([...thick, ...other]).series, "case 1")).toThrow(
    /^case 1: expected one axial CT series, got 2 \(.*4 slices of 5 mm, kernel SOFT30; .*kernel SHARP60\)/,
  );
  expect(() => pickSeries([], "case 1")).toThrow("case 1: expected one axial CT series, got 0");
});
