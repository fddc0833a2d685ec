// A clot laid into white matter of one value: how it ends, and what lies around it.
import { expect, test } from "vitest";
import { drawHemorrhage, layClot, reachOf, toClot, type Hemorrhage } from "./hemorrhage.ts";
import { stream } from "./random.ts";
import { emptyTissue } from "./tissue.ts";

const WHITE_HU = 27;
const drawn = (seed: number, volumeMl: number): Hemorrhage =>
  drawHemorrhage(stream("clots", seed, "test"), { site: "putamen", side: "left", volumeMl, clotHu: 62 });

/** [distance to the surface, HU] along a ray from the middle of a clot to the patient's left. */
function profile(clot: Hemorrhage): [distanceMm: number, hu: number][] {
  const [cx, y, z] = clot.form.centre;
  return Array.from({ length: 400 }, (_, i) => {
    const x = cx + i * 0.1;
    const tissue = { ...emptyTissue(), hu: WHITE_HU };
    layClot(clot, reachOf(clot), { x, y, z, outMm: -30, west: 0, across: 0 }, tissue);
    return [toClot(clot, x, y, z), tissue.hu];
  });
}

test("a clot fades over 2 to 4 mm into a rim that is 3 to 10 HU darker than what lies beyond", () => {
  for (let seed = 0; seed < 20; seed++) {
    const points = profile(drawn(seed, 6));
    const deepest = points.filter(([distanceMm]) => distanceMm > 1).map(([, hu]) => WHITE_HU - hu);
    expect(Math.max(...deepest), `seed ${seed}`).toBeGreaterThan(3);
    expect(Math.max(...deepest), `seed ${seed}`).toBeLessThan(10);
    const half = (WHITE_HU + 55) / 2;
    // One millimetre inside and outside the surface nothing is pure yet.
    const near = points.filter(([distanceMm]) => Math.abs(distanceMm) < 0.3).map(([, hu]) => hu);
    expect(Math.max(...near), `seed ${seed}`).toBeGreaterThan(half - 14);
    expect(Math.max(...near), `seed ${seed}`).toBeLessThan(half + 14);
    expect(points[points.length - 1][1]).toBe(WHITE_HU);
  }
});

test("more than a third of the clots are of mixed density, and fewer than two thirds", () => {
  const clots = Array.from({ length: 200 }, (_, seed) => drawn(seed, 10));
  const mixed = clots.filter(({ swirlHu, fluidLevelY }) => swirlHu > 0 || fluidLevelY !== null).length;
  expect(mixed).toBeGreaterThan(67);
  expect(mixed).toBeLessThan(133);
});
