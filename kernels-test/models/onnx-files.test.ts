// ONNX's own light models on the GPU, where the shared folder beside the repository has them (STRIATUM_SHARED names another place): their outputs as
// recorded, and with random weights those of float64. GoogLeNet's own weights, written to ONNX and read back.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { States } from "../../src/engine/buffers.ts";
import { Session } from "../../src/engine/session.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { googlenet } from "../../src/models/googlenet.ts";
import { onnxGraph, type ImportedGraph } from "../../src/onnx/graph.ts";
import { inEngineOrder, statesOf, withRandomWeights } from "../../src/onnx/model-fixture.ts";
import { parseModel } from "../../src/onnx/parse.ts";
import { readOnnx } from "../../src/onnx/read.ts";
import { readTensor } from "../../src/onnx/tensor.ts";
import { onnxModel } from "../../src/onnx/write.ts";
import { sizeOf } from "../../src/tensor/shape.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { inferenceGraph } from "../../src/train/graphs.ts";
import { expectedShapes } from "../../src/train/parameters.ts";
import { loadWeights } from "../../src/weights/load.ts";
import { joinChunks, openMessage } from "../../src/weights/protobuf.ts";
import { testEngine } from "../support/engine.ts";

const folder = join(process.env["STRIATUM_SHARED"] ?? join(import.meta.dirname, "../../../shared"), "data/weights");
const pathOf = (name: string): string => join(folder, "onnx-light", `light_${name}`);
const MODELS = ["bvlc_alexnet", "inception_v1", "inception_v2", "squeezenet", "zfnet512"];

/** The first output, from the GPU. */
async function run({ graph, parameters, weights }: ImportedGraph, x: Float32Array): Promise<Float32Array> {
  const engine = await testEngine();
  const states = States.of(engine, graph);
  for (const parameter of parameters) states.write(parameter.name, inEngineOrder(parameter, weights.get(parameter.name) as Tensor));
  const session = await Session.open(engine, graph, { states });
  try {
    session.feed(graph.inputs[0].name, x);
    session.run();
    return await session.read([...graph.outputs.keys()][0]);
  } finally {
    session.dispose();
    states.dispose();
  }
}

/** Largest difference relative to the largest value. */
function relativeError(got: ArrayLike<number>, wanted: ArrayLike<number>): number {
  let [error, largest] = [0, 0];
  for (let i = 0; i < wanted.length; i++) {
    largest = Math.max(largest, Math.abs(wanted[i]));
    const difference = Math.abs(got[i] - wanted[i]);
    if (!(difference <= error)) error = difference;
  }
  return error / largest;
}

test.each(MODELS.filter((name) => existsSync(pathOf(`${name}.onnx`))).map((name) => ({ name })))(
  "$name gives its recorded output",
  async ({ name }) => {
    const [file, recorded] = [pathOf(`${name}.onnx`), pathOf(`${name}_output_0.pb`)];
    const imported = onnxGraph(parseModel(readFileSync(file), file));
    const size = sizeOf(imported.graph.inputs[0].shape);
    // As ONNX's test runner feeds them.
    const x = Float32Array.from({ length: size }, (_, i) => i / size);
    const { tensor } = readTensor(openMessage(readFileSync(recorded), recorded));
    expect(relativeError(await run(imported, x), tensor.data)).toBeLessThan(1e-5);
  },
);

const small = pathOf("squeezenet.onnx");
test.skipIf(!existsSync(small))("squeezenet with random weights, at 64 pixels, equals float64", async () => {
  const imported = onnxGraph(withRandomWeights(parseModel(readFileSync(small), small)), { data_0: [1, 3, 64, 64] });
  const x = Float32Array.from({ length: 3 * 64 * 64 }, (_, i) => Math.sin(i));
  const [output] = imported.graph.outputs.values();
  const exact = interpret(imported.graph, { data_0: x }, statesOf(imported)).of(output);
  expect(relativeError(await run(imported, x), exact)).toBeLessThan(1e-5);
});

const caffe = join(folder, "bvlc_googlenet_deploy.caffemodel");
test.skipIf(!existsSync(caffe))("BVLC GoogLeNet written to ONNX and read back has the same parameters bit for bit", () => {
  const made = inferenceGraph({ network: googlenet, classes: 1000, batch: 1 });
  const { values } = loadWeights(readFileSync(caffe), caffe, expectedShapes(made.parameters), { auxiliary: googlenet.auxiliary });
  const bytes = joinChunks(onnxModel(made, values, { batch: "N", preprocessing: { channels: "bgr", mean: [104, 117, 123] } }));
  const back = readOnnx(bytes);
  expect(back.weights.size).toBe(116);
  for (const [name, { shape, data }] of values) {
    const again = back.weights.get(name) as Tensor;
    expect(again.shape, name).toEqual(shape);
    expect(
      Buffer.compare(
        Buffer.from(again.data.buffer, again.data.byteOffset, again.data.byteLength),
        Buffer.from(data.buffer, data.byteOffset, data.byteLength),
      ),
      name,
    ).toBe(0);
  }
});
