// What is read of a training run.
import { expect, test } from "vitest";
import { recordOf } from "./analysis.ts";

test("the lowest of all looks, and the last share of dead units", () => {
  const line = { epoch: 1, step: 10, loss: 1.2 };
  expect(
    recordOf([
      { ...line, validationLoss: 1.1, deadShare: 0.2 },
      { ...line, validationLoss: 0.4, deadShare: 0.5 },
      { ...line, validationLoss: 0.9 },
    ]),
  ).toEqual({ lowestValidationLoss: 0.4, deadShare: 0.5 });
  // An earlier version's run, trained without validation.
  expect(recordOf([line])).toEqual({ lowestValidationLoss: null, deadShare: null });
});
