// A job that scoring reads: what would give wrong scores without a word is refused, with the place in the file.
import { expect, test } from "vitest";
import { parsed } from "../platform/json.ts";
import { TRAINING_JOB } from "./job-schema.ts";

const images = { windowHu: { centerHu: 40, widthHu: 80 }, slices: 3, slab: false, pixelScale: 1 };
const job = { format: "striatum-job-1", network: "alexnet", classes: ["none", "hemorrhage"], images, rate: 0.01 };
const read = (value: unknown): unknown => parsed(TRAINING_JOB, value, { file: "out/job.json", what: "a training job of this version" });

test("a job is read with what is not looked at", () => {
  expect(read(job)).toEqual(job);
  expect(read({ ...job, images: { ...images, slices: "band", headCrop: 1.1, augment: true } })).toMatchObject({
    images: { headCrop: 1.1 },
  });
});

test.each([
  ["another format", { ...job, format: "striatum-job-9" }, "at format"],
  ["a network that there is not", { ...job, network: "lenet" }, "at network"],
  ["classes that are none", { ...job, classes: [] }, "at classes"],
  ["classes that are numbers", { ...job, classes: [1, 2] }, "at classes.0"],
  ["no images", { ...job, images: undefined }, "at images"],
  ["a window of no width", { ...job, images: { ...images, windowHu: { centerHu: 40, widthHu: 0 } } }, "at images.windowHu.widthHu"],
  ["a window of text", { ...job, images: { ...images, windowHu: "40/80" } }, "at images.windowHu"],
  ["half a slice", { ...job, images: { ...images, slices: 0.5 } }, "at images.slices"],
  ["a scale of zero", { ...job, images: { ...images, pixelScale: 0 } }, "at images.pixelScale"],
  ["a field that is not known", { ...job, images: { ...images, crop: 1 } }, "at images.crop"],
])("%s is refused", (_, value, place) => {
  expect(() => read(value)).toThrow(`out/job.json: not a training job of this version, ${place}: `);
});

test("no object at all is refused", () => {
  for (const value of [null, [], 7, "x"]) expect(() => read(value)).toThrow("out/job.json: not a training job of this version");
});
