// ResNet-18 and a shortened MobileNetV2, as small as they go: ten training steps on the GPU are those of float64, within bounds that are derived
// (float64-steps.ts); so are the scores by running means and variances.
import { describe, expect, test } from "vitest";
import { mobilenetOf } from "../../examples/networks/mobilenet.ts";
import { resnet18 } from "../../examples/networks/resnet18.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { scoringGraph } from "../../src/train/graphs.ts";
import { erringByBounds } from "../../src/verify/rounding.ts";
import {
  batchOf,
  beyondBounds,
  defineBy,
  largestDifference,
  lossesOf,
  NAIVE,
  open,
  statesOf,
  type Definition,
  type Lesson,
} from "./float64-steps.ts";

const STEPS = 10;
/** Seven inverted residuals less: batch normalisation over the few pixels of the last stages would magnify roundings beyond use. */
const mobilenet = mobilenetOf(
  [
    [1, 16, 1, 1],
    [6, 24, 2, 2],
    [6, 32, 2, 2],
  ],
  64,
);

describe.each([{ network: resnet18 }, { network: mobilenet }])("$network.title", ({ network }) => {
  const lesson: Lesson = {
    network,
    classes: 3,
    width: 1 / 16,
    size: 64,
    batch: 2,
    seed: 1,
    pixelScale: 1 / 64,
    momentum: 0.9,
    weightDecay: 5e-4,
    steps: STEPS,
    whole: 2,
  };
  let defined: Promise<Definition> | undefined;
  const definition = (): Promise<Definition> => (defined ??= defineBy(lesson));

  test.each([
    { what: "the textbook's kernels, no passes", choice: NAIVE },
    { what: "the adapter's own kernels, all passes", choice: {} },
  ])("steps of $what equal float64 steps: losses of ten, all states of two, scores", { timeout: 170_000 }, async ({ choice }) => {
    const { losses, lossBounds } = await definition();
    const trainer = await open(lesson, choice);
    const got = await lossesOf(trainer, lesson, lesson.whole);
    expect(await beyondBounds(trainer, await definition())).toEqual([]);
    for (let step = lesson.whole; step < STEPS; step++) {
      trainer.train(batchOf(lesson, step), { seed: lesson.seed, step, rate: 0.002 * 0.8 ** (step % 7) });
      got.push((await trainer.sums()).loss);
    }
    got.forEach((loss, step) => expect(Math.abs(loss - losses[step]), `losses of ${step + 1} steps`).toBeLessThanOrEqual(lossBounds[step]));
    process.stdout.write(
      `${network.title}: ${got.map((loss, step) => `${loss.toFixed(5)} (float64 ${losses[step].toFixed(5)}, ${lossBounds[step].toExponential(1)} allowed)`).join(" ")}\n`,
    );

    const { pixels, placement } = batchOf(lesson, STEPS);
    const p = await trainer.score({ pixels, placement });
    const { graph } = scoringGraph(lesson);
    const states = await statesOf(trainer);
    const value = graph.outputs.get("p");
    if (!value) throw new Error("the scoring graph has no p");
    const exact = interpret(graph, { pixels, placement }, states).of(value);
    const erring = interpret(graph, { pixels, placement }, states, erringByBounds(lesson.seed, STEPS)).of(value);
    expect(largestDifference(p, exact)).toBeLessThanOrEqual(largestDifference(erring, exact));
    trainer.dispose();
  });

  test("running means and variances moved, and no momentum is kept for them", async () => {
    const { before, after } = await definition();
    const moments = Object.keys(after).filter((name) => /\/(?:mean|variance)$/.test(name));
    expect(moments.length).toBeGreaterThan(20);
    expect(moments.filter((name) => name.startsWith("momentum/"))).toEqual([]);
    expect(moments.filter((name) => largestDifference(before[name], after[name]) === 0)).toEqual([]);
  });
});
