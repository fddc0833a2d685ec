// Lossless JPEG against itself and against streams that DCMTK wrote.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { codeStreamHeader } from "./code-stream.ts";
import { decodeLosslessJpeg, encodeLosslessJpeg } from "./jpeg-lossless.ts";

const words = (bytes: Uint8Array): Uint16Array => new Uint16Array(bytes.slice().buffer);
const decoded = (codeStream: Uint8Array): number[] => [...words(decodeLosslessJpeg(codeStream).bytes)];

/** Extents, bits and values that fit them. */
const frames = fc
  .record({ rows: fc.integer({ min: 1, max: 9 }), columns: fc.integer({ min: 1, max: 9 }), bitsStored: fc.integer({ min: 9, max: 16 }) })
  .chain(({ rows, columns, bitsStored }) =>
    fc
      .array(fc.nat(2 ** bitsStored - 1), { minLength: rows * columns, maxLength: rows * columns })
      .map((values) => ({ rows, columns, bitsStored, stored: Uint16Array.from(values) })),
  );

test("what was encoded is decoded, from 9 to 16 bits", () => {
  fc.assert(
    fc.property(frames, (frame) => {
      const { rows, columns, samples, bitsPerSample, bytes } = decodeLosslessJpeg(encodeLosslessJpeg(frame));
      expect({ rows, columns, samples, bitsPerSample }).toEqual({
        rows: frame.rows,
        columns: frame.columns,
        samples: 1,
        bitsPerSample: frame.bitsStored,
      });
      expect(words(bytes)).toEqual(frame.stored);
    }),
    { seed: 11, numRuns: 400 },
  );
});

test("a last code that ends with the last byte is not lost, and one that goes on behind it is missed", () => {
  const ends = Array.from({ length: 64 }, (_, value) =>
    encodeLosslessJpeg({ rows: 1, columns: 3, bitsStored: 12, stored: Uint16Array.of(5, 900, value) }),
  );
  for (const [value, codeStream] of ends.entries()) {
    expect(decoded(codeStream)).toEqual([5, 900, value]);
    const cut = Uint8Array.of(...codeStream.subarray(0, codeStream.length - 3), 0xff, 0xd9);
    expect(() => decodeLosslessJpeg(cut)).toThrow(/truncated/);
  }
});

/** Made by DCMTK 3.6.7 (dcmcjpeg +el +sv N) of the 35 values below, which are ours. */
const BY_PREDICTOR: readonly string[] = [
  "/9j/4AAQSkZJRgABAQAAAQABAAD/wwALEAAFAAcBAREA/8QAGgABAQEAAwEAAAAAAAAAAAAACwwKBggJEP/aAAgBAQABAAD7dTvzGwSHTRKOqmZa6ttmQmjcJTkIYWSh/wDBIuBw3BJrGEbogTgVUyXF2hlFjwPX+xVxPaXcmX//2Q==",
  "/9j/4AAQSkZJRgABAQAAAQABAAD/wwALEAAFAAcBAREA/8QAGgAAAwEBAQEAAAAAAAAAAAAACgsMCQgGEP/aAAgBAQACAAD46k/NNgyHZoqjqpkJ5gz1WVioqdeowvehnZqOTy4ZOaxho81fBOfAmhdELKLTjmS1ZSJcyp07/9k=",
  "/9j/4AAQSkZJRgABAQAAAQABAAD/wwALEAAFAAcBAREA/8QAGgAAAgMBAQAAAAAAAAAAAAAACwwHCQoIEP/aAAgBAQADAAD26nfmGwJDk0RRzUzJDAYJbOcV92mAwletg8VF3NzivAO4wmHNfArt0MDz3WKiyGuCba7D5EF3uf//2Q==",
  "/9j/4AAQSkZJRgABAQAAAQABAAD/wwALEAAFAAcBAREA/8QAFwABAQEBAAAAAAAAAAAAAAAACgsMEP/aAAgBAQAEAADnUvzjYUh6aMo7VM4gW70JFA2d52SUMK70JFA13oSOIF2MIkcQLd6Eiga71lFkDXetkliBbvQkf//Z",
  "/9j/4AAQSkZJRgABAQAAAQABAAD/wwALEAAFAAcBAREA/8QAGAABAQEBAQAAAAAAAAAAAAAACwwKCRD/2gAIAQEABQAA9up35jYJDpolHVTMe1S6C1IlDxU7QYWlLSTknqwSt5ZaxhMmmBdz+5bjogdKLc40fbHSdSTsxxf//9k=",
  "/9j/4AAQSkZJRgABAQAAAQABAAD/wwALEAAFAAcBAREA/8QAGQAAAwEBAQAAAAAAAAAAAAAACgsMCQcQ/9oACAEBAAYAAPHUn5psGQ7NFUdVMzqTcrJ4lxGlTUIwj3AsO3O5ecxu1jCWHM/s9xy9iaACUWCRMJr3p5pwlnN//9k=",
  "/9j/4AAQSkZJRgABAQAAAQABAAD/wwALEAAFAAcBAREA/8QAGgABAAMAAwAAAAAAAAAAAAAACwkKDAQIEP/aAAgBAQAHAAD16m/mNgkOmiUdqmRJnwzdknzOm7wwosrM5x2orrvZwbYwyrk/SNpn19kk8osLdy9d/TmvB9Nv/9k=",
];
/** The same with predictor 4 and the two lowest bits left out (+pt 2). */
const WITHOUT_TWO_BITS =
  "/9j/4AAQSkZJRgABAQAAAQABAAD/wwALEAAFAAcBAREA/8QAFwABAQEBAAAAAAAAAAAAAAAACAkKDv/aAAgBAQAEAALn/wDdT9jXSKmko9U2IG7wkQOd7ZJDC7wkQN3xHiB2MCTEBd8RoK72UVA3f2SYgbvCT//Z";
