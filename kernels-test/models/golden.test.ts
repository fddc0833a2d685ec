// The whole GoogLeNet at full width, with its real weights, against a run of another program in float64: probabilities and inner blobs.
// The weights and the runs are not part of this repository; without them these tests are skipped.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { States } from "../../src/engine/buffers.ts";
import { Session } from "../../src/engine/session.ts";
import type { Graph, Value } from "../../src/graph/graph.ts";
import { googlenet } from "../../src/models/googlenet.ts";
import { channelsFirst } from "../../src/ops/channels.ts";
import { sizeOf } from "../../src/tensor/shape.ts";
import { inferenceGraph } from "../../src/train/graphs.ts";
import { expectedShapes, writeParameter } from "../../src/train/parameters.ts";
import { loadWeights } from "../../src/weights/load.ts";
import { testEngine } from "../support/engine.ts";

const SHARED = process.env["STRIATUM_SHARED"] ?? join(import.meta.dirname, "../../../shared");
const WEIGHTS = join(SHARED, "data/weights/bvlc_googlenet_deploy.caffemodel");

interface Golden {
  readonly blobs: Readonly<
    Record<
      string,
      { readonly shape: readonly number[]; readonly max_abs: number; readonly channel_mean: number[]; readonly first16: number[] }
    >
  >;
  readonly prob: readonly number[];
}

/** Caffe's ReLU works in place: its blob of a convolution is what our ReLU gives. */
const valueOf: Readonly<Record<string, string>> = { "conv1/7x7_s2": "conv1/relu_7x7" };

/**
 * Largest error of a value relative to the largest of its tensor: every sum of K products in the longest chain that leads to it makes K roundings, each
 * within eps of a partial sum and so of the tensor's largest value; four standard deviations of all of them are 4 sqrt(sum of K / 3) eps.
 */
function roundingsOf(graph: Graph): (value: Value) => number {
  const terms = new Map<Value, number>();
  for (const { op, inputs, outputs, attributes } of graph.nodes) {
    const own = {
      conv2d: () => sizeOf(inputs["filter"].shape.slice(1, 4)) + 1,
      innerProduct: () => inputs["weight"].shape[0] + 1,
      averagePool: () => Number(attributes["size"]) ** 2,
      lrn: () => 90, // WGSL lets its power err by about 22 roundings: as many as a sum of 90
    }[op.name];
    const before = Math.max(0, ...Object.values(inputs).map((value) => terms.get(value) ?? 0));
    for (const value of Object.values(outputs)) terms.set(value, before + (own?.() ?? 0));
  }
  return (value) => 4 * Math.sqrt((terms.get(value) ?? 0) / 3) * 2 ** -24;
}

describe.each(["cat", "fish-bike"])("%s.jpg", (image) => {
  const golden = join(SHARED, `data/golden/${image}.googlenet.json`);

  test.skipIf(!existsSync(WEIGHTS) || !existsSync(golden))("every probability within 1e-4, and the inner blobs", async () => {
    const { blobs, prob } = JSON.parse(readFileSync(golden, "utf8")) as Golden;
    const engine = await testEngine();
    const { graph, parameters } = inferenceGraph({ network: googlenet, classes: 1000, batch: 1 });
    for (const [name, { shape }] of Object.entries(blobs)) {
      const wanted = valueOf[name] ?? name;
      const found = graph.nodes.flatMap(({ outputs }) => Object.values(outputs)).find((value) => value.name === wanted) as Value;
      graph.output(
        name,
        found.shape.length === 4 ? graph.add(channelsFirst, { x: found }, { channels: shape[0] }, `${name} in Caffe's order`).y : found,
      );
    }
    const states = States.of(engine, graph);
    const { values } = loadWeights(readFileSync(WEIGHTS), WEIGHTS, expectedShapes(parameters), { auxiliary: googlenet.auxiliary });
    for (const parameter of parameters) {
      const value = values.get(parameter.name);
      if (value) writeParameter(states, parameter, value);
    }
    const roundingsAt = roundingsOf(graph);
    const session = await Session.open(engine, graph, { states });
    const bytes = readFileSync(join(SHARED, `data/golden/${image}.input.f32`));
    session.feed("image", new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)));
    session.run();

    const p = await session.read("p");
    expect(prob).toHaveLength(1000);
    expect(Math.max(...prob.map((value, i) => Math.abs(value - p[i])))).toBeLessThan(1e-4);

    for (const [name, { shape, max_abs, channel_mean, first16 }] of Object.entries(blobs)) {
      const got = await session.read(name);
      const allowed = max_abs * roundingsAt(graph.outputs.get(name) as Value);
      const area = got.length / shape[0];
      const means = channel_mean.map((_, c) => got.subarray(c * area, (c + 1) * area).reduce((sum, value) => sum + value, 0) / area);
      expect(first16).toHaveLength(16);
      expect(Math.max(...means.map((mean, c) => Math.abs(mean - channel_mean[c]))), `${name}: channel means`).toBeLessThan(allowed);
      expect(Math.max(...first16.map((value, i) => Math.abs(value - got[i]))), `${name}: first values`).toBeLessThan(allowed);
      expect(Math.abs(got.reduce((most, value) => Math.max(most, Math.abs(value)), 0) - max_abs), `${name}: maximum`).toBeLessThan(allowed);
    }
    session.dispose();
    states.dispose();
  });
});
