// The tuner on a real adapter: what it finds computes what the rules compute, a pinned table gives the same bits again, and every kind of problem
// (in place, inside a wider tensor, in several launches) can be measured. Nothing here depends on how long anything takes.
import { beforeAll, expect, test } from "vitest";
import { checkNetwork, checkedOptions } from "../../src/cli/network-check.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { planFor, type SessionOptions } from "../../src/engine/session.ts";
import { problemsIn, tuneProblem, waysOf, type TuningProblem } from "../../src/tune/tuner.ts";
import { nameOf, newTable, tuningFor, type RunTuning, type TuningEntry } from "../../src/engine/tuning-table.ts";
import { networkNamed } from "../../src/models/index.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { storedSize } from "../../src/train/graphs.ts";
import { trainingGraph, type TrainingOptions } from "../../src/train/training-graphs.ts";
import { noiseBatch } from "../../src/train/noise-batch.ts";
import { NO_SUMS, Trainer } from "../../src/train/trainer.ts";
import { testEngine } from "../support/engine.ts";

const network = networkNamed("googlenet");
const options: TrainingOptions = {
  network,
  classes: 4,
  width: 1 / 16,
  size: 64,
  batch: 2,
  momentum: 0.9,
  weightDecay: network.weightDecay,
};

let engine: Engine;
let problems: readonly TuningProblem[];

beforeAll(async () => {
  engine = await testEngine();
  problems = problemsIn(engine, [trainingGraph(options).graph]);
});

test("the problems of a step are distinct, named after layers, and have several ways to be run", () => {
  expect(new Set(problems.map(({ key }) => key)).size).toBe(problems.length);
  expect(problems.flatMap(({ layers }) => layers)).toContain("inception_4a/3x3");
  const ways = problems.map((problem) => waysOf(engine, problem).choices);
  expect(ways.filter((choices) => choices.length > 1).length).toBeGreaterThan(10);
  for (const choices of ways) expect(new Set(choices.map(nameOf)).size).toBe(choices.length);
});

test("equal problems have equal hashes, others have others", () => {
  const again = problemsIn(engine, [trainingGraph(options).graph]);
  expect(again.map((problem) => waysOf(engine, problem).hash)).toEqual(problems.map((problem) => waysOf(engine, problem).hash));
  expect(new Set(problems.map((problem) => waysOf(engine, problem).hash)).size).toBe(problems.length);
});

/** More ways than these are the same kernel in ever more tiles, each to be compiled. */
const FEW_WAYS = 8;

/** One problem of each op with a few ways to run it; for those that may lie inside wider tensors or overwrite their inputs, one that does. */
function oneOfEach(): TuningProblem[] {
  const chosen = new Map<string, TuningProblem>();
  for (const problem of problems) {
    const { op, inputs } = problem.node;
    const overwrites = (op.inPlace ?? []).some(([input]) => input in inputs);
    const kind = [op.name, problem.layouts ? "inside" : "dense", overwrites ? "in place" : ""].join(" ");
    const ways = waysOf(engine, problem).choices.length;
    if (!chosen.has(kind) && ways > 1 && ways <= FEW_WAYS) chosen.set(kind, problem);
  }
  return [...chosen.values()];
}

test("every kind of problem is measured, and every way that runs is right", async () => {
  const kinds = oneOfEach();
  expect(kinds.length).toBeGreaterThan(8);
  expect(kinds.some(({ layouts }) => layouts)).toBe(true);
  expect(kinds.some(({ node }) => (node.op.inPlace ?? []).some(([input]) => input in node.inputs))).toBe(true);
  for (const problem of kinds) {
    const entry = (await tuneProblem(engine, problem, { roofline: null })) as TuningEntry;
    expect(
      Object.values(entry.tried).filter((way) => typeof way === "string" && way.includes("wrongly")),
      problem.key,
    ).toEqual([]);
    const ran = Object.values(entry.tried).filter((way) => typeof way === "number");
    expect(ran.length, problem.key).toBe(waysOf(engine, problem).choices.length);
    expect(Object.keys(entry.tried)).toContain(nameOf(entry));
    expect(entry.candidates).toBe(waysOf(engine, problem).hash);
  }
}, 300_000);

/** A table that runs problems otherwise than the rules do, wherever there is another way. */
function anotherWay(problems: readonly TuningProblem[]): RunTuning {
  const entries = problems.flatMap((problem) => {
    const { choices, hash } = waysOf(engine, problem);
    const other = choices.slice(1).findLast(({ family }) => family !== "textbook");
    if (!other) return [];
    const { family, tuning } = other;
    const entry: TuningEntry = {
      family,
      ...(tuning && { tuning: { ...tuning } }),
      layer: problem.layers[0],
      candidates: hash,
      microseconds: 1,
      gflops: 1,
      roof: null,
      tried: {},
    };
    return [[problem.key, entry] as const];
  });
  const head = { adapter: engine.adapterName, host: {}, math: "exact", date: "2026-11-24", roofline: null } as const;
  return tuningFor(newTable({ ...head, problems: Object.fromEntries(entries) }), problems);
}

test("a network trained by another table's kernels stays within the kernels' bounds of float64", async () => {
  const alexnet = networkNamed("alexnet");
  const { graph } = trainingGraph(checkedOptions(alexnet));
  const { tuned, table } = anotherWay(problemsIn(engine, [graph]));
  expect(Object.keys(table.problems).length).toBeGreaterThan(10);
  const ways = (options: SessionOptions): string[] => planFor(engine, graph, options).launches.map(nameOf);
  expect(ways({ tuned })).not.toEqual(ways({}));
  const checks = await checkNetwork(engine, alexnet, { tuned }, () => undefined);
  expect(checks.length).toBeGreaterThan(30);
  for (const { state, ratio } of checks) expect(ratio, state).toBeLessThanOrEqual(1);
});

/** Losses of the first steps, and what all parameters have become. */
async function train({ tuned }: RunTuning): Promise<{ losses: number[]; parameters: ReadonlyMap<string, Tensor> }> {
  const trainer = await Trainer.open(engine, options, { tuned });
  try {
    await trainer.start(1);
    const batch = noiseBatch({ seed: 3, images: options.batch, stored: storedSize(network, 64), classes: options.classes });
    const losses: number[] = [];
    for (let step = 0; step < 3; step++) {
      trainer.setSums(NO_SUMS);
      trainer.train(batch, { seed: 1, step, rate: 0.001 });
      losses.push((await trainer.sums()).loss);
    }
    return { losses, parameters: (await trainer.snapshot()).parameters };
  } finally {
    trainer.dispose();
  }
}

test("the same seed and the same table give the same bits", async () => {
  const tuning = anotherWay(problems);
  const first = await train(tuning);
  expect(first.losses.every(Number.isFinite)).toBe(true);
  expect(first.parameters.size).toBeGreaterThan(50);
  expect(await train(tuning)).toEqual(first);
});

test("a table that names what a problem cannot be run by changes nothing", async () => {
  const { graph } = trainingGraph(options);
  const launched = (options: SessionOptions): string[] => planFor(engine, graph, options).launches.map(({ shader }) => shader.name);
  expect(launched({ tuned: () => ({ family: "winograd", tuning: { TILE: 4 } }) })).toEqual(launched({}));
  expect(launched({ tuned: () => ({ family: "subgroup", tuning: { ROWS: 7777, COLUMNS: 3 } }) })).toEqual(launched({}));
});
