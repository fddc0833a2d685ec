import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { epochOrder, evaluationBatches, readAhead, trainingBatches } from "./batches.ts";
import { allocateBatch, type BatchArrays } from "./stored-batch.ts";
import type { ImageSet } from "./dataset.ts";
import { meanOf } from "./mean.ts";
import { mirroredClasses } from "./mirror.ts";

fc.configureGlobal({ seed: 1710 });

/** Image i is grey i + 1 all over, but colour images, which are (i + 1, 100, 200). */
function imageSet(length: number, { size = 4, classes = ["a", "b"], colour = false } = {}): ImageSet {
  return {
    size,
    length,
    classes,
    labels: Uint32Array.from({ length }, (_, i) => i % classes.length),
    cases: Uint32Array.from({ length }, (_, i) => i),
    read: async (i) =>
      colour
        ? { width: size, height: size, channels: 3, data: new Uint8Array(size * size * 3).map((_, at) => [i + 1, 100, 200][at % 3]) }
        : { width: size, height: size, channels: 1, data: new Uint8Array(size * size).fill(i + 1) },
  };
}

/** Which images a batch holds, by their first pixel's red. */
const imagesOf = ({ pixels, labels }: BatchArrays): number[] => {
  const stride = pixels.length / labels.length;
  return Array.from(labels, (_, slot) => ((pixels[slot * stride] >> 16) & 255) - 1);
};

describe("epochOrder", () => {
  test("is a permutation, other in another epoch or for another seed", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), fc.maxSafeNat(), fc.nat(1000), (count, seed, epoch) => {
        expect(Array.from(epochOrder(count, seed, epoch)).sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
      }),
      { numRuns: 50 },
    );
    expect(epochOrder(100, 1, 0)).not.toEqual(epochOrder(100, 1, 1));
    expect(epochOrder(100, 1, 0)).not.toEqual(epochOrder(100, 2, 0));
    expect(epochOrder(100, 1, 0)).not.toEqual(epochOrder(100, 1 + 2 ** 32, 0));
  });

  test("every order of three comes equally often", () => {
    const counts = new Map<string, number>();
    for (let epoch = 0; epoch < 6000; epoch++) {
      const order = epochOrder(3, 5, epoch).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // Five standard deviations of a binomial of 6000 and 1/6.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(145);
  });

  test("is this order, on every machine", () => expect(epochOrder(8, 42, 3).join(" ")).toMatchInlineSnapshot(`"7 2 0 3 5 6 4 1"`));
});

