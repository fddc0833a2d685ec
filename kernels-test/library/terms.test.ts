// The arithmetic of single elements, term by term, against what was read and against the float64 definition of whole values; histograms against the host; and the
// pictures that excite channels, against reading every map.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alexnet, googlenet, openDevice, type Classifier, type Device } from "../../src/index.ts";
import { openTrainer } from "../../src/trainer.ts";
import { microscope, type Look, type Terms, type ValueInfo } from "../../src/inspect.ts";
import { gather } from "../../src/engine/gather.ts";
import { distributionOf } from "../../src/engine/histogram.ts";
import { internalsOf } from "../../src/library/device.ts";
import { networks } from "../../src/models/index.ts";
import { philox, unitFloat } from "../../src/tensor/philox.ts";
import { smallWeights } from "../support/small-weights.ts";

const CLASSES = 5;
const pictureOf = (seed: number) => ({
  shape: [3, 70, 90],
  data: Uint8Array.from({ length: 3 * 70 * 90 }, (_, i) => philox([seed, 0], [i, 0, 0, 0])[0] & 255),
});
const noise = pictureOf(7);

let device: Device;
beforeAll(async () => {
  device = await openDevice();
});
afterAll(() => device.dispose());

const nets = { alexnet, googlenet };
const load = (name: keyof typeof nets): Promise<Classifier> => nets[name].load(device, smallWeights(networks[name], CLASSES));

/** The element that the terms say. */
function summed({ how, sum, bias, own, exponent, factor }: Terms): number {
  if (how === "sum") return factor * sum;
  if (how === "rectified") return Math.max(0, sum);
  if (!own) throw new Error(`${how} without a term of its own`);
  if (how === "largest") return own.value;
  if (how === "normalised") return own.value * sum ** -exponent;
  return factor * (own.product / sum + bias);
}

/** `count` values of [0, 1) by a seed. */
const draws = (seed: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => unitFloat(philox([seed, 5], [i, 0, 0, 0])[0]));

interface Place {
  readonly value: ValueInfo;
  readonly index: number;
  readonly position: { readonly channel: number; readonly row: number; readonly column: number };
}

/** Positions of random elements of random values; the first and the last element of the first value are among them, so that edges are. */
function places(values: readonly ValueInfo[], count: number, seed: number): Place[] {
  const random = draws(seed, 2 * count);
  return Array.from({ length: count }, (_, i) => {
    const value = i < 2 ? values[0] : values[Math.floor(random[2 * i] * values.length)];
    const [, channels, rows = 1, columns = 1] = value.shape;
    const size = channels * rows * columns;
    const index = i === 0 ? 0 : i === 1 ? size - 1 : Math.floor(random[2 * i + 1] * size);
    const position = { channel: Math.floor(index / (rows * columns)), row: Math.floor(index / columns) % rows, column: index % columns };
    return { value, index, position };
  });
}

/** Checks elements of values of one op. */
async function checkPlaces(look: Look, found: readonly Place[]): Promise<void> {
  const references = new Map<string, Awaited<ReturnType<Look["reference"]>>>();
  for (const { value, index, position } of found) {
    const { id } = value;
    const where = `${id} ${JSON.stringify(position)}`;
    const reference = references.get(id) ?? (await look.reference(id));
    references.set(id, reference);
    const terms = await look.terms(id, position, { most: 1e6 });
    expect(terms.value, where).toBe(reference.found[index]);
    // The same sums in another order, and for what is subtracted from something larger, of that size.
    const size = terms.terms.reduce((sum, { product }) => sum + Math.abs(product), Math.abs(terms.bias)) * Math.abs(terms.factor);
    expect(Math.abs(terms.exact - reference.exact[index]), where).toBeLessThanOrEqual(1e-12 * (size + Math.abs(terms.exact)));
    expect(Math.abs(summed(terms) - terms.exact), where).toBeLessThanOrEqual(1e-12 * (size + Math.abs(terms.exact)));
    expect(terms.bound, where).toBeLessThanOrEqual(reference.bound[index] * (1 + 1e-9));
    expect(Math.abs(terms.value - terms.exact), where).toBeLessThanOrEqual(terms.bound);
    expect(terms.rest, where).toEqual({ count: 0, sum: 0 });
    // What was read is what lies there.
    for (const { id: from, channel, row, column, value: read } of terms.terms.filter((_, i) => i % 37 === 0)) {
      if (from === null) continue;
      const { shape, data } = await whole(look, from);
      const [, , rows = 1, columns = 1] = shape;
      expect(read, `${where} reads ${from}`).toBe(data[(channel * rows + row) * columns + column]);
    }
  }
}

