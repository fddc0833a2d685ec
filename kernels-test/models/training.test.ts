// Both whole networks, at an eighth of their width, train on the GPU as they do in float64. Pixels, crops, mirrors, labels, dropout and learning rate
// are others in every step, so that anything left over from an earlier step would show.
//
// The bound is derived, not chosen. Within a step every kernel may err by eps times its sum's length (as 4 sqrt(K / 3), four standard deviations of K
// roundings) times the sum of magnitudes; each op of src/ops states its own. A second float64 run makes all of these errors, each with a random sign, at
// every element of every node (src/verify/rounding.ts): how they grow through layers, momentum and steps is the network's own doing, found and not guessed.
// The GPU may be no further from the exact run than that run is: in the largest element of each parameter and momentum, and of the losses so far.
import { describe, expect, test } from "vitest";
import { erringByBounds } from "../../src/verify/rounding.ts";
import { interpret, type Feeds } from "../../src/graph/interpret.ts";
import type { SessionOptions } from "../../src/engine/session.ts";
import { alexnet } from "../../src/models/alexnet.ts";
import { googlenet } from "../../src/models/googlenet.ts";
import type { Network } from "../../src/models/network.ts";
import { PASSES } from "../../src/passes/index.ts";
import { philox } from "../../src/tensor/philox.ts";
import { sizeOf } from "../../src/tensor/shape.ts";
import { meanShape, storedSize } from "../../src/train/graphs.ts";
import { LOSS_EXPONENT, LOSS_SUM, momentumOf } from "../../src/train/training-graphs.ts";
import { rateFloats, randomWords, Trainer, type Batch } from "../../src/train/trainer.ts";
import { testEngine } from "../support/engine.ts";

const SEED = 7;
const STEPS = 30;
/** Steps after which all states are compared; then only losses are. */
const WHOLE = 10;
// Pixels of noise in their full range make a loss so steep that it magnifies roundings, and the bound with them.
const SHAPE = { classes: 3, width: 1 / 8, size: 64, batch: 2, pixelScale: 1 / 64, momentum: 0.9, weightDecay: 5e-4 } as const;

const rateAt = (step: number): number => 0.002 * 0.8 ** (step % 7);

function batchOf(network: Network, step: number): Batch {
  const stored = storedSize(network, SHAPE.size);
  return {
    pixels: Uint32Array.from({ length: SHAPE.batch * stored * stored }, (_, i) => philox([SEED, step], [i, 0, 0, 9])[0] & 0xffffff),
    placement: Uint32Array.of(step % 4, 2, step % 2, 0, 3, step % 7, (step + 1) % 2, 0),
    labels: Uint32Array.of(step % SHAPE.classes, (step + 1) % SHAPE.classes),
  };
}

type Choice = Pick<SessionOptions, "families" | "passes" | "storage">;

/** The naive way: one output an invocation, every op by itself. */
const NAIVE: Choice = { families: ["textbook"], passes: [] };

/** A trainer at its start, alike for every choice of kernels and passes: the textbook's fill the parameters. */
async function open(network: Network, choice: Choice = {}): Promise<Trainer> {
  const engine = await testEngine();
  const options = { network, ...SHAPE };
  const mean = new Float32Array(sizeOf(meanShape(network, storedSize(network, SHAPE.size)))).fill(127.5);
  const first = await Trainer.open(engine, options, { families: ["textbook"] });
  await first.start(SEED);
  const { parameters } = await first.snapshot();
  first.dispose();
  const trainer = await Trainer.open(engine, options, choice);
  trainer.load(parameters);
  trainer.setMean(mean);
  return trainer;
}

type States = Record<string, Float64Array>;

/** The same steps in float64. Losses are the sums so far, after each step. */
interface Definition {
  readonly losses: readonly number[];
  /** Largest error of the losses up to each step that the kernels' bounds allow. */
  readonly lossBounds: readonly number[];
  readonly before: States;
  readonly after: States;
  /** After `WHOLE` steps, with every kernel erring by its bound. */
  readonly erring: States;
  /** After `WHOLE` steps, the last of them with the rate of the one before. */
  readonly stale: States;
}

