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

test("a clot of one density fades over 2 to 3 mm", () => {
  for (let seed = 0; seed < 20; seed++) {
    const plain = { ...drawn(seed, 6), textureHu: 0, swirlHu: 0, fluidLevelY: null, edemaHu: 0 };
    const weights = profile(plain).map(([distanceMm, hu]) => ({ distanceMm, weight: (hu - WHITE_HU) / (62 - WHITE_HU) }));
    const fading = weights.filter(({ weight }) => weight > 0.1 && weight < 0.9).map(({ distanceMm }) => distanceMm);
    const wideMm = Math.max(...fading) - Math.min(...fading);
    expect(wideMm, `seed ${seed}`).toBeGreaterThan(1.7);
    expect(wideMm, `seed ${seed}`).toBeLessThan(3.3);
  }
});

test("a rim of edema is 3 to 10 HU darker than what lies beyond", () => {
  for (let seed = 0; seed < 20; seed++) {
    const points = profile(drawn(seed, 6));
    const darker = Math.max(...points.filter(([distanceMm]) => distanceMm > 1).map(([, hu]) => WHITE_HU - hu));
    expect(darker, `seed ${seed}`).toBeGreaterThan(3);
    expect(darker, `seed ${seed}`).toBeLessThan(10.01);
    expect(points[points.length - 1][1]).toBeCloseTo(WHITE_HU, 1);
  }
});

test("more than a third of the clots are of mixed density, and fewer than two thirds", () => {
  const clots = Array.from({ length: 200 }, (_, seed) => drawn(seed, 10));
  const mixed = clots.filter(({ swirlHu, fluidLevelY }) => swirlHu > 0 || fluidLevelY !== null).length;
  expect(mixed).toBeGreaterThan(67);
  expect(mixed).toBeLessThan(133);
});
