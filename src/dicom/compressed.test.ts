// Files in compressed syntaxes, written by write-slice.ts: read back bit for bit, damaged, and with tags that the code stream contradicts.
import { deflateRawSync, inflateRawSync } from "node:zlib";
import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { openFrameDecoders } from "../codecs/frame-decoders-node.ts";
import { loadFrameEncoders } from "../codecs/frame-encoders.ts";
import { fileOf } from "./element-fixture.ts";
import { encapsulate } from "./encapsulated.ts";
import type { FrameDecoders, FrameEncoders } from "../codecs/frame.ts";
import { readCtSlice } from "./read-slice.ts";
import { edit, fixture } from "./slice-fixture.ts";
import { SYNTAXES, type SyntaxName, type WritableSyntax } from "./transfer-syntax.ts";
import { writeCtSlice, type SyntheticSlice } from "./write-slice.ts";

const COMPRESSED: readonly WritableSyntax[] = ["rle", "jpeg-lossless-sv1", "jpeg-ls", "jpeg-2000-lossless", "htj2k-lossless"];
const OF_CODECS = COMPRESSED.slice(2);

const frameDecoders = openFrameDecoders();
/** Damage makes CharLS stall; waiting longer for its end shows nothing more. */
const impatientDecoders = openFrameDecoders(400);
let encoders: FrameEncoders;
beforeAll(async () => {
  encoders = await loadFrameEncoders();
});

const inflate = async (bytes: Uint8Array, maxOutputLength: number): Promise<Uint8Array> => inflateRawSync(bytes, { maxOutputLength });
const write = (slice: SyntheticSlice, syntax: WritableSyntax): Uint8Array =>
  writeCtSlice(slice, { syntax, encoders, deflate: (bytes) => deflateRawSync(bytes) });
const read = (bytes: Uint8Array, decoders: FrameDecoders = frameDecoders) => readCtSlice(bytes, "slice.dcm", { inflate, decoders });

const [ROWS, COLUMNS] = [61, 83];
/** A smooth picture with noise on it; values need `bits`, the sign included. */
const picture = (bits: number, signed: boolean): Int16Array => {
  const half = 2 ** (bits - 1);
  const at = (i: number): number => half * (0.6 * Math.sin(i / 300) + (0.3 * ((Math.imul(i, 0x9e3779b1) >>> 20) & 255)) / 255);
  return Int16Array.from({ length: ROWS * COLUMNS }, (_, i) => Math.round(signed ? at(i) : at(i) + half * 0.65));
};

describe.each(COMPRESSED)("%s", (syntax) => {
  test.each([
    [16, true],
    [12, true],
    [16, false],
    [12, false],
  ])("%i bits, signed: %s, are read as they were written", async (bitsStored, signed) => {
    const values = picture(bitsStored, signed);
    const stored = signed ? values : Uint16Array.from(values);
    const slice = await read(write(fixture({ rows: ROWS, columns: COLUMNS, stored, bitsStored, slope: 0.02 }), syntax));
    expect(slice.hu).toEqual(Float32Array.from(stored, (value) => 0.02 * value));
    expect(slice.isLossy).toBe(false);
    expect(slice.notes).toEqual([]);
  });

  test("one pixel, one row and one column", async () => {
    for (const [rows, columns] of [
      [1, 1],
      [1, 50],
      [50, 1],
    ]) {
      const stored = Int16Array.from({ length: rows * columns }, (_, i) => i * 7 - 20);
      const slice = await read(write(fixture({ rows, columns, stored }), syntax));
      expect(slice.hu).toEqual(Float32Array.from(stored));
    }
  });

  test("tags that the code stream contradicts are an error", async () => {
    const stored = picture(16, true);
    const bytes = write(fixture({ rows: ROWS, columns: COLUMNS, stored }), syntax);
    await expect(read(edit(bytes, "Rows", ROWS + 1))).rejects.toThrow(
      syntax === "rle"
        ? "ends before its plane is full"
        : `has ${ROWS} rows of ${COLUMNS}, but Rows and Columns (0028,0010, 0028,0011) say 62 of 83`,
    );
  });

  test("a file cut anywhere is refused", async () => {
    const bytes = write(fixture({ rows: ROWS, columns: COLUMNS, stored: picture(16, true) }), syntax);
    for (const part of [0.999, 0.9, 0.6, 0.4])
      await expect(read(bytes.subarray(0, bytes.length * part))).rejects.toThrow(/^slice\.dcm: .*truncated/);
  });

  test("damaged files give a slice of the right size or an error that names the file, soon", async () => {
    const whole = write(fixture({ rows: ROWS, columns: COLUMNS, stored: picture(16, true) }), syntax);
    const start = whole.length - 3000;
    let outcomes = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: start, max: whole.length - 1 }), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        async (flips) => {
          const bytes = whole.slice();
          for (const [at, value] of flips) bytes[at] = value;
          try {
            expect((await read(bytes, impatientDecoders)).hu).toHaveLength(ROWS * COLUMNS);
          } catch (error) {
            expect(String(error)).toMatch(/^Error: slice\.dcm: ./);
          }
          outcomes++;
        },
      ),
      { numRuns: syntax === "jpeg-2000-lossless" ? 20 : 60, seed: 31 },
    );
    expect(outcomes).toBeGreaterThanOrEqual(20);
  });
});

