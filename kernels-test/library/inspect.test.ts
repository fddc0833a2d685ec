// A microscope beside a network: every activation and gradient against the float64 definition, views on the device, plan, kernels, times, memory.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readBack } from "../../src/engine/buffers.ts";
import { alexnet, googlenet, openDevice, type Classifier, type Device, type GpuTensor } from "../../src/index.ts";
import { microscope } from "../../src/inspect.ts";
import { internalsOf } from "../../src/library/device.ts";
import { networks } from "../../src/models/index.ts";
import { philox } from "../../src/tensor/philox.ts";
import { readSafetensors } from "../../src/weights/safetensors.ts";
import { smallWeights } from "../support/small-weights.ts";

const CLASSES = 5;
const noise = { shape: [3, 70, 90], data: Uint8Array.from({ length: 3 * 70 * 90 }, (_, i) => philox([7, 0], [i, 0, 0, 0])[0] & 255) };

let device: Device;
beforeAll(async () => {
  device = await openDevice({ timestamps: true });
});
afterAll(() => device.dispose());

const nets = { alexnet, googlenet };
const load = (name: keyof typeof nets): Promise<Classifier> => nets[name].load(device, smallWeights(networks[name], CLASSES));

/** The values of a view, gathered by its strides from what lies in the buffer. */
async function gathered({ buffer, offset, bytes, shape, strides }: GpuTensor): Promise<number[]> {
  const raw = await readBack(internalsOf(device).engine, { buffer, offset, bytes }, bytes / 4);
  const values: number[] = [];
  const walk = (axis: number, at: number): void => {
    if (axis === shape.length) values.push(raw[at]);
    else for (let i = 0; i < shape[axis]; i++) walk(axis + 1, at + i * strides[axis]);
  };
  walk(0, 0);
  return values;
}

