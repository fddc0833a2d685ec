// Real files of scanners and toolkits, where they are present beside the repository. None of them is part of it.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import { selectBasalGanglia } from "./basal-ganglia.ts";
import { readCtSlice, type CtSlice } from "./read-slice.ts";
import { groupSeries, pickSeries } from "./series.ts";

const FOLDER = join(process.env["STRIATUM_SHARED"] ?? join(import.meta.dirname, "../../../shared"), "data/dicom");
const absent = !existsSync(FOLDER);

const filesIn = (folder: string): string[] =>
  readdirSync(join(FOLDER, folder)).filter((file) => file.endsWith(".dcm") || file.endsWith("J2KR"));
const inflate = async (bytes: Uint8Array, maxOutputLength: number): Promise<Uint8Array> => inflateRawSync(bytes, { maxOutputLength });
const read = (folder: string, file: string): Promise<CtSlice> => readCtSlice(readFileSync(join(FOLDER, folder, file)), file, { inflate });

test.skipIf(absent)("one CT slice is the same in all uncompressed transfer syntaxes", async () => {
  const plain = await read("syntaxes", "CTImage.dcm");
  expect([plain.rows, plain.columns]).toEqual([512, 512]);
  // Stored -2000..2402 with intercept -1024: the circle outside the scan is darker than air.
  expect(plain.hu.reduce((a, b) => Math.min(a, b))).toBe(-1024);
  expect(plain.hu.reduce((a, b) => Math.max(a, b))).toBe(2402 - 1024);
  const variants = filesIn("syntaxes").filter((file) => /CTImage\.dcm_(Deflated|BigEndian|LittleEndian)/.test(file));
  expect(variants).toHaveLength(4);
  for (const file of variants) {
    const variant = await read("syntaxes", file);
    expect(
      variant.hu.every((value, i) => value === plain.hu[i]),
      file,
    ).toBe(true);
    expect({ ...variant, file: "", hu: variant.hu.length }).toEqual({ ...plain, file: "", hu: 512 * 512 });
  }
});

test.skipIf(absent)("every other file is refused with its name and a reason", async () => {
  const outcomes = { read: [] as string[], refused: 0 };
  for (const folder of ["syntaxes", "odd"])
    for (const file of filesIn(folder)) {
      try {
        await read(folder, file);
        outcomes.read.push(file);
      } catch (error) {
        const message = (error as Error).message;
        expect(message.startsWith(`${file}: `), message).toBe(true);
        if (/_(JPEG|RLE)|J2K/.test(file))
          expect(message).toMatch(/unsupported transfer syntax .+ \(1\.2\.840\.10008\.1\.2\.[0-9.]+\): decompress/);
        outcomes.refused++;
      }
    }
  expect(outcomes.read).toHaveLength(6);
  expect(outcomes.read).toContain("CT_small.dcm");
  expect(outcomes.refused).toBeGreaterThan(80);
});

test.skipIf(absent)("a real tilted head of 28 slices is sorted, measured and its basal ganglia found", async () => {
  const files = filesIn("headct-ge-human");
  const slices = await Promise.all(files.toReversed().map((file) => read("headct-ge-human", file)));
  const { series, dropped } = groupSeries(slices);
  expect(dropped).toEqual([]);
  const head = pickSeries(series, "head");
  expect(head.slices.map(({ file }) => file)).toEqual(files);
  expect(head.slices.every(({ padded }) => padded > 10_000)).toBe(true);
  expect(head.tiltDegrees).toBeCloseTo(18.5, 3);
  expect([...new Set(head.spacingsMm.map((spacing) => spacing.toFixed(2)))]).toEqual(["4.00", "1.08", "7.00"]);
  expect(head.warnings.join("; ")).toMatch(/tilted by 18\.5 .*varies from 1\.08 to 7\.00/);
  const selection = selectBasalGanglia(head);
  if (selection.kind !== "selected") throw new Error(selection.reason);
  // A reader finds the basal ganglia on 16 to 19, best on 17 and 18.
  const found = selection.indices.map((i) => head.slices[i].file);
  expect(["17.dcm", "18.dcm"]).toContain(found[0]);
  expect(["16.dcm", "17.dcm", "18.dcm", "19.dcm"]).toEqual(expect.arrayContaining(found));
});
