import * as fc from "fast-check";
import { expect, test } from "vitest";
import { stepsFor } from "./fit.ts";

test("an epoch ends with the batch that shows its last image", () => {
  expect([1, 2, 3, 4].map((epochs) => stepsFor(epochs, 10, 4))).toEqual([3, 5, 8, 10]);
});

test("each epoch takes a step at least, so that none ends unseen where a batch holds more than all images", () => {
  expect([1, 2, 3].map((epochs) => stepsFor(epochs, 45, 128))).toEqual([1, 2, 3]);
  fc.assert(
    fc.property(fc.nat(500), fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 256 }), (epoch, images, batch) => {
      expect(stepsFor(epoch + 1, images, batch)).toBeGreaterThan(stepsFor(epoch, images, batch));
    }),
    { seed: 1710 },
  );
});
