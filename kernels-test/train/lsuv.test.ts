// The start that depends on data, on an adapter: what it promises of each layer, what it leaves alone, and that it repeats bit for bit.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import { networks } from "../../src/models/index.ts";
import { storedSize } from "../../src/train/graphs.ts";
import { START_IMAGES } from "../../src/train/lsuv.ts";
import { noiseBatch } from "../../src/train/noise-batch.ts";
import { Trainer, type Batch, type Snapshot } from "../../src/train/trainer.ts";
import { testEngine } from "../support/engine.ts";

const CLASSES = 3;
const SIZE = 64;
let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});

describe.each(Object.values(networks))("$title", (network) => {
  const batch: Batch = noiseBatch({ seed: 1, images: START_IMAGES, stored: storedSize(network, SIZE), classes: CLASSES });
  const trainers: Trainer[] = [];
  afterAll(() => trainers.forEach((trainer) => trainer.dispose()));

  async function started(seed = 5): Promise<Trainer> {
    const options = { network, classes: CLASSES, width: 1 / 8, size: SIZE, batch: 4, pixelScale: 1 / 64, init: "msra" as const };
    const trainer = await Trainer.open(engine, { ...options, momentum: 0.9, weightDecay: 0 });
    trainers.push(trainer);
    await trainer.start(seed);
    return trainer;
  }
  const valuesOf = ({ parameters }: Snapshot): Map<string, number[]> =>
    new Map([...parameters].map(([name, { data }]) => [name, [...data]]));

  test("gives every layer's output the deviation 1, the logits 0.1, and the loss of equal chances", async () => {
    const trainer = await started();
    const before = await trainer.measureStart(batch, { seed: 5 });
    const after = await trainer.measureStart(batch, { seed: 5, fresh: () => true });
    // Without it the deviations lie elsewhere.
    expect(before.layers.filter(({ deviation }) => Math.abs(deviation - 1) > 0.2).length).toBeGreaterThan(before.layers.length / 2);
    for (const { name, deviation, dead } of after.layers) {
      const last = network.lastLayers.includes(name);
      expect(deviation, name).toBeCloseTo(last ? 0.1 : 1, 2);
      expect(dead === null, name).toBe(last);
      expect(dead ?? 0, name).toBeLessThan(0.05);
    }
    expect(after.layers).toHaveLength(new Set(trainer.parameters.map(({ layer }) => layer)).size);
    expect(after.chance).toBeCloseTo(Math.log(CLASSES), 12);
    expect(Math.abs(after.loss - after.chance)).toBeLessThan(0.05);
  });

  test("changes the layers that are asked for, and no other", async () => {
    const trainer = await started();
    const before = valuesOf(await trainer.snapshot());
    await trainer.measureStart(batch, { seed: 5, fresh: (layer) => network.lastLayers.includes(layer) });
    for (const [name, values] of valuesOf(await trainer.snapshot()))
      if (network.lastLayers.includes(name.replace(/\/\w+$/, ""))) expect(values, name).not.toEqual(before.get(name));
      else expect(values, name).toEqual(before.get(name));
  });

  test("repeats bit for bit, and differs with the images", async () => {
    const [a, b, c] = [await started(), await started(), await started()];
    const other = noiseBatch({ seed: 2, images: START_IMAGES, stored: storedSize(network, SIZE), classes: CLASSES });
    for (const [trainer, images] of [
      [a, batch],
      [b, batch],
      [c, other],
    ] as const)
      await trainer.measureStart(images, { seed: 5, fresh: () => true });
    const first = valuesOf(await a.snapshot());
    expect(valuesOf(await b.snapshot())).toEqual(first);
    expect(valuesOf(await c.snapshot())).not.toEqual(first);
  });
});
