import { describe, expect, test } from "vitest";
import { compareAucs, delong } from "./delong.ts";
import { contrastTest } from "./joint-test.ts";

const LABELS = [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0];
const PERFECT = [0.9, 0.8, 0.95, 0.7, 0.85, 0.6, 0.1, 0.2, 0.3, 0.15, 0.4];
const FAIR = [0.9, 0.35, 0.95, 0.7, 0.85, 0.6, 0.1, 0.2, 0.5, 0.15, 0.4];
const POOR = [0.3, 0.35, 0.95, 0.1, 0.85, 0.6, 0.8, 0.2, 0.5, 0.15, 0.4];

describe("contrastTest", () => {
  test("of one contrast is the square of DeLong's z", () => {
    const result = delong([FAIR, POOR], LABELS);
    const { z, p } = compareAucs(result, 0, 1);
    const joint = contrastTest(result, [[1, -1]]);
    expect(joint.chiSquared).toBeCloseTo(z * z, 10);
    expect(joint.p).toBeCloseTo(p, 10);
  });

  test("does not depend on how the same hypothesis is put, redundant rows too", () => {
    const result = delong([PERFECT, FAIR, POOR], LABELS);
    const one = contrastTest(result, [
      [1, -1, 0],
      [1, 0, -1],
    ]);
    const other = contrastTest(result, [
      [0, 1, -1],
      [2, -1, -1],
      [1, 0, -1],
    ]);
    expect(one).toMatchObject({ degreesOfFreedom: 2, degenerate: false });
    expect(other).toMatchObject({ degreesOfFreedom: 2, degenerate: true });
    expect(other.chiSquared).toBeCloseTo(one.chiSquared, 8);
  });

  test("equal curves add nothing; a sure difference decides", () => {
    const result = delong([FAIR, FAIR, PERFECT, LABELS.map(() => 0)], LABELS);
    expect(contrastTest(result, [[1, -1, 0, 0]])).toEqual({ chiSquared: 0, degreesOfFreedom: 0, p: 1, degenerate: true });
    expect(contrastTest(result, [[0, 0, 1, -1]])).toEqual({ chiSquared: Infinity, degreesOfFreedom: 0, p: 0, degenerate: true });
  });

  test("a contrast of other length is refused", () => {
    expect(() => contrastTest(delong([FAIR, POOR], LABELS), [[1, -1, 0]])).toThrow(
      /contrast 0 has 3 weights, expected one for each of 2 curves/,
    );
  });
});