describe("trainingBatches", () => {
  test("strings epochs together: every image once per epoch, the last batch wraps around", async () => {
    const source = trainingBatches(imageSet(5), { batch: 3, crop: 2, seed: 1 });
    const seen: number[] = [];
    for (let step = 0; step < 5; step++) {
      const into = allocateBatch(3, 4);
      expect(await source.fill(step, into)).toBe(3);
      seen.push(...imagesOf(into));
    }
    for (let epoch = 0; epoch < 3; epoch++) expect(seen.slice(5 * epoch, 5 * epoch + 5)).toEqual(Array.from(epochOrder(5, 1, epoch)));
  });

  test("a batch larger than the split repeats its images", async () => {
    const into = allocateBatch(8, 4);
    await trainingBatches(imageSet(3), { batch: 8, crop: 4, seed: 1 }).fill(0, into);
    const images = imagesOf(into);
    for (const start of [0, 3]) expect(new Set(images.slice(start, start + 3))).toEqual(new Set([0, 1, 2]));
    expect(images[6]).not.toBe(images[7]);
  });

  test("a resumed run draws the same, a run with another seed does not", async () => {
    const draw = async (seed: number, steps: number[]): Promise<BatchArrays> => {
      const source = trainingBatches(imageSet(7), { batch: 4, crop: 2, seed, mirror: true });
      const into = allocateBatch(4, 4);
      for (const step of steps) await source.fill(step, into);
      return into;
    };
    expect(await draw(3, [9])).toEqual(await draw(3, [0, 1, 2, 20, 9]));
    expect(await draw(4, [9])).not.toEqual(await draw(3, [9]));
  });

  test("offsets reach every place and no other, evenly; half of the images are mirrored", async () => {
    const [size, crop, batch] = [6, 4, 100];
    const source = trainingBatches(imageSet(10, { size }), { batch, crop, seed: 11, mirror: true });
    const into = allocateBatch(batch, size);
    const counts = new Map<string, number>();
    for (let step = 0; step < 36; step++) {
      await source.fill(step, into);
      for (let slot = 0; slot < batch; slot++) {
        const place = into.placement.slice(4 * slot, 4 * slot + 4).join();
        counts.set(place, (counts.get(place) ?? 0) + 1);
      }
    }
    const places = [0, 1, 2].flatMap((y) => [0, 1, 2].flatMap((x) => [0, 1].map((mirror) => `${y},${x},${mirror},0`)));
    expect([...counts.keys()].sort()).toEqual(places);
    // 200 expected; five standard deviations.
    for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(70);
  });

  test("is not mirrored unless asked, and 256 to 227 has offsets up to 29", async () => {
    const into = allocateBatch(200, 1);
    const set = {
      ...imageSet(3, { size: 256 }),
      read: async () => ({ width: 1, height: 1, channels: 1, data: new Uint8Array(1) }) as const,
    };
    await trainingBatches(set, { batch: 200, crop: 227, seed: 1 }).fill(0, into);
    const column = (c: number): number[] => Array.from(into.placement).filter((_, i) => i % 4 === c);
    expect([Math.min(...column(0)), Math.max(...column(0)), Math.min(...column(1)), Math.max(...column(1))]).toEqual([0, 29, 0, 29]);
    expect(new Set(column(2))).toEqual(new Set([0]));
  });

  test("mirroring exchanges left and right labels, and those alone", async () => {
    const classes = ["none", "left", "right"];
    const into = allocateBatch(30, 4);
    await trainingBatches(imageSet(30, { classes }), { batch: 30, crop: 4, seed: 2, mirror: true }).fill(0, into);
    const mirrors = Array.from({ length: 30 }, (_, slot) => into.placement[4 * slot + 2]);
    expect(new Set(mirrors)).toEqual(new Set([0, 1]));
    imagesOf(into).forEach((image, slot) => {
      const plain = image % 3;
      expect(into.labels[slot]).toBe(mirrors[slot] === 1 ? [0, 2, 1][plain] : plain);
    });
  });
});

describe("mirroredClasses", () => {
  test.each([
    [
      ["bleed", "none"],
      [0, 1],
    ],
    [
      ["left", "none", "right"],
      [2, 1, 0],
    ],
    [
      ["Right bleed", "Left bleed", "bright"],
      [1, 0, 2],
    ],
  ])("%j", (classes, expected) => expect(mirroredClasses(classes)).toEqual(expected));

  test("a side without its other side", () => {
    expect(() => mirroredClasses(["left", "none"])).toThrow('the class "left" has no mirrored class "right"; turn off mirroring');
    expect(() => trainingBatches(imageSet(4, { classes: ["left", "none"] }), { batch: 2, crop: 2, seed: 0, mirror: true })).toThrow(
      /^mirror: /,
    );
  });
});

