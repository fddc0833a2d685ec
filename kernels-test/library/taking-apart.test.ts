// What a trainer offers to see what the parts of a network are for: parts left out, other starts, and what a step did by layer; and synthetic samples.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alexnet, googlenet, openDevice, sgd, type Device } from "../../src/index.ts";
import { microscope } from "../../src/inspect.ts";
import { fractals, phantoms } from "../../src/synthetic.ts";
import { openTrainer, type Trainer, type TrainerOptions } from "../../src/trainer.ts";
import { trained } from "../support/trained.ts";

const pictures = fractals({ seed: 4, categories: 3, instances: 8, size: 72 });
const samples = [...pictures];
const model = alexnet({ classes: 3, width: 1 / 8, size: 64 });
const RATE = 0.01;

let device: Device;
beforeAll(async () => {
  device = await openDevice();
});
afterAll(() => device.dispose());

const small = (options: Partial<TrainerOptions> = {}): Promise<Trainer> =>
  openTrainer(device, model, { samples, labels: pictures.labels, batch: 4, rate: RATE, pixelScale: 1 / 64, ...options });

describe("measures of a step", () => {
  test("gradients are what the step applied, in float64 from the momenta; the bits are those of an unmeasured step", async () => {
    using trainer = await small({ init: "lsuv", solver: sgd({ momentum: 0.9, weightDecay: 0.01 }) });
    using other = await small({ init: "lsuv", solver: sgd({ momentum: 0.9, weightDecay: 0.01 }) });
    using scope = microscope(trainer);
    await trainer.step();
    const state = async (id: string): Promise<Float32Array> => (await scope.read(id)).data;
    const names = scope.parameters.map(({ name }) => name);
    const before = new Map<string, Float32Array>();
    for (const name of names) for (const kind of ["parameter", "momentum"]) before.set(`${kind}:${name}`, await state(`${kind}:${name}`));
    const { layers = [] } = await trainer.step({ measure: true });
    await other.step({ count: 2 });
    expect(await trainer.hash()).toBe(await other.hash());
    expect(layers.map(({ layer }) => layer)).toEqual(["conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8"]);
    for (const { layer, gradient } of layers) {
      let squares = 0;
      for (const [role, rate, decay] of [
        ["weight", RATE, 0.01],
        ["bias", 2 * RATE, 0],
      ] as const) {
        const after = await state(`momentum:${layer}/${role}`);
        const [v, w] = ["momentum", "parameter"].map((kind) => before.get(`${kind}:${layer}/${role}`) as Float32Array);
        after.forEach((value, i) => (squares += ((value - 0.9 * v[i]) / rate - decay * w[i]) ** 2));
      }
      expect(gradient, layer).toBeGreaterThan(0);
      expect((gradient as number) / Math.sqrt(squares), layer).toBeCloseTo(1, 3);
    }
    expect(layers.at(-1)?.dead).toBeNull();
    for (const { layer, dead } of layers.slice(0, -1)) expect(dead, layer).toBeLessThan(0.5);
  });

  test("units whose bias is far below 0 are dead; where no ReLU follows there is nothing to say", async () => {
    using trainer = await small({ rate: 1000 });
    const { layers: after = [] } = await trainer.step({ count: 2, measure: true });
    expect(Math.max(...after.map(({ dead }) => dead ?? 0))).toBe(1);
    using linear = await small({ without: ["relu"] });
    const { layers = [] } = await linear.step({ measure: true });
    expect(layers.map(({ dead }) => dead)).toEqual(layers.map(() => null));
  });
});

describe("without", () => {
  const layersOf = async (options: Partial<TrainerOptions>): Promise<string[]> => {
    using trainer = await small(options);
    using scope = microscope(trainer);
    return scope.layers.map(({ name }) => name);
  };

  test("kinds and single layers are left out; the others keep their names", async () => {
    const all = await layersOf({});
    expect(await layersOf({ without: ["lrn"] })).toEqual(all.filter((name) => !name.startsWith("norm")));
    expect(await layersOf({ without: ["relu5", "norm1"] })).toEqual(all.filter((name) => name !== "relu5" && name !== "norm1"));
    await expect(layersOf({ without: ["relu9"] })).rejects.toThrow(
      'without: AlexNet has no "relu9"; it has lrn, relu, dropout, relu1, norm1',
    );
  });

  test("without dropout a step does not depend on its masks", async () => {
    const mean = [0, 0, 0] as const;
    const twice = async (options: Partial<TrainerOptions>): Promise<number[]> => {
      const one = [{ ...samples[0], label: 0 }];
      using trainer = await small({ samples: one, batch: 1, rate: 0, mean, init: "msra", ...options });
      using scope = microscope(trainer);
      const look = async (step: number): Promise<number> => (await scope.look(samples[0].image, { of: { loss: 0 }, step })).losses["loss"];
      return [await look(0), await look(1)];
    };
    const [a, b] = await twice({ without: ["dropout"] });
    expect(a).toBe(b);
    const [c, d] = await twice({});
    expect(c).not.toBe(d);
  });

  test("auxiliary losses weigh as much as the option says", async () => {
    const losses = async (auxiliary?: number): Promise<number[]> => {
      const options = { samples, labels: pictures.labels, batch: 2, rate: 0, ...(auxiliary !== undefined && { auxiliary }) };
      using trainer = await openTrainer(device, googlenet({ classes: 3, width: 1 / 8, size: 64 }), options);
      return Object.values((await trainer.step()).losses);
    };
    const [usual, none, full] = [await losses(), await losses(0), await losses(1)];
    expect(none.slice(1)).toEqual([0, 0]);
    expect(full[0]).toBe(usual[0]);
    expect(full[1] * 0.3).toBeCloseTo(usual[1], 5);
  });
});

