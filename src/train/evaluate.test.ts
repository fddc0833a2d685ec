// From probabilities of images to scores of cases and their quality, on networks whose output the test sets.
import { expect, test } from "vitest";
import type { ImageSet } from "../dataset/dataset.ts";
import type { Picture } from "../dataset/image.ts";
import { mirroredClasses } from "../dataset/mirror.ts";
import { googlenet } from "../models/googlenet.ts";
import { positiveScore, qualityOf, scoreCases, scorePictures, type CaseScore, type Scoring } from "./evaluate.ts";
import { storedSize } from "./graphs.ts";

const SIZE = 32;
const STORED = storedSize(googlenet, SIZE);

const picture = (grey: number): Picture => ({
  width: STORED,
  height: STORED,
  channels: 1,
  data: new Uint8Array(STORED * STORED).fill(grey),
});

/** Takes a picture's grey for the probability of class 1, in percent. Notes how many images came in each batch. */
function percentReader(batch: number, classes = 2): Scoring & { readonly batches: number[] } {
  const batches: number[] = [];
  return {
    batches,
    options: { network: googlenet, classes, size: SIZE, batch },
    score: async ({ pixels }) => {
      batches.push(pixels.length / (STORED * STORED));
      return Float32Array.from({ length: batch * classes }, (_, i) => {
        const percent = (pixels[Math.floor(i / classes) * STORED * STORED] & 255) / 100;
        return i % classes === 1 ? percent : i % classes === 0 ? 1 - percent : 0;
      });
    },
  };
}

function imageSet(images: readonly { readonly case: number; readonly label: number; readonly grey: number }[]): ImageSet {
  return {
    size: STORED,
    length: images.length,
    classes: ["none", "left"],
    labels: Uint32Array.from(images, ({ label }) => label),
    cases: Uint32Array.from(images, (image) => image.case),
    read: async (i) => picture(images[i].grey),
  };
}

test("a case scores the mean of its images, each image alone, whatever the batch", async () => {
  const images = imageSet([
    { case: 4, label: 1, grey: 10 },
    { case: 4, label: 1, grey: 20 },
    { case: 4, label: 1, grey: 60 },
    { case: 9, label: 0, grey: 50 },
    { case: 2, label: 1, grey: 100 },
  ]);
  for (const batch of [1, 2, 4, 5, 8]) {
    const network = percentReader(batch);
    const scores = await scoreCases(network, images);
    expect(scores.map(({ case: at, label }) => [at, label])).toEqual([
      [4, 1],
      [9, 0],
      [2, 1],
    ]);
    [0.3, 0.5, 1].forEach((p, i) => {
      expect(scores[i].p[1]).toBeCloseTo(p, 6);
      expect(scores[i].p[0]).toBeCloseTo(1 - p, 6);
    });
    expect(network.batches).toEqual(Array.from({ length: Math.ceil(5 / batch) }, () => batch));
  }
});

test("pictures are scored one by one, in order, the last batch without its filling", async () => {
  const scores = await scorePictures(percentReader(2, 3), [picture(10), picture(70), picture(30)]);
  expect(scores.map((p) => p.length)).toEqual([3, 3, 3]);
  expect(scores.map((p) => Math.round(100 * p[1]))).toEqual([10, 70, 30]);
});

test("scored both ways: the mirror image's probabilities have their sides swapped, to the pixel of the crop", async () => {
  // Says the class by where the bright pixel of the crop lies: its column's share is the probability of "right".
  const classes = ["none", "left", "right"];
  const columnReader: Scoring = {
    options: { network: googlenet, classes: 3, size: SIZE, batch: 2 },
    score: async ({ pixels, placement }) =>
      Float32Array.from({ length: 6 }, (_, i) => {
        const slot = Math.floor(i / 3);
        const [, x0, mirror] = placement.subarray(4 * slot, 4 * slot + 3);
        const row = pixels.subarray(slot * STORED * STORED, slot * STORED * STORED + STORED);
        const at = row.findIndex((value) => value > 0) - x0;
        const p = (0.5 * (mirror ? SIZE - 1 - at : at)) / SIZE;
        return [0.5, 0.5 - p, p][i % 3];
      }),
  };
  const bright = (column: number): Picture => {
    const { data, ...rest } = picture(0);
    for (let y = 0; y < STORED; y++) data[y * STORED + column] = 255;
    return { ...rest, data };
  };
  const mirrored = mirroredClasses(classes);
  const [as, turned] = await scorePictures(columnReader, [bright(10), bright(STORED - 1 - 10)], { mirrored });
  const [plain] = await scorePictures(columnReader, [bright(10)]);
  expect([as[0], as[1], as[2]]).toEqual([turned[0], turned[2], turned[1]]);
  const margin = Math.floor((STORED - SIZE) / 2);
  expect(plain[2]).toBeCloseTo((0.5 * (10 - margin)) / SIZE, 6);
  // "left" has in the mirror image what "right" has in the picture: the mean is that of the crop and of its exact mirror image.
  const back = STORED - SIZE - margin;
  expect(as[2]).toBeCloseTo((plain[2] + 0.5 - (0.5 * (SIZE - 1 - (10 - back))) / SIZE) / 2, 6);
});

const scored = (label: number, ...p: number[]): CaseScore => ({ case: 0, label, p });

test("what counts as positive is everything but the first class", () => {
  expect(positiveScore(scored(0, 0.5, 0.3, 0.2))).toBeCloseTo(0.5, 12);
});

test("loss is the mean of -log p of the truth, and stays finite where p is 0", () => {
  expect(qualityOf([scored(0, 0.5, 0.5), scored(1, 0.75, 0.25)]).loss).toBeCloseTo((Math.LN2 + 2 * Math.LN2) / 2, 12);
  expect(qualityOf([scored(0, 0, 1)]).loss).toBeCloseTo(126 * Math.LN2, 9);
});

test("a tie for the highest is not a correct answer", () => {
  const quality = qualityOf([scored(0, 0.4, 0.4, 0.2), scored(1, 0.1, 0.8, 0.1), scored(2, 0.1, 0.8, 0.1), scored(1, 0.3, 0.4, 0.3)]);
  expect(quality.accuracy).toBe(0.5);
});

test("the ROC curve asks whether anything is found, on whichever side, and is absent where only one answer occurs", () => {
  const none = [scored(0, 0.9, 0.05, 0.05), scored(0, 0.4, 0.3, 0.3)];
  const found = [scored(1, 0.2, 0.1, 0.7), scored(2, 0.5, 0.5, 0)];
  // One of the four pairs is in the wrong order, (0.4, 0.5).
  expect(qualityOf([...none, ...found]).auc).toBe(0.75);
  expect(qualityOf(none)).not.toHaveProperty("auc");
  expect(qualityOf(found)).not.toHaveProperty("auc");
});