const read = new WeakMap<Look, Map<string, ReturnType<Look["read"]>>>();
function whole(look: Look, id: string): ReturnType<Look["read"]> {
  const known = read.get(look) ?? new Map<string, ReturnType<Look["read"]>>();
  read.set(look, known);
  const reading = known.get(id) ?? look.read(id);
  known.set(id, reading);
  return reading;
}

const FORWARD = {
  alexnet: ["cropImages", "conv2d", "relu", "lrn", "maxPool", "reshape", "innerProduct", "softmax"],
  googlenet: ["cropImages", "conv2d", "relu", "lrn", "maxPool", "concat", "averagePool", "reshape", "innerProduct", "softmax"],
};
const COUNT = 50;

describe.each(["alexnet", "googlenet"] as const)("%s", (name) => {
  let net: Classifier;
  beforeAll(async () => {
    net = await load(name);
  });
  afterAll(() => net.dispose());

  test.each(FORWARD[name])("the terms of 50 elements of %s add up to what was read, and to the definition", async (op) => {
    using scope = microscope(net);
    const look = await scope.look(noise);
    const ids = new Set(scope.layers.filter((layer) => layer.op === op).map((layer) => `activation:${layer.name}`));
    const values = look.values.filter(({ id }) => ids.has(id));
    expect(values.length).toBeGreaterThan(0);
    await checkPlaces(look, places(values, COUNT, 1));
    expect((await look.terms(values[0].id, { channel: 0 })).op).toBe(op);
  });

  test.each([{ loss: 1 }, { class: 2 }] as const)("gradients of %j are the sums of their terms", async (of) => {
    using scope = microscope(net);
    const look = await scope.look(noise, { of });
    const ops = new Map<string, ValueInfo[]>();
    for (const value of look.values.filter(({ kind }) => kind === "gradient")) {
      const { op } = await look.terms(value.id, { channel: 0 }).catch((error: Error) => {
        expect(error.message).toMatch(/is given, not computed/);
        return { op: "given" };
      });
      ops.set(op, [...(ops.get(op) ?? []), value]);
    }
    const known = ["conv2dBackwardData", "reluBackward", "lrnBackward", "maxPoolBackward", "innerProductBackwardData"];
    expect([...ops.keys()]).toEqual(expect.arrayContaining([...known, ...("loss" in of ? ["softmaxLossBackward"] : ["given"])]));
    if (name === "googlenet") expect([...ops.keys()]).toEqual(expect.arrayContaining(["add", "slice", "averagePoolBackward"]));
    ops.delete("given");
    for (const values of ops.values()) await checkPlaces(look, places(values, 12, 2));
  });
});

