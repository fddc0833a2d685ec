import { describe, expect, test } from "vitest";
import type { Tasks } from "./runtime.ts";
import {
  difference,
  compareInference,
  LOSS_TOLERANCE,
  PROBABILITY_TOLERANCE,
  requireTelling,
  compareTraining,
  type Player,
} from "./compare.ts";

const CLASSES = 100;

/** Two images, each sure of a class of its own; `error` is added to the surest probability. */
function probabilities(error = 0): number[] {
  const rows = [0, 1].map((image) => Array.from({ length: CLASSES }, (_, c) => (c === image ? 0.5 + error : 0.5 / (CLASSES - 1))));
  return rows.flat();
}

interface Script {
  readonly probabilities?: (call: number) => number[];
  readonly loss?: (step: number) => number;
  readonly ms?: number;
}

/** A player that answers by script and writes down when it was asked. */
function player(
  name: string,
  log: string[],
  { probabilities: p = () => probabilities(), loss = (step) => 7 - step, ms = 10 }: Script = {},
): Player {
  let calls = 0;
  let steps = 0;
  return {
    name,
    async ask(task) {
      log.push(name);
      const answer = task === "infer" ? { ms, probabilities: p(calls++) } : { ms, loss: loss(steps++) };
      return answer as unknown as Tasks[typeof task];
    },
  };
}

const say = (): void => undefined;

describe("difference", () => {
  test("is relative to the largest value wanted", () => {
    expect(difference([1, 4.5], [1, 5])).toBeCloseTo(0.1, 12);
    expect(difference([1, 5], [1, 5])).toBe(0);
  });

  test("is infinite for other lengths and for what is not a number", () => {
    expect(difference([1], [1, 2])).toBe(Infinity);
    expect(difference([NaN, 2], [1, 2])).toBe(Infinity);
  });
});

describe("requireTelling", () => {
  test("takes answers that depend on the image", () => {
    expect(() => requireTelling(probabilities(), 2)).not.toThrow();
  });

  test("refuses uniform answers, equal answers and sums other than 1", () => {
    const uniform = Array.from({ length: 2 * CLASSES }, () => 1 / CLASSES);
    const [first] = [probabilities().slice(0, CLASSES)];
    expect(() => requireTelling(uniform, 2)).toThrow(/comparison would be meaningless/);
    expect(() => requireTelling([...first, ...first], 2)).toThrow(/comparison would be meaningless/);
    expect(() => requireTelling(probabilities(0.1), 2)).toThrow(/add up/);
  });
});

describe("compareInference", () => {
  const options = { images: 2, rounds: 3, say };

  test("calls everyone in turn, once to compare, once to warm up, then for each round", async () => {
    const log: string[] = [];
    const [comparison] = await compareInference(player("ours", log), [player("peer", log, { ms: 20 })], options);
    expect(log).toEqual(Array.from({ length: 5 }, () => ["ours", "peer"]).flat());
    expect(comparison).toMatchObject({
      peer: "peer",
      verdict: "timed",
      difference: 0,
      rounds: [1, 2, 3].map(() => ({ oursMs: 10, peerMs: 20 })),
    });
  });

  test("a peer that differs is not called again, others go on", async () => {
    const log: string[] = [];
    const off = player("off", log, { probabilities: () => probabilities(PROBABILITY_TOLERANCE) });
    const [wrong, right] = await compareInference(player("ours", log), [off, player("peer", log)], options);
    expect(wrong).toMatchObject({ verdict: "wrong", rounds: [] });
    expect(log.filter((name) => name === "off")).toHaveLength(1);
    expect(right.rounds).toHaveLength(3);
  });

  test("one that begins to differ later loses its rounds", async () => {
    const fading = player("fading", [], { probabilities: (call) => probabilities(call < 3 ? 0 : 0.01) });
    const [comparison] = await compareInference(player("ours", []), [fading], options);
    expect(comparison).toMatchObject({ verdict: "wrong", rounds: [] });
  });

  test("one that throws has failed, with its words", async () => {
    const dead: Player = { name: "dead", ask: () => Promise.reject(new Error("no kernel for LRN")) };
    const [comparison] = await compareInference(player("ours", []), [dead], options);
    expect(comparison).toMatchObject({ verdict: "failed", why: "no kernel for LRN", rounds: [] });
  });

  test("ours must repeat itself", async () => {
    const unsteady = player("ours", [], { probabilities: (call) => probabilities(call * 1e-6) });
    await expect(compareInference(unsteady, [player("peer", [])], options)).rejects.toThrow(/changed from one call/);
  });
});

describe("compareTraining", () => {
  test("a peer's step lies between steps of ours; each loss is compared with ours at that step", async () => {
    const log: string[] = [];
    const [comparison] = await compareTraining(player("ours", log), [player("peer", log, { ms: 300 })], { rounds: 1, say });
    expect(log).toEqual(["ours", "ours", "peer", "ours", "ours", "ours", "peer", "ours", "ours", "ours"]);
    expect(comparison).toMatchObject({ verdict: "timed", rounds: [{ oursMs: 10, peerMs: 300 }] });
  });

  test("another first loss is wrong before anything is timed, another second loss afterwards", async () => {
    const first = player("first", [], { loss: () => 7 * (1 + 2 * LOSS_TOLERANCE) });
    const second = player("second", [], { loss: (step) => 7 - 1.1 * step });
    const comparisons = await compareTraining(player("ours", []), [first, second], { rounds: 1, say });
    expect(comparisons.map(({ verdict, rounds }) => [verdict, rounds.length])).toEqual([
      ["wrong", 0],
      ["wrong", 0],
    ]);
  });

  test("a loss that does not fall proves nothing", async () => {
    const stuck = player("ours", [], { loss: () => 6.9 });
    await expect(compareTraining(stuck, [player("peer", [])], { rounds: 1, say })).rejects.toThrow(/comparison would be meaningless/);
  });
});
