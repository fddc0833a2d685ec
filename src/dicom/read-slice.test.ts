// Files written by write-slice.ts read back, damaged in every way a test can think of, and refused with their name.
import { deflateRawSync, inflateRawSync } from "node:zlib";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { fileOf } from "./element-fixture.ts";
import { readCtSlice } from "./read-slice.ts";
import { edit, fixture, roundTrip } from "./slice-fixture.ts";
import { SYNTAXES, type WritableSyntax } from "./transfer-syntax.ts";
import { derivedUid, writeCtSlice } from "./write-slice.ts";

const SYNTAX_NAMES: readonly WritableSyntax[] = ["implicit", "explicit", "big-endian", "deflated"];
const inflate = async (bytes: Uint8Array, maxOutputLength: number): Promise<Uint8Array> => inflateRawSync(bytes, { maxOutputLength });
const deflate = (bytes: Uint8Array): Uint8Array => deflateRawSync(bytes);
const read = (bytes: Uint8Array) => readCtSlice(bytes, "slice.dcm", { inflate });

const afterMeta = (bytes: Uint8Array): Uint8Array =>
  bytes.subarray(144 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(140, true));

test.each(SYNTAX_NAMES)("%s files give back every value and the geometry", async (syntax) => {
  const stored = Int16Array.from({ length: 48 }, (_, i) => (i * 1361) % 4000);
  const slice = await read(writeCtSlice(fixture({ stored, intercept: -1024 }), { syntax, deflate }));
  expect(slice.hu).toEqual(Float32Array.from(stored, (value) => value - 1024));
  expect(slice).toMatchObject({
    file: "slice.dcm",
    rows: 6,
    columns: 8,
    padded: 0,
    pixelSpacingMm: [0.5, 0.4],
    positionMm: [-100, -110.25, 12.5],
    orientation: [
      [1, 0, 0],
      [0, 1, 0],
    ],
    sliceThicknessMm: 5,
    windows: [{ centerHu: 40, widthHu: 80 }],
    instanceNumber: 1,
    kernel: "SOFT30",
    isLocalizer: false,
    isDerived: false,
    isLossy: false,
    isInverted: false,
    notes: [],
  });
});

test.each(SYNTAX_NAMES.filter((syntax) => syntax !== "deflated"))("a bare %s data set is read with a note", async (syntax) => {
  const bare = afterMeta(writeCtSlice(fixture(), { syntax }));
  const slice = await read(bare);
  expect(slice.hu).toEqual(Float32Array.from(fixture().stored));
  expect(slice.notes).toEqual(["no preamble: the file starts with the data set", expect.stringContaining("no transfer syntax is given")]);
});

test("the group length of the meta header is not trusted", async () => {
  const bytes = writeCtSlice(fixture());
  new DataView(bytes.buffer).setUint32(140, 7, true);
  expect((await read(bytes)).hu).toHaveLength(48);
});

test("unsigned 12-bit values are freed from what lies above them", async () => {
  const stored = Uint16Array.from({ length: 48 }, (_, i) => 0xa000 | (i * 85));
  const slice = await roundTrip(fixture({ stored, bitsStored: 12, intercept: -1024 }));
  expect(slice.hu).toEqual(Float32Array.from({ length: 48 }, (_, i) => i * 85 - 1024));
});

test("signed 12-bit values get their sign from bit 11", async () => {
  const stored = Int16Array.from({ length: 48 }, (_, i) => (i % 2 ? 0x0fff : 0x7001));
  const slice = await roundTrip(fixture({ stored, bitsStored: 12 }));
  expect(slice.hu).toEqual(Float32Array.from({ length: 48 }, (_, i) => (i % 2 ? -1 : 1)));
});

test("values stored in the upper bits are shifted down", async () => {
  const stored = Int16Array.from({ length: 48 }, (_, i) => (i - 20) * 16);
  const bytes = edit(writeCtSlice(fixture({ stored, bitsStored: 12 })), "HighBit", 15);
  expect((await read(bytes)).hu).toEqual(Float32Array.from({ length: 48 }, (_, i) => i - 20));
});

