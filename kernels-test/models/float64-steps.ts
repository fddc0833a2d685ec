// Training steps of a network on the GPU and the same steps in float64, for tests that hold the two against each other. Pixels, crops, mirrors, labels,
// dropout and learning rate are others in every step, so that anything left over from an earlier step would show.
//
// The bound is derived, not chosen. Within a step every kernel may err by eps times its sum's length (as 4 sqrt(K / 3), four standard deviations of K
// roundings) times the sum of magnitudes; each op of src/ops states its own. A second float64 run makes all of these errors, each with a random sign, at
// every element of every node (src/verify/rounding.ts): how they grow through layers, momentum and steps is the network's own doing, found and not guessed.
// The GPU may be no further from the exact run than that run is: in the largest element of each parameter and momentum, and of the losses so far.
import type { SessionOptions } from "../../src/engine/session.ts";
import { interpret, type Feeds } from "../../src/graph/interpret.ts";
import { philox } from "../../src/tensor/philox.ts";
import { sizeOf } from "../../src/tensor/shape.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { meanShape, storedSize } from "../../src/train/graphs.ts";
import { LOSS_SUM, type TrainingOptions } from "../../src/train/training-graphs.ts";
import { rateFloats, randomWords } from "../../src/train/step-inputs.ts";
import { Trainer, type Batch } from "../../src/train/trainer.ts";
import { erringByBounds } from "../../src/verify/rounding.ts";
import { testEngine } from "../support/engine.ts";

/** What is trained, all of it said, and for how long. */
export interface Lesson extends TrainingOptions {
  readonly size: number;
  readonly batch: number;
  /** Seed of the initial values, the pixels and dropout. */
  readonly seed: number;
  readonly steps: number;
  /** Steps after which all states are compared; then only losses are. */
  readonly whole: number;
  /** What each step is shown. Default: noise, for a batch of 2. */
  readonly batches?: readonly Batch[];
  /** The learning rate of all steps. Default: another one in each. */
  readonly rate?: number;
  /** Values that parameters start from. Default: drawn by the seed. */
  readonly from?: ReadonlyMap<string, Tensor>;
}

export const rateAt = ({ rate }: Lesson, step: number): number => rate ?? 0.002 * 0.8 ** (step % 7);

export function batchOf({ network, size, batch, classes, seed, batches }: Lesson, step: number): Batch {
  if (batches) return batches[step];
  const stored = storedSize(network, size);
  return {
    pixels: Uint32Array.from({ length: batch * stored * stored }, (_, i) => philox([seed, step], [i, 0, 0, 9])[0] & 0xffffff),
    placement: Uint32Array.of(step % 4, 2, step % 2, 0, 3, step % 7, (step + 1) % 2, 0),
    labels: Uint32Array.of(step % classes, (step + 1) % classes),
  };
}

export type Choice = Pick<SessionOptions, "families" | "passes" | "storage" | "target" | "joins">;

/** The naive way: one output an invocation, every op by itself. */
export const NAIVE: Choice = { families: ["textbook"], passes: [] };

/** A trainer at its start, alike for every choice of kernels and passes: the textbook's fill the parameters. */
export async function open(lesson: Lesson, choice: Choice = {}): Promise<Trainer> {
  const engine = await testEngine();
  const { network, size, seed, from } = lesson;
  const mean = new Float32Array(sizeOf(meanShape(network, storedSize(network, size)))).fill(127.5);
  const first = await Trainer.open(engine, lesson, { families: ["textbook"] });
  await first.start(seed);
  const { parameters } = await first.snapshot();
  first.dispose();
  const trainer = await Trainer.open(engine, lesson, choice);
  trainer.load(parameters);
  if (from) trainer.load(from);
  trainer.setMean(mean);
  return trainer;
}

export type States = Record<string, Float64Array>;

/** The same steps in float64. Losses are the sums so far, after each step. */
export interface Definition {
  readonly losses: readonly number[];
  /** Largest error of the losses up to each step that the kernels' bounds allow. */
  readonly lossBounds: readonly number[];
  readonly before: States;
  readonly after: States;
  /** After `whole` steps, with every kernel erring by its bound. */
  readonly erring: States;
  /** After `whole` steps, the last of them with the rate of the one before. */
  readonly stale: States;
}

export async function statesOf({ graph, step }: Trainer): Promise<States> {
  const states: States = {};
  for (const { name } of graph.states) states[name] = Float64Array.from(await step.readState(name));
  return states;
}

export async function defineBy(lesson: Lesson): Promise<Definition> {
  const trainer = await open(lesson, NAIVE);
  const { graph } = trainer;
  const { seed } = lesson;
  const start = await statesOf(trainer);
  trainer.dispose();

  const feedsOf = (step: number, rate = rateAt(lesson, step)): Feeds => ({
    ...batchOf(lesson, step),
    random: randomWords(seed, step),
    rate: rateFloats(rate),
  });
  const after = (step: number): { exact: States; erring: States } => ({
    exact: interpret(graph, feedsOf(step), standing.exact).states,
    erring: interpret(graph, feedsOf(step), standing.erring, erringByBounds(seed, step)).states,
  });
  let standing = { exact: start, erring: start };
  let kept = { before: start, after: start, erring: start, stale: start };
  const losses: number[] = [];
  const lossBounds: number[] = [];
  for (let step = 0; step < lesson.steps; step++) {
    const before = standing.exact;
    standing = after(step);
    losses.push(standing.exact[LOSS_SUM][0]);
    lossBounds.push(Math.max(lossBounds.at(-1) ?? 0, Math.abs(standing.erring[LOSS_SUM][0] - losses[step])));
    if (step + 1 === lesson.whole) {
      const stale = interpret(graph, feedsOf(step, rateAt(lesson, step - 1)), before).states;
      kept = { before: start, after: standing.exact, erring: standing.erring, stale };
    }
  }
  return { losses, lossBounds, ...kept };
}

export const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
};

/** The sums of losses after each of the first steps. */
export async function lossesOf(trainer: Trainer, lesson: Lesson, steps: number): Promise<number[]> {
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    trainer.train(batchOf(lesson, step), { seed: lesson.seed, step, rate: rateAt(lesson, step) });
    losses.push((await trainer.sums()).loss);
  }
  return losses;
}

/** What of a trainer's states lies further from the definition after `whole` steps than its bound allows, in words. */
export async function beyondBounds(trainer: Trainer, { after, erring }: Definition): Promise<string[]> {
  const beyond: string[] = [];
  for (const [name, got] of Object.entries(await statesOf(trainer))) {
    const error = largestDifference(got, after[name]);
    const bound = largestDifference(erring[name], after[name]);
    if (!(error <= bound)) beyond.push(`${name} errs by ${error}, ${bound} is allowed`);
  }
  return beyond;
}
