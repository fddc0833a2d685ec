// A trainer on samples of a program: the bits of `train`, marks, heads, augmentation, streams, evaluation, saving, inspection.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { alexnet, fixedLr, folder, googlenet, openDevice, sgd, train, type Device } from "../../src/index.ts";
import { Session } from "../../src/engine/session.ts";
import { formatTable, newTable } from "../../src/engine/tuning-table.ts";
import { microscope } from "../../src/inspect.ts";
import { internalsOf } from "../../src/library/device.ts";
import { networkOf } from "../../src/library/model.ts";
import { subjectOf } from "../../src/library/subject.ts";
import { scoringGraph } from "../../src/train/graphs.ts";
import { trainingGraph } from "../../src/train/training-graphs.ts";
import { openTrainer, type Sample, type Trainer } from "../../src/trainer.ts";
import { problemsIn } from "../../src/tune/tuner.ts";
import { INPUT_MEAN } from "../../src/weights/names.ts";
import { readSafetensors } from "../../src/weights/safetensors.ts";
import { writePictures } from "../support/study-cases.ts";

const LABELS = ["none", "left", "right"];
const COUNT = 12;
const scratch = mkdtempSync(join(tmpdir(), "striatum-trainer-"));
const picture = (i: number): string => join(scratch, `cases/${i}.png`);
const samples: Sample[] = Array.from({ length: COUNT }, (_, i) => ({ image: picture(i), label: LABELS[i % 3] }));
const model = alexnet({ classes: 3, width: 1 / 8, size: 64 });

let device: Device;
beforeAll(async () => {
  device = await openDevice();
  writePictures(join(scratch, "cases"), COUNT);
  rmSync(join(scratch, "cases/labels.csv"));
  const rows = samples.map(({ label }, i) => `${i}.png,${label},P${i},train`);
  writeFileSync(join(scratch, "cases/manifest.csv"), `${["path,label,patient,split", ...rows].join("\n")}\n`);
});
afterAll(async () => {
  await device.dispose();
  rmSync(scratch, { recursive: true, force: true });
});

const tensorsOf = (path: string): Map<string, Float32Array> =>
  new Map([...readSafetensors(readFileSync(path), path).tensors].map(([name, { data }]) => [name, data]));

const small = (options: object = {}): Promise<Trainer> => openTrainer(device, model, { samples, labels: LABELS, batch: 4, ...options });

describe("the same bits as a run of `train`", () => {
  test.for([
    ["alexnet", model],
    ["googlenet", googlenet({ classes: 3, width: 1 / 8, size: 64 })],
  ] as const)("%s", async ([name, network]) => {
    const data = await folder(join(scratch, "cases"), { classes: LABELS });
    const request = { batch: 4, seed: 3, solver: sgd({ momentum: 0.8 }), mirror: true } as const;
    const run = train(device, { ...request, model: network, data, epochs: 2, rate: fixedLr(0.02), out: join(scratch, name) });
    const losses: number[] = [];
    for await (const event of run) if (event.kind === "epoch") losses.push(event.loss);
    const expected = tensorsOf((await run.best()).path);

    using trainer = await openTrainer(device, network, { ...request, samples, labels: LABELS, rate: 0.02 });
    const first = await trainer.step({ count: 3 });
    await trainer.step();
    await trainer.step({ count: 2 });
    expect(first.loss).toBe(losses[0]);
    expect(trainer.steps).toBe(6);
    const saved = join(scratch, `${name}.safetensors`);
    await trainer.save(saved);
    const found = tensorsOf(saved);
    expect([...found.keys()]).toEqual([...expected.keys()]);
    expect(found.has(INPUT_MEAN)).toBe(true);
    for (const [parameter, values] of found) expect(values, parameter).toEqual(expected.get(parameter));
    const [job] = readdirSync(join(scratch, name));
    expect(job).toMatch(/^[0-9a-f]{16}$/);
  });
});

test("a mark leads back to the same bits, as often as it is asked, and gives its memory back", async () => {
  using trainer = await small();
  await trainer.step({ count: 2 });
  const before = device.memory();
  const mark = await trainer.mark();
  expect(device.memory().byUse["mark"]).toBe(before.byUse["states"]);
  const first = [await trainer.step(), await trainer.step()];
  await trainer.back(mark);
  expect(trainer.steps).toBe(2);
  expect([await trainer.step(), await trainer.step()]).toEqual(first);
  await trainer.back(mark);
  trainer.rate = 0.05;
  const [same, other] = [await trainer.step(), await trainer.step()];
  expect(same.loss).toBe(first[0].loss);
  expect(other.loss).not.toBe(first[1].loss);
  mark.dispose();
  expect(device.memory()).toEqual(before);
  await expect(trainer.back(mark)).rejects.toThrow("this mark was disposed");
  using another = await small();
  await expect(another.back(mark)).rejects.toThrow("back: expected a mark of this trainer");
});