test("padding is found among stored values and becomes -1024 HU, other values below -1024 HU too", async () => {
  const stored = new Int16Array(48).fill(100);
  stored.set([-1500, -1030, 50]);
  const slice = await roundTrip(fixture({ stored, padding: -1500 }));
  expect([...slice.hu.subarray(0, 4)]).toEqual([-1024, -1024, 50, 100]);
  expect(slice.padded).toBe(2);
  // The same number is tissue where it is not a stored value.
  const shifted = await roundTrip(fixture({ stored: new Int16Array(48).fill(60), padding: 60, intercept: -20 }));
  expect(shifted.padded).toBe(48);
  const other = await roundTrip(fixture({ stored: new Int16Array(48).fill(80), padding: 60, intercept: -20 }));
  expect(other.hu[0]).toBe(60);
});

test("fractional slopes are kept", async () => {
  const slice = await roundTrip(fixture({ slope: 0.5, intercept: -10.25 }));
  expect(slice.hu[0]).toBe(-20.25);
});

test("MONOCHROME1 is said, and not applied", async () => {
  const slice = await read(edit(writeCtSlice(fixture()), "PhotometricInterpretation", "MONOCHROME1 "));
  expect(slice.isInverted).toBe(true);
  expect(slice.hu[1]).toBe(-19);
});

test("several windows, with spaces and plus signs, are read in order and bad ones dropped", async () => {
  const windows = [40, 600, 35].map((centerHu) => ({ centerHu, widthHu: centerHu * 2 }));
  const bytes = writeCtSlice(fixture({ windows }));
  const slice = await read(edit(edit(bytes, "WindowCenter", "+40\\6e2\\35"), "WindowWidth", " 80\\1200\\0"));
  expect(slice.windows).toEqual([
    { centerHu: 40, widthHu: 80 },
    { centerHu: 600, widthHu: 1200 },
  ]);
  expect(slice.notes).toEqual([expect.stringContaining("a window without")]);
});

test("a localizer is marked, and an absent window is not a window", async () => {
  const slice = await roundTrip(fixture({ imageType: "ORIGINAL\\PRIMARY\\LOCALIZER", windows: [] }));
  expect(slice).toMatchObject({ isLocalizer: true, windows: [] });
});

test("geometry that cannot be is ignored with a note", async () => {
  const bytes = writeCtSlice(
    fixture({
      pixelSpacingMm: [0.5, -0.4],
      orientation: [
        [1, 0, 0],
        [0.6, 0.8, 0],
      ],
    }),
  );
  const slice = await read(bytes);
  expect(slice).toMatchObject({ pixelSpacingMm: null, orientation: null });
  expect(slice.notes).toHaveLength(2);
});

test("the series key distinguishes series and is not the UID", async () => {
  const one = await roundTrip(fixture());
  const two = await roundTrip(fixture({ seriesNumber: 3 }));
  expect(one.seriesKey).toMatch(/^[0-9a-f]{16}$/);
  expect(one.seriesKey).not.toBe(two.seriesKey);
});

test("UIDs are valid, short enough and the same for the same slice", () => {
  expect(derivedUid("a")).toMatch(/^2\.25\.[1-9][0-9]{0,38}$/);
  expect(writeCtSlice(fixture())).toEqual(writeCtSlice(fixture()));
});

test("the file says that it is synthetic", () => {
  const text = new TextDecoder("latin1").decode(writeCtSlice(fixture()));
  for (const mark of ["SYNTHETIC DATA", "SYNTHETIC HEAD CT", "PHANTOM^PH0001", "20000101"]) expect(text).toContain(mark);
});

const good = writeCtSlice(fixture());

/** The same file with another length before its pixels, which are the last 96 bytes. */
function withLength(bytes: Uint8Array, length: number): Uint8Array {
  const edited = bytes.slice();
  new DataView(edited.buffer).setUint32(edited.length - 96 - 4, length, true);
  return edited;
}

test("a few bytes behind the pixels are noted, a pad byte is not, and what follows the element is left alone", async () => {
  expect((await read(Uint8Array.from([...good, ...new Uint8Array(1000)]))).notes).toEqual([]);
  const slice = await read(Uint8Array.from([...good.subarray(0, -100), 98, 0, 0, 0, ...good.subarray(-96), 7, 7]));
  expect([slice.hu[47], slice.notes]).toEqual([27, ["PixelData (7FE0,0010) is 2 bytes longer than its pixels: the rest is ignored"]]);
});

