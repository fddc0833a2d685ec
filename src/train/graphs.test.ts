// Both networks as graphs: the counts that the field knows, and the whole text of their inference and training graphs.
// After a wanted change: `npx vitest run --project cpu src/train -u`, and read the difference.
import { readFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hashGraph, printGraph } from "../graph/print.ts";
import { verifyGraph } from "../graph/verify.ts";
import { schedule } from "../engine/schedule.ts";
import { alexnet } from "../models/alexnet.ts";
import { googlenet } from "../models/googlenet.ts";
import type { Network } from "../models/network.ts";
import { sizeOf } from "../tensor/shape.ts";
import { inferenceGraph, storedSize, type NetworkGraph } from "./graphs.ts";
import { startGraph, trainingGraph } from "./training-graphs.ts";

const SHARED = process.env["STRIATUM_SHARED"] ?? join(import.meta.dirname, "../../../shared");
const solver = { momentum: 0.9, weightDecay: 5e-4 };

const parameterCount = ({ parameters }: NetworkGraph): number => parameters.reduce((sum, { caffeShape }) => sum + sizeOf(caffeShape), 0);

/** Multiply-adds of one image's forward pass, the padding channel of the image not counted. */
function multiplyAdds({ graph, parameters }: NetworkGraph): number {
  const weights = new Map(parameters.map(({ value, caffeShape }) => [value, sizeOf(caffeShape)]));
  let sum = 0;
  for (const { op, inputs, outputs } of graph.nodes) {
    if (op.name === "conv2d") sum += (weights.get(inputs["filter"]) ?? 0) * outputs["y"].shape[1] * outputs["y"].shape[2];
    if (op.name === "innerProduct") sum += weights.get(inputs["weight"]) ?? 0;
  }
  return sum;
}

test("stored images are 256 pixels wide for both papers' crops", () => {
  expect([storedSize(alexnet), storedSize(googlenet)]).toEqual([256, 256]);
});

describe.each([
  { network: alexnet, deployed: 60_965_224, trained: 60_965_224, macs: 724_406_816 },
  { network: googlenet, deployed: 6_998_552, trained: 13_378_280, macs: 1_582_671_872 },
])("$network.title", ({ network, deployed, trained, macs }) => {
  const full = { network, classes: 1000, batch: 1 };

  test("has the parameters and multiply-adds of the reference model", () => {
    expect(parameterCount(inferenceGraph(full))).toBe(deployed);
    expect(parameterCount(trainingGraph({ ...full, ...solver }))).toBe(trained);
    expect(multiplyAdds(inferenceGraph(full))).toBe(macs);
  });

  test("reads as its golden text, for inference and for training", async () => {
    await expect(printGraph(inferenceGraph(full).graph)).toMatchFileSnapshot(`golden/${network.name}-inference.txt`);
    await expect(printGraph(trainingGraph({ ...full, batch: 4, ...solver }).graph)).toMatchFileSnapshot(
      `golden/${network.name}-training.txt`,
    );
  });

  test("is well formed at every width and size that tests and quick runs use", () => {
    for (const width of [1, 1 / 2, 1 / 4, 1 / 8]) {
      for (const size of [64, 96, network.size]) {
        const { graph } = trainingGraph({ network, classes: 2, width, size, batch: 2, ...solver });
        verifyGraph(graph);
        expect(schedule(graph).length).toBeGreaterThan(50);
        verifyGraph(startGraph({ network, classes: 2, width, size, batch: 2 }).graph);
      }
    }
  });

  test("computes no gradient for frozen layers", () => {
    const frozen = (layer: string): boolean => !network.lastLayers.includes(layer);
    const { graph, parameters } = trainingGraph({ ...full, ...solver, frozen });
    const updated = graph.nodes.filter(({ op }) => op.name === "sgd").map(({ label }) => label);
    expect(updated.sort()).toEqual(network.lastLayers.flatMap((layer) => [`${layer}/bias.step`, `${layer}/weight.step`]).sort());
    expect(graph.nodes.some(({ op }) => op.name.startsWith("conv2dBackward"))).toBe(false);
    expect(parameters.filter(({ rateMultiplier }) => rateMultiplier > 0)).toHaveLength(2 * network.lastLayers.length);
  });

  test("has another hash with another attribute", () => {
    const hash = (width: number): string => hashGraph(inferenceGraph({ ...full, width }).graph);
    expect(hash(1)).toBe(hash(1));
    expect(hash(1)).not.toBe(hash(0.5));
  });

  const table = join(SHARED, "nets", `bvlc_${network.name}_layers.csv`);
  test.skipIf(!existsSync(table))("agrees with the reference table layer by layer", () => {
    expect(checkAgainst(table, network)).toBeGreaterThan(7);
  });
});

/** Compares every weighted layer's shape, filler, bias, multipliers, output; returns how many there were. */
function checkAgainst(table: string, network: Network): number {
  const [header, ...rows] = readFileSync(table, "utf8").trim().split("\n").map(splitCsv);
  const built = trainingGraph({ network, classes: 1000, batch: 1, ...solver });
  let checked = 0;
  for (const row of rows) {
    const field = (name: string): string => row[header.indexOf(name)];
    if (field("type") !== "Convolution" && field("type") !== "InnerProduct") continue;
    const [weight, bias] = ["weight", "bias"].map((role) => built.parameters.find(({ name }) => name === `${field("name")}/${role}`));
    if (!weight || !bias) throw new Error(`${network.name} has no layer ${field("name")}`);
    expect(weight.caffeShape.join("x"), field("name")).toBe(field("weight_shape"));
    expect(weight.filler.kind, field("name")).toBe(field("weight_filler"));
    if (weight.filler.kind === "gaussian") expect(weight.filler.std).toBe(Number(field("weight_std")));
    expect(bias.filler).toEqual({ kind: "constant", value: Number(field("bias_value")) });
    expect(`${weight.rateMultiplier}/${bias.rateMultiplier}`).toBe(field("lr_mult"));
    expect(`${weight.decayMultiplier}/${bias.decayMultiplier}`).toBe(field("decay_mult"));
    const output = built.graph.nodes.find(({ label, op }) => label === field("name") && !op.name.includes("Backward"))?.outputs["y"];
    if (!output) throw new Error(`${network.name} has no node ${field("name")}`);
    const [, height, width] = output.shape.length === 4 ? output.shape : ["", "", ""];
    expect([output.shape.at(-1), height, width].join()).toBe(["out_C", "out_H", "out_W"].map(field).join());
    checked++;
  }
  return checked;
}

/** The table quotes fields that hold commas and nothing else. */
const splitCsv = (line: string): string[] => [...line.matchAll(/("([^"]*)"|[^,]*)(,|$)/g)].map(([, plain, quoted]) => quoted ?? plain);
