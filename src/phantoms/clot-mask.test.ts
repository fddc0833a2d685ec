// The clot's place on the slices, held to the truth of the case and to its pictures.
import { expect, test } from "vitest";
import { renderCase } from "./case.ts";
import { clotOf } from "./clot-mask.ts";
import { isPositive, makeCohort } from "./cohort.ts";

const cohort = makeCohort({ cases: 36, seed: 7, kind: "quick" });

test("a clot covers the area that the case's truth gives each slice, where its blood is bright", () => {
  let compared = 0;
  for (const spec of cohort.filter(({ stratum }) => isPositive(stratum)).slice(0, 3)) {
    const phantom = renderCase(spec);
    const { truth, scanner } = phantom;
    const clot = clotOf(spec);
    expect(clot.volumeMl).toBe(truth.volumeMl);
    expect([clot.matrix, clot.slices]).toEqual([scanner.matrix, scanner.slices.length]);
    truth.clotMm2.forEach((area, i) => {
      const mm2 = clot.shares(i).reduce((sum, share) => sum + share, 0) * clot.pixelMm ** 2;
      expect(Math.abs(mm2 - area), `${spec.patient}, slice ${i}`).toBeLessThan(6 + 0.08 * area);
    });
    const shares = clot.shares(truth.sliceIndex);
    const { hu } = phantom.slice(truth.sliceIndex);
    const inside = [...hu.keys()].filter((i) => shares[i] === 1);
    const mean = inside.reduce((sum, i) => sum + hu[i], 0) / inside.length;
    expect(Math.abs(mean - (truth.clotHu ?? 0)), `${spec.patient}, HU`).toBeLessThan(8);
    compared++;
  }
  expect(compared).toBe(3);
});

test("a case without a hemorrhage shows no clot", () => {
  const normal = cohort.find(({ stratum }) => stratum === "normal");
  if (!normal) throw new Error("no normal case");
  const clot = clotOf(normal);
  expect(clot.volumeMl).toBe(0);
  expect(clot.shares(2).every((share) => share === 0)).toBe(true);
});