/** Elements of an explicit file with a short VR, moved behind another: what some anonymisers write. */
function moved(bytes: Uint8Array, [group, element]: readonly [number, number], behind: readonly [number, number]): Uint8Array {
  const startOf = ([g, e]: readonly [number, number]): number =>
    bytes.findIndex((_, i) => i > 300 && [g & 255, g >> 8, e & 255, e >> 8].every((byte, k) => bytes[i + k] === byte));
  const endOf = (at: number): number => at + 8 + bytes[at + 6] + 256 * bytes[at + 7];
  const from = startOf([group, element]);
  const to = endOf(startOf(behind));
  return Uint8Array.from([
    ...bytes.subarray(0, from),
    ...bytes.subarray(endOf(from), to),
    ...bytes.subarray(from, endOf(from)),
    ...bytes.subarray(to),
  ]);
}

test("elements out of order are read with a note where their types and lengths are sound", async () => {
  const slice = await read(moved(good, [0x0008, 0x103e], [0x0018, 0x0015]));
  expect(slice).toMatchObject({ kernel: "SOFT30", positionMm: [-100, -110.25, 12.5] });
  expect(slice.hu).toEqual(Float32Array.from(fixture().stored));
  expect(slice.notes).toEqual(["elements are out of order: read all the same, as their types and lengths are sound"]);
  // Without types nothing distinguishes disorder from a wrong length.
  const implicit = writeCtSlice(fixture(), { syntax: "implicit" });
  const at = implicit.findIndex((_, i) => i > 300 && [8, 0, 0x3e, 0x10].every((byte, k) => implicit[i + k] === byte));
  implicit[at] = 2;
  await expect(read(implicit)).rejects.toThrow("elements out of order: 0002,103E after 0008,1030; a length before it is wrong");
});

test("an element that occurs twice with two values is refused, with one value read", async () => {
  const at = good.findIndex((_, i) => i > 300 && [0x28, 0, 0x52, 0x10].every((byte, k) => good[i + k] === byte));
  const element = good.subarray(at, at + 8 + good[at + 6]);
  const twice = (second: Uint8Array): Uint8Array =>
    Uint8Array.from([...good.subarray(0, at), ...element, ...second, ...good.subarray(at + element.length)]);
  expect((await read(twice(element))).hu).toEqual(Float32Array.from(fixture().stored));
  const other = element.slice();
  other[8] = "5".charCodeAt(0);
  await expect(read(twice(other))).rejects.toThrow("slice.dcm: element 0028,1052 occurs twice, with two values");
});

test("decimal commas of positions and spacings are read as points, with a note", async () => {
  const comma = (bytes: Uint8Array, keyword: "PixelSpacing" | "ImagePositionPatient", value: string): Uint8Array =>
    edit(bytes, keyword, value);
  const slice = await read(comma(comma(good, "PixelSpacing", "0,5\\0,4 "), "ImagePositionPatient", "-100\\-110,25\\12,5 "));
  expect(slice).toMatchObject({ pixelSpacingMm: [0.5, 0.4], positionMm: [-100, -110.25, 12.5] });
  expect(slice.notes).toEqual([
    "PixelSpacing (0028,0030) has decimal commas: read as points",
    "ImagePositionPatient (0020,0032) has decimal commas: read as points",
  ]);
  // A list with commas is no number.
  expect((await read(edit(good, "PixelSpacing", "0.5,0.4 "))).pixelSpacingMm).toBeNull();
  // Of a scale a comma could also part thousands.
  await expect(read(edit(writeCtSlice(fixture({ intercept: 10.5 })), "RescaleIntercept", "10,5"))).rejects.toThrow("got 1 and NaN");
});

