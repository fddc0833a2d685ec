// RLE against itself, against the standard's own example of PackBits, and damaged.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeRle, encodeRle } from "./rle.ts";

const words = (bytes: Uint8Array): Uint16Array => new Uint16Array(bytes.slice().buffer);
const frame = (rows: number, columns: number, stored: Uint16Array) => ({ rows, columns, stored, bitsStored: 16 });

/** Values of runs and of noise, as PackBits likes and hates them. */
const frames = fc
  .record({
    rows: fc.integer({ min: 1, max: 6 }),
    columns: fc.integer({ min: 1, max: 300 }),
    seed: fc.nat(),
    runs: fc.integer({ min: 1, max: 200 }),
  })
  .map(({ rows, columns, seed, runs }) =>
    frame(
      rows,
      columns,
      Uint16Array.from({ length: rows * columns }, (_, i) => Math.imul(Math.floor(i / runs) + seed, 0x9e3779b1) >>> 16),
    ),
  );

test("what was encoded is decoded, runs and literals of any length", () => {
  fc.assert(
    fc.property(frames, ({ rows, columns, stored, bitsStored }) => {
      const codeStream = encodeRle({ rows, columns, stored, bitsStored });
      expect(codeStream.length % 2).toBe(0);
      expect(words(decodeRle(codeStream, { rows, columns, bitsAllocated: 16 }).bytes)).toEqual(stored);
    }),
    { seed: 21, numRuns: 300 },
  );
});

test("planes go most significant byte first, and a pad byte after them is left alone", () => {
  const stored = Uint16Array.of(0x1234, 0x1234, 0x1256);
  const codeStream = encodeRle(frame(1, 3, stored));
  expect([...codeStream.subarray(64)]).toEqual([0xfe, 0x12, 0xff, 0x34, 0, 0x56]);
  expect(words(decodeRle(Uint8Array.of(...codeStream, 0), { rows: 1, columns: 3, bitsAllocated: 16 }).bytes)).toEqual(stored);
});

test("zeros after a plane are padding", () => {
  expect([...decodeRle(plane(0xfd, 1, 0, 0, 0, 0), { rows: 2, columns: 2, bitsAllocated: 8 }).bytes]).toEqual([1, 1, 1, 1]);
});

/** One plane, its segment behind a header. */
const plane = (...segment: number[]): Uint8Array => {
  const codeStream = new Uint8Array(64 + segment.length);
  codeStream.set([1, 0, 0, 0, 64]);
  codeStream.set(segment, 64);
  return codeStream;
};

test("a control byte of 128 does nothing, and the last run of 128 is whole", () => {
  const { bytes } = decodeRle(plane(128, 0x81, 7, 128, 1, 8, 9), { rows: 10, columns: 13, bitsAllocated: 8 });
  expect([...bytes]).toEqual([...Array.from({ length: 128 }, () => 7), 8, 9]);
});

test.each([
  ["a cut header", new Uint8Array(63), "expected a header of 64 bytes, got 63"],
  ["colour", Uint8Array.of(3, ...new Uint8Array(70)), "expected 1 segments for one grey value of 8 bits, got 3"],
  ["a segment outside", Uint8Array.of(1, 0, 0, 0, 200, ...new Uint8Array(70)), "segment 1 lies outside its 75 bytes"],
  ["a segment in the header", Uint8Array.of(1, 0, 0, 0, 8, ...new Uint8Array(70)), "segment 1 lies outside"],
  ["a segment that ends early", plane(0, 5), "ends before its plane is full"],
  ["a cut literal", plane(3, 1, 2), "ends within a run"],
  ["a run past the end", plane(0xf0, 1), "goes past the end"],
  ["a segment of more values than the frame has", plane(0xfd, 1, 0xfd, 2), "goes on after its plane is full"],
])("%s is an error", (_, codeStream, message) => {
  expect(() => decodeRle(codeStream, { rows: 2, columns: 2, bitsAllocated: 8 })).toThrow(message);
});
