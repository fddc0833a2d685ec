import { describe, expect, test } from "vitest";
import { alexnet } from "../../src/models/alexnet.ts";
import { googlenet } from "../../src/models/googlenet.ts";
import { sizeOf } from "../../src/tensor/shape.ts";
import { inferenceGraph, storedSize } from "../../src/train/graphs.ts";
import { trainingGraph } from "../../src/train/training-graphs.ts";
import { plain, seededBatch, seededImages, seededWeights, trainingForward, type Workload } from "./workload.ts";

const workload: Workload = { net: "googlenet", batch: 2, width: 1, size: 224, folder: "", ours: { math: "exact" } };
const small = { network: googlenet, classes: 10, width: 1 / 16, batch: 1 };

describe("seededWeights", () => {
  const { parameters } = inferenceGraph(small);
  const made = new Map(seededWeights(parameters));

  test("are the same each time and different from layer to layer", () => {
    expect(new Map(seededWeights(parameters))).toEqual(made);
    const first = [...made].filter(([name]) => name.endsWith("/weight")).map(([, { data }]) => data.slice(0, 8).join(","));
    expect(new Set(first).size).toBe(first.length);
  });

  test("have mean 0 and variance 2 / fan in", () => {
    for (const { name, fanIn, caffeShape } of parameters.filter(({ order }) => order.kind !== "bias")) {
      const { data } = made.get(name) ?? { data: new Float32Array() };
      expect(data.length).toBe(sizeOf(caffeShape));
      // Six deviations of the estimates from this many samples; a uniform law's kurtosis is 1.8.
      const variance = 2 / fanIn;
      const sum = (f: (value: number) => number): number => data.reduce((total, value) => total + f(value), 0);
      expect(Math.abs(sum((value) => value) / data.length)).toBeLessThan(6 * Math.sqrt(variance / data.length));
      expect(Math.abs(sum((value) => value * value) / data.length / variance - 1)).toBeLessThan(6 * Math.sqrt(0.8 / data.length));
    }
  });
});

describe("images", () => {
  const { data, shape } = seededImages(workload);
  const { pixels, placement, labels } = seededBatch(workload);

  test("are the stored pixels in B, G, R planes, cropped in the middle and scaled", () => {
    expect(shape).toEqual([2, 3, 224, 224]);
    expect([...placement]).toEqual([16, 16, 0, 0, 16, 16, 0, 0]);
    const stored = storedSize(googlenet);
    expect(pixels.length).toBe(2 * stored * stored);
    const pixel = pixels[(stored + 16 + 100) * stored + 16 + 7]; // image 1, row 100, column 7 of the crop
    const planes = [0, 1, 2].map((channel) => data[((3 + channel) * 224 + 100) * 224 + 7]);
    expect(planes.map((value) => value * 64 + 127.5)).toEqual([pixel & 255, (pixel >> 8) & 255, pixel >> 16]);
  });

  test("use the range of a pixel, differ from each other, and have labels", () => {
    expect(data.reduce((a, b) => Math.min(a, b))).toBeLessThan(-1.5);
    expect(data.reduce((a, b) => Math.max(a, b))).toBeGreaterThan(1.5);
    const half = data.length / 2;
    expect(data.subarray(0, half)).not.toEqual(data.subarray(half));
    expect(new Set(labels).size).toBe(2);
  });
});

describe("plain", () => {
  test("leaves out dropout and what makes learning rates and decay differ, and nothing else", () => {
    for (const network of [alexnet, googlenet]) {
      const options = { classes: 10, width: 1 / 16, batch: 1, momentum: 0.9, weightDecay: 0 };
      const full = trainingGraph({ ...options, network });
      const bare = trainingGraph({ ...options, network: plain(network) });
      const opsOf = ({ graph }: typeof full): string[] => graph.nodes.map(({ op }) => op.name);
      expect(opsOf(full)).toContain("dropout");
      expect(opsOf(bare)).toEqual(opsOf(full).filter((name) => !name.startsWith("dropout")));
      const solver = bare.parameters.map(({ rateMultiplier, decayMultiplier }) => [rateMultiplier, decayMultiplier]);
      expect(new Set(solver.map(String))).toEqual(new Set(["1,0"]));
      expect(bare.parameters.map(({ name }) => name)).toEqual(full.parameters.map(({ name }) => name));
    }
  });
});

test("the forward half of training has all heads of the network", () => {
  expect(trainingForward(workload).heads.map(({ name, lossWeight }) => [name, lossWeight])).toEqual([
    ["loss3", 1],
    ["loss1", 0.3],
    ["loss2", 0.3],
  ]);
  expect(trainingForward({ ...workload, net: "alexnet", size: 227 }).heads).toHaveLength(1);
});
