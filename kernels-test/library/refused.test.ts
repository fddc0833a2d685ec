// What a loaded network refuses, by name, in place of an answer that means nothing.
import { expect, test } from "vitest";
import { googlenet, openDevice, profile, type Picture } from "../../src/index.ts";
import { googlenet as layers } from "../../src/models/googlenet.ts";
import { smallWeights } from "../support/small-weights.ts";

const PICTURE: Picture = { width: 1, height: 1, channels: 1, data: new Uint8Array(1) };

test("wrong pictures, wrong counts and a network that was disposed", async () => {
  await using device = await openDevice();
  const net = await googlenet.load(device, smallWeights(layers, 4));
  await expect(net.classify("no-cat.jpg")).rejects.toThrow('cannot read "no-cat.jpg"');
  for (const top of [0, -1, 1.5, NaN])
    await expect(net.classify(PICTURE, { top })).rejects.toThrow(new TypeError(`classify: top must be a whole number from 1, got ${top}`));
  expect(await net.classify(PICTURE, { top: 1 })).toHaveLength(1);
  net.dispose();
  await expect(net.classify(PICTURE)).rejects.toThrow("this network was disposed: load it again");
});

test("a network whose device was disposed, and a profile without timestamps", async () => {
  const device = await openDevice();
  const net = await googlenet.load(device, smallWeights(layers, 4));
  const model = googlenet({ classes: 2, width: 1 / 8, size: 64 });
  await expect(profile(device, model, { batch: 1, phase: "infer" })).rejects.toThrow("timestamp");
  await device.dispose();
  await expect(net.classify(PICTURE)).rejects.toThrow("disposed");
});
