// A fully convolutional network whose channels no vector of four divides, built of every layer there is and with an auxiliary head, trains by each
// family of kernels as it does in float64, within bounds that are derived (float64-steps.ts). Families that need whole vectors must leave these layers
// to others.
import { describe, expect, test } from "vitest";
import { FAMILIES } from "../../src/kernels/kernel.ts";
import { xavier, type Head, type Network } from "../../src/models/network.ts";
import { momentumOf } from "../../src/train/graphs.ts";
import { beyondBounds, defineBy, largestDifference, lossesOf, open, type Definition, type Lesson } from "./float64-steps.ts";

const odd: Network = {
  name: "odd",
  title: "Odd",
  size: 20,
  lastLayers: ["aside/classifier", "classifier"],
  auxiliary: ["aside/classifier"],
  mean: [104, 117, 123],
  weightDecay: 0,

  build(layers, x, classes) {
    const filler = { filler: xavier, bias: 0.1 };
    let y = layers.conv("conv", x, { exactly: 9 }, 3, { ...filler, pad: 1, relu: "relu" });
    y = layers.maxPool("pool", layers.lrn("norm", y), 3, 2);
    // Nothing follows the first branch, as in a projection; one branch is in groups.
    y = layers.concat("module/concat", [
      layers.conv("module/1x1", y, { exactly: 5 }, 1, filler),
      layers.conv("module/3x3", y, { exactly: 6 }, 3, { ...filler, pad: 1, groups: 3, relu: "module/relu_3x3" }),
      layers.conv("module/5x5", y, { exactly: 7 }, 5, { ...filler, pad: 2, relu: "module/relu_5x5" }),
    ]);
    const aside: Head[] = layers.training
      ? [{ name: "aside", logits: layers.innerProduct("aside/classifier", y, classes, xavier, 0), lossWeight: 0.3 }]
      : [];
    y = layers.conv("classifier", layers.dropout("drop", y, 0.5), { exactly: classes }, 1, filler);
    const logits = layers.flatten("rows", layers.averagePool("mean", y, y.shape[1], 1));
    return [{ name: "loss", logits, lossWeight: 1 }, ...aside];
  },
};

const STEPS = 3;

describe("five classes", () => {
  const lesson: Lesson = {
    network: odd,
    classes: 5,
    size: odd.size,
    batch: 2,
    seed: 3,
    pixelScale: 1 / 64,
    momentum: 0.9,
    weightDecay: 5e-4,
    steps: STEPS,
    whole: STEPS,
  };
  let defined: Promise<Definition> | undefined;
  const definition = (): Promise<Definition> => (defined ??= defineBy(lesson));

  test.each(FAMILIES)("three steps by %s", async (family) => {
    const { losses, lossBounds } = await definition();
    // Kernels in workgroup memory compile slowly on a software adapter: those that passes would add to are left to tests of the passes.
    const trainer = await open(lesson, { families: [family], ...(family === "workgroup" && { passes: [] }) });
    const ran = new Set(trainer.step.plan.launches.map(({ family: chosen }) => chosen));
    // Registers and Winograd's tiles hold whole vectors; the textbook's kernels take what a family leaves.
    expect([...ran].toSorted()).toEqual([...new Set(["textbook", ...(["vector", "workgroup"].includes(family) ? [family] : [])])]);
    const got = await lossesOf(trainer, lesson, STEPS);
    got.forEach((loss, step) => expect(Math.abs(loss - losses[step]), `losses of ${step + 1} steps`).toBeLessThanOrEqual(lossBounds[step]));
    expect(await beyondBounds(trainer, await definition())).toEqual([]);
    trainer.dispose();
  });

  test("the bounds are narrow: all parameters moved further, and the rate of one step before would be seen in each", async () => {
    const { before, after, erring, stale } = await definition();
    const momenta = Object.keys(after).filter((name) => name.startsWith(momentumOf("")));
    expect(momenta).toHaveLength(12);
    const within = (other: typeof after, name: string): boolean =>
      largestDifference(other[name], after[name]) <= largestDifference(erring[name], after[name]);
    expect(momenta.filter((name) => within(stale, name))).toEqual([]);
    expect(momenta.map((name) => name.slice(momentumOf("").length)).filter((name) => within(before, name))).toEqual([]);
  });
});