const VALUES = Array.from({ length: 35 }, (_, i) => (i * i * 37 + (i % 3) * 900) % 4096);
const bytesOf = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, "base64"));

test.each(BY_PREDICTOR.map((base64, i) => [i + 1, base64] as const))("predictor %i", (_, base64) => {
  expect(decoded(bytesOf(base64))).toEqual(VALUES);
});

test("a point transform leaves low bits zero, which is a loss", () => {
  expect(codeStreamHeader(bytesOf(WITHOUT_TWO_BITS), "jpeg-lossless").lossy).toBe(true);
  expect(codeStreamHeader(bytesOf(BY_PREDICTOR[0]), "jpeg-lossless").lossy).toBe(false);
  expect(decoded(bytesOf(WITHOUT_TWO_BITS))).toEqual(VALUES.map((value) => value - (value % 4)));
});

test("after a restart marker a row is predicted like the first", () => {
  const row = [700, 720, 690, 655];
  const one = encodeLosslessJpeg({ rows: 1, columns: 4, bitsStored: 12, stored: Uint16Array.from(row) });
  const scan = one.findIndex((byte, i) => byte === 0xff && one[i + 1] === 0xda);
  const codes = one.subarray(scan + 10, one.length - 2);
  const front = one.slice(0, scan);
  front[front.indexOf(0xc3) + 5] = 3; // rows
  const restarts = [0xff, 0xdd, 0, 4, 0, 4];
  const three = [...front, ...restarts, ...one.subarray(scan, scan + 10), ...codes, 0xff, 0xd0, ...codes, 0xff, 0xd1, ...codes, 0xff, 0xd9];
  expect(decoded(Uint8Array.from(three))).toEqual([...row, ...row, ...row]);
  const without = three.toSpliced(three.lastIndexOf(0xd0) - 1, 2);
  expect(() => decodeLosslessJpeg(Uint8Array.from(without))).toThrow(/lossless JPEG/);
});

test("damage gives values or an error, soon", () => {
  const whole = encodeLosslessJpeg({
    rows: 30,
    columns: 40,
    bitsStored: 16,
    stored: Uint16Array.from({ length: 1200 }, (_, i) => (i * 977) % 60_000),
  });
  let errors = 0;
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 5 }), fc.nat(whole.length), (flips, length) => {
      const bytes = whole.slice();
      for (const [at, value] of flips) bytes[at] = value;
      const { rows, columns } = { rows: bytes[7] * 256 + bytes[8], columns: bytes[9] * 256 + bytes[10] };
      if (rows * columns > 2 ** 20) return; // the caller has compared them with the data set's
      try {
        const frame = decodeLosslessJpeg(bytes.subarray(0, length));
        expect(frame.bytes.length % (frame.rows * frame.columns)).toBe(0);
      } catch (error) {
        errors++;
        expect(String(error)).toMatch(/^Error: (lossless JPEG|expected a JPEG|a JPEG segment)/);
      }
    }),
    { seed: 13, numRuns: 1000 },
  );
  expect(errors).toBeGreaterThan(700);
});
