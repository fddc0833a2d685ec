// The names of ImageNet's classes: the list, and when it is used.
import { expect, test } from "vitest";
import { IMAGENET_CLASSES } from "../models/imagenet-classes.ts";
import { withClassNames } from "./class-names.ts";
import type { TrainedNetwork } from "./pretrained.ts";

/** Only what names depend on. */
const network = (count: number, named: boolean): TrainedNetwork =>
  ({ classes: Array.from({ length: count }, (_, i) => `class ${i}`), named }) as unknown as TrainedNetwork;

test("the list is ILSVRC2012's, in Caffe's order", () => {
  expect(IMAGENET_CLASSES).toHaveLength(1000);
  expect([0, 281, 282, 999].map((index) => IMAGENET_CLASSES[index])).toEqual(["tench", "tabby", "tiger cat", "toilet tissue"]);
  const twice = IMAGENET_CLASSES.filter((name, i) => IMAGENET_CLASSES.indexOf(name) !== i);
  expect(twice).toEqual(["crane", "maillot"]);
});

test.each([
  ["1000 classes that nobody named", 1000, false, "tiger cat"],
  ["1000 classes with names of their own", 1000, true, "class 282"],
  ["another number of classes", 999, false, "class 282"],
])("%s", async (_, count, named, expected) => {
  expect((await withClassNames(network(count, named))).classes[282]).toBe(expected);
});
