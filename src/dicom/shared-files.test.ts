// Real files of scanners and toolkits, where they are present beside the repository. None of them is part of it.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import { openFrameDecoders } from "../codecs/frame-decoders-node.ts";
import { selectBasalGanglia } from "./basal-ganglia.ts";
import { readAttributes } from "./data-set.ts";
import { readCtSlice, readCtSlices, type CtSlice } from "./read-slice.ts";
import { groupSeries, pickSeries } from "./series.ts";

const FOLDER = join(process.env["STRIATUM_SHARED"] ?? join(import.meta.dirname, "../../../shared"), "data/dicom");
const absent = !existsSync(FOLDER);

const filesIn = (folder: string): string[] =>
  readdirSync(join(FOLDER, folder)).filter((file) => file.endsWith(".dcm") || file.endsWith("J2KR"));
const inflate = async (bytes: Uint8Array, maxOutputLength: number): Promise<Uint8Array> => inflateRawSync(bytes, { maxOutputLength });
const options = { inflate, decoders: openFrameDecoders() };
const bytesOf = (folder: string, file: string): Uint8Array => readFileSync(join(FOLDER, folder, file));
const read = (folder: string, file: string): Promise<CtSlice> => readCtSlice(bytesOf(folder, file), file, options);

test.skipIf(absent)("one CT slice is the same, bit for bit, in all lossless transfer syntaxes", async () => {
  const plain = await read("syntaxes", "CTImage.dcm");
  expect([plain.rows, plain.columns]).toEqual([512, 512]);
  // Stored -2000..2402 with intercept -1024: the circle outside the scan is darker than air.
  expect(plain.hu.reduce((a, b) => Math.min(a, b))).toBe(-1024);
  expect(plain.hu.reduce((a, b) => Math.max(a, b))).toBe(2402 - 1024);
  const variants = filesIn("syntaxes").filter((file) => /CTImage\.dcm_.*(Explicit|Implicit|Lossless|Process14)/.test(file));
  expect(variants).toHaveLength(9);
  for (const file of variants) {
    const variant = await read("syntaxes", file);
    expect(
      variant.hu.every((value, i) => value === plain.hu[i]),
      file,
    ).toBe(true);
    expect({ ...variant, file: "", hu: variant.hu.length }).toEqual({ ...plain, file: "", hu: 512 * 512 });
  }
});

test.skipIf(absent).each([
  // The near-lossless parameter is 1.
  ["JPEGLSLossyTransferSyntax_1.2.840.10008.1.2.4.81", 1],
  // Measured with other decoders: 5 at most, and 64, as a step of the 8 bits is 32 HU.
  ["JPEG2000TransferSyntax_1.2.840.10008.1.2.4.91", 5],
  ["JPEGProcess1TransferSyntax_1.2.840.10008.1.2.4.50", 64.5],
])("%s stays within its loss, and is marked as lossy", async (name, limitHu) => {
  const plain = await read("syntaxes", "CTImage.dcm");
  const lossy = await read("syntaxes", `CTImage.dcm_${name}.dcm`);
  expect(lossy.isLossy).toBe(true);
  const worst = lossy.hu.reduce((most, value, i) => Math.max(most, Math.abs(value - plain.hu[i])), 0);
  expect(worst).toBeGreaterThan(0);
  expect(worst).toBeLessThanOrEqual(limitHu);
});

test.skipIf(absent)("a code stream that forgets the sign is read with it", async () => {
  const slice = await read("odd", "J2K_pixelrep_mismatch.dcm");
  // Outside the scan are -2000, which the code stream says as 6192.
  expect(slice.hu[0]).toBe(-1024);
  expect(slice.hu.reduce((a, b) => Math.max(a, b))).toBeLessThan(4096);
});

/** What becomes of a file: a line of the table in docs/dicom.md. */
async function outcomeOf(folder: string, file: string): Promise<string> {
  const bytes = bytesOf(folder, file);
  try {
    const slices = await readCtSlices(bytes, file, options);
    const { syntax } = await readAttributes(bytes, inflate);
    const [{ rows, columns, isLossy, notes }] = slices;
    const facts = [syntax.name, `${rows} x ${columns}`, ...(isLossy ? ["lossy"] : []), ...notes];
    return `| ${folder}/${file} | read: ${facts.join(", ")} |`;
  } catch (error) {
    const { message } = error as Error;
    expect(message.startsWith(`${file}: `), message).toBe(true);
    return `| ${folder}/${file} | refused: ${message.slice(file.length + 2).replaceAll("|", "/")} |`;
  }
}

test.skipIf(absent)("every file is read or refused as the table in docs/dicom.md says", async () => {
  const lines: string[] = [];
  for (const folder of ["headct-ge-human", "syntaxes", "odd"])
    for (const file of readdirSync(join(FOLDER, folder)).sort()) lines.push(await outcomeOf(folder, file));
  // The 28 slices of a series are one line.
  const head = lines.filter((line) => /^\| headct-ge-human\/\d/.test(line));
  const told = new Set(head.map((line) => line.replace(/\d\d\.dcm/, "01.dcm to 28.dcm")));
  expect([head.length, told.size]).toEqual([28, 1]);
  lines.splice(0, 28, ...told);
  if (process.env["STRIATUM_PRINT"]) process.stdout.write(`${lines.join("\n")}\n`);
  const table = readFileSync(join(import.meta.dirname, "../../docs/dicom.md"), "utf8")
    .split("\n")
    .filter((line) => /^\| (headct-ge-human|syntaxes|odd)\//.test(line))
    .map((line) => line.replace(/ +\|$/, " |").replace(/ +\| /, " | "));
  expect(lines).toEqual(table);
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