test("losses of the heads add up to the objective", async () => {
  using trainer = await openTrainer(device, googlenet({ classes: 3, width: 1 / 8, size: 64 }), { samples, labels: LABELS, batch: 2 });
  const { loss, losses } = await trainer.step();
  expect(Object.keys(losses)).toHaveLength(3);
  expect(Object.values(losses).reduce((sum, each) => sum + each, 0)).toBeCloseTo(loss, 5);
});

test("variants and a function of one's own: drawn by seed, step and sample", async () => {
  const drawn: [number, number, number][] = [];
  const augment = (
    image: { readonly data: Uint8Array },
    { step, sample, random }: { step: number; sample: number; readonly random: () => number },
  ): never => {
    drawn.push([step, sample, random()]);
    return { ...image, data: image.data.map((value) => 255 - value) } as never;
  };
  const losses: number[] = [];
  for (const options of [{}, { augment }, { augment }, { augment: "variants" }] as const) {
    using trainer = await small(options);
    losses.push((await trainer.step({ count: 2 })).loss);
  }
  expect(new Set(losses).size).toBe(3);
  expect(losses[1]).toBe(losses[2]);
  expect(drawn.slice(0, 8)).toEqual(drawn.slice(8));
  expect(new Set(drawn.slice(0, 8).map(([, , value]) => value)).size).toBe(8);
  expect(drawn.map(([step]) => step).slice(0, 8)).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
});

test("steps and passes in slices give the same bits in more submissions", async () => {
  const parts = vi.spyOn(Session.prototype, "runPart");
  const results: unknown[] = [];
  const submitted: number[] = [];
  for (const options of [{}, { sliceMs: 4 }]) {
    using trainer = await small();
    for (let step = 0; step < 4; step++) {
      parts.mockClear();
      results.push(await trainer.step(options));
      submitted.push(parts.mock.calls.length);
    }
    const net = await trainer.network();
    results.push(await net.run(picture(1), { outputs: ["conv2", "probabilities"], ...options }));
  }
  parts.mockRestore();
  expect(results.slice(5)).toEqual(results.slice(0, 5));
  const [launches] = submitted.slice(4);
  expect(submitted.slice(0, 6)).toEqual([0, 0, 0, 0, launches, launches]);
  expect(launches).toBeGreaterThan(20);
  for (const count of submitted.slice(6)) {
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThanOrEqual(launches);
  }
  using trainer = await small();
  await expect(trainer.step({ sliceMs: 0 })).rejects.toThrow("step: sliceMs must be a number above 0, got 0");
});

test("samples that come one by one: begun again at their end, and named where they are wrong or none are left", async () => {
  let begun = 0;
  const endless = {
    async *[Symbol.asyncIterator]() {
      begun++;
      yield* samples.slice(0, 6);
    },
  };
  using trainer = await small({ samples: endless });
  await trainer.step({ count: 3 });
  expect(begun).toBe(2);
  using once = await small({ samples: endless[Symbol.asyncIterator]() });
  await once.step();
  await expect(once.step()).rejects.toThrow("the samples ended after 6");
});

test("evaluation, a network on the same parameters, and what is saved agree", async () => {
  using trainer = await small();
  await trainer.step({ count: 2 });
  const before = await trainer.evaluate(samples);
  const net = await trainer.network();
  const { probabilities } = await net.run(samples.map(({ image }) => image));
  before.probabilities.flat().forEach((p, i) => expect(p).toBeCloseTo(probabilities.data[i], 5));
  const loss = samples.reduce((sum, { label }, i) => sum - Math.log(before.probabilities[i][LABELS.indexOf(label as string)]), 0) / COUNT;
  expect(before.loss).toBeCloseTo(loss, 6);
  expect(before.losses).toHaveLength(COUNT);
  before.losses.forEach((each, i) => expect(each).toBeCloseTo(-Math.log(before.probabilities[i][i % 3]), 6));
  await trainer.save(join(scratch, "kept.safetensors"));
  const loaded = await alexnet.load(device, join(scratch, "kept.safetensors"));
  expect(loaded.labels).toEqual(LABELS);
  expect((await loaded.run(picture(1))).probabilities.data).toEqual((await net.run(picture(1))).probabilities.data);
  await trainer.step();
  expect((await net.run(picture(1))).probabilities.data).not.toEqual((await loaded.run(picture(1))).probabilities.data);
  loaded.dispose();
});

