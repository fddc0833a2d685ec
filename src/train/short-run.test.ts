// When a run counts as short, and what of its settings changes then.
import { expect, test } from "vitest";
import { alexnet } from "../models/alexnet.ts";
import { defaultSettings } from "./job.ts";
import { shortRun } from "./short-run.ts";

const defaults = defaultSettings(alexnet, null);

test("a run of fewer than 1000 steps starts from the data, and its rate rises over a tenth of them and falls to 0", () => {
  // 4 epochs of 135 images in batches of 16 are 34 steps.
  expect(shortRun({ ...defaults, epochs: 4 }, 135, { batch: true })).toEqual({
    ...defaults,
    epochs: 4,
    batch: 16,
    init: "lsuv",
    rate: 0.0005,
    policy: "linear",
    warmUp: 3,
    images: { ...defaults.images, pixelScale: 1 / 64 },
  });
  const rates = [1 / 2, 1 / 4, 1 / 8].map((width) => shortRun({ ...defaults, width }, 135, { batch: true })?.rate);
  expect(rates).toEqual([0.001, 0.002, 0.002]);
  expect(shortRun({ ...defaults, epochs: 4, batch: 8 }, 135, { batch: false })).toMatchObject({ batch: 8, warmUp: 7 });
});

test("a longer run keeps DIGITS' recipe, as does one whose epochs are made longer", () => {
  expect(shortRun(defaults, 32 * 33, { batch: true })).not.toBeNull();
  expect(shortRun(defaults, 32 * 34, { batch: true })).toBeNull();
  expect(shortRun({ ...defaults, epochImages: 6480 }, 135, { batch: true })).toBeNull();
});

test("with weights to start from, their rate, pixel scale and layers stay", () => {
  const weights = { file: "w.safetensors", bytes: new Uint8Array(0) };
  const found = shortRun({ ...defaultSettings(alexnet, weights), epochs: 4 }, 135, { batch: true });
  expect(found).toMatchObject({ rate: 0.001, init: "reference", policy: "linear", warmUp: 3, images: { pixelScale: 1 } });
});

test("a run of one step has no warm-up", () => {
  expect(shortRun({ ...defaults, epochs: 1 }, 3, { batch: true })).not.toHaveProperty("warmUp");
});
