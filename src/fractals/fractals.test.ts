// Systems that contract, pictures that depend on seed, category and instance alone, and categories that a simple classifier separates.
import { assert, double, integer, nat, property } from "fast-check";
import { expect, test } from "vitest";
import { drawsOf, STREAM } from "./draws.ts";
import { fractalImages, hashFractals, type FractalOptions } from "./images.ts";
import { singularValues, stretchOf, systemOf, turned, varied } from "./system.ts";

const draws = (seed: number) => drawsOf(seed, 0, 0, STREAM.category);
const seeds = nat(2 ** 31);

test("singular values: ordered, at most 1, and of the sum that was asked for", () => {
  assert(
    property(seeds, integer({ min: 1, max: 8 }), double({ min: 0.05, max: 0.95, noNaN: true }), (seed, count, share) => {
      const total = 3 * count * share;
      const values = singularValues(count, total, draws(seed));
      for (const [s1, s2] of values) {
        expect(s2).toBeGreaterThanOrEqual(-1e-9);
        expect(s1).toBeGreaterThanOrEqual(s2 - 1e-9);
        expect(s1).toBeLessThanOrEqual(1 + 1e-9);
      }
      expect(values.reduce((sum, [s1, s2]) => sum + s1 + 2 * s2, 0)).toBeCloseTo(total, 9);
    }),
  );
});

test("every map of a category and of its variants contracts", () => {
  assert(
    property(seeds, nat(1000), (seed, category) => {
      const system = systemOf(seed, category);
      expect(system.length).toBeGreaterThanOrEqual(2);
      expect(system.length).toBeLessThanOrEqual(8);
      for (const map of [...system, ...varied(system, draws(seed + 1))]) expect(stretchOf(map)).toBeLessThan(1);
    }),
  );
});

test("a turned system walks the turned attractor, a mirrored one the mirrored", () => {
  const system = systemOf(1, 1);
  const walk = (maps: typeof system): [number, number] =>
    [0, 1, 0, 0, 1].reduce(
      ([x, y]: [number, number], i) => {
        const { a, b, c, d, e, f } = maps[i];
        return [a * x + b * y + e, c * x + d * y + f];
      },
      [0, 0],
    );
  const [x, y] = walk(system);
  const [u, v] = walk(turned(system, [0.6, 0.8], false));
  expect([u, v].map((n) => n.toFixed(9))).toEqual([0.6 * x - 0.8 * y, 0.8 * x + 0.6 * y].map((n) => n.toFixed(9)));
  const [p, q] = walk(turned(system, [1, 0], true));
  expect([p, q].map((n) => n.toFixed(9))).toEqual([-x, y].map((n) => n.toFixed(9)));
});

const options = { seed: 5, categories: 4, instances: 3, poses: "any", size: 24 } as const;
const pixels = async (change: Partial<FractalOptions>, image: number): Promise<string> =>
  (await fractalImages({ ...options, ...change }).read(image)).data.join();

test("an image is a function of seed, category and instance, in whatever order it is asked for", async () => {
  const images = fractalImages(options);
  const later = (await images.read(7)).data.join();
  await images.read(2);
  expect((await images.read(7)).data.join()).toBe(later);
  expect(await pixels({}, 7)).toBe(later);
  expect(await pixels({ seed: 6 }, 7)).not.toBe(later);
  expect(await pixels({}, 3)).not.toBe(later);
  expect(await pixels({ from: 1 }, 3)).toBe(later);
  expect([...images.labels]).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
  expect(images.classes).toEqual(["fractal 0", "fractal 1", "fractal 2", "fractal 3"]);
});

test("seed 0's first image stays what it is: a change of the law must change its name", async () => {
  const { data } = await fractalImages({ seed: 0, categories: 2, instances: 1, poses: "any", size: 8 }).read(0);
  expect([...data.subarray(16, 40)]).toMatchInlineSnapshot(`
    [
      200,
      200,
      202,
      204,
      155,
      206,
      204,
      200,
      193,
      194,
      194,
      120,
      115,
      168,
      202,
      199,
      191,
      141,
      123,
      112,
      110,
      167,
      201,
      198,
    ]
  `);
  expect(hashFractals([options])).not.toBe(hashFractals([{ ...options, seed: 6 }]));
});

test.each(["any", "upright"] as const)("poses %s: figures fill some of their picture and not all, and stand out", async (poses) => {
  const size = 48;
  const images = fractalImages({ seed: 3, categories: 30, instances: 2, poses, size });
  for (let i = 0; i < images.length; i++) {
    const { data } = await images.read(i);
    const sorted = [...data].sort((a, b) => a - b);
    const middle = sorted[sorted.length / 2];
    const apart = data.filter((grey) => Math.abs(grey - middle) > 20).length / data.length;
    expect(apart, `image ${i}`).toBeGreaterThan(0.01);
    expect(apart, `image ${i}`).toBeLessThan(0.7);
  }
});

test.each([
  ["seed", { seed: -1 }],
  ["categories", { categories: 1 }],
  ["instances", { instances: 2 ** 30 }],
  ["size", { size: 4096 }],
])("refuses %s out of bounds before it allocates", (name, change) => {
  expect(() => fractalImages({ ...options, ...change })).toThrow(`fractals: ${name} must be a whole number from`);
});

test("refuses an image that is not there", async () => {
  await expect(fractalImages(options).read(12)).rejects.toThrow("fractals: image must be a whole number from 0 to 11, got 12");
});
