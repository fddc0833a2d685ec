// A head made of ellipses: skull, brain and ventricles at known levels.
import { expect, test } from "vitest";
import { selectBasalGanglia } from "./basal-ganglia.ts";
import { groupSeries, type CtSeries } from "./series.ts";
import { fixture, roundTrip } from "./slice-fixture.ts";

const SIZE = 120;
const PIXEL_MM = 2;

/** An ellipsoid head whose inner table reaches its top at z = 80, with fluid from z = 10 to 30. */
async function head(levels: readonly number[], skullGap = false): Promise<CtSeries> {
  const slices = levels.map((z, i) => {
    const stored = new Int16Array(SIZE * SIZE).fill(-1000);
    const inner = Math.sqrt(Math.max(0, 1 - (z / 80) ** 2));
    const outer = Math.sqrt(Math.max(0, 1 - (z / 88) ** 2));
    for (let row = 0; row < SIZE; row++)
      for (let column = 0; column < SIZE; column++) {
        const x = (column - SIZE / 2) * PIXEL_MM;
        const y = (row - SIZE / 2) * PIXEL_MM;
        const at = row * SIZE + column;
        if (Math.hypot(x / 72, y / 88) < outer && !(skullGap && Math.abs(x) < 20 && y > 0)) stored[at] = 900;
        if (Math.hypot(x / 64, y / 80) < inner) stored[at] = Math.abs(z - 18) < 9 && Math.hypot(x / 15, y / 30) < 1 ? 5 : 32;
      }
    return roundTrip(
      fixture({
        rows: SIZE,
        columns: SIZE,
        stored,
        pixelSpacingMm: [PIXEL_MM, PIXEL_MM],
        positionMm: [-120, -120, z],
        instanceNumber: i + 1,
      }),
    );
  });
  return groupSeries(await Promise.all(slices)).series[0];
}

const range = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);

test("the band lies 70 mm below the vertex and 10 mm below the widest ventricles", async () => {
  const series = await head(range(-40, 90, 5));
  const selection = selectBasalGanglia(series);
  if (selection.kind !== "selected") throw new Error(selection.reason);
  expect(selection.centreMm).toBeGreaterThan(3);
  expect(selection.centreMm).toBeLessThan(13);
  expect(selection.indices.length).toBeGreaterThanOrEqual(4);
  for (const i of selection.indices) expect(Math.abs(series.levelsMm[i] - selection.centreMm)).toBeLessThanOrEqual(12);
  const distances = selection.indices.map((i) => Math.abs(series.levelsMm[i] - selection.centreMm));
  expect(distances).toEqual([...distances].sort((a, b) => a - b));
});

test("a scan without the vertex is not assessable, unless the caller knows that it is a slab", async () => {
  const series = await head(range(-10, 25, 5));
  expect(selectBasalGanglia(series)).toEqual({ kind: "not assessable", reason: "the scan stops below the vertex" });
  expect(selectBasalGanglia(series, { slab: true })).toMatchObject({ kind: "selected", centreMm: 7.5 });
});

test("an open skull, too few slices and unknown millimetres are not assessable", async () => {
  expect(selectBasalGanglia(await head(range(-40, 90, 10), true))).toMatchObject({
    reason: expect.stringContaining("no slice shows a closed skull"),
  });
  expect(selectBasalGanglia(await head(range(-40, 90, 20)))).toMatchObject({ reason: expect.stringMatching(/^only [012] slices/) });
  const series = await head(range(-40, 90, 10));
  const blind = { ...series, slices: series.slices.map((slice) => ({ ...slice, pixelSpacingMm: null })) };
  expect(selectBasalGanglia(blind)).toMatchObject({ kind: "not assessable", reason: expect.stringContaining("no pixel spacing") });
});
