// torchvision's alexnet, vgg16, resnet18, resnet50 and googlenet, as torch.onnx.export writes them: they are read, compute what float64 and, where bench/peers is
// installed, ONNX Runtime compute, classify, train, and go out and in again.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { load, missing } from "../../bench/peers/installed.ts";
import type { OnnxRuntime } from "../../bench/peers/onnx-runtime.ts";
import { States } from "../../src/engine/buffers.ts";
import { Session } from "../../src/engine/session.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { onnxGraph } from "../../src/onnx/graph.ts";
import { bytesOf, inEngineOrder, modelOf, statesOf } from "../../src/onnx/model-fixture.ts";
import { parseModel } from "../../src/onnx/parse.ts";
import { readOnnx, TORCHVISION } from "../../src/onnx.ts";
import { TORCHVISION_NETWORKS, type TorchOptions } from "../../src/onnx/torchvision-fixture.ts";
import { openDevice } from "../../src/index.ts";
import { openTrainer } from "../../src/trainer.ts";
import { sizeOf } from "../../src/tensor/shape.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { testEngine } from "../support/engine.ts";

type Name = keyof typeof TORCHVISION_NETWORKS;
const NAMES = Object.keys(TORCHVISION_NETWORKS) as Name[];
/** The two with inner products over a map have one size; theirs is 224. */
const SMALL: Readonly<Record<Name, TorchOptions>> = {
  alexnet: { width: 1 / 16 },
  vgg16: { width: 1 / 16 },
  resnet18: { width: 1 / 8, size: 64 },
  resnet50: { width: 1 / 8, size: 64 },
  googlenet: { width: 1 / 8, size: 64 },
};
const FORMS = NAMES.flatMap((name) =>
  (name === "alexnet" || name === "vgg16" ? [true] : [true, false]).map(
    (folded) => [folded ? name : `${name}, batch normalisation by itself,`, { name, folded }] as const,
  ),
);

const scratch = mkdtempSync(join(tmpdir(), "striatum-torchvision-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const bytes = (name: Name, options: TorchOptions = {}): Uint8Array =>
  bytesOf(modelOf(TORCHVISION_NETWORKS[name].write({ ...SMALL[name], classes: 10, ...options })));

const image = (size = 224): Float32Array => Float32Array.from({ length: 3 * size * size }, (_, i) => 2 * Math.sin(i));

/** Largest difference relative to the largest value. */
const relativeError = (got: ArrayLike<number>, wanted: ArrayLike<number>): number => {
  const values = Array.from(wanted);
  return Math.max(...values.map((value, i) => Math.abs(got[i] - value))) / Math.max(...values.map(Math.abs));
};

test.each(NAMES)("%s has torchvision's parameters", (name) => {
  const { write, parameters } = TORCHVISION_NETWORKS[name];
  const { initializers = {} } = write({ folded: false, filled: false });
  const learnt = Object.entries(initializers).filter(([key]) => !key.includes(".running_"));
  expect(learnt.reduce((sum, [, { dims }]) => sum + sizeOf(dims), 0)).toBe(parameters);
});

test.each(FORMS)("%s equals float64", async (_title, { name, folded }) => {
  const { size = 224 } = SMALL[name];
  const imported = onnxGraph(parseModel(bytes(name, { folded }), `${name}.onnx`), { image: [1, 3, size, size] });
  const [output] = imported.graph.outputs.values();
  const exact = interpret(imported.graph, { image: image(size) }, statesOf(imported)).of(output);
  const engine = await testEngine();
  const states = States.of(engine, imported.graph);
  for (const parameter of imported.parameters)
    states.write(parameter.name, inEngineOrder(parameter, imported.weights.get(parameter.name) as Tensor));
  const session = await Session.open(engine, imported.graph, { states });
  try {
    session.feed("image", image(size));
    session.run();
    expect(relativeError(await session.read("logits"), exact)).toBeLessThan(1e-5);
  } finally {
    session.dispose();
    states.dispose();
  }
});

const RUNTIME = "onnxruntime-node";
const without = missing([RUNTIME]).length > 0;

/** The logits that ONNX Runtime computes of `image`. */
async function judged(file: Uint8Array, size = 224): Promise<Float32Array> {
  const ort = load(RUNTIME) as OnnxRuntime;
  const session = await ort.InferenceSession.create(file, { logSeverityLevel: 3 });
  const outputs = await session.run({ image: new ort.Tensor("float32", image(size), [1, 3, size, size]) });
  return Object.values(outputs)[0].data;
}

function softmax(logits: Float32Array): number[] {
  const exponentials = Array.from(logits, (logit) => Math.exp(logit - Math.max(...logits)));
  const sum = exponentials.reduce((a, b) => a + b);
  return exponentials.map((value) => value / sum);
}

test.skipIf(without).each(FORMS)("%s equals ONNX Runtime", async (_title, { name, folded }) => {
  const { size = 224 } = SMALL[name];
  const file = bytes(name, { folded });
  const imported = onnxGraph(parseModel(file, `${name}.onnx`), { image: [1, 3, size, size] });
  const [output] = imported.graph.outputs.values();
  const ours = interpret(imported.graph, { image: image(size) }, statesOf(imported)).of(output);
  expect(relativeError(await judged(file, size), ours)).toBeLessThan(1e-5);
});

test.each(FORMS.filter(([, { name, folded }]) => name !== "vgg16" && folded === (name !== "resnet50")))(
  "%s is classified, written, read again and trained to other classes",
  async (_title, { name, folded }) => {
    const { size = 224 } = SMALL[name];
    const file = bytes(name, { folded });
    await using device = await openDevice();
    const [one, two] = [0, 1].map((k) => ({
      width: size,
      height: size,
      data: Uint8ClampedArray.from({ length: 4 * size * size }, (_, i) => ((i + 31 * k) * 7919) % 251),
    }));
    const model = readOnnx(file, { file: `${name}.onnx`, preprocessing: TORCHVISION });
    expect(model.classes).toBe(10);
    using net = await model.open(device);
    const path = join(scratch, `${name}-${String(folded)}.onnx`);
    await net.save(path);
    const written = readFileSync(path);
    using again = await readOnnx(written, { file: path }).open(device);
    expect(await again.classify(one, { top: 10 })).toEqual(await net.classify(one, { top: 10 }));
    if (!without) expect(relativeError(await judged(written, size), softmax(await judged(file, size)))).toBeLessThan(1e-5);

    const samples = [one, two].map((picture, label) => ({ image: picture, label }));
    // That the steps are right is shown beside float64 (learning-curves.test.ts).
    using trainer = await openTrainer(device, model({ classes: 2, init: model.weights }), { samples, batch: 2, rate: 1e-6 });
    const first = await trainer.hash();
    for (let i = 0; i < 3; i++) expect((await trainer.step()).loss).toBeLessThan(100);
    expect(await trainer.hash()).not.toBe(first);
  },
  60_000,
);