describe.each(["alexnet", "googlenet"] as const)("%s", (name) => {
  let net: Classifier;
  beforeAll(async () => {
    net = await load(name);
  });
  afterAll(() => net.dispose());

  test("a look says what the fast pass says, and every value is what the definition gives of its inputs", async () => {
    using scope = microscope(net);
    const options = { of: { loss: 1 }, parameters: "all" } as const;
    const forecast = await scope.forecast(options);
    const before = device.memory().bytes;
    const look = await scope.look(noise, options);
    expect(device.memory().bytes - before).toBeGreaterThanOrEqual(forecast.bytes);
    expect(device.memory().bytes - before).toBeLessThan(1.1 * forecast.bytes + 2 ** 18);
    expect(look.values).toHaveLength(forecast.values);
    const { probabilities } = await net.run(noise);
    expect([...look.probabilities].map((p, i) => Math.abs(p - probabilities.data[i]) < 1e-5)).not.toContain(false);
    expect(Object.values(look.losses)[0]).toBeCloseTo(-Math.log(look.probabilities[1]), 4);

    const ids = look.values.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, shape } of look.values) {
      const { found, exact, ratio, worst, shape: referenceShape } = await look.reference(id);
      expect(ratio, id).toBeLessThanOrEqual(1);
      expect(worst, id).toBeLessThan(exact.length);
      expect(referenceShape, id).toEqual(shape);
      expect([...found], id).toEqual([...(await look.read(id)).data]);
    }
  });

  test("views lead to the same values as reading, and a window or a channel to part of them", async () => {
    using scope = microscope(net);
    const look = await scope.look(noise, { of: { class: 2 }, parameters: "all" });
    const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + Math.abs(value), 0);
    for (const { id } of look.values) {
      const [there, here] = [await gathered(look.view(id)), [...(await look.read(id)).data]];
      // Parameters' gradients lie in the engine's order, and the image's filters have a fourth channel of zeros.
      if (/\/(weight|bias)$/.test(id)) expect(sum(there), id).toBeCloseTo(sum(here), 5);
      else expect(there, id).toEqual(here);
    }
    const maps = look.values.filter(({ shape }) => shape.length === 4 && shape[2] > 3);
    for (const { id, shape } of maps.slice(0, 6)) {
      const { data } = await look.read(id);
      const [, channels, rows, columns] = shape;
      const channel = await look.read(id, { channel: channels - 1 });
      expect([...channel.data], id).toEqual([...data.subarray((channels - 1) * rows * columns)]);
      const window = await look.read(id, { window: { row: 1, column: 2, rows: 2, columns: 1 } });
      expect(window.shape, id).toEqual([1, channels, 2, 1]);
      const expected = Array.from({ length: channels }, (_, c) => [
        data[(c * rows + 1) * columns + 2],
        data[(c * rows + 2) * columns + 2],
      ]).flat();
      expect([...window.data], id).toEqual(expected);
    }
  });

  test("parameters are those of the file, on the device and read", async () => {
    using scope = microscope(net);
    const { tensors } = readSafetensors(smallWeights(networks[name], CLASSES), "weights");
    expect(scope.parameters.map(({ name: parameter }) => parameter).toSorted()).toEqual([...tensors.keys()].toSorted());
    for (const { id, name: parameter, shape } of scope.parameters) {
      const read = await scope.read(id);
      expect(read.shape).toEqual(shape);
      expect(read.data).toEqual(tensors.get(parameter)?.data);
    }
    const [{ id }] = scope.parameters;
    const view = scope.view(id);
    expect(view.axes).toEqual(["group", "row", "column", "input", "output"]);
    // The image's filters have a fourth channel of zeros on the device.
    expect((await gathered(view)).filter((value) => value !== 0)).toHaveLength(
      [...(await scope.read(id)).data].filter((value) => value !== 0).length,
    );
  });

  test("layers know their inputs, parameters and receptive fields", () => {
    using scope = microscope(net);
    const known = new Set(scope.layers.map(({ name: layer }) => layer));
    for (const { inputs, parameters } of scope.layers) {
      expect(inputs.filter((input) => !known.has(input))).toEqual([]);
      expect(parameters.filter((parameter) => !scope.parameters.some((each) => each.name === parameter))).toEqual([]);
    }
    const fieldOf = (layer: string): unknown => scope.layers.find((each) => each.name === layer)?.field;
    if (name === "alexnet") {
      expect(fieldOf("conv1")).toEqual({ stride: 4, first: 0, last: 10 });
      expect(fieldOf("pool1")).toEqual({ stride: 8, first: 0, last: 18 });
      expect(fieldOf("conv2")).toEqual({ stride: 8, first: -16, last: 34 });
    } else {
      expect(fieldOf("conv1/7x7_s2")).toEqual({ stride: 2, first: -3, last: 3 });
      expect(fieldOf("inception_3a/output")).toMatchObject({ stride: 8 });
    }
    expect(fieldOf("prob")).toBeNull();
  });

  test("the plan has every launch with its kernel as linked, where its lines come from, and what it is bound to", async () => {
    using scope = microscope(net);
    const { launches } = scope.plan();
    expect(new Set(launches.map(({ id }) => id)).size).toBe(launches.length);
    for (const { kernel, bindings, workgroups, dimsBytes, flops, leastBytes } of launches) {
      expect(kernel.wgsl).toContain("fn main(");
      expect(kernel.origins).toHaveLength(kernel.wgsl.split("\n").length);
      expect(bindings.every(({ bytes }) => bytes > 0)).toBe(true);
      expect(Math.min(...workgroups)).toBeGreaterThan(0);
      expect(dimsBytes.byteLength).toBeGreaterThan(0);
      expect(flops).toBeGreaterThanOrEqual(0);
      expect(leastBytes).toBeGreaterThan(0);
    }
    const families = await scope.families(launches[2].id);
    expect(families.map(({ family }) => family)).toContain("textbook");
    expect(families.length).toBeGreaterThan(1);
    const verdict = await scope.verify(launches[2].id, "textbook");
    expect(verdict?.ratio).toBeLessThanOrEqual(1);
    const times = await scope.times({ repeats: 2 });
    expect(times.map(({ id }) => id)).toEqual(launches.map(({ id }) => id));
    expect(times.every(({ milliseconds }) => milliseconds.length === 2)).toBe(true);
  });

  test("the plan says where each value lies while launches need it, and no two lie in one place at once", () => {
    using scope = microscope(net);
    const { launches, values, arenas } = scope.plan();
    const buffers = new Map<unknown, number>();
    for (const { index, bindings } of launches)
      for (const binding of bindings.filter((each) => each.in === "arena")) {
        const arena = Number(/\d+$/.exec(binding.buffer.label));
        buffers.set(binding.buffer, arena);
        const { offset, bytes } = binding;
        const within = values.filter(
          (value) => value.arena === arena && value.offset <= offset && offset + bytes <= value.offset + value.bytes,
        );
        expect(within.filter(({ from, to }) => from <= index && index <= to)).toHaveLength(1);
      }
    expect(buffers.size).toBe(arenas.length);
    for (const [i, a] of values.entries())
      for (const b of values.slice(i + 1).filter(({ arena, from, to }) => arena === a.arena && from <= a.to && a.from <= to))
        expect(a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset).toBe(true);
  });

  test("a look that compiles says how far it is, and what is computed can be drawn before the rest is", async () => {
    using scope = microscope(net);
    const kernels: number[] = [];
    const missing: number[] = [];
    const [, second] = scope.layers;
    const early: Promise<readonly number[]>[] = [];
    const look = await scope.look(noise, {
      onKernel(progress) {
        kernels.push(progress.kernels / progress.of);
        missing.push(scope.layers.filter(({ name: layer }) => progress.view(`activation:${layer}`) === null).length);
        const view = progress.view(`activation:${second.name}`);
        if (view) early.push(gathered(view));
        expect(() => progress.view("activation:none")).toThrow("there is no value");
      },
    });
    expect(kernels).toEqual(kernels.toSorted((a, b) => a - b));
    expect(kernels.at(-1)).toBe(1);
    expect(missing).toEqual(missing.toSorted((a, b) => b - a));
    expect(missing[0]).toBeGreaterThan(missing.at(-1) as number);
    expect((await Promise.all(early))[0]).toEqual(await gathered(look.view(`activation:${second.name}`)));
    const calls = kernels.length;
    await scope.look(noise, { onKernel: () => kernels.push(0) });
    expect(kernels).toHaveLength(calls);
  });

  test("a variant without passes launches more and says the same", async () => {
    using scope = microscope(net);
    using plain = await scope.variant({ without: ["relu-epilogue", "inception", "lrn-pool", "concat-in-place"], kernels: "textbook" });
    expect(plain.plan.launches.length).toBeGreaterThan(scope.plan().launches.length);
    const p = await plain.run(noise);
    const { probabilities } = await net.run(noise);
    expect(Math.max(...p.map((value, i) => Math.abs(value - probabilities.data[i])))).toBeLessThan(1e-4);
    expect(await plain.times()).toHaveLength(plain.plan.launches.length);
  });
});