describe("evaluationBatches", () => {
  test("every image once, in order; the rest of the last batch is black and does not count", async () => {
    const source = evaluationBatches(imageSet(5), { batch: 3, crop: 2 });
    const into = allocateBatch(3, 4);
    expect([await source.fill(0, into), imagesOf(into)]).toEqual([3, [0, 1, 2]]);
    expect([await source.fill(1, into), imagesOf(into), Array.from(into.labels)]).toEqual([2, [3, 4, -1], [1, 0, 0]]);
    expect(into.pixels.slice(32).every((pixel) => pixel === 0)).toBe(true);
    expect(await source.fill(2, into)).toBe(0);
  });

  test.each([
    [256, 227, 14],
    [256, 224, 16],
    [5, 5, 0],
  ])("from %d the middle %d begins at %d", async (size, crop, offset) => {
    const into = allocateBatch(1, size);
    await evaluationBatches(imageSet(1, { size }), { batch: 1, crop }).fill(0, into);
    expect(Array.from(into.placement)).toEqual([offset, offset, 0, 0]);
  });
});

test("pixels are packed blue, green, red from the lowest byte", async () => {
  const into = allocateBatch(1, 4);
  await evaluationBatches(imageSet(1, { colour: true }), { batch: 1, crop: 4 }).fill(0, into);
  expect(new Set(into.pixels)).toEqual(new Set([200 + 100 * 256 + 1 * 65536]));
  await evaluationBatches(imageSet(1), { batch: 1, crop: 4 }).fill(0, into);
  expect(new Set(into.pixels)).toEqual(new Set([0x010101]));
});

test.each([
  ["no image", 0, 1, 2, "the split has no images"],
  ["no batch", 3, 0, 2, "a batch must be a whole number of images from 1, got 0"],
  ["a crop larger than the image", 3, 1, 5, "a crop must be 1 to 4 pixels, the images' side, got 5"],
])("%s is refused", (_, length, batch, crop, message) => {
  expect(() => evaluationBatches(imageSet(length), { batch, crop })).toThrow(message);
  expect(() => trainingBatches(imageSet(length), { batch, crop, seed: 0 })).toThrow(message);
});

describe("readAhead", () => {
  test("fills the next batch before it is asked for, and no further", async () => {
    const filled: number[] = [];
    const source = evaluationBatches(imageSet(10), { batch: 2, crop: 4 });
    const next = readAhead({ ...source, fill: (step, into) => (filled.push(step), source.fill(step, into)) }, 1);
    const first = await next();
    expect([first.step, first.images, imagesOf(first), filled]).toEqual([1, 2, [2, 3], [1, 2]]);
    const second = await next();
    expect([second.step, imagesOf(second), filled]).toEqual([2, [4, 5], [1, 2, 3]]);
    expect(second.pixels).not.toBe(first.pixels);
  });

  test("an image that cannot be read fails the call that asks for its batch", async () => {
    const broken: ImageSet = {
      ...imageSet(4),
      read: async (i) => (i < 2 ? imageSet(4).read(i) : Promise.reject(new Error("p.png: gone"))),
    };
    const next = readAhead(evaluationBatches(broken, { batch: 2, crop: 4 }));
    expect((await next()).images).toBe(2);
    await expect(next()).rejects.toThrow("p.png: gone");
  });
});

describe("meanOf", () => {
  test("is the mean of the images, blue first, with a fourth channel of 0", async () => {
    const { pixel, image } = await meanOf(imageSet(4, { size: 2, colour: true }));
    expect(pixel).toEqual([200, 100, 2.5]);
    expect(Array.from(image)).toEqual(Array.from({ length: 4 }, () => [200, 100, 2.5, 0]).flat());
  });

  test("grey counts in every channel, and places are kept apart", async () => {
    const dots: ImageSet = {
      ...imageSet(2, { size: 2 }),
      read: async (i) => ({ width: 2, height: 2, channels: 1, data: Uint8Array.from(i === 0 ? [0, 10, 20, 30] : [2, 10, 21, 0]) }),
    };
    const { pixel, image } = await meanOf(dots);
    expect(Array.from(image).filter((_, i) => i % 4 === 1)).toEqual([1, 10, 20.5, 15]);
    expect(pixel).toEqual([11.625, 11.625, 11.625]);
    await expect(meanOf(imageSet(0))).rejects.toThrow("the split has no images");
  });
});