test("with equal weights all units of a layer stay alike, to roundings", async () => {
  using trainer = await small({ init: "equal", without: ["dropout", "lrn"] });
  using scope = microscope(trainer);
  await trainer.step({ count: 3 });
  const { shape, data } = await scope.read("parameter:conv1/weight");
  const each = data.length / shape[0];
  const first = data.slice(0, each);
  const largest = Math.max(...first.map(Math.abs));
  expect(new Set(first).size).toBeGreaterThan(100);
  for (let unit = 1; unit < shape[0]; unit++)
    for (let i = 0; i < each; i++) expect(Math.abs(data[unit * each + i] - first[i])).toBeLessThan(1e-5 * largest);
});

test("lsuv starts at chance, and wants samples in memory", async () => {
  using trainer = await small({ init: "lsuv", rate: 0 });
  expect(Math.abs((await trainer.step()).loss - Math.log(3))).toBeLessThan(0.15);
  await expect(small({ init: "lsuv", samples: pictures })).rejects.toThrow('init "lsuv" is for samples in memory');
});

test("the last batch, as it was cropped, with its classes and what the network says", async () => {
  using trainer = await small();
  await expect(trainer.batch()).rejects.toThrow("no step was taken");
  await trainer.step();
  const batch = await trainer.batch();
  expect(batch.pictures).toHaveLength(4);
  batch.labels.forEach((label, i) => {
    const { width, height, data } = batch.pictures[i];
    expect([width, height, data.length]).toEqual([64, 64, 64 * 64 * 3]);
    expect(batch.probabilities[i].reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
    const first = data.slice(0, 3 * 64).filter((_, at) => at % 3 === 0);
    const from = samples.filter((sample) => sample.label === pictures.labels[label]);
    expect(from.some(({ image }) => rowsOf(image.data as Uint8Array, 72).some((row) => row.join().includes(first.join())))).toBe(true);
  });
});

const rowsOf = (data: Uint8Array, width: number): number[][] =>
  Array.from({ length: data.length / width }, (_, row) => Array.from(data.subarray(row * width, (row + 1) * width)));

describe("synthetic samples", () => {
  test("are a function of their options, one by one", () => {
    expect(pictures).toHaveLength(24);
    expect(pictures.at(5)).toEqual(samples[5]);
    expect(fractals({ seed: 5, categories: 3, instances: 8, size: 72 }).at(5)).not.toEqual(samples[5]);
    expect(() => pictures.at(24)).toThrow(new RangeError("at: expected a whole number from 0 to 23, got 24"));
    expect(() => fractals({ kinds: 3 } as object)).toThrow('fractals: there is no option "kinds"');
  });

  test("slices of phantoms come by patient, with the side of the bleeding, and splits share no patient", () => {
    const train = phantoms({ seed: 1, cases: 8, slices: 2 });
    const test = phantoms({ seed: 1, cases: 8, split: "test" });
    const heads = [...train];
    expect(heads).toHaveLength(train.length);
    for (let i = 0; i < heads.length; i += 2) {
      expect(heads[i + 1]).toMatchObject({ patient: heads[i].patient, label: heads[i].label });
      expect(heads[i + 1].image.data).not.toEqual(heads[i].image.data);
    }
    expect(train.at(0)).toEqual(heads[0]);
    const patients = new Set(heads.map(({ patient }) => patient));
    expect([...test].filter(({ patient }) => patients.has(patient))).toEqual([]);
    for (const patient of patients) expect(patient).toContain("synthetic");
    expect(() => phantoms({ slices: 6 })).toThrow("slices must be 1 to 5");
  });

  test("as they come: a trainer draws each batch when it wants it", async () => {
    using trainer = await small({ samples: pictures });
    expect((await trainer.step({ count: 2 })).finiteSteps).toBe(2);
  });
});

/** A small GoogLeNet two steps from its start. */
const afterTwoSteps = (): Promise<Trainer> => trained(device, "googlenet", { samples, labels: pictures.labels, batch: 4, steps: 2 });

describe("one value that is another in a look", () => {
  test("finite differences are the gradients that the look has, for weights and biases of every kind of layer; the network stays as it is", async () => {
    using trainer = await afterTwoSteps();
    const before = await trainer.hash();
    using scope = microscope(trainer);
    const { image, label } = samples[1];
    const of = { loss: pictures.labels.indexOf(label) };
    const names = [
      "conv1/7x7_s2/weight",
      "conv2/3x3/bias",
      "inception_3a/5x5/weight",
      "inception_4d/pool_proj/weight",
      "loss3/classifier/weight",
    ];
    const look = await scope.look(image, { of, parameters: names });
    const gradients = new Map<string, Float32Array>();
    for (const name of names) gradients.set(name, (await look.read(`gradient:${name}`)).data);
    for (const name of names) {
      const found = gradients.get(name) as Float32Array;
      const { data } = await scope.read(`parameter:${name}`);
      const index = found.reduce((best, value, i) => (Math.abs(value) > Math.abs(found[best]) ? i : best), 0);
      const h = 1e-3;
      const lossAt = async (value: number): Promise<number> =>
        (await scope.look(image, { of, instead: { parameter: name, index, value } })).losses["loss3"];
      const [up, down] = [await lossAt(data[index] + h), await lossAt(data[index] - h)];
      const difference = (up - down) / (2 * h);
      expect(Math.abs(difference - found[index]), name).toBeLessThan(0.03 * Math.abs(found[index]) + 3e-4);
    }
    expect(await trainer.hash()).toBe(before);
    const altered = await scope.look(image, { of, instead: { parameter: names[0], index: 0, value: 1 } });
    await expect(altered.reference("activation:conv1/7x7_s2")).rejects.toThrow("had another value");
    await expect(scope.look(image, { of, instead: { parameter: "conv9/weight", index: 0, value: 1 } })).rejects.toThrow("no parameter");
    await expect(scope.look(image, { of, instead: { parameter: names[0], index: 1e9, value: 1 } })).rejects.toThrow("has 1176 values");
  });
});

describe("a finite difference in float64", () => {
  test("is the gradient that the kernels give, of weights and biases of every kind of layer; what it cannot be of is refused", async () => {
    using trainer = await afterTwoSteps();
    using scope = microscope(trainer);
    const names = [
      "conv1/7x7_s2/weight",
      "conv2/3x3/bias",
      "inception_3a/5x5/weight",
      "inception_4d/pool_proj/weight",
      "loss3/classifier/weight",
    ];
    const look = await scope.look(samples[1].image, { of: { loss: 1 }, parameters: names });
    for (const name of names) {
      const { data } = await look.read(`gradient:${name}`);
      const index = data.reduce((best, value, i) => (Math.abs(value) > Math.abs(data[best]) ? i : best), 0);
      const { value, error, step, kinks, up, down } = await look.difference(name, index);
      expect(kinks, name).toBe(0);
      expect(error, name).toBeLessThan(1e-6 * Math.max(1, Math.abs(value)));
      expect((up - down) / (2 * step) / value, name).toBeCloseTo(1, 5);
      // The largest of a layer's gradients: roundings of float32 are a small share of it.
      expect(Math.abs(value / data[index] - 1), name).toBeLessThan(1e-4);
    }
    await expect(look.difference("conv9/weight", 0)).rejects.toThrow("difference: there is no parameter");
    await expect(look.difference(names[0], 1e9)).rejects.toThrow("has 1176 values");
    await expect((await scope.look(samples[1].image)).difference(names[0], 0)).rejects.toThrow("whose target is a loss");
    await expect(look.difference(names[0], 0)).rejects.toThrow("replaced by a later one");
  });

  test("ReLUs that change sides within every step are counted: of a black picture whatever the bias, which is 0, is added to", async () => {
    using trainer = await small({ init: "msra", rate: 0, mean: [0, 0, 0] });
    using scope = microscope(trainer);
    const black = { width: 64, height: 64, channels: 1, data: new Uint8Array(64 * 64) } as const;
    const look = await scope.look(black, { of: { loss: 0 }, parameters: ["conv1/bias"] });
    const [rows, columns] = scope.layers.find(({ name }) => name === "relu1")?.shape.slice(2) ?? [];
    const { kinks, near } = await look.difference("conv1/bias", 0);
    expect(kinks).toBeGreaterThanOrEqual(rows * columns);
    expect(near).toBeGreaterThanOrEqual(rows * columns);
    expect(await look.difference("conv1/weight", 0)).toMatchObject({ kinks: 0, value: 0 });
  });
});