test("a microscope sees parameters and momenta move, and a look has the step's dropout", async () => {
  using trainer = await small({ rate: 0.03 });
  using scope = microscope(trainer);
  const [weight, momentum] = ["parameter:conv2/weight", "momentum:conv2/weight"];
  const before = await scope.read(weight);
  expect((await scope.read(momentum)).data.every((value) => value === 0)).toBe(true);
  await trainer.step();
  const [after, speed] = [await scope.read(weight), await scope.read(momentum)];
  expect(after.data).toEqual(before.data.map((value, i) => Math.fround(value - speed.data[i])));
  expect(speed.data.some((value) => value !== 0)).toBe(true);
  const plain = await scope.look(picture(0));
  const names = plain.values.map(({ name }) => name);
  const look = await scope.look(picture(0), { step: 5, of: { loss: 2 }, parameters: ["fc8/weight"] });
  expect(look.values.map(({ name }) => name)).toEqual(expect.arrayContaining(["drop6", "drop7"]));
  expect(names).not.toContain("drop6");
  expect((await look.reference("gradient:fc8/weight")).ratio).toBeLessThanOrEqual(1);
  const { launches } = scope.plan();
  expect(new Set(launches.map(({ stage }) => stage)).size).toBeGreaterThan(2);
});

test("a device's tuning table serves the trainer's steps, its network and a microscope on it", async () => {
  const { engine } = internalsOf(device);
  const options = { network: networkOf(model), classes: 3, width: 1 / 8, size: 64, batch: 1 };
  const entry = {
    family: "textbook",
    layer: "any",
    candidates: "0".repeat(16),
    microseconds: 1,
    gflops: 1,
    roof: null,
    tried: {},
  } as const;
  const problems = problemsIn(engine, [
    scoringGraph(options).graph,
    trainingGraph({ ...options, batch: 4, momentum: 0.9, weightDecay: 0 }).graph,
  ]);
  const table = newTable({
    adapter: device.adapterName,
    host: {},
    math: "exact",
    date: "2026-11-30",
    roofline: null,
    problems: Object.fromEntries(problems.map(({ key }) => [key, entry])),
  });
  const tuned = await openDevice({ device: device.gpu, tuningTable: new Blob([formatTable(table)]) });
  using trainer = await openTrainer(tuned, model, { samples, labels: LABELS, batch: 4 });
  const net = await trainer.network();
  for (const of of [trainer, net]) {
    using scope = microscope(of);
    expect(new Set(scope.plan().launches.map(({ family }) => family))).toEqual(new Set(["textbook"]));
  }
  expect(subjectOf(trainer)?.sessionOptions.tuned).toBe(internalsOf(tuned).sessionOptions.tuned);
  trainer.dispose();
  await tuned.dispose();
});

test("what is wrong is said before anything is taken, and nothing is kept after disposal", async () => {
  const before = device.memory();
  const wrong: [object, string][] = [
    [{ samples: undefined }, "openTrainer: samples must be an array of { image, label }, or an async iterable of them, got nothing"],
    [{ samples: [] }, "expected at least one sample, got an array of 0"],
    [{ samples: [picture(0)] }, "sample 0 must be { image, label }"],
    [{ samples: [{ image: picture(0), label: "up" }] }, 'sample 0: its label must be 0 to 2 or one of none, left, right, got "up"'],
    [{ samples: [{ image: 5, label: 0 }] }, "expected a picture, got 5"],
    [{ labels: ["a"] }, "the model has 3 classes, but 1 labels are given"],
    [{ batch: 0 }, "openTrainer: batch must be a whole number from 1, got 0"],
    [{ rate: -1 }, "openTrainer: rate must be a number from 0, got -1"],
    [{ augment: "more" }, 'augment must be "variants" or a function, got "more"'],
    [{ momentum: 0.9 }, 'openTrainer: there is no option "momentum"'],
  ];
  for (const [options, message] of wrong) {
    const error = await small(options).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain(message);
  }
  const trainer = await small();
  await trainer.mark();
  const net = await trainer.network();
  await expect(trainer.step({ count: 1.5 })).rejects.toThrow("step: count must be a whole number from 1, got 1.5");
  trainer.rate = Number.NaN;
  await expect(trainer.step()).rejects.toThrow("step: rate must be a number from 0, got NaN");
  trainer.dispose();
  expect(device.memory()).toEqual(before);
  await expect(trainer.step()).rejects.toThrow("this trainer was disposed");
  await expect(net.classify(picture(0))).rejects.toThrow("this network was disposed");
});