test("windows that reach beyond the map say so, many terms are cut to the largest, and the picture's frame is clipped", async () => {
  using net = await load("alexnet");
  using scope = microscope(net);
  const look = await scope.look(noise);
  const corner = await look.terms("activation:conv2", { channel: 17, row: 0, column: 0 }, { most: 5 });
  const [, channels] = (await look.read("activation:norm1")).shape;
  expect(corner.window).toEqual({
    id: "activation:pool1",
    row: -2,
    column: -2,
    rows: 5,
    columns: 5,
    channel: channels / 2,
    channels: channels / 2,
    padding: (16 * channels) / 2,
  });
  expect(corner.terms).toHaveLength(5);
  expect(corner.rest.count).toBe((9 * channels) / 2 - 5);
  const sum = corner.terms.reduce((total, { product }) => total + product, 0) + corner.rest.sum + corner.bias;
  expect(sum).toBeCloseTo(corner.sum, 10);
  const sizes = corner.terms.map(({ product }) => Math.abs(product));
  expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
  expect(corner.frame).toEqual({ row: -16, column: -16, rows: 51, columns: 51, inside: { row: 0, column: 0, rows: 35, columns: 35 } });
  expect((await look.terms("activation:conv1", { channel: 0 }, { most: 1e6 })).terms).toHaveLength(3 * 11 * 11);
  expect(look.frame("activation:fc8", { channel: 0 })).toBeNull();

  const pool = await look.terms("activation:pool1", { channel: 3, row: 1, column: 2 });
  expect(pool.own?.value).toBe(Math.max(...pool.terms.map(({ value }) => value)));
  await expect(look.terms("activation:conv2", { channel: 0, row: 99 })).rejects.toThrow("got channel 0, row 99, column 0");
  await expect(look.terms("activation:conv2", {} as never)).rejects.toThrow("got channel undefined");
  await expect(look.terms("activation:conv9", { channel: 0 })).rejects.toThrow('there is no value "activation:conv9"');
  await expect(look.terms("activation:conv2", { channel: 0 }, { most: 0 })).rejects.toThrow("terms: most must be a whole number from 1");
});

test("the largest value of a window that has several is the first, and a frame moves the picture's pixels that it names", async () => {
  using net = await load("alexnet");
  using scope = microscope(net);
  const flat = { shape: [3, 70, 90], data: new Uint8Array(3 * 70 * 90).fill(90) };
  const look = await scope.look(flat);
  const { own, terms } = await look.terms("activation:pool1", { channel: 0, row: 1, column: 1 });
  expect(new Set(terms.map(({ value }) => value)).size).toBe(1);
  expect(own).toMatchObject({ row: 2, column: 2 });
});

test("a network that learns has terms of dropout and of auxiliary heads, and of their gradients", async () => {
  const samples = [0, 1].map((label) => ({ image: noise, label }));
  const model = googlenet({ classes: 2, width: 1 / 8, size: 64 });
  using trainer = await openTrainer(device, model, { samples, labels: ["a", "b"], batch: 2 });
  using scope = microscope(trainer);
  const look = await scope.look(noise, { of: { loss: 1 }, step: 4 });
  const chosen = (pattern: RegExp) => look.values.filter(({ id }) => pattern.test(id));
  const dropouts = chosen(/^activation:.*drop/);
  expect(dropouts.length).toBeGreaterThan(1);
  await checkPlaces(look, places(dropouts, COUNT, 3));
  const heads = chosen(/^(activation|gradient):loss[12]\/(?!.*(weight|bias))/).filter(({ id }) => !/gradient:.*drop/.test(id));
  await checkPlaces(look, places(heads, COUNT, 4));
  const weights = new Set(
    (await Promise.all(Array.from({ length: 16 }, (_, channel) => look.terms(dropouts[0].id, { channel })))).map(
      ({ terms }) => terms[0].weight,
    ),
  );
  expect([...weights].toSorted((a, b) => a - b)).toEqual([0, 1 / (1 - 0.7)]);
});

test("tiles of Winograd's kernels have their own bound, element by element", async () => {
  await using tiled = await openDevice({ kernels: "winograd" });
  using net = await googlenet.load(tiled, smallWeights(networks["googlenet"], CLASSES));
  using scope = microscope(net);
  const look = await scope.look(noise, { of: { class: 1 } });
  const through = look.launches().filter(({ kernel }) => kernel.file.startsWith("winograd-output"));
  expect(through.length).toBeGreaterThan(1);
  const exactNet = await load("googlenet");
  using exactScope = microscope(exactNet);
  const exactLook = await exactScope.look(noise);
  const id = "activation:conv2/3x3";
  const at = { channel: 1, row: 3, column: 5 };
  expect((await look.terms(id, at)).bound).toBeGreaterThan(2 * (await exactLook.terms(id, at)).bound);
  for (const each of [id, "gradient:conv2/relu_3x3_reduce"])
    await checkPlaces(
      look,
      places(
        look.values.filter((value) => value.id === each),
        COUNT,
        6,
      ),
    );
  exactNet.dispose();
});

