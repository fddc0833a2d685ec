// What a file of weights records of its network, and what is refused.
import { expect, test } from "vitest";
import { alexnet } from "../models/alexnet.ts";
import { googlenet } from "../models/googlenet.ts";
import { tensor, type Tensor } from "../tensor/tensor.ts";
import { writeSafetensors } from "../weights/safetensors.ts";
import { DEFAULT_IMAGES, imageMetadata } from "./image-settings.ts";
import { isForClasses, readPretrained } from "./pretrained.ts";

function file(last: string, classes: number, metadata: Record<string, string> = {}, mean?: Float32Array, shape: number[] = [1, 1, 4]) {
  const tensors: [string, Tensor][] = [
    [`${last}/weight`, tensor([classes, 2], new Float32Array(classes * 2))],
    [`${last}/bias`, tensor([classes], new Float32Array(classes))],
  ];
  if (mean) tensors.push(["mean", tensor(shape, mean)]);
  const chunks = writeSafetensors(tensors, metadata);
  return { file: "w.safetensors", bytes: Uint8Array.from(chunks.flatMap((chunk) => [...chunk])) };
}

test("a file of weights alone: the paper's size, numbered classes, ImageNet's mean", () => {
  const { classes, width, size, mean, images } = readPretrained(googlenet, file("loss3/classifier", 3));
  expect({ classes, width, size, pixelScale: images.pixelScale }).toEqual({
    classes: ["class 0", "class 1", "class 2"],
    width: 1,
    size: 224,
    pixelScale: 1,
  });
  expect([...mean]).toEqual([104, 117, 123, 0]);
});

test("AlexNet's mean image is ImageNet's mean pixel everywhere where none is given", () => {
  const { mean } = readPretrained(alexnet, file("fc8", 2, { size: "32" }));
  expect(mean.length).toBe(36 * 36 * 4);
  expect([...mean.subarray(-4)]).toEqual([104, 117, 123, 0]);
});

test("a file of Striatum has names, scale and mean", () => {
  const told = { network: "googlenet", labels: '["none","left"]', width: "0.125", size: "64", pixelScale: "0.5" };
  const pretrained = readPretrained(googlenet, file("loss3/classifier", 2, told, Float32Array.of(1, 2, 3, 0)));
  expect(pretrained).toMatchObject({ classes: ["none", "left"], width: 1 / 8, size: 64, images: { pixelScale: 0.5 } });
  expect([...pretrained.mean]).toEqual([1, 2, 3, 0]);
  expect(readPretrained(googlenet, pretrained.weights, { labels: ["a", "b"] }).classes).toEqual(["a", "b"]);
});

test("a file of Striatum records how images were made, and what is damaged in it is refused", () => {
  const images = { windowHu: { centerHu: 35.5, widthHu: 90 }, slices: "band", slab: true, pixelScale: 1 / 64, headCrop: 0.85 } as const;
  expect(readPretrained(googlenet, file("loss3/classifier", 2, imageMetadata(images))).images).toEqual(images);
  expect(readPretrained(googlenet, file("loss3/classifier", 2, imageMetadata(DEFAULT_IMAGES))).images).toEqual(DEFAULT_IMAGES);
  for (const [key, value] of [
    ["window", "40"],
    ["window", "40/0"],
    ["slices", "0"],
    ["slices", "all"],
    ["headCrop", "-1"],
    ["headCrop", "3"],
    ["pixelScale", "x"],
  ])
    expect(() => readPretrained(googlenet, file("loss3/classifier", 2, { [key]: value })), key).toThrow(
      `w.safetensors: ${key} in its metadata is "${value}"`,
    );
});

test("whether a classifier is for the classes at hand", () => {
  const named = file("fc8", 2, { labels: '["none","left"]' });
  expect(isForClasses(alexnet, named, ["none", "left"])).toBe(true);
  expect(isForClasses(alexnet, named, ["left", "none"])).toBe(false);
  expect(isForClasses(alexnet, file("fc8", 2), ["left", "none"])).toBe(true);
  expect(isForClasses(alexnet, file("fc8", 1000), ["left", "none"])).toBe(false);
  expect(isForClasses(alexnet, file("fc7", 2), ["left", "none"])).toBe(false);
});

test.each([
  ["weights of alexnet, not of googlenet", { network: "alexnet" }, undefined],
  ["has 2 classes, but 3 labels are given", { labels: '["a","b","c"]' }, undefined],
  ["labels in its metadata are not a JSON list of names", { labels: "none" }, undefined],
  ['size in its metadata is "1e9"', { size: "1e9" }, undefined],
  ['width in its metadata is "-1"', { width: "-1" }, undefined],
  ["its mean is [2, 2, 4], expected [1, 1, 4]", {}, [2, 2, 4]],
])("refuses, naming the file: %s", (problem, metadata, meanShape) => {
  const weights = file("loss3/classifier", 2, metadata, meanShape && new Float32Array(16), meanShape);
  expect(() => readPretrained(googlenet, weights)).toThrow(`w.safetensors: ${problem}`);
});
