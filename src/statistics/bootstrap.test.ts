import { describe, expect, test } from "vitest";
import { percentileInterval, resample } from "./bootstrap.ts";
import { auc, partialAuc, pointAtSpecificity, rocCurve } from "./roc.ts";

/** A small generator of its own, so that the room stands alone: Weyl's sequence, well spread over (sample, draw). */
const uniform = (sample: number, draw: number): number => (sample * 0.7548776662466927 + draw * 0.5698402909980532 + 0.5) % 1;

const LABELS = [1, 1, 1, 1, 0, 0, 0, 0, 0];
const SCORES = [0.9, 0.6, 0.4, 0.6, 0.6, 0.1, 0.4, 0.2, 0.3];

describe("resample", () => {
  test("each sample is the curve of the patients drawn", () => {
    const [result] = resample([SCORES], LABELS, { samples: 50, specificity: 0.8, partialFrom: 0.7, uniform });
    for (let sample = 0; sample < 50; sample++) {
      const drawn = LABELS.map((_, draw) => (draw < 4 ? Math.floor(uniform(sample, draw) * 4) : 4 + Math.floor(uniform(sample, draw) * 5)));
      const [scores, labels] = [drawn.map((i) => SCORES[i]), drawn.map((i) => LABELS[i])];
      expect(result.aucs[sample]).toBeCloseTo(auc(scores, labels), 14);
      expect(result.sensitivities[sample]).toBeCloseTo(pointAtSpecificity(rocCurve(scores, labels), 0.8).sensitivity, 14);
      expect(result.partialAucs[sample]).toBeCloseTo(partialAuc(rocCurve(scores, labels), 0.7), 14);
    }
    expect(new Set(result.aucs).size).toBeGreaterThan(10);
  });

  test("curves are resampled together: twice the same curve differs never", () => {
    const [a, b] = resample([SCORES, SCORES.map((score) => score * 2)], LABELS, {
      samples: 20,
      specificity: 0.95,
      partialFrom: 0.7,
      uniform,
    });
    expect(a).toEqual(b);
  });

  test("a perfect curve stays perfect", () => {
    const [{ aucs }] = resample([LABELS], LABELS, { samples: 20, specificity: 0.95, partialFrom: 0.7, uniform });
    expect(percentileInterval(aucs)).toEqual({ low: 1, high: 1 });
  });
});

test("percentiles join order statistics linearly, as NumPy's default does", () => {
  const interval = percentileInterval([4, 1, 3, 2, 10], 0.5);
  expect(interval).toEqual({ low: 2, high: 4 });
  expect(percentileInterval([0, 1], 0.95).low).toBeCloseTo(0.025, 15);
  expect(percentileInterval([7])).toEqual({ low: 7, high: 7 });
});