test("a silenced channel's weights are 0", async () => {
  using net = await load("alexnet");
  using scope = microscope(net);
  const look = await scope.look(noise, { silence: [{ layer: "conv2", channel: 9 }] });
  const { value, terms, bias } = await look.terms("activation:conv2", { channel: 9, row: 1, column: 1 });
  expect([value, bias, ...terms.map(({ weight }) => weight)].every((each) => each === 0)).toBe(true);
});

test("boxes are cut to what a binding holds", async () => {
  using net = await load("alexnet");
  using scope = microscope(net);
  const { engine } = internalsOf(device);
  const view = scope.view("parameter:fc6/weight");
  const [inputs, outputs] = [view.bytes / 4 / (view.shape.at(-1) as number), view.shape.at(-1) as number];
  const box = { range: view as never, first: 3, extents: [inputs, 2], strides: [outputs, 1] };
  const [all] = await gather(engine, [box], () => undefined);
  const [parts] = await gather(engine, [box], () => undefined, { maxBindingBytes: 4096, offsetAlignment: engine.target.offsetAlignment });
  expect(all).toHaveLength(2 * inputs);
  expect(parts).toEqual(all);
  await expect(
    gather(engine, [box], () => {
      throw new Error("freed meanwhile");
    }),
  ).rejects.toThrow("freed meanwhile");
});

describe("histograms", () => {
  /** Checks a distribution against the host's. A value may lie in the bin beside its own where it is within rounding of the edge. */
  function check(values: Float32Array, found: Awaited<ReturnType<typeof distributionOf>>): void {
    const finite = [...values].filter(Number.isFinite);
    expect(found.count).toBe(values.length);
    expect(found.nans).toBe([...values].filter(Number.isNaN).length);
    expect(found.infinite).toBe(values.length - finite.length - found.nans);
    if (finite.length === 0) {
      expect([found.least, found.mean, found.deviation]).toEqual([NaN, NaN, NaN]);
      return;
    }
    const mean = finite.reduce((sum, value) => sum + value, 0) / finite.length;
    const size = Math.max(...finite.map(Math.abs));
    expect(found.least).toBe(finite.reduce((a, b) => Math.min(a, b)));
    expect(found.largest).toBe(finite.reduce((a, b) => Math.max(a, b)));
    expect(Math.abs(found.mean - mean)).toBeLessThanOrEqual(1e-6 * size);
    expect(found.deviation).toBeCloseTo(Math.sqrt(finite.reduce((sum, value) => sum + (value - mean) ** 2, 0) / finite.length), 4);
    expect(found.zeros).toBe(finite.filter((value) => value === 0).length);
    expect(found.bins.reduce((a, b) => a + b)).toBe(finite.length);
    let counted = 0;
    found.bins.forEach((count, bin) => {
      counted += count;
      const edge = found.least + ((found.largest - found.least) * (bin + 1)) / 64;
      if (bin === 63 || found.largest === found.least) return;
      const slack = 1e-5 * size;
      expect(counted).toBeGreaterThanOrEqual(finite.filter((value) => value < edge - slack).length);
      expect(counted).toBeLessThanOrEqual(finite.filter((value) => value <= edge + slack).length);
    });
  }

  const values = draws(9, 10_007).map((value) => (value < 0.3 ? 0 : 4 * value - 1));
  test.each([
    ["positive and negative ones, with zeros", Float32Array.from(values)],
    ["one", Float32Array.of(-3)],
    ["equal ones", new Float32Array(1000).fill(0.1)],
    ["none finite", Float32Array.of(NaN, Infinity, NaN)],
    ["some not finite", Float32Array.from(values, (value, i) => (i % 5 === 0 ? [NaN, Infinity, -Infinity][i % 3] : value))],
  ])("of %s are the host's", async (_, data) => {
    const { engine } = internalsOf(device);
    const buffer = engine.device.createBuffer({ size: data.byteLength, usage: 128 | 8 });
    engine.device.queue.writeBuffer(buffer, 0, data);
    const range = { buffer, offset: 0, bytes: data.byteLength };
    const strides = { first: 0, inner: data.length, outerStride: 0, innerStride: 1 };
    check(data, await distributionOf(engine, { range, count: data.length, ...strides }, () => undefined));
    buffer.destroy();
  });

  test("of layers, channels and parameters are those of what is read", async () => {
    using net = await load("googlenet");
    using scope = microscope(net);
    const look = await scope.look(noise, { of: { class: 0 }, parameters: ["conv1/7x7_s2/weight"] });
    const asCounted = (found: Awaited<ReturnType<Look["histogram"]>>) => ({ ...found, zeros: Math.round(found.zeros * found.count) });
    for (const id of [
      "activation:conv1/relu_7x7",
      "gradient:inception_3a/output",
      "activation:loss3/classifier",
      "gradient:conv1/7x7_s2/weight",
    ])
      check((await look.read(id)).data, asCounted(await look.histogram(id)));
    const id = "activation:inception_3b/output";
    check((await look.read(id, { channel: 5 })).data, asCounted(await look.histogram(id, { channel: 5 })));
    for (const { id: parameter } of scope.parameters.slice(0, 4))
      check((await scope.read(parameter)).data, asCounted(await scope.histogram(parameter)));
    await expect(look.histogram(id, { channel: 999 })).rejects.toThrow("got channel 999");
    await expect(look.histogram("gradient:conv1/7x7_s2/weight", { channel: 1 })).rejects.toThrow("which has no channels");
  });
});

