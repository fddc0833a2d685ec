// Slices that cannot be of a head: each is refused by its own reason, and none is measured for ever.
import { expect, test } from "vitest";
import { selectBasalGanglia } from "./basal-ganglia.ts";
import { implausible } from "./plausible.ts";
import { groupSeries, type CtSeries } from "./series.ts";
import { fixture, roundTrip } from "./slice-fixture.ts";

async function series(side: number, pixelMm: number): Promise<CtSeries> {
  const slice = { rows: side, columns: side, stored: new Int16Array(side * side), pixelSpacingMm: [pixelMm, pixelMm] as const };
  const slices = [0, 5, 10, 15].map((z) => roundTrip(fixture({ ...slice, positionMm: [0, 0, z], instanceNumber: z + 1 })));
  return groupSeries(await Promise.all(slices)).series[0];
}

test.each([
  ["pictures of 2 x 2", 2, 0.5, "2 x 2 pixels are too few: 32 x 32 needed"],
  ["a spacing in metres", 64, 0.0004883, "a pixel spacing of 0.00049 mm is not plausible: 0.05 to 5 mm expected"],
  ["a spacing a hundred times too large", 64, 98, "a pixel spacing of 98 mm is not plausible: 0.05 to 5 mm expected"],
])("%s: not assessable, at once", async (_, side, pixelMm, reason) => {
  const found = await series(side, pixelMm);
  for (const slab of [false, true]) expect(selectBasalGanglia(found, { slab })).toEqual({ kind: "not assessable", reason });
});

test("what scanners write is plausible, and an unknown spacing is not judged", () => {
  for (const mm of [0.1, 0.45, 0.98, 2.5]) expect(implausible({ rows: 512, columns: 512, pixelSpacingMm: [mm, mm] })).toBeNull();
  expect(implausible({ rows: 512, columns: 512, pixelSpacingMm: null })).toBeNull();
  expect(implausible({ rows: 512, columns: 20, pixelSpacingMm: null })).toMatch("20 x 512 pixels are too few");
});
