import { expect, test } from "vitest";
import { intraclassCorrelation } from "./agreement.ts";

test("six targets, four judges: Shrout and Fleiss' Table 2, ICC(2, 1) = 0.29", () => {
  const judges = [
    [9, 6, 8, 7, 10, 6],
    [2, 1, 4, 1, 5, 2],
    [5, 3, 6, 2, 6, 4],
    [8, 2, 8, 6, 9, 7],
  ];
  expect(intraclassCorrelation(judges)).toBeCloseTo(0.29, 2);
  // Mean squares of their Table 3, 11.24, 32.49 and 1.02, give it to two more digits.
  expect(intraclassCorrelation(judges)).toBeCloseTo((11.24 - 1.02) / (11.24 + 3 * 1.02 + (4 / 6) * (32.49 - 1.02)), 3);
});

test("the same ratings agree fully, a level apart less, and ratings of one value say nothing", () => {
  expect(
    intraclassCorrelation([
      [1, 2, 3],
      [1, 2, 3],
    ]),
  ).toBeCloseTo(1, 14);
  // Between cases 2, error 0, raters 1.5: 2 / (2 + (2 / 3) 1.5).
  expect(
    intraclassCorrelation([
      [1, 2, 3],
      [2, 3, 4],
    ]),
  ).toBeCloseTo(2 / 3, 14);
  expect(
    intraclassCorrelation([
      [1, 1],
      [1, 1],
    ]),
  ).toBeNull();
  expect(() => intraclassCorrelation([[1, 2]])).toThrow("wants two raters and two cases at least, got 1 and 2");
});
