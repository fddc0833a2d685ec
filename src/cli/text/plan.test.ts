// What a plan's text must hold, whatever the kernels of the day are.
import { expect, test } from "vitest";
import { networks } from "../../models/index.ts";
import { trainingGraph } from "../../train/training-graphs.ts";
import { formatKernels, formatPlan, kernelUses } from "./plan.ts";
import { MACHINE_NAMES, machineNamed, planOn } from "../targets.ts";

const network = networks["alexnet"];
const { graph } = trainingGraph({ network, classes: 1000, batch: 4, momentum: 0.9, weightDecay: network.weightDecay });
const plan = planOn(await machineNamed("webgpu-defaults"), graph, "textbook");

test("every launch is a line, and every kernel's launches add up to them", () => {
  const lines = formatPlan(plan, []).split("\n");
  expect(lines.indexOf("")).toBe(1 + plan.launches.length);
  expect(kernelUses(plan).reduce((sum, { launches }) => sum + launches, 0)).toBe(plan.launches.length);
  expect(formatKernels(kernelUses(plan)).split("\n")).toHaveLength(kernelUses(plan).length + 2);
});

test("slices of a weight that no binding holds are marked, and the second starts where the first ends", () => {
  const [first, second] = [
    ...formatPlan(plan, []).matchAll(/ fc6 +innerProduct .*weight = state fc6\/weight(?: \+ (\d+))?, (\d+) \(slice\)/g),
  ];
  expect(first[1]).toBeUndefined();
  expect(second[1]).toBe(first[2]);
  expect(Number(first[2]) + Number(second[2])).toBe(9216 * 4096 * 4);
});

test("every machine that has a name takes the step of both networks", async () => {
  const names = MACHINE_NAMES.filter((name) => name !== "this");
  expect(names.length).toBeGreaterThan(2);
  for (const name of names) {
    for (const network of Object.values(networks)) {
      const { graph } = trainingGraph({ network, classes: 2, batch: 4, momentum: 0.9, weightDecay: network.weightDecay });
      const { peakBytes, boundBytes } = planOn(await machineNamed(name), graph, undefined);
      expect(peakBytes).toBeGreaterThanOrEqual(boundBytes);
    }
  }
});
