// A range scanned twice in one series is named as such, and ordinary series are not.
import { expect, test } from "vitest";
import { groupSeries, pickSeries } from "./series.ts";
import { fixture, roundTrip } from "./slice-fixture.ts";

const at = async (levels: readonly number[], acquisitionNumber: number | null, name: string) =>
  Promise.all(
    levels.map(async (z, i) => ({
      ...(await roundTrip(fixture({ positionMm: [-100, -110, z], instanceNumber: i + 1 }), `case/${name}${i}.dcm`)),
      acquisitionNumber,
    })),
  );
const LEVELS = [0, 5, 10, 15, 20, 25];
const pick = (slices: Awaited<ReturnType<typeof at>>) => pickSeries(groupSeries(slices).series, "case");

test.each([
  ["half a millimetre higher", 0.5, 1, 2],
  ["half a millimetre higher, of one acquisition number", 0.5, 1, 1],
  ["half a slice higher, of two acquisition numbers", 2.5, 1, 2],
  ["without acquisition numbers", 0.5, null, null],
])("%s", async (_, shiftMm, first, second) => {
  const slices = [
    ...(await at(LEVELS, first, "a")),
    ...(await at(
      LEVELS.map((level) => level + shiftMm),
      second,
      "b",
    )),
  ];
  expect(() => pick(slices)).toThrow(
    `case: the series holds two scans of one range, one ${shiftMm.toFixed(2)} mm above the other (beginning with a0.dcm and b0.dcm); leave one of them out`,
  );
});

test("acquisitions one above the other, overlapping slices and a protocol of two parts are one scan", async () => {
  const steps = [...(await at([0, 5, 10, 15], 1, "a")), ...(await at([15.5, 20, 25, 30], 2, "b"))];
  expect(pick(steps).slices).toHaveLength(8);
  const dense = await at(
    Array.from({ length: 12 }, (_, i) => 2.5 * i),
    1,
    "a",
  );
  expect(pick(dense).slices).toHaveLength(12);
  // Acquired in two goes, every second slice first; and numbers that some slices lack.
  for (const second of [2, null]) {
    const goes = [...(await at([0, 10, 20, 30], 1, "a")), ...(await at([5, 15, 25, 35], second, "b"))];
    expect(pick(goes).slices).toHaveLength(8);
  }
  expect(pick(await at([0, 4, 8, 12, 16, 17.08, 24.08, 31.08, 38.08], 1, "a")).slices).toHaveLength(9);
});
