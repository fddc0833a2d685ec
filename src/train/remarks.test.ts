// Sets from which nothing can be learnt are said to be such, and others are not.
import { expect, test } from "vitest";
import type { ImageSet } from "../dataset/dataset.ts";
import { remarksOn } from "./remarks.ts";

/** A set with these labels, whose images have the value of `pixel` at each place. */
const setOf = (labels: readonly number[], pixel: (image: number, at: number) => number, channels: 1 | 3 = 1): ImageSet => ({
  size: 4,
  length: labels.length,
  classes: ["none", "hemorrhage"],
  labels: Uint32Array.from(labels),
  cases: Uint32Array.from(labels.keys()),
  read: async (image) => ({ width: 4, height: 4, channels, data: Uint8Array.from({ length: 16 * channels }, (_, at) => pixel(image, at)) }),
});

const textured = (image: number, at: number): number => image + at;

test("two classes and pictures with something in them need no remark", async () => {
  expect(await remarksOn(setOf([0, 1], textured), setOf([1, 0], textured))).toEqual([]);
  expect(await remarksOn(setOf([0, 1], textured), setOf([], textured))).toEqual([]);
  expect(
    await remarksOn(
      setOf([0, 1], (image, at) => (image === 1 && at === 5 ? 1 : 0)),
      setOf([], textured),
    ),
  ).toEqual([]);
});

test("one class in a set is said", async () => {
  expect(await remarksOn(setOf([1, 1], textured), setOf([0, 0], textured))).toEqual([
    'all training images are of the class "hemorrhage": there is nothing to separate',
    expect.stringMatching(/^all validation images are of the class "none": there is no area under the ROC curve/),
  ]);
});

test("so are pictures of one grey level, or of one colour", async () => {
  const black = setOf([0, 1], () => 0);
  const red = setOf([0, 1], (_, at) => (at % 3 === 0 ? 200 : 0), 3);
  expect(await remarksOn(black, red)).toEqual([
    "the training images that were looked at are of one grey level each: wrong window, or damaged files?",
    "the validation images that were looked at are of one grey level each: wrong window, or damaged files?",
  ]);
});
