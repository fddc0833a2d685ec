import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pictureOf, squash, type Image } from "./image.ts";

fc.configureGlobal({ seed: 1710 });

const images: fc.Arbitrary<Image> = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.constantFrom(1, 3))
  .chain(([width, height, channels]) => {
    const count = width * height * channels;
    return fc.uint8Array({ minLength: count, maxLength: count }).map((data) => ({ width, height, channels, data }));
  });

const sizes = fc.integer({ min: 1, max: 12 });

describe("squash", () => {
  test("every pixel of a picture counts as much as any other when it shrinks: stripes become their mean", () => {
    const stripes = Uint8Array.from({ length: 96 * 96 }, (_, i) => (i % 3 === 0 ? 240 : 0));
    const small = squash({ width: 96, height: 96, channels: 1, data: stripes }, 16);
    for (const value of small) expect(Math.abs(value - 80)).toBeLessThan(8);
    expect(new Set(squash({ unit: "HU", width: 96, height: 96, channels: 1, data: stripes }, 16)).size).toBe(1);
  });

  test("the weights are those of a triangle two steps wide, cut off at the edges, along the sides that shrink only", () => {
    const dot = (at: number): Float32Array =>
      squash({ width: 8, height: 2, channels: 1, data: Uint8Array.from({ length: 16 }, (_, i) => (i % 8 === at ? 112 : 0)) }, 4);
    expect(Array.from(dot(2).slice(0, 4))).toEqual([16, 42, 0, 0].map((value) => expect.closeTo(value, 4)));
    expect(Array.from(dot(0).slice(0, 4))).toEqual([48, 0, 0, 0].map((value) => expect.closeTo(value, 4)));
  });

  test("to the same size changes nothing, and a flat picture stays flat", () => {
    fc.assert(
      fc.property(images, sizes, fc.nat(255), (picture, size, grey) => {
        const side = Math.min(picture.width, picture.height);
        const square = { ...picture, width: side, height: side, data: picture.data.slice(0, side * side * picture.channels) };
        expect(Array.from(squash(square, side))).toEqual(Array.from(square.data));
        expect(new Set(squash({ ...picture, data: picture.data.map(() => grey) }, size))).toEqual(new Set([grey]));
      }),
    );
  });

  test("a slice at half the size is the mean of each four", () => {
    const picture = {
      width: 4,
      height: 4,
      channels: 1 as const,
      unit: "HU" as const,
      data: Uint8Array.from([0, 4, 8, 8, 8, 12, 0, 0, 1, 2, 100, 200, 3, 4, 0, 100]),
    };
    expect(Array.from(squash(picture, 2))).toEqual([6, 4, 2.5, 100]);
  });

  test("two pixels grow to four a quarter of the way apart, the edge continues", () => {
    expect(Array.from(squash({ width: 2, height: 1, channels: 1, data: Float32Array.from([0, 100]) }, 4)).slice(0, 4)).toEqual([
      0, 25, 75, 100,
    ]);
  });

  test("a ramp of Hounsfield units stays a ramp away from the edges, whatever the factor", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 2, max: 40 }), (width, size) => {
        const ramp = Float32Array.from({ length: width }, (_, x) => 3 * (x + 0.5));
        const result = squash({ unit: "HU", width, height: 1, channels: 1, data: ramp }, size);
        for (let x = 0; x < size; x++) {
          const centre = ((x + 0.5) * width) / size;
          if (centre >= 0.5 && centre <= width - 0.5) expect(result[x]).toBeCloseTo(3 * centre, 4);
        }
      }),
    );
  });

  test("stays within the range, and commutes with mirroring and with splitting channels", () => {
    fc.assert(
      fc.property(images, sizes, (picture, size) => {
        const { width, channels, data } = picture;
        const result = squash(picture, size);
        expect(Math.min(...result)).toBeGreaterThanOrEqual(Math.min(...data));
        expect(Math.max(...result)).toBeLessThanOrEqual(Math.max(...data));
        const mirror = (values: Uint8Array | Float32Array, columns: number): Float32Array =>
          Float32Array.from(values, (_, i) => {
            const [row, column, channel] = [Math.floor(i / channels / columns), Math.floor(i / channels) % columns, i % channels];
            return values[(row * columns + columns - 1 - column) * channels + channel];
          });
        const mirrored = squash({ ...picture, data: mirror(data, width) }, size);
        mirror(result, size).forEach((value, i) => expect(mirrored[i]).toBeCloseTo(value, 3));
        const red = squash({ ...picture, channels: 1, data: data.filter((_, i) => i % channels === 0) }, size);
        expect(Array.from(red)).toEqual(Array.from(result.filter((_, i) => i % channels === 0)));
      }),
    );
  });
});

test("pictureOf rounds to bytes, and a picture of the size keeps its pixels", () => {
  const window = { centerHu: 40, widthHu: 80 };
  const picture = { width: 2, height: 2, channels: 1, data: Uint8Array.from([0, 1, 1, 1]) } as const;
  expect(pictureOf(picture, 1, window)).toEqual({ width: 1, height: 1, channels: 1, data: Uint8Array.from([1]) });
  expect(pictureOf(picture, 2, window)).toEqual(picture);
});
