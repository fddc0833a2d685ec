// Both whole networks, at reduced width, train on the GPU as they do in float64: ten steps with dropout, mirrors and a rate that changes, so that a
// scalar left over from an earlier step would show; and thirty steps of the adapter's own kernels beside thirty of the textbook's.
import { describe, expect, test } from "vitest";
import { States } from "../../src/engine/buffers.ts";
import { Session } from "../../src/engine/session.ts";
import { interpret, type Feeds } from "../../src/graph/interpret.ts";
import { alexnet } from "../../src/models/alexnet.ts";
import { googlenet } from "../../src/models/googlenet.ts";
import type { Network } from "../../src/models/network.ts";
import { philox } from "../../src/tensor/philox.ts";
import { LOSS_SUM, MEAN, startGraph, storedSize, trainingGraph } from "../../src/train/graphs.ts";
import { randomWords } from "../../src/train/trainer.ts";
import type { Family } from "../../src/kernels/kernel.ts";
import { testEngine } from "../support/engine.ts";

const SEED = 7;
const SIZE = 64;
const BATCH = 2;
const CLASSES = 3;

/**
 * How far float32 may be from float64 after a step. One step's rounding is eps times the depth of the chain that leads to a parameter (about 60
 * ops forward and back, each a sum of K products whose error grows as sqrt(K), K up to 1,200 here): 60 sqrt(1200) eps = 1.2e-4 of the update, and an update is at
 * most a few percent of the largest weight: 5e-6. Steps add, and momentum repeats each up to 1 / (1 - 0.9) times: 5e-5 a step.
 */
const allowedAfter = (steps: number): number => 5e-5 * steps;

const inputsOf = (network: Network, step: number): Feeds & Record<string, Float32Array | Uint32Array> => {
  const stored = storedSize(network, SIZE);
  return {
    pixels: Uint32Array.from({ length: BATCH * stored * stored }, (_, i) => philox([SEED, step], [i, 0, 0, 9])[0] & 0xffffff),
    placement: Uint32Array.of(step % 4, 2, step % 2, 0, 3, 0, (step + 1) % 2, 0),
    labels: Uint32Array.of(step % CLASSES, (step + 1) % CLASSES),
    random: randomWords(SEED, step),
    rate: Float32Array.of(0.01 * 0.8 ** step),
  };
};

async function open(network: Network, families?: readonly Family[]) {
  const engine = await testEngine();
  const options = { network, classes: CLASSES, width: 1 / 8, size: SIZE, batch: BATCH, momentum: 0.9, weightDecay: 5e-4 };
  const { graph, parameters } = trainingGraph(options);
  const states = new States(
    engine,
    graph.states.map(({ name, value }) => ({ name, shape: value.shape, dtype: value.dtype })),
  );
  const start = await Session.open(engine, startGraph(options).graph, { states });
  start.feed("random", randomWords(SEED, 0));
  start.run();
  await engine.idle();
  start.dispose();
  const stored = storedSize(network, SIZE);
  states.write(MEAN, new Float32Array(network.mean === "image" ? stored * stored * 4 : 4).fill(110));
  const session = await Session.open(engine, graph, { states, ...(families && { families }) });
  const step = (at: number): void => {
    for (const [name, data] of Object.entries(inputsOf(network, at))) session.feed(name, data);
    session.run();
  };
  return { graph, parameters, states, step, dispose: () => (session.dispose(), states.dispose()) };
}

const largest = (values: ArrayLike<number>): number => Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** Largest difference of two arrays over the largest value. */
const apart = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  largest(Array.from(a, (value, i) => value - b[i])) / (largest(b) || 1);

describe.each([alexnet, googlenet])("$title", (network) => {
  test.each([[["textbook"] as const], [undefined]])("ten steps equal ten float64 steps (%s)", async (families) => {
    const { graph, states, step, dispose } = await open(network, families);
    let exact: Record<string, Float64Array | Float32Array> = {};
    for (const { name } of graph.states) exact[name] = await states.read(name);
    for (let at = 0; at < 10; at++) {
      step(at);
      exact = interpret(graph, inputsOf(network, at), exact).states;
      const [loss] = await states.read(LOSS_SUM);
      expect(Math.abs(loss / exact[LOSS_SUM][0] - 1), `loss after step ${at + 1}`).toBeLessThan(allowedAfter(at + 1));
    }
    const worst = await Promise.all(graph.states.map(async ({ name }) => ({ name, error: apart(await states.read(name), exact[name]) })));
    expect(worst.filter(({ error }) => !(error < allowedAfter(10)))).toEqual([]);
    // The parameters did move: a bound on what stood still would prove nothing.
    expect(exact[LOSS_SUM][0]).toBeGreaterThan(1);
    dispose();
  });

  test("thirty steps of the adapter's own kernels equal thirty of the textbook's", async () => {
    const fast = await open(network);
    const slow = await open(network, ["textbook"]);
    for (let at = 0; at < 30; at++) {
      fast.step(at);
      slow.step(at);
    }
    const names = fast.graph.states.map(({ name }) => name);
    const worst = await Promise.all(
      names.map(async (name) => ({ name, error: apart(await fast.states.read(name), await slow.states.read(name)) })),
    );
    expect(worst.filter(({ error }) => !(error < allowedAfter(30)))).toEqual([]);
    fast.dispose();
    slow.dispose();
  });
});