describe("exciting pictures", () => {
  const set = Array.from({ length: 11 }, (_, i) => pictureOf(i + 20));

  test.each(["conv2", "fc7"])("of %s are those whose map has the largest values, in order", async (layer) => {
    using net = await load("alexnet");
    using scope = microscope(net);
    const steps: number[][] = [];
    const { pictures, channels } = await scope.exciting(set, { layer, count: 3, batch: 4, onProgress: (...step) => steps.push(step) });
    expect([pictures, steps]).toEqual([
      11,
      [
        [4, 11],
        [8, 11],
        [11, 11],
      ],
    ]);
    const { [layer]: maps } = await net.run(set, { outputs: [layer] });
    const [, count, rows = 1, columns = 1] = maps.shape;
    expect(channels).toHaveLength(count);
    channels.forEach((found, channel) => {
      const strongest = set.map((_, picture) => {
        const first = (picture * count + channel) * rows * columns;
        const map = maps.data.subarray(first, first + rows * columns);
        const value = map.reduce((a, b) => Math.max(a, b));
        return { picture, value, place: map.indexOf(value) };
      });
      const wanted = strongest.toSorted((a, b) => b.value - a.value).slice(0, 3);
      expect(found.map(({ picture, row, column }) => ({ picture, place: row * columns + column }))).toEqual(
        wanted.map(({ picture, place }) => ({ picture, place })),
      );
      found.forEach(({ value, frame }, i) => {
        expect(value).toBeCloseTo(wanted[i].value, 4);
        if (layer === "fc7") expect(frame).toBeNull();
        else expect(frame?.rows).toBe(51);
      });
    });
  });

  test("have the first place of several that are equally strong", async () => {
    using net = await load("alexnet");
    using scope = microscope(net);
    const flat = { shape: [3, 70, 90], data: new Uint8Array(3 * 70 * 90).fill(90) };
    const { channels } = await scope.exciting([flat], { layer: "conv1" });
    expect(new Set(channels.map(([{ row, column }]) => `${row},${column}`))).toEqual(new Set(["0,0"]));
  });

  test("are not looked for in what is not a set, and the work ends where it is aborted", async () => {
    using net = await load("alexnet");
    using scope = microscope(net);
    const before = device.memory();
    await expect(scope.exciting([], { layer: "conv2" })).rejects.toThrow("exciting: expected an array of pictures, got an array of 0");
    await expect(scope.exciting(set, { layer: "conv9" })).rejects.toThrow('there is no layer "conv9"');
    const ended = new AbortController();
    const work = scope.exciting(set, { layer: "conv1", batch: 2, signal: ended.signal, onProgress: () => ended.abort() });
    await expect(work).rejects.toThrow("aborted");
    expect(device.memory()).toEqual(before);
  });
});
