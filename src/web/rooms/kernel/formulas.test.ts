// The table of formulas: a line for every op, and each can be set.
import temml from "temml";
import { expect, test } from "vitest";
import { ops } from "../../../ops/index.ts";
import { FORMULAS } from "./formulas.ts";

test("every op has a formula, and none is left over", () => {
  expect(Object.keys(FORMULAS).toSorted()).toEqual(Object.keys(ops).toSorted());
});

test.each(Object.entries(FORMULAS))("the formula of %s is set as MathML", (_, latex) => {
  expect(temml.renderToString(latex, { throwOnError: true, displayMode: true })).toMatch(/^<math.*<\/math>$/s);
});