test("a channel that is silenced is 0 in one look, and the network goes on as it was", async () => {
  const net = await load("alexnet");
  using scope = microscope(net);
  const [before] = await net.classify(noise);
  for (const [layer, shown, channel] of [
    ["conv2", "conv2", 9],
    ["relu1", "conv1", 3],
    ["fc6", "fc6", 1],
  ] as const) {
    const whole = await (await scope.look(noise)).read(`activation:${shown}`);
    const look = await scope.look(noise, { silence: [{ layer, channel }] });
    const found = await look.read(`activation:${shown}`);
    const size = found.data.length / found.shape[1];
    expect(found.data).toEqual(whole.data.map((value, i) => (Math.floor(i / size) === channel ? 0 : value)));
    expect((await look.reference(`activation:${shown}`)).ratio).toBeLessThanOrEqual(1);
  }
  expect((await net.classify(noise))[0]).toEqual(before);
  await expect(scope.look(noise, { silence: [{ layer: "pool1", channel: 0 }] })).rejects.toThrow(
    'there is no convolution or inner product "pool1"',
  );
  await expect(scope.look(noise, { silence: [{ layer: "conv2", channel: 999 }] })).rejects.toThrow("channels, got channel 999");
  net.dispose();
});

test("a look is replaced by the next, a microscope gives its memory back, and what is wrong is said", async () => {
  const net = await load("alexnet");
  const free = device.memory();
  const scope = microscope(net);
  const first = await scope.look(noise);
  const again = await scope.look(noise, { of: { layer: "conv2", channel: 1, row: 2, column: 0 } });
  await expect(first.read("activation:conv1")).rejects.toThrow("this look was replaced");
  const { data } = await again.read("gradient:conv2");
  expect([...data].filter((value) => value !== 0)).toEqual([1]);
  await expect(again.read("gradient:fc8")).rejects.toThrow('there is no value "gradient:fc8"');
  await expect(scope.look(noise, { of: { class: CLASSES } })).rejects.toThrow(
    `of: class must be a class, 0 to ${CLASSES - 1}, got ${CLASSES}`,
  );
  await expect(scope.look(noise, { of: { layer: "conv9", channel: 0 } })).rejects.toThrow('there is no layer "conv9"');
  await expect(scope.look(noise, { of: { layer: "conv2", channel: 999 } })).rejects.toThrow("got 999, 0, 0");
  await expect(scope.look(noise, { parameters: ["conv9/weight"], of: { class: 0 } })).rejects.toThrow(
    'there is no parameter "conv9/weight"',
  );
  await expect(scope.look(noise, { step: 3 })).rejects.toThrow("a loaded one has neither dropout nor auxiliary heads");
  await expect(scope.look(noise, { off: 1 } as object)).rejects.toThrow('look: there is no option "off"');
  await expect(scope.read("parameter:conv9/weight")).rejects.toThrow('there is no parameter "parameter:conv9/weight"');
  await expect(scope.read("momentum:conv1/weight")).rejects.toThrow("has no momentum");
  await expect(scope.verify("nowhere#0", "textbook")).rejects.toThrow('there is no launch "nowhere#0"');
  expect(() => microscope({} as Classifier)).toThrow("microscope: expected a network that load() returned");
  scope.dispose();
  expect(device.memory()).toEqual(free);
  await expect(scope.look(noise)).rejects.toThrow("this microscope was disposed");
  net.dispose();
  expect(() => microscope(net)).toThrow("this network was disposed");
});
