// Both whole networks, at an eighth of their width, train on the GPU as they do in float64, within bounds that are derived (float64-steps.ts).
import { describe, expect, test } from "vitest";
import { interpret } from "../../src/graph/interpret.ts";
import { alexnet } from "../../src/models/alexnet.ts";
import { googlenet } from "../../src/models/googlenet.ts";
import type { Network } from "../../src/models/network.ts";
import { PASSES } from "../../src/passes/index.ts";
import { rateFloats, randomWords } from "../../src/train/step-inputs.ts";
import { momentumOf } from "../../src/train/graphs.ts";
import { LOSS_EXPONENT } from "../../src/train/training-graphs.ts";
import { erringByBounds } from "../../src/verify/rounding.ts";
import {
  batchOf,
  beyondBounds,
  defineBy,
  largestDifference,
  lossesOf,
  NAIVE,
  open,
  rateAt,
  statesOf,
  type Choice,
  type Definition,
  type Lesson,
} from "./float64-steps.ts";

const SEED = 7;
const STEPS = 30;
/** Steps after which all states are compared; then only losses are. */
const WHOLE = 10;

/** Pixels of noise in their full range make a loss so steep that it magnifies roundings, and the bound with them. */
const lessonOf = (network: Network): Lesson => ({
  network,
  classes: 3,
  width: 1 / 8,
  size: 64,
  batch: 2,
  seed: SEED,
  pixelScale: 1 / 64,
  momentum: 0.9,
  weightDecay: 5e-4,
  steps: STEPS,
  whole: WHOLE,
});

describe.each([alexnet, googlenet])("$title", (network) => {
  const lesson = lessonOf(network);
  let defined: Promise<Definition> | undefined;
  const definition = (): Promise<Definition> => (defined ??= defineBy(lesson));

  test.each<{ what: string; choice: Choice }>([
    { what: "the textbook's kernels, no passes", choice: NAIVE },
    { what: "the textbook's kernels, all passes", choice: { families: ["textbook"] } },
    { what: "the adapter's own kernels, no passes", choice: { passes: [] } },
    { what: "the adapter's own kernels, all passes", choice: {} },
    { what: "a GPU's kernels, all passes", choice: { families: ["workgroup", "vector"] } },
    { what: "a GPU's kernels and launches, all passes", choice: { families: ["workgroup", "vector"], target: { cpu: false } } },
  ])("ten steps of $what equal ten float64 steps: losses, parameters, momentum", async ({ choice }) => {
    const { losses, lossBounds } = await definition();
    const trainer = await open(lesson, choice);
    const got = await lossesOf(trainer, lesson, WHOLE);
    got.forEach((loss, step) => expect(Math.abs(loss - losses[step]), `losses of ${step + 1} steps`).toBeLessThanOrEqual(lossBounds[step]));
    expect(await beyondBounds(trainer, await definition())).toEqual([]);
    trainer.dispose();
  });

  test("the bounds are narrow: all weights moved further, and the rate of one step before would be seen in each", async () => {
    const { losses, lossBounds, before, after, erring, stale } = await definition();
    expect(lossBounds[WHOLE - 1] / losses[WHOLE - 1]).toBeLessThan(1e-4);
    const momenta = Object.keys(after).filter((name) => name.startsWith(momentumOf("")) && name.endsWith("/weight"));
    expect(momenta.length).toBeGreaterThan(7);
    const blind = momenta.filter((name) => largestDifference(stale[name], after[name]) <= largestDifference(erring[name], after[name]));
    expect(blind).toEqual([]);
    const weights = momenta.map((name) => name.slice(momentumOf("").length));
    const still = weights.filter((name) => largestDifference(before[name], after[name]) <= largestDifference(erring[name], after[name]));
    expect(still).toEqual([]);
  });

  test("thirty steps with all passes equal thirty of the textbook's without any, and of float64", async () => {
    const { losses, lossBounds } = await definition();
    const [fast, slow] = [await open(lesson), await open(lesson, NAIVE)];
    const [ours, textbook] = [await lossesOf(fast, lesson, STEPS), await lossesOf(slow, lesson, STEPS)];
    for (let step = 0; step < STEPS; step++) {
      const [own, clear] = [ours[step], textbook[step]];
      expect(Math.abs(own - losses[step]), `losses of ${step + 1} steps`).toBeLessThanOrEqual(lossBounds[step]);
      expect(Math.abs(clear - losses[step]), `losses of ${step + 1} textbook steps`).toBeLessThanOrEqual(lossBounds[step]);
      expect(Math.abs(own - clear), `${step + 1} steps beside the textbook's`).toBeLessThanOrEqual(2 * lossBounds[step]);
    }
    const families = new Set(fast.step.plan.launches.map(({ family }) => family));
    expect(families.size).toBeGreaterThan(1);
    for (const trainer of [fast, slow]) trainer.dispose();
  });

  test("ten steps with values stored in 16 bits part from float64 by what half floats may, with a loss scaled on the GPU", async () => {
    const trainer = await open(lesson, { storage: "f16" });
    const { graph } = trainer;
    const { launches } = trainer.step.plan;
    const packed = launches.filter(({ shader }) => shader.name.includes("halves="));
    expect(packed.length, "launches with half floats").toBeGreaterThan(launches.length / 2);
    const start = await statesOf(trainer);
    let standing = { exact: start, erring: start };
    for (let step = 0; step < WHOLE; step++) {
      trainer.train(batchOf(lesson, step), { seed: SEED, step, rate: rateAt(lesson, step) });
      const feeds = { ...batchOf(lesson, step), random: randomWords(SEED, step), rate: rateFloats(rateAt(lesson, step)) };
      standing = {
        exact: interpret(graph, feeds, standing.exact).states,
        erring: interpret(graph, feeds, standing.erring, erringByBounds(SEED, step, "f16")).states,
      };
    }
    const beyond: string[] = [];
    const rounded: string[] = [];
    for (const [name, exact] of Object.entries(standing.exact)) {
      const error = largestDifference(await trainer.step.readState(name), exact);
      const bound = largestDifference(standing.erring[name], exact);
      const largest = largestDifference(exact, new Float64Array(exact.length));
      if (!(error <= bound)) beyond.push(`${name} errs by ${error}, ${bound} is allowed`);
      if (name.startsWith(momentumOf("")) && error > 2 ** -16 * largest) rounded.push(name);
    }
    expect(beyond).toEqual([]);
    // They were rounded to 16 bits, or this would be no test of that.
    expect(rounded.length).toBeGreaterThan(7);
    const [exponent] = standing.exact[LOSS_EXPONENT];
    // A peak beside a power of two may round to the other side of it.
    expect(Math.abs(((await trainer.sums()).lossExponent as number) - exponent)).toBeLessThanOrEqual(1);
    expect(exponent).toBeGreaterThan(4);
    trainer.dispose();
  });

  test.each(PASSES)("thirty steps with %s alone equal thirty float64 steps", async (pass) => {
    const { losses, lossBounds } = await definition();
    const trainer = await open(lesson, { passes: [pass] });
    const got = await lossesOf(trainer, lesson, STEPS);
    got.forEach((loss, step) => expect(Math.abs(loss - losses[step]), `losses of ${step + 1} steps`).toBeLessThanOrEqual(lossBounds[step]));
    trainer.dispose();
  });
});
