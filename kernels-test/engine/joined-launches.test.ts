// Launches of several layers joined in one, as on a GPU: on this adapter, which then computes what each layer's own launches compute.
import { describe, expect, test } from "vitest";
import type { Value } from "../../src/graph/graph.ts";
import { network } from "../../src/models/define.ts";
import { xavier } from "../../src/models/network.ts";
import { setupOfLaunch } from "../../src/library/trials.ts";
import type { Subject } from "../../src/library/subject.ts";
import { lossesOf, open, statesOf, type Lesson } from "../models/float64-steps.ts";
import { testEngine } from "../support/engine.ts";

/** An inception module, whose products a GPU splits: sums over 512 pixels, over 3 x 3 x 32 and over 5 x 5 x 12 elements. */
const module = network({
  name: "module",
  size: 32,
  build(layers, image, classes) {
    const conv = (name: string, x: Value, outputs: number, kernel: number, stride = 1): Value =>
      layers.conv(name, x, outputs, kernel, { stride, pad: (kernel - 1) / 2, filler: xavier, bias: 0.2, relu: `${name}/relu` });
    const x = conv("first", image, 32, 3, 2);
    const y = layers.concat("output", [
      conv("1x1", x, 16, 1),
      conv("3x3", conv("3x3_reduce", x, 32, 1), 32, 3),
      conv("5x5", conv("5x5_reduce", x, 12, 1), 16, 5),
      conv("pool_proj", layers.maxPool("pool", x, 3, 1, 1), 16, 1),
    ]);
    return layers.innerProduct("classifier", layers.averagePool("average", y, 16, 1), classes, xavier, 0);
  },
});

const LESSON: Lesson = {
  network: module,
  classes: 3,
  width: 1,
  size: 32,
  batch: 2,
  seed: 11,
  pixelScale: 1 / 64,
  momentum: 0.9,
  weightDecay: 5e-4,
  steps: 2,
  whole: 2,
};
const GPU = { target: { cpu: false }, families: ["workgroup", "vector"] } as const;

describe("a training step of an inception module planned for a GPU", () => {
  test("joined launches give the bits of each layer's own", { timeout: 300_000 }, async () => {
    const [joined, apart] = [await open(LESSON, GPU), await open(LESSON, { ...GPU, joins: false })];
    const shaders = joined.step.plan.launches.filter(({ nodes }) => nodes).map(({ launch }) => launch.shader);
    expect(new Set(shaders)).toEqual(new Set(["joined-steps.wgsl", "joined-sums.wgsl"]));
    expect(apart.step.plan.launches.length - joined.step.plan.launches.length).toBe(6);
    expect(await lossesOf(joined, LESSON, 2)).toEqual(await lossesOf(apart, LESSON, 2));
    expect(await statesOf(joined)).toEqual(await statesOf(apart));
    for (const trainer of [joined, apart]) trainer.dispose();
  });

  test("each layer can be looked at by itself, with launches of its own", async () => {
    const trainer = await open(LESSON, GPU);
    const { step } = trainer;
    const subject = { engine: await testEngine(), fast: step, sessionOptions: GPU, states: step.states } as unknown as Subject;
    const { launches } = step.plan;
    const joined = launches.filter(({ nodes }) => nodes);
    for (const planned of joined) {
      const setup = await setupOfLaunch(subject, launches.indexOf(planned), "");
      const { launches: count = 0, nth = 0, kernel } = setup ?? {};
      // The product and what joins its parts.
      expect([count, nth]).toEqual([2, 1]);
      expect(kernel?.file).toMatch(/^(joined-steps|gemm-sums)\.wgsl$/);
    }
    const [product] = launches.filter(({ node, nodes }) => joined[0].nodes?.includes(node) && !nodes);
    expect(await setupOfLaunch(subject, launches.indexOf(product), "")).toMatchObject({ launches: 2, nth: 0 });
    trainer.dispose();
  });
});
