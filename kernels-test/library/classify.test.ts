// The library's way from a picture to class names: what a file records, what is refused, and BVLC's GoogLeNet on Caffe's cat.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { alexnet, googlenet, loadImage, openDevice, type Device, type Picture } from "../../src/index.ts";
import { squash } from "../../src/dataset/image.ts";
import { networks } from "../../src/models/index.ts";
import { floatsField, joinChunks, varintField } from "../../src/weights/protobuf.ts";
import { smallWeights } from "../support/small-weights.ts";

const SHARED = process.env.STRIATUM_SHARED ?? join(import.meta.dirname, "../../../shared");
const data = (name: string): string => join(SHARED, "data", name);
const WEIGHTS = smallWeights(networks["googlenet"], 4);

/** A ramp whose three colours run different ways. */
const ramp: Picture = {
  width: 90,
  height: 60,
  channels: 3,
  data: Uint8Array.from({ length: 90 * 60 * 3 }, (_, i) => (i % 3 === 0 ? i / 270 : i % 3 === 1 ? (i / 3) % 90 : 255 - i / 90)),
};

let device: Device;
beforeAll(async () => {
  device = await openDevice();
});
afterAll(() => device.dispose());

test("every class gets a probability, the best come first, and names are the file's, the caller's or numbers", async () => {
  const net = await googlenet.load(device, WEIGHTS);
  const all = await net.classify(ramp, { top: 9 });
  expect(all).toHaveLength(4);
  expect(all.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);
  expect(all.map(({ score }) => score)).toEqual(all.map(({ score }) => score).toSorted((a, b) => b - a));
  expect(all.every(({ index, label }) => label === `class ${index}`)).toBe(true);
  expect(await net.classify(ramp, { top: 2 })).toEqual(all.slice(0, 2));
  net.dispose();

  const named = await googlenet.load(device, WEIGHTS, { labels: ["a", "b", "c", "d"] });
  expect((await named.classify(ramp)).map(({ label }) => label)).toEqual(all.map(({ index }) => "abcd"[index]));
  named.dispose();
});

test("a picture's bytes may come as a Blob", async () => {
  const png = Uint8Array.from(atob(ONE_PIXEL), (character) => character.charCodeAt(0));
  expect(await loadImage(new Blob([png]))).toEqual(await loadImage(png));
});

/** A grey PNG of one pixel. */
const ONE_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";

test("the textbook kernels say what the fast ones say", async () => {
  await using textbook = await openDevice({ kernels: "textbook" });
  const [fast, slow] = [await googlenet.load(device, WEIGHTS), await googlenet.load(textbook, WEIGHTS)];
  const scores = new Map((await slow.classify(ramp)).map(({ index, score }) => [index, score]));
  // Each is within 1e-4 of float64 (kernels-test/models), hence within 2e-4 of the other.
  for (const { index, score } of await fast.classify(ramp)) expect(Math.abs(score - (scores.get(index) ?? 0))).toBeLessThan(2e-4);
  fast.dispose();
  slow.dispose();
});

test("wrong files and wrong numbers are refused by name", async () => {
  await expect(alexnet.load(device, WEIGHTS)).rejects.toThrow("fc8");
  await expect(googlenet.load(device, WEIGHTS, { labels: ["a"] })).rejects.toThrow("has 4 classes, but 1 labels are given");
  const mean = joinChunks([
    ...[3, 1, 1].flatMap((extent, i) => varintField(i + 2, extent)),
    ...varintField(1, 1),
    ...floatsField(5, new Float32Array(3)),
  ]);
  await expect(googlenet.load(device, WEIGHTS, { mean })).rejects.toThrow(
    "GoogLeNet subtracts the mean pixel 104, 117, 123: it takes no mean image",
  );
  await expect(googlenet.load(device, "no/such.caffemodel")).rejects.toThrow('cannot read "no/such.caffemodel"');
  await expect(loadImage(WEIGHTS)).rejects.toThrow("neither PNG nor JPEG");
  await expect(openDevice({ adapter: "no such adapter" })).rejects.toThrow('adapter "no such adapter"');
  expect(() => alexnet({ classes: 1 })).toThrow("alexnet: classes must be a whole number from 2, got 1");
});

test.skipIf(!existsSync(data("weights")))("BVLC GoogLeNet sees a tiger cat, as sure as the reference run", async () => {
  const net = await googlenet.load(device, data("weights/bvlc_googlenet_deploy.caffemodel"));
  const cat = await loadImage(data("images/cat.jpg"));
  expect((await net.classify(cat, { top: 1 }))[0].label).toBe("tiger cat");
  // The reference sampled the picture without averaging, as slices in Hounsfield units are.
  const stored = { width: 256, height: 256, channels: 3, data: Uint8Array.from(squash({ ...cat, unit: "HU" }, 256), Math.round) } as const;
  const guesses = await net.classify(stored, { top: 3 });
  const golden = new Float32Array(Uint8Array.from(readFileSync(data("golden/cat.prob1000.f32"))).buffer);
  expect(guesses[0].label).toBe("tiger cat");
  // The reference decoded the JPEG with libjpeg, whose pixels differ from ours by a grey level here and there.
  for (const { index, score } of guesses) expect(Math.abs(score - golden[index])).toBeLessThan(0.005);
  net.dispose();
});
