// Occlusion maps of a made-up network that looks at one place: the map must find it.
import { expect, test } from "vitest";
import type { Picture } from "../dataset/image.ts";
import { networkNamed } from "../models/index.ts";
import type { Scoring } from "./evaluate.ts";
import { occlude } from "./occlusion.ts";

const [STORED, CROP, CELLS] = [72, 64, 16];
const FINE = { crop: CROP, cells: CELLS };
const BLOOD = { x: 44, y: 30 };

/** A disc of brain in air, with blood at a place of the stored picture. */
function head(blood: number): Picture {
  const data = Uint8Array.from({ length: STORED * STORED }, (_, i) => {
    const [x, y] = [(i % STORED) - STORED / 2, Math.floor(i / STORED) - STORED / 2];
    return x * x + y * y < 30 * 30 ? 100 : 0;
  });
  for (let y = -2; y < 2; y++) for (let x = -2; x < 2; x++) data[(BLOOD.y + y) * STORED + BLOOD.x + x] = blood;
  return { width: STORED, height: STORED, channels: 1, data };
}

/** Says "hemorrhage" by the number of bright pixels that it is shown: 0.05 and 0.05 for each. */
const counting: Scoring = {
  options: { network: networkNamed("alexnet"), classes: 3, size: CROP, batch: 7 },
  score: async ({ pixels }) => {
    const p = new Float32Array(7 * 3);
    for (let i = 0; i < 7; i++) {
      const bright = pixels.subarray(i * STORED * STORED, (i + 1) * STORED * STORED).filter((pixel) => (pixel & 255) > 200).length;
      const finding = 0.05 + 0.05 * bright;
      p.set([1 - finding, finding / 2, finding / 2], 3 * i);
    }
    return p;
  },
};

test("the fall is largest where the score comes from, and only cells of the head are covered", async () => {
  const { maps, passes } = await occlude(counting, [head(220)], FINE);
  const [{ falls, covered, peak }] = maps;
  expect(passes).toBe(covered.length + 1);
  expect(covered.length).toBeGreaterThan(120);
  expect(covered.length).toBeLessThan(CELLS * CELLS);
  expect(covered).not.toContain(0);
  const margin = (STORED - CROP) / 2;
  const cell = (at: number): number => (at - margin) / (CROP / CELLS);
  if (peak === null) throw new Error("there is no peak");
  // The whole blood of 4 pixels must lie under the patch of 8.
  expect(Math.abs((peak % CELLS) + 0.5 - cell(BLOOD.x))).toBeLessThanOrEqual(0.5);
  expect(Math.abs(Math.floor(peak / CELLS) + 0.5 - cell(BLOOD.y))).toBeLessThanOrEqual(0.5);
  // 16 bright pixels, and none.
  expect(falls[peak]).toBeCloseTo(Math.log(0.85 / 0.15) - Math.log(0.05 / 0.95), 4);
  expect([...falls].filter((fall) => fall > 0.1).length).toBeLessThanOrEqual(9);
});

test("patches that touch find the same place, to within half a patch", async () => {
  const { maps } = await occlude(counting, [head(220)], { crop: CROP, cells: 8 });
  const [{ falls, peak }] = maps;
  expect(falls).toHaveLength(64);
  if (peak === null) throw new Error("there is no peak");
  const margin = (STORED - CROP) / 2;
  expect(Math.abs(((peak % 8) + 0.5) * 8 - (BLOOD.x - margin))).toBeLessThanOrEqual(4);
  expect(Math.abs((Math.floor(peak / 8) + 0.5) * 8 - (BLOOD.y - margin))).toBeLessThanOrEqual(4);
});

test("a picture in which no patch lowers the score has no peak", async () => {
  const { maps } = await occlude(counting, [head(100)], FINE);
  expect(maps[0].peak).toBeNull();
  expect([...maps[0].falls].every((fall) => fall <= 0)).toBe(true);
});

test("the same pictures give the same maps, in whatever company", async () => {
  const alone = await occlude(counting, [head(220)], FINE);
  const together = await occlude(counting, [head(150), head(220)], FINE);
  expect(together.maps[1]).toEqual(alone.maps[0]);
});