test.each(OF_CODECS)("%s without its decoder is refused by name", async (syntax) => {
  const { name, uid } = SYNTAXES[syntax];
  await expect(read(write(fixture(), syntax), {})).rejects.toThrow(`slice.dcm: unsupported transfer syntax ${name} (${uid}): no decoder`);
});

test.each(OF_CODECS)("%s without its encoder is not written", (syntax) => {
  expect(() => writeCtSlice(fixture(), { syntax })).toThrow(`the syntax "${syntax}" needs an encoder`);
});

/** A file of this code stream. */
const holding = (codeStream: readonly number[], syntax: WritableSyntax, differs: Partial<SyntheticSlice> = {}): Uint8Array =>
  writeCtSlice(fixture(differs), { syntax, encoders: { [SYNTAXES[syntax].uid]: () => Uint8Array.from(codeStream) } });

/** SOI, a frame header, and nothing but the end. */
const jpeg = (marker: number, bits: number, rows: number, columns: number, samples: number): number[] => {
  const frame = [0xff, marker, 0, 11, bits, rows >> 8, rows & 255, columns >> 8, columns & 255, samples, 1, 0x11, 0];
  const scan = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0, 0];
  return [0xff, 0xd8, ...frame, ...scan, 0xff, 0xd9];
};

test.each([
  ["a giant", jpeg(0xf7, 16, 65_535, 65_535, 1), "has 65535 rows of 65535, but Rows and Columns"],
  ["colour", jpeg(0xf7, 8, 6, 8, 3), "has 3 values per pixel"],
  ["no bits", jpeg(0xf7, 0, 6, 8, 1), "has 0 bits per value"],
  ["more bits than cells have", jpeg(0xf7, 17, 6, 8, 1), "has 17 bits per value, but BitsAllocated (0028,0100) says 16"],
  ["another JPEG", jpeg(0xc0, 8, 6, 8, 1), "expected a code stream of JPEG-LS, got baseline JPEG"],
  ["no end marker", jpeg(0xf7, 16, 6, 8, 1).slice(0, -2), "no end marker (FFD9): truncated?"],
  ["no JPEG", Array.from({ length: 64 }, () => 0), "expected a JPEG code stream (FFD8), got something else"],
  ["no frame header", [0xff, 0xd8, 0xff, 0xda, 0, 2, 0xff, 0xd9], "no JPEG frame header (SOF)"],
  ["a segment past the end", [0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff, 0xff, 0xd9], "is 65535 bytes long, but 4 are left"],
])("JPEG-LS: %s is refused before a codec sees it", async (_, codeStream, message) => {
  let asked = 0;
  const decoders = { [SYNTAXES["jpeg-ls"].uid]: () => Promise.reject(new Error(`asked ${++asked}`)) };
  await expect(read(holding(codeStream, "jpeg-ls"), decoders)).rejects.toThrow(message);
  expect(asked).toBe(0);
});

/** SOC, SIZ, a tile-part that reaches to the end, and the end. */
const jpeg2000 = (size: readonly number[], tile: readonly number[], depth: number): number[] => {
  const extents = [...size, 0, 0, ...tile, 0, 0].flatMap((value) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]);
  return [0xff, 0x4f, 0xff, 0x51, 0, 41, 0, 0, ...extents, 0, 1, depth, 1, 1, 0xff, 0x90, 0, 10, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xd9];
};

test.each([
  ["a giant", jpeg2000([60_000, 60_000], [60_000, 60_000], 15), "has 60000 rows of 60000, but Rows and Columns"],
  ["very many tiles", jpeg2000([8, 6_000_000], [1, 1], 15), "expected at most 4096 tiles"],
  ["tiles of nothing", jpeg2000([8, 6], [0, 0], 15), "expected at most 4096 tiles"],
  ["38 bits", jpeg2000([8, 6], [8, 6], 37), "has 38 bits per value"],
  ["a JP2 file", [0, 0, 0, 12, 0x6a, 0x50, 0x20, 0x20, ...Array.from({ length: 60 }, () => 0)], "got a JP2 file around one"],
])("JPEG 2000: %s is refused before a codec sees it", async (_, codeStream, message) => {
  let asked = 0;
  const decoders = { [SYNTAXES["jpeg-2000-lossless"].uid]: () => Promise.reject(new Error(`asked ${++asked}`)) };
  await expect(read(holding(codeStream, "jpeg-2000-lossless"), decoders)).rejects.toThrow(message);
  expect(asked).toBe(0);
});

