// The networks of examples/networks, as small as they go: their training steps and their scores on the GPU are those of float64, within bounds that are
// derived (float64-steps.ts), and what a run of theirs saves is read back, scored and fine-tuned as a run of the house's own networks is.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nin } from "../../examples/networks/nin.ts";
import { squeezenet } from "../../examples/networks/squeezenet.ts";
import { vgg16 } from "../../examples/networks/vgg16.ts";
import { interpret } from "../../src/graph/interpret.ts";
import type { ProgressEvent } from "../../src/platform/progress.ts";
import { withClassNames } from "../../src/train/class-names.ts";
import { qualityOf, scoreCases } from "../../src/train/evaluate.ts";
import { momentumOf, scoringGraph, storedSize } from "../../src/train/graphs.ts";
import { runJob, type JobSettings } from "../../src/train/job.ts";
import { defaultPretraining, fractalData } from "../../src/train/pretrain.ts";
import { readPretrained, type TrainedNetwork } from "../../src/train/pretrained.ts";
import { Scorer } from "../../src/train/scorer.ts";
import { readStart } from "../../src/train/start.ts";
import { readWeights } from "../../src/weights/load.ts";
import { erringByBounds } from "../../src/verify/rounding.ts";
import { testEngine } from "../support/engine.ts";
import {
  batchOf,
  beyondBounds,
  defineBy,
  largestDifference,
  lossesOf,
  NAIVE,
  open,
  statesOf,
  type Choice,
  type Definition,
  type Lesson,
} from "./float64-steps.ts";

const STEPS = 3;
const WIDTH = 1 / 16;