test.each([
  [
    "another transfer syntax",
    edit(good, "TransferSyntaxUID", "1.2.840.113619.5.2\0\0"),
    "GE Private Implicit VR Big Endian (1.2.840.113619.5.2): decompress it first, e.g. with dcmconv",
  ],
  [
    "bare values in a compressed syntax",
    edit(good, "TransferSyntaxUID", "1.2.840.10008.1.2.5\0"),
    "expected fragments, as RLE Lossless has",
  ],
  ["text for a transfer syntax", edit(good, "TransferSyntaxUID", "JANE^DOE 1.2.3.4.5.6"), "got other text"],
  ["another SOP class", edit(good, "SOPClassUID", "1.2.840.10008.5.1.4.1.1.4\0"), "expected a CT image (CT Image Storage), got MR Image"],
  ["another modality", edit(good, "Modality", "MR"), "expected CT in Modality (0008,0060)"],
  ["colour", edit(good, "SamplesPerPixel", 3), "got 3 samples"],
  ["a palette", edit(good, "PhotometricInterpretation", "PALETTE     "), "expected MONOCHROME1 or MONOCHROME2"],
  ["no rows", edit(good, "Rows", 0), "Rows (0028,0010): expected 1..4096, got 0"],
  ["too many rows", edit(good, "Rows", 5000), "Rows (0028,0010): expected 1..4096, got 5000"],
  ["rows that are not there", edit(good, "Rows", 4096), "PixelData (7FE0,0010): expected 65536 bytes, got 96: truncated?"],
  ["32 bits", edit(good, "BitsAllocated", 32), "BitsAllocated (0028,0100): expected 16, as CT has, or 8, got 32"],
  ["16 bits in 8", edit(good, "BitsAllocated", 8), "within 8, got 16 bits up to bit 15"],
  [
    "8 bits where there are 16",
    edit(edit(edit(good, "BitsAllocated", 8), "BitsStored", 8), "HighBit", 7),
    "PixelData (7FE0,0010): expected 48 bytes, as Rows, Columns and BitsAllocated (6 x 8 of 8 bits) say, got 96: one of them is wrong",
  ],
  ["a column too few", edit(good, "Columns", 7), "expected 84 bytes, as Rows, Columns and BitsAllocated (6 x 7 of 16 bits) say, got 96"],
  ["a row too few", edit(good, "Rows", 5), "expected 80 bytes, as Rows, Columns and BitsAllocated (5 x 8 of 16 bits) say, got 96"],
  ["half the rows", edit(good, "Rows", 3), "(3 x 8 of 16 bits) say, got 96: one of them is wrong"],
  ["pixels of a gibibyte, by their length", withLength(good, 2 ** 30), "its length says 1073741824 bytes, but 96 are left: damaged?"],
  ["pixels of a length that is too short", withLength(good, 94), "PixelData (7FE0,0010): expected 96 bytes, got 94: truncated?"],
  ["more bits than there are", edit(good, "BitsStored", 17), "got 17 bits up to bit 15"],
  ["a high bit below the bits stored", edit(good, "HighBit", 11), "got 16 bits up to bit 11"],
  ["a sign that is none", edit(good, "PixelRepresentation", 2), "PixelRepresentation (0028,0103): expected 0 or 1, got 2"],
  ["a slope of zero", edit(good, "RescaleSlope", "0 "), "got 0 and 0"],
  ["a slope that is text", edit(good, "RescaleSlope", "x "), "got NaN and 0"],
  ["another unit", edit(good, "RescaleType", "ED"), "RescaleType (0028,1054): expected HU"],
  ["no intercept", edit(good, "RescaleIntercept", "  "), "no RescaleSlope or RescaleIntercept"],
  ["pixels cut off", good.subarray(0, good.length - 1), "PixelData (7FE0,0010): expected 96 bytes, got 95: truncated?"],
  ["the header cut off", good.subarray(0, 900), "truncated?"],
  ["the meta header cut off", good.subarray(0, 170), "truncated?"],
  ["no pixel data", good.subarray(0, good.length - 96 - 12), "no PixelData (7FE0,0010): the file has no image"],
  ["another kind of file", new TextEncoder().encode("<!doctype html>"), "not a DICOM file"],
  ["an empty file", new Uint8Array(0), "not a DICOM file"],
])("%s is refused by name", async (_, bytes, message) => {
  await expect(read(bytes)).rejects.toThrow(/^slice\.dcm: /);
  await expect(read(bytes)).rejects.toThrow(message);
});

