// Slices of one scan stay together, whatever rounding, missing kernels and new UIDs do to them; what differs is named.
import { expect, test } from "vitest";
import type { CtSlice, Vector } from "./read-slice.ts";
import { groupSeries, pickSeries, type CtSeries } from "./series.ts";
import { fixture, roundTrip } from "./slice-fixture.ts";
import type { SyntheticSlice } from "./write-slice.ts";

/** Eight slices, each as `change` makes it. */
const scan = (change: (i: number) => Partial<SyntheticSlice>): Promise<CtSlice[]> =>
  Promise.all(
    Array.from({ length: 8 }, (_, i) =>
      roundTrip(fixture({ positionMm: [-100, -110, 5 * i], instanceNumber: i + 1, ...change(i) }), `case/${i}.dcm`),
    ),
  );
const picked = (slices: readonly CtSlice[]): CtSeries => pickSeries(groupSeries(slices).series, "case");

/** Rows that lean back by an angle whose cosine is this. */
const leaning = (cosine: number): readonly [Vector, Vector] => [
  [1, 0, 0],
  [0, Number(cosine.toFixed(6)), -Number(Math.sqrt(1 - cosine ** 2).toFixed(6))],
];

test.each([
  ["cosines that alternate in the sixth decimal", (i: number) => ({ orientation: leaning(0.9335 + (i % 2 ? 1e-6 : -1e-6)) })],
  ["cosines of the two ends", (i: number) => ({ orientation: leaning(0.9335 + (i % 7 ? -1e-6 : 1e-6)) })],
  [
    "a small obliquity, written anew for each slice",
    (i: number) => {
      const e = i % 2 ? 0.0006 : 0.0004;
      return { orientation: [[1, e, 0] as const, [-e, 1, 0] as const] as const };
    },
  ],
  [
    "spacings that alternate in the fourth decimal",
    (i: number) => ({ pixelSpacingMm: i % 2 ? [0.9885, 0.9885] : ([0.988499, 0.988499] as const) }),
  ],
] satisfies [string, (i: number) => object][])("%s are rounding, not another series", async (_, change) => {
  const { series, dropped } = groupSeries(await scan(change as (i: number) => Partial<SyntheticSlice>));
  expect([series.map(({ slices }) => slices.length), dropped]).toEqual([[8], []]);
});

test("slices without a kernel join those that have one, and it is said", async () => {
  const { slices, warnings } = picked(await scan((i) => (i % 2 ? { kernel: "" } : {})));
  expect(slices.map(({ kernel }) => kernel)).toEqual(Array<string>(8).fill("SOFT30"));
  expect(warnings).toEqual(["4 of 8 slices name no kernel: taken for that of the others"]);
});

test("slices without a kernel at the places of others are another reconstruction", async () => {
  const both = [...(await scan(() => ({}))), ...(await scan(() => ({ kernel: "" })))];
  const { slices, warnings } = picked(both);
  expect(slices.every(({ kernel }) => kernel === "SOFT30")).toBe(true);
  expect(warnings).toEqual(["part of the series is left out, as it differs in kernel: 8 slices of 5 mm, kernel not named"]);
});

test("slices that each have a series UID of their own are one series, and it is said", async () => {
  const slices = await scan((i) => ({ seriesNumber: i + 1 }));
  const { slices: together, warnings } = picked(slices);
  expect(together).toHaveLength(8);
  expect(warnings).toEqual(["each slice has a series UID of its own: grouped by geometry and kernel alone"]);
  // Of two patients they are not.
  const mixed = slices.map((slice, i) => (i < 4 ? slice : { ...slice, patientKey: "another" }));
  expect(groupSeries(mixed).series).toEqual([]);
});

test.each([
  ["orientation", { orientation: leaning(0.99) }],
  ["pixel spacing", { pixelSpacingMm: [0.6, 0.6] as const }],
  ["kernel", { kernel: "SHARP60" }],
  ["size", { rows: 8, columns: 6 }],
])("where one series falls apart, the %s is named", async (name, change) => {
  const part = groupSeries(await scan((i) => (i < 2 ? change : {})));
  expect(new Set(part.dropped.map(({ reason }) => reason))).toEqual(
    new Set([`only 2 slices belong together, 4 needed: the rest of the series differs in ${name}`]),
  );
  const halves = await scan((i) => (i < 4 ? change : {}));
  if (name === "kernel")
    expect(picked(halves).warnings).toEqual([expect.stringMatching(/^part of the series is left out, as it differs in kernel: 4 slices/)]);
  else expect(() => picked(halves)).toThrow(`; they are one series by its UID, but differ in ${name}): leave all but one out`);
});

test("a drift that is more than rounding is named as well", async () => {
  const { series, dropped } = groupSeries(await scan((i) => ({ orientation: leaning(Math.cos(0.01 * i)) })));
  expect(series).toEqual([]);
  expect(dropped[0].reason).toBe("a slice that stands alone, 4 needed: the rest of the series differs in orientation");
});
