// What stands off the head.
import { expect, test } from "vitest";
import { boneThickness, measureSkull, outsideHu, type SkullPlace } from "./skull.ts";

const skull = { egg: 0.135, plagiocephaly: 0, thicknessMm: 6.5, scalpMm: 6, frontalSinus: false };

/** Millimetres of soft tissue beyond 3 mm above the scalp, outwards from the midline at a level and a place from front to back. */
function standingOff(sign: 1 | -1, y: number, z: number): number {
  const place: SkullPlace = { outMm: 0, stretch: 1 };
  let count = 0;
  for (let x = 50; x < 120; x += 0.25) {
    measureSkull(skull, sign * x, y, z, place);
    const thicknessMm = boneThickness(skull, sign * x, y, 0);
    if (place.outMm - thicknessMm < skull.scalpMm + 3) continue;
    if (outsideHu(skull, { x: sign * x, y, z, outMm: place.outMm, west: 0, across: 0 }, thicknessMm) > 0) count++;
  }
  return count * 0.25;
}

test("ears stand off both sides of the head below the basal ganglia, and nothing does at their level", () => {
  for (const sign of [1, -1] as const) {
    for (const y of [32, 36]) {
      expect(standingOff(sign, y, -34)).toBeGreaterThan(2);
      expect(standingOff(sign, y, -34)).toBeLessThan(9);
    }
    expect(standingOff(sign, 32, 0)).toBe(0);
    expect(standingOff(sign, 60, -34)).toBe(0);
  }
});