test.each(OF_CODECS)("%s: bytes that are missing in the middle of the code stream are noticed", async (syntax) => {
  const { rows, columns, stored, bitsStored } = fixture({
    rows: ROWS,
    columns: COLUMNS,
    stored: Uint16Array.from(picture(12, false)),
    bitsStored: 12,
  });
  const codeStream = encoders[SYNTAXES[syntax].uid]({ rows, columns, stored, bitsStored });
  const middle = codeStream.length >> 1;
  for (const missing of [1, 2, 17, 100]) {
    const shortened = [...codeStream.subarray(0, middle), ...codeStream.subarray(middle + missing)];
    await expect(read(holding(shortened, syntax, { rows, columns, stored, bitsStored }))).rejects.toThrow(/^slice\.dcm: ./);
  }
});

/** What a decoder would say of the 48 values of the fixture. */
const answering = (values: readonly number[], bitsPerSample: number, signed: boolean): FrameDecoders => ({
  [SYNTAXES["jpeg-2000-lossless"].uid]: async () => ({
    rows: 6,
    columns: 8,
    samples: 1,
    bitsPerSample,
    signed,
    bytes: new Uint8Array(Int16Array.from(values).buffer),
  }),
});
const fortyEight = (value: number): number[] => Array.from({ length: 48 }, () => value);
const small = jpeg2000([8, 6], [8, 6], 12);

test("an unsigned code stream of signed values has the sign in its top bit", async () => {
  // 13 bits: 0 to 8191, where 4096 and above mean v - 8192.
  const bytes = holding(small, "jpeg-2000-lossless", { bitsStored: 13, stored: new Int16Array(48) });
  expect((await read(bytes, answering(fortyEight(8191), 13, false))).hu[0]).toBe(-1);
  expect((await read(bytes, answering(fortyEight(4095), 13, false))).hu[0]).toBe(4095);
});

test("where bits are missing the sign is unclear, and unsigned tags allow no negative values", async () => {
  const signed = holding(small, "jpeg-2000-lossless", { bitsStored: 16, stored: new Int16Array(48) });
  await expect(read(signed, answering(fortyEight(8191), 13, false))).rejects.toThrow("the sign is unclear");
  const unsigned = holding(small, "jpeg-2000-lossless", { bitsStored: 16, stored: new Uint16Array(48) });
  await expect(read(unsigned, answering(fortyEight(-1), 16, true))).rejects.toThrow("negative values in the code stream");
  expect((await read(unsigned, answering(fortyEight(700), 16, true))).hu[0]).toBe(700);
});

test("a code stream may hold whole cells, with garbage above the high bit", async () => {
  const bytes = holding(small, "jpeg-2000-lossless", { bitsStored: 12, stored: new Uint16Array(48) });
  expect((await read(bytes, answering(fortyEight(0x7123), 16, false))).hu[0]).toBe(0x123);
});

test("a code stream that says that it is lossy is believed, whatever its syntax promises", async () => {
  const near = (error: number): Uint8Array => {
    const stream = jpeg(0xf7, 16, 6, 8, 1);
    return holding(stream.with(stream.length - 6, error), "jpeg-ls");
  };
  const ls = { [SYNTAXES["jpeg-ls"].uid]: answering(fortyEight(1), 16, false)[SYNTAXES["jpeg-2000-lossless"].uid] };
  expect([(await read(near(0), ls)).isLossy, (await read(near(2), ls)).isLossy]).toEqual([false, true]);
  // COD: no precincts, one layer, no levels, blocks of 64, and a wavelet.
  const wavelet = (kind: number): Uint8Array =>
    holding([...small.slice(0, -14), 0xff, 0x52, 0, 12, 0, 0, 0, 1, 0, 0, 4, 4, 0, kind, ...small.slice(-14)], "jpeg-2000-lossless");
  const answer = answering(fortyEight(1), 12, true);
  expect([(await read(wavelet(1), answer)).isLossy, (await read(wavelet(0), answer)).isLossy]).toEqual([false, true]);
});

test("a frame whose codec warned is read, with a note", async () => {
  const uid = SYNTAXES["jpeg-2000-lossless"].uid;
  const warning = { [uid]: async (stream: Uint8Array) => ({ ...(await answering(fortyEight(1), 12, true)[uid](stream)), warned: true }) };
  const slice = await read(holding(small, "jpeg-2000-lossless"), warning);
  expect(slice.notes).toEqual(["the codec of JPEG 2000 Lossless warned while it decoded: the pixels may be damaged"]);
});

