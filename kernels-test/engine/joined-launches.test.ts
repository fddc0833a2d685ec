// Launches of several layers joined in one, as on a GPU: on this adapter, which then computes what each layer's own launches compute.
import { describe, expect, test } from "vitest";
import { googlenet } from "../../src/models/googlenet.ts";
import { setupOfLaunch } from "../../src/library/trials.ts";
import type { Subject } from "../../src/library/subject.ts";
import { lossesOf, open, statesOf, type Lesson } from "../models/float64-steps.ts";
import { testEngine } from "../support/engine.ts";

/** Channels of all branches of inception 3a and 4a are multiples of 4. */
const LESSON: Lesson = {
  network: googlenet,
  classes: 3,
  width: 1 / 4,
  size: 64,
  batch: 2,
  seed: 11,
  pixelScale: 1 / 64,
  momentum: 0.9,
  weightDecay: 5e-4,
  steps: 2,
  whole: 2,
};
const GPU = { target: { cpu: false }, families: ["workgroup", "vector"] } as const;

describe("a training step of GoogLeNet planned for a GPU", () => {
  test("joined launches give the bits of each layer's own", { timeout: 300_000 }, async () => {
    const [joined, apart] = [await open(LESSON, GPU), await open(LESSON, { ...GPU, joins: false })];
    const shaders = joined.step.plan.launches.filter(({ nodes }) => nodes).map(({ launch }) => launch.shader);
    expect(new Set(shaders)).toEqual(new Set(["joined-steps.wgsl", "joined-sums.wgsl"]));
    expect(apart.step.plan.launches.length - joined.step.plan.launches.length).toBeGreaterThan(15);
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
