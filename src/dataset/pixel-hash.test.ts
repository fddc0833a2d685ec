import * as fc from "fast-check";
import { expect, test } from "vitest";
import { pixelHash, type Pixels } from "./pixel-hash.ts";

const grey = (width: number, height: number, data: Uint8Array | Float32Array): Pixels => ({ width, height, channels: 1, data });

/** Pixel (x, y) of the result is what `from` finds in the image. */
const rearranged = ({ width, height, data }: Pixels, swap: boolean, from: (x: number, y: number) => [number, number]): Pixels => {
  const [w, h] = swap ? [height, width] : [width, height];
  return grey(
    w,
    h,
    Float32Array.from({ length: w * h }, (_, i) => {
      const [x, y] = from(i % w, Math.floor(i / w));
      return data[y * width + x];
    }),
  );
};

const images = fc
  .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }))
  .filter(([width, height]) => width * height > 1)
  .chain(([width, height]) =>
    fc
      .array(fc.integer({ min: -1000, max: 1000 }), { minLength: width * height, maxLength: width * height })
      .map((values) => grey(width, height, Float32Array.from(values))),
  );

test("mirrored, upside down and turned by quarters it is the same image", () => {
  fc.assert(
    fc.property(images, (image) => {
      const { width, height } = image;
      const hash = pixelHash(image);
      expect(pixelHash(rearranged(image, false, (x, y) => [width - 1 - x, y]))).toBe(hash);
      expect(pixelHash(rearranged(image, false, (x, y) => [x, height - 1 - y]))).toBe(hash);
      expect(pixelHash(rearranged(image, true, (x, y) => [y, x]))).toBe(hash);
      expect(pixelHash(rearranged(image, true, (x, y) => [width - 1 - y, x]))).toBe(hash);
    }),
    { seed: 1710, numRuns: 200 },
  );
});

test("one changed value makes another image", () => {
  fc.assert(
    fc.property(images, fc.nat(), (image, place) => {
      const changed = image.data.slice();
      changed[place % changed.length] += 3000;
      const other = pixelHash({ ...image, data: changed });
      expect(other).not.toBe(null);
      expect(other).not.toBe(pixelHash(image));
    }),
    { seed: 1710, numRuns: 200 },
  );
});

test("the same pixels in another shape are another image", () => {
  const data = Float32Array.from({ length: 12 }, (_, i) => i);
  const hashes = [grey(12, 1, data), grey(6, 2, data), grey(4, 3, data)].map(pixelHash);
  expect(new Set(hashes).size).toBe(3);
});

test("grey stored as colour, and padding of any depth, make no difference; colour does", () => {
  const bytes = Uint8Array.of(3, 200, 90, 4);
  const inColour = Uint8Array.from(Array.from(bytes).flatMap((value) => [value, value, value]));
  const hash = pixelHash(grey(2, 2, bytes));
  expect(pixelHash({ width: 2, height: 2, channels: 3, data: inColour })).toBe(hash);
  expect(pixelHash({ width: 2, height: 2, channels: 3, data: inColour.with(0, 4) })).not.toBe(hash);
  const padded = (air: number): string | null => pixelHash(grey(2, 2, Float32Array.of(air, 30, 40, 50)));
  expect(padded(-2000)).toBe(padded(-1024));
  expect(padded(-1000)).not.toBe(padded(-1024));
});

test("an image of one value has no name", () => {
  expect(pixelHash(grey(3, 3, new Uint8Array(9).fill(7)))).toBe(null);
  expect(pixelHash(grey(2, 2, Float32Array.of(-2000, -1500, -1024, -1024)))).toBe(null);
});