test.each([
  ["4.53", "JPEG Spectral Selection"],
  ["4.55", "JPEG Full Progression"],
  ["4.92", "JPEG 2000 Multi-component Lossless"],
  ["4.110", "JPEG XL Lossless"],
  ["4.107", "HEVC Main"],
  ["8.1", "Deflated Image Frame Compression"],
])("1.2.840.10008.1.2.%s is refused by name", async (last, name) => {
  const uid = `1.2.840.10008.1.2.${last}`;
  const bytes = fileOf({ Modality: "CT" }, { ...SYNTAXES.explicit, uid });
  await expect(read(bytes)).rejects.toThrow(`slice.dcm: unsupported transfer syntax ${name} (${uid}): decompress it first`);
});

test("a UID of no registered syntax is not repeated", async () => {
  const bytes = fileOf({ Modality: "CT" }, { ...SYNTAXES.explicit, uid: "1.2.3.4.5" });
  await expect(read(bytes)).rejects.toThrow("slice.dcm: unsupported transfer syntax of unknown name: decompress it first");
});

test("no text of the file reaches an error", async () => {
  const named = edit(edit(good, "Modality", "Xq"), "SOPClassUID", "JANE^DOE".padEnd(26));
  await expect(read(named)).rejects.not.toThrow(/Xq|JANE/);
});

/** The front of an explicit file up to group 0008, then raw elements. */
const withElements = (elements: Uint8Array): Uint8Array => {
  const front = good.subarray(0, good.length - afterMeta(good).length);
  const bytes = new Uint8Array(front.length + elements.length);
  bytes.set(front);
  bytes.set(elements, front.length);
  return bytes;
};

const sequence = [0x08, 0, 0x15, 0x11, 0x53, 0x51, 0, 0, 0xff, 0xff, 0xff, 0xff];
const item = [0xfe, 0xff, 0, 0xe0, 0xff, 0xff, 0xff, 0xff];
const emptyItem = [0xfe, 0xff, 0, 0xe0, 0, 0, 0, 0];

test("a sequence of hundreds of thousands of empty items ends early", async () => {
  const elements = new Uint8Array(sequence.length + 8 * 400_000);
  elements.set(sequence);
  for (let at = sequence.length; at < elements.length; at += 8) elements.set(emptyItem, at);
  await expect(read(withElements(elements))).rejects.toThrow("slice.dcm: the data set cannot be read: the data set has more parts");
});

test("sequences nested without end are an error, not a crash", async () => {
  const level = [...sequence, ...item];
  const elements = new Uint8Array(level.length * 60_000);
  for (let at = 0; at < elements.length; at += level.length) elements.set(level, at);
  await expect(read(withElements(elements))).rejects.toThrow("slice.dcm: the data set cannot be read: sequences are nested too deeply");
});

test("a deflated file may not inflate without limit", async () => {
  const bytes = writeCtSlice(fixture(), { syntax: "deflated", deflate });
  let limit = Infinity;
  const reading = readCtSlice(bytes, "bomb.dcm", {
    inflate: (_, limitBytes) => {
      limit = limitBytes;
      return Promise.reject(new Error("more than the limit comes out"));
    },
  });
  await expect(reading).rejects.toThrow("bomb.dcm: more than the limit comes out");
  expect(limit).toBeLessThanOrEqual(256 * 2 ** 20);
});

test.each(SYNTAX_NAMES)("damaged %s files give a slice or an error that names the file, soon", async (syntax) => {
  const whole = writeCtSlice(fixture(), { syntax, deflate });
  const damage = fc.record({
    length: fc.oneof(fc.constant(whole.length), fc.nat(whole.length)),
    flips: fc.array(fc.tuple(fc.integer({ min: 128, max: whole.length - 1 }), fc.nat(255)), { maxLength: 6 }),
  });
  let outcomes = 0;
  let slowestMs = 0;
  await fc.assert(
    fc.asyncProperty(damage, async ({ length, flips }) => {
      const bytes = whole.slice();
      for (const [at, value] of flips) bytes[at] = value;
      const start = performance.now();
      try {
        const slice = await read(bytes.subarray(0, length));
        expect(slice.hu).toHaveLength(slice.rows * slice.columns);
      } catch (error) {
        expect(String(error)).toMatch(/^Error: slice\.dcm: ./);
      }
      slowestMs = Math.max(slowestMs, performance.now() - start);
      outcomes++;
    }),
    { numRuns: 1500, seed: 7 },
  );
  expect(outcomes).toBe(1500);
  expect(slowestMs).toBeLessThan(1000);
});
