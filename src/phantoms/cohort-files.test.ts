// A cohort as a reader of its files sees it.
import { expect, test } from "vitest";
import { readCtSlice } from "../dicom/read-slice.ts";
import { groupSeries, pickSeries } from "../dicom/series.ts";
import { renderCase } from "./case.ts";
import { cohortFiles, type CohortFile } from "./cohort-files.ts";
import { makeCohort } from "./cohort.ts";

const options = { cases: 6, seed: 3, kind: "quick" as const };
const files: CohortFile[] = [];
for await (const file of cohortFiles(options)) files.push(file);
const inflate = (): Promise<Uint8Array> => Promise.reject(new Error("nothing here is deflated"));

const bytesOf = (content: string | readonly Uint8Array[]): Uint8Array => {
  if (typeof content === "string") throw new Error("expected bytes");
  return content[0];
};

test("files read back as the slices that were rendered, in one series, with the geometry they were made with", async () => {
  const cohort = makeCohort(options);
  let compared = 0;
  for (const spec of cohort) {
    const phantom = renderCase(spec);
    const own = files.filter(({ name }) => name.startsWith(`${spec.patient}/`));
    const slices = await Promise.all(own.map(({ name, content }) => readCtSlice(bytesOf(content), name, { inflate })));
    const { series, dropped } = groupSeries(slices);
    expect(dropped).toEqual([]);
    const { slices: sorted, tiltDegrees, spacingsMm } = pickSeries(series, spec.patient);
    expect(sorted).toHaveLength(phantom.scanner.slices.length);
    expect(tiltDegrees).toBeCloseTo(phantom.scanner.tiltDegrees, 3);
    for (const spacing of spacingsMm) expect(spacing).toBeCloseTo(phantom.scanner.slices[0].thicknessMm, 3);
    const rendered = phantom.slice(2);
    const worst = sorted[2].hu.reduce((most, value, i) => Math.max(most, Math.abs(value - Math.min(rendered.hu[i], 3071))), 0);
    // A slope of 2 stores every other value.
    expect(worst).toBeLessThanOrEqual(phantom.scanner.slope === 2 ? 1 : 0);
    expect(sorted[2].padded > 0).toBe(phantom.scanner.storage === "padded");
    compared++;
  }
  expect(compared).toBe(6);
  expect(files).toHaveLength(files.filter(({ name }) => name.endsWith(".dcm")).length + 3);
});

test("the manifest comes last and says label, side, patient, split and coverage of every series", () => {
  const { name, content } = files[files.length - 1];
  expect(name).toBe("manifest.csv");
  const [header, ...rows] = String(content).trimEnd().split("\n");
  expect(header).toBe("path,label,side,patient,split,coverage");
  expect(rows).toHaveLength(6);
  for (const row of rows) expect(row).toMatch(/^(PH\d{4}),(hemorrhage,(left|right)|none,none),\1,(train|val|test),slab$/);
  const truth = JSON.parse(String(files.find((file) => file.name === "truth.json")?.content));
  expect(truth).toMatchObject({ synthetic: true, seed: 3 });
  expect(Object.keys(truth.cases)).toEqual(rows.map((row) => row.split(",")[0]));
});

test("the same options give the same bytes", async () => {
  let compared = 0;
  for await (const { name, content } of cohortFiles(options)) {
    const known = files[compared];
    expect(name).toBe(known.name);
    const [a, b] = [bytesOf(content), bytesOf(known.content)];
    expect(a.length === b.length && a.every((byte, i) => byte === b[i]), name).toBe(true);
    if (++compared === 12) break;
  }
  expect(compared).toBe(12);
});
