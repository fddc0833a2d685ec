// Weights at half the size: a network finds all it asks for, rounded to F16, and the file still records what it is.
import { expect, test } from "vitest";
import { tensor } from "../tensor/tensor.ts";
import { halfToFloat, floatToHalf } from "./half.ts";
import { halveWeights } from "./halve.ts";
import { loadWeights } from "./load.ts";
import { MADE, originOf } from "./origin.ts";
import { joinChunks } from "./protobuf.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";

const made = { kind: "fractal", categories: 8, instances: 100, seed: 0 };
const whole = joinChunks(
  writeSafetensors(
    [
      ["conv1/weight", tensor([2, 1, 1, 2], Float32Array.of(0.1, -0.2, 0.3, -0.4))],
      ["conv1/bias", tensor([2], Float32Array.of(1e-3, 1e-6))],
      ["mean", tensor([1, 1, 4], Float32Array.of(104.01, 117.02, 123.03, 0))],
    ],
    { network: "googlenet", width: "0.25", [MADE]: JSON.stringify(made) },
  ),
);

test("values are those of F16, the mean and the metadata are untouched", async () => {
  const half = joinChunks(halveWeights(whole, "w.safetensors"));
  const shapes = new Map([
    ["conv1/weight", [2, 1, 1, 2]],
    ["conv1/bias", [2]],
  ]);
  const { values } = loadWeights(half, "w-f16.safetensors", shapes);
  expect([...(values.get("conv1/weight")?.data ?? [])]).toEqual([0.1, -0.2, 0.3, -0.4].map((value) => halfToFloat(floatToHalf(value))));
  expect([...(values.get("conv1/bias")?.data ?? [])]).toEqual([1e-3, 1e-6].map((value) => halfToFloat(floatToHalf(value))));
  const read = readSafetensors(half, "w-f16.safetensors");
  expect(read.metadata).toEqual(readSafetensors(whole, "w.safetensors").metadata);
  expect(read.tensors.get("mean")).toEqual(readSafetensors(whole, "w.safetensors").tensors.get("mean"));
  expect(await originOf(half, "w-f16.safetensors", [])).toMatchObject({ kind: "fractal", categories: 8 });
});
