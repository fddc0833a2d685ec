// How numbers are printed.
import { expect, test } from "vitest";
import { difference, digits2, digits3 } from "./numbers.ts";

test("what rounds to zero has no sign, and a negative number has a true minus", () => {
  expect([digits2(-0.004), digits3(-0.0004), difference(-0.0004)]).toEqual(["0.00", "0.000", "0.000"]);
  expect([digits2(-0.014), digits3(-1.5), difference(0.25)]).toEqual(["\u22120.01", "\u22121.500", "+0.250"]);
});