/** `size`: the smallest input, or nearly, that the pooling layers leave a map of. `last`: the layer that the classes end in. */
const EXAMPLES = [
  { network: vgg16, size: 32, last: "fc8", first: "conv1_1" },
  { network: nin, size: 64, last: "cccp8", first: "conv1" },
  { network: squeezenet, size: 64, last: "conv10", first: "conv1" },
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "striatum-networks-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(EXAMPLES)("$network.title", ({ network, size, last, first }) => {
  // At this seed no sum of the three steps lies so near a ReLU's corner that roundings decide which side it is on: there the GPU and float64 would part
  // although both are right. The run that errs crosses such a corner as readily as the GPU does, so that its bounds would no longer be narrow.
  // Weights start by He's rule: from the papers' own starts, gradients of networks of 8 channels are so small that the decay hides them.
  const lesson: Lesson = {
    network,
    classes: 3,
    width: WIDTH,
    size,
    batch: 2,
    seed: 1,
    pixelScale: 1 / 64,
    momentum: 0.9,
    weightDecay: 5e-4,
    init: "msra",
    steps: STEPS,
    whole: STEPS,
  };
  let defined: Promise<Definition> | undefined;
  const definition = (): Promise<Definition> => (defined ??= defineBy(lesson));

  test.each<{ what: string; choice: Choice }>([
    { what: "the textbook's kernels, no passes", choice: NAIVE },
    { what: "the adapter's own kernels, all passes", choice: {} },
  ])("three steps of $what equal three float64 steps: losses, parameters, momentum, scores", async ({ choice }) => {
    const { losses, lossBounds } = await definition();
    const trainer = await open(lesson, choice);
    const got = await lossesOf(trainer, lesson, STEPS);
    got.forEach((loss, step) => expect(Math.abs(loss - losses[step]), `losses of ${step + 1} steps`).toBeLessThanOrEqual(lossBounds[step]));
    expect(await beyondBounds(trainer, await definition())).toEqual([]);

    const { pixels, placement } = batchOf(lesson, STEPS);
    const p = await trainer.score({ pixels, placement });
    expect(p).toHaveLength(lesson.batch * lesson.classes);
    const { graph } = scoringGraph(lesson);
    const states = await statesOf(trainer);
    const value = graph.outputs.get("p");
    if (!value) throw new Error("the scoring graph has no p");
    const exact = interpret(graph, { pixels, placement }, states).of(value);
    const erring = interpret(graph, { pixels, placement }, states, erringByBounds(lesson.seed, STEPS)).of(value);
    expect(largestDifference(p, exact)).toBeLessThanOrEqual(largestDifference(erring, exact));
    expect(largestDifference(erring, exact)).toBeLessThan(1e-4);
    // Two images that differ.
    expect(Math.abs(exact[0] - exact[lesson.classes])).toBeGreaterThan(1e-3);
    trainer.dispose();
  });

  test("the bounds are narrow: all parameters moved further, and the rate of one step before would be seen in each", async () => {
    const { losses, lossBounds, before, after, erring, stale } = await definition();
    expect(lossBounds[STEPS - 1] / losses[STEPS - 1]).toBeLessThan(1e-4);
    const momenta = Object.keys(after).filter((name) => name.startsWith(momentumOf("")));
    expect(momenta.length).toBeGreaterThan(20);
    const within = (other: typeof after, name: string): boolean =>
      largestDifference(other[name], after[name]) <= largestDifference(erring[name], after[name]);
    expect(momenta.filter((name) => within(stale, name))).toEqual([]);
    expect(momenta.map((name) => name.slice(momentumOf("").length)).filter((name) => within(before, name))).toEqual([]);
  });

  const { settings } = defaultPretraining(network);
  const job: JobSettings = { ...settings, width: WIDTH, size, batch: lesson.batch, epochs: 1, rate: 0.001, seed: 1 };
  const dataOf = (categories: number) =>
    fractalData({ categories, instances: 4, validation: 2, poses: "any", seed: 0 }, storedSize(network, size));

  /** Runs a job into a folder of its own; returns its notes and what scoring needs, as the file of weights alone says it. */
  async function run(
    out: string,
    categories: number,
    change: Partial<JobSettings> = {},
  ): Promise<{ notes: string[]; trained: TrainedNetwork; metrics: Record<string, number> }> {
    const engine = await testEngine();
    const path = join(folder, `${network.name} ${out}`);
    const events: AsyncGenerator<ProgressEvent, unknown> = runJob(
      { ...job, ...change },
      { engine, data: dataOf(categories), out: path, resume: false },
    );
    const notes: string[] = [];
    for await (const event of events) if (event.kind === "note") notes.push(event.text);
    const trained = await withClassNames(readPretrained(network, await readStart(engine.platform.files, path)));
    const metrics = JSON.parse(readFileSync(join(path, "metrics.jsonl"), "utf8").trim()) as Record<string, number>;
    return { notes, trained, metrics };
  }

  /** Quality on the validation images by weights that were read from a file. */
  async function judge(trained: TrainedNetwork) {
    const scorer = await Scorer.open(await testEngine(), trained, { batch: job.batch });
    const quality = qualityOf(await scoreCases(scorer, dataOf(trained.classes.length).images("val")));
    scorer.dispose();
    return quality;
  }

  test("weights that a run saves classify as the run did, and start a network of other classes", async () => {
    const { trained, metrics } = await run("whole", 3);
    expect(trained).toMatchObject({ named: true, width: WIDTH, size, images: { pixelScale: 1 / 64 } });
    expect(trained.classes).toEqual(dataOf(3).classes);
    const quality = await judge(trained);
    expect({ validationLoss: quality.loss, validationAccuracy: quality.accuracy, validationAuc: quality.auc }).toEqual({
      validationLoss: metrics["validationLoss"],
      validationAccuracy: metrics["validationAccuracy"],
      validationAuc: metrics["validationAuc"],
    });
    expect(quality.loss).not.toBeCloseTo(Math.log(3), 3);

    const { weights } = trained;
    const tuned = await run("tuned", 5, { weights, renameLast: true, frozen: [first] });
    expect(tuned.notes.join()).toMatch(new RegExp(`new layers: ${last}$`));
    expect(tuned.trained.classes).toHaveLength(5);
    expect((await judge(tuned.trained)).loss).toBe(tuned.metrics["validationLoss"]);
    const [start, end] = [trained, tuned.trained].map(({ weights: { bytes, file } }) => readWeights(bytes, file));
    expect(end.get(`${first}/weight`)).toEqual(start.get(`${first}/weight`));
    expect(end.get(`${last}/bias`)?.shape).toEqual([5]);
    const moved = [...start.keys()].filter((name) => end.get(name)?.data.some((value, i) => value !== start.get(name)?.data[i]));
    expect(moved).toHaveLength(start.size - 2);
  });
});