async function defineBy(network: Network): Promise<Definition> {
  const trainer = await open(network, NAIVE);
  const { graph } = trainer;
  const start: States = {};
  for (const { name } of graph.states) start[name] = Float64Array.from(await trainer.step.readState(name));
  trainer.dispose();

  const feedsOf = (step: number, rate = rateAt(step)): Feeds => ({
    ...batchOf(network, step),
    random: randomWords(SEED, step),
    rate: rateFloats(rate),
  });
  const after = (step: number): { exact: States; erring: States } => ({
    exact: interpret(graph, feedsOf(step), standing.exact).states,
    erring: interpret(graph, feedsOf(step), standing.erring, erringByBounds(SEED, step)).states,
  });
  let standing = { exact: start, erring: start };
  let kept = { before: start, after: start, erring: start, stale: start };
  const losses: number[] = [];
  const lossBounds: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const before = standing.exact;
    standing = after(step);
    losses.push(standing.exact[LOSS_SUM][0]);
    lossBounds.push(Math.max(lossBounds.at(-1) ?? 0, Math.abs(standing.erring[LOSS_SUM][0] - losses[step])));
    if (step + 1 === WHOLE) {
      const stale = interpret(graph, feedsOf(step, rateAt(step - 1)), before).states;
      kept = { before: start, after: standing.exact, erring: standing.erring, stale };
    }
  }
  return { losses, lossBounds, ...kept };
}

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
};

async function lossesOf(trainer: Trainer, network: Network, steps: number): Promise<number[]> {
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    trainer.train(batchOf(network, step), { seed: SEED, step, rate: rateAt(step) });
    losses.push((await trainer.sums()).loss);
  }
  return losses;
}

describe.each([alexnet, googlenet])("$title", (network) => {
  let defined: Promise<Definition> | undefined;
  const definition = (): Promise<Definition> => (defined ??= defineBy(network));

  test.each<{ what: string; choice: Choice }>([
    { what: "the textbook's kernels, no passes", choice: NAIVE },
    { what: "the textbook's kernels, all passes", choice: { families: ["textbook"] } },
    { what: "the adapter's own kernels, no passes", choice: { passes: [] } },
    { what: "the adapter's own kernels, all passes", choice: {} },
    { what: "a GPU's kernels, all passes", choice: { families: ["workgroup", "vector"] } },
  ])("ten steps of $what equal ten float64 steps: losses, parameters, momentum", async ({ choice }) => {
    const { losses, lossBounds, after, erring } = await definition();
    const trainer = await open(network, choice);
    const got = await lossesOf(trainer, network, WHOLE);
    got.forEach((loss, step) => expect(Math.abs(loss - losses[step]), `losses of ${step + 1} steps`).toBeLessThanOrEqual(lossBounds[step]));
    const beyond: string[] = [];
    for (const name of Object.keys(after)) {
      const error = largestDifference(await trainer.step.readState(name), after[name]);
      const bound = largestDifference(erring[name], after[name]);
      if (!(error <= bound)) beyond.push(`${name} errs by ${error}, ${bound} is allowed`);
    }
    expect(beyond).toEqual([]);
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
    const [fast, slow] = [await open(network), await open(network, NAIVE)];
    const [ours, textbook] = [await lossesOf(fast, network, STEPS), await lossesOf(slow, network, STEPS)];
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
    const trainer = await open(network, { storage: "f16" });
    const { graph } = trainer;
    const { launches } = trainer.step.plan;
    const packed = launches.filter(({ shader }) => shader.name.includes("halves="));
    expect(packed.length, "launches with half floats").toBeGreaterThan(launches.length / 2);
    const start: States = {};
    for (const { name } of graph.states) start[name] = Float64Array.from(await trainer.step.readState(name));
    let standing = { exact: start, erring: start };
    for (let step = 0; step < WHOLE; step++) {
      trainer.train(batchOf(network, step), { seed: SEED, step, rate: rateAt(step) });
      const feeds = { ...batchOf(network, step), random: randomWords(SEED, step), rate: rateFloats(rateAt(step)) };
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
    const trainer = await open(network, { passes: [pass] });
    const got = await lossesOf(trainer, network, STEPS);
    got.forEach((loss, step) => expect(Math.abs(loss - losses[step]), `losses of ${step + 1} steps`).toBeLessThanOrEqual(lossBounds[step]));
    trainer.dispose();
  });
});
