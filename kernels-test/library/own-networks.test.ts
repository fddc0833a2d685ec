// Networks of a program's own and of ONNX files: they train, evaluate, explain, save, load and profile as alexnet and googlenet do.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, expectTypeOf, test } from "vitest";
import { googlenet, openDevice, profile, type Device } from "../../src/index.ts";
import { microscope } from "../../src/inspect.ts";
import { network, xavier, type ActivationName, type NetworkDefinition } from "../../src/networks.ts";
import { readOnnx, TORCHVISION } from "../../src/onnx.ts";
import type { ActivationKind } from "../../src/ops/activation.ts";
import { openTrainer, type Sample } from "../../src/trainer.ts";

const scratch = mkdtempSync(join(tmpdir(), "striatum-own-"));
const SIDE = 36;
const LABELS = ["dark", "bright"];

/** Dark and bright pictures, on a ground that differs from picture to picture. */
const samples: Sample[] = Array.from({ length: 24 }, (_, i) => {
  const data = Uint8ClampedArray.from({ length: 4 * SIDE * SIDE }, (_value, at) =>
    at % 4 === 3 ? 255 : (((at >> 2) * 7919 + i * 31) % 97) + 100 * (i % 2),
  );
  return { image: { width: SIDE, height: SIDE, data }, label: LABELS[i % 2] };
});

const small = network({
  name: "grounds",
  size: 32,
  build(layers, x, classes) {
    let y = layers.relu(
      "norm1.relu",
      layers.batchNorm("norm1", layers.conv("conv1", x, 16, 3, { filler: { kind: "msra" }, bias: null, pad: 1 })),
    );
    y = layers.add("sum", layers.depthwise("conv2", y, 3, { filler: { kind: "msra" }, bias: 0, pad: 1 }), y);
    y = layers.globalAveragePool("pool", layers.activation("act", layers.pool("half", y, "max", { kernel: 2, stride: 2 }), "silu"));
    return layers.innerProduct("scores", y, classes, xavier, 0);
  },
});

let device: Device;
beforeAll(async () => {
  device = await openDevice({ timestamps: true });
});
afterAll(async () => {
  await device.dispose();
  rmSync(scratch, { recursive: true, force: true });
});

test("a network of a program's own learns, is saved, loaded, explained, opened and profiled", async () => {
  const model = small({ classes: 2 });
  using trainer = await openTrainer(device, model, { samples, labels: LABELS, batch: 8, rate: 0.01 });
  const first = await trainer.step();
  await trainer.step({ count: 30 });
  const last = await trainer.step({ count: 5 });
  expect(last.loss).toBeLessThan(first.loss / 2);
  const path = join(scratch, "grounds.safetensors");
  await trainer.save(path);
  using net = await small.load(device, path);
  expect(net.labels).toEqual(LABELS);
  for (const { image, label } of samples.slice(0, 4)) expect((await net.classify(image))[0].label).toBe(label);
  const { map } = await net.explain(samples[0].image, { method: "grad-cam", layer: "act" });
  expect(map.data.some((value) => value > 0)).toBe(true);
  using scope = microscope(net);
  const look = await scope.look(samples[0].image);
  const { probabilities } = await net.run(samples[0].image);
  look.probabilities.forEach((p, i) => expect(p).toBeCloseTo(probabilities.data[i], 5));
  expect((await look.reference("activation:norm1")).ratio).toBeLessThanOrEqual(1);
  // What scoring folds into the convolutions has gradients, too.
  const folded = ["conv1/weight", "norm1/scale", "norm1/shift", "norm1/mean", "norm1/variance"];
  const down = await scope.look(samples[0].image, { of: { class: 1 }, parameters: folded });
  for (const name of folded) expect((await down.reference(`gradient:${name}`)).ratio, name).toBeLessThanOrEqual(1);
  const { map: slopes } = await net.explain(samples[0].image, { method: "gradient", class: 1, layer: "norm1/scale" });
  expect(slopes.data).toEqual((await down.read("gradient:norm1/scale")).data);
  const report = await profile(device, model, { batch: 4, phase: "train", repeats: 1 });
  expect(report.table()).toContain("conv1");
}, 240_000);

test("what is saved as ONNX comes back with the same classes, preprocessing and scores", async () => {
  using trainer = await openTrainer(device, small({ classes: 2 }), { samples, labels: LABELS, batch: 8, rate: 0.05 });
  await trainer.step({ count: 12 });
  const [weights, onnx] = [join(scratch, "two.safetensors"), join(scratch, "two.onnx")];
  await trainer.save(weights);
  using net = await small.load(device, weights);
  await net.save(onnx);
  const read = readOnnx(readFileSync(onnx), { file: "two.onnx" });
  expect(read.labels).toEqual(LABELS);
  expect(read.preprocessing.channels).toBe("bgr");
  using again = await read.open(device);
  const [before, after] = [await net.classify(samples[3].image), await again.classify(samples[3].image)];
  expect(after.map(({ label }) => label)).toEqual(before.map(({ label }) => label));
  after.forEach(({ score }, i) => expect(score).toBeCloseTo(before[i].score, 5));
}, 240_000);

test("a model of an ONNX file starts from the file's weights, also with other classes", async () => {
  using net = await googlenet.load(device, "data/weights/googlenet-quarter-fractals.safetensors");
  const path = join(scratch, "googlenet.onnx");
  await net.save(path);
  const read = readOnnx(readFileSync(path), { file: "googlenet.onnx" });
  const model = read({ classes: 2, init: read.weights });
  using trainer = await openTrainer(device, model, { samples, labels: LABELS, batch: 8, rate: 0.01 });
  const { loss } = await trainer.step();
  expect(loss).toBeGreaterThan(0);
  expect(loss).toBeLessThan(3);
}, 240_000);

test("wrong definitions and wrong files are TypeErrors that say what came", () => {
  const build: NetworkDefinition["build"] = (layers, x, classes) => layers.innerProduct("fc", x, classes, xavier, 0);
  expect(() => network({ size: 8, build } as unknown as NetworkDefinition)).toThrow(TypeError);
  expect(() => network({ name: "n", size: 0, build })).toThrow("size");
  expect(() => network({ name: "n", size: 8, build, colour: 1 } as unknown as NetworkDefinition)).toThrow("colour");
  expect(() => readOnnx("model.onnx" as unknown as Uint8Array)).toThrow('"model.onnx"');
  expect(() => readOnnx(new Uint8Array(4), { preprocess: TORCHVISION } as object)).toThrow("preprocess");
});

test("the declared activations are the engine's", () => {
  expectTypeOf<ActivationName>().toEqualTypeOf<ActivationKind>();
});
