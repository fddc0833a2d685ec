// Occlusion maps of a made-up network that looks at one place: the map must find it.
import { expect, test } from "vitest";
import type { Picture } from "../dataset/image.ts";
import { networkNamed } from "../models/index.ts";
import type { Scoring } from "./evaluate.ts";
import { CELLS, occlude } from "./occlusion.ts";

const [STORED, CROP] = [72, 64];
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

/** Says "hemorrhage" by the brightest pixel of what it is shown. */
const brightest: Scoring = {
  options: { network: networkNamed("alexnet"), classes: 3, size: CROP, batch: 7 },
  score: async ({ pixels }) => {
    const p = new Float32Array(7 * 3);
    for (let i = 0; i < 7; i++) {
      const most = pixels.subarray(i * STORED * STORED, (i + 1) * STORED * STORED).reduce((a, b) => Math.max(a, b & 255), 0);
      const finding = most / 256;
      p.set([1 - finding, finding / 2, finding / 2], 3 * i);
    }
    return p;
  },
};

test("the fall is largest where the score comes from, and only cells of the head are covered", async () => {
  const { maps, passes } = await occlude(brightest, [head(220)], CROP);
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
  // ln(220/36) less ln(100/156), where the whole blood is covered.
  expect(falls[peak]).toBeCloseTo(Math.log(220 / 36) - Math.log(100 / 156), 1);
  expect([...falls].filter((fall) => fall > 0.1).length).toBeLessThanOrEqual(9);
});

test("a picture in which no patch lowers the score has no peak", async () => {
  const { maps } = await occlude(brightest, [head(100)], CROP);
  expect(maps[0].peak).toBeNull();
  expect([...maps[0].falls].every((fall) => fall <= 0)).toBe(true);
});

test("the same pictures give the same maps, in whatever company", async () => {
  const alone = await occlude(brightest, [head(220)], CROP);
  const together = await occlude(brightest, [head(150), head(220)], CROP);
  expect(together.maps[1]).toEqual(alone.maps[0]);
});