test("a decoder's answer of another size is refused", async () => {
  const bytes = holding(small, "jpeg-2000-lossless");
  await expect(read(bytes, answering([1, 2, 3], 16, true))).rejects.toThrow("the codec returned 6 bytes, expected 96");
  const uid = SYNTAXES["jpeg-2000-lossless"].uid;
  const wider = { [uid]: async () => ({ rows: 6, columns: 9, samples: 1, bitsPerSample: 16, signed: true, bytes: new Uint8Array(108) }) };
  await expect(read(bytes, wider)).rejects.toThrow("the decoded frame has 6 rows of 9");
});

/** The same file under another transfer syntax, whose UID is as long or shorter. */
function renamed(bytes: Uint8Array, from: WritableSyntax, to: SyntaxName): Uint8Array {
  const uid = SYNTAXES[from].uid;
  const at = new TextDecoder("latin1").decode(bytes).indexOf(uid);
  const edited = bytes.slice();
  edited.set(new TextEncoder().encode(SYNTAXES[to].uid.padEnd(uid.length, "\0")), at);
  return edited;
}

test.each([
  ["jpeg-lossless-sv1", "jpeg-lossless", false],
  ["jpeg-ls", "jpeg-ls-near-lossless", true],
  ["jpeg-2000-lossless", "jpeg-2000", true],
  ["htj2k-lossless", "htj2k-lossless-rpcl", false],
  ["htj2k-lossless", "htj2k", true],
] satisfies [WritableSyntax, SyntaxName, boolean][])("%s is a case of %s, which is lossy: %s", async (written, to, isLossy) => {
  const stored = picture(16, true);
  const slice = await read(renamed(write(fixture({ rows: ROWS, columns: COLUMNS, stored }), written), written, to));
  expect(slice.hu).toEqual(Float32Array.from(stored, (value) => Math.max(value, -1024)));
  expect(slice.isLossy).toBe(isLossy);
});

/** Made by DCMTK 3.6.7 (dcmcjpeg +eb +q 90) of 5 x 7 values of ours; DCMTK and GDCM decode it to the values below. */
const BASELINE = Uint8Array.from(
  Buffer.from(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/wAALCAAFAAcBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAABf/EABwQAAIDAQEBAQAAAAAAAAAAAAEDAgQFBwYIEf/aAAgBAQAAPwAj5655ldF596/fzmP8+mvsNxqKSmrZaivXfJ04z/URQwTnogCJQIrjWUIgEAx//9k=",
    "base64",
  ),
);
const BASELINE_VALUES = [...Buffer.from("0239741959a657a900be208e4fba310a8a0bdf7d10fd96363adb8e934a0f19e4b2d1a4", "hex")];

const eightBits = {
  SOPClassUID: "1.2.840.10008.5.1.4.1.1.2\0",
  Modality: "CT",
  SamplesPerPixel: 1,
  PhotometricInterpretation: "MONOCHROME2",
  Rows: 5,
  Columns: 7,
  BitsAllocated: 8,
  BitsStored: 8,
  HighBit: 7,
  PixelRepresentation: 0,
  RescaleIntercept: "-1000",
  RescaleSlope: "16.5",
  PixelData: encapsulate(BASELINE),
};

test.each(["jpeg-baseline", "jpeg-extended"] as const)("%s of 8 bits is read by the file's own rescale", async (syntax) => {
  const slice = await read(fileOf(eightBits, SYNTAXES[syntax]));
  expect([...slice.hu]).toEqual(BASELINE_VALUES.map((value) => 16.5 * value - 1000));
  expect(slice.isLossy).toBe(true);
});

test("JPEG of 12 bits and progressive JPEG are refused by name, and never handed to a decoder of 8 bits", async () => {
  const frame = BASELINE.findIndex((byte, i) => byte === 0xff && BASELINE[i + 1] === 0xc0);
  const file = (at: number, value: number): Uint8Array =>
    fileOf(
      { ...eightBits, BitsAllocated: 16, BitsStored: 12, HighBit: 11, PixelData: encapsulate(BASELINE.with(at, value)) },
      SYNTAXES["jpeg-extended"],
    );
  await expect(read(file(frame + 4, 12), {})).rejects.toThrow("baseline JPEG of 12 bits is not read, only of 8");
  await expect(read(file(frame + 1, 0xc2), {})).rejects.toThrow("expected a code stream of baseline JPEG, got progressive JPEG");
});

test("bare values of 8 bits are read too", async () => {
  const bare = { ...eightBits, PixelData: Uint8Array.from([...BASELINE_VALUES, 0]) };
  expect([...(await read(fileOf(bare))).hu]).toEqual(BASELINE_VALUES.map((value) => 16.5 * value - 1000));
});
