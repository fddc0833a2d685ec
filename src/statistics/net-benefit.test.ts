import { expect, test } from "vitest";
import { netBenefit } from "./net-benefit.ts";

test("acting on probabilities of ten cases, counted by hand", () => {
  const probabilities = [0.9, 0.8, 0.7, 0.3, 0.6, 0.2, 0.2, 0.1, 0.1, 0.05];
  const labels = [1, 1, 1, 1, 0, 0, 0, 0, 0, 0];
  // At 0.5: three found, one false alarm at even odds. At 0.2: four found, three false alarms at a quarter each.
  expect(netBenefit(probabilities, labels, 0.5)).toBeCloseTo(0.2, 14);
  expect(netBenefit(probabilities, labels, 0.2)).toBeCloseTo((4 - 3 / 4) / 10, 14);
  // Whoever acts on all gains the prevalence less the odds' worth of the rest.
  expect(
    netBenefit(
      labels.map(() => 1),
      labels,
      0.2,
    ),
  ).toBeCloseTo(0.4 - 0.6 / 4, 14);
  for (const threshold of [0, 1, NaN]) expect(() => netBenefit(probabilities, labels, threshold)).toThrow(/wants a threshold in \(0, 1\)/);
});
