// The origin of a file: by the published digest, by the hash of its values, by Striatum's metadata, else unknown.
import { expect, test } from "vitest";
import { tensor, type Tensor } from "../tensor/tensor.ts";
import { describeOrigin, hashValues, MADE, originOf, type MadeWeights } from "./origin.ts";
import { writeSafetensors } from "./safetensors.ts";

const values = (...data: number[]): Tensor => tensor([data.length], Float32Array.from(data));

function file(tensors: [string, Tensor][], metadata: Record<string, string> = {}): Uint8Array {
  return Uint8Array.from(writeSafetensors(tensors, metadata).flatMap((chunk) => [...chunk]));
}

const WEIGHTS: [string, Tensor][] = [
  ["conv1/weight", values(1, 2)],
  ["conv1/bias", values(3)],
];

test("a stranger's file is of unknown origin, and shows its SHA-256", async () => {
  const origin = await originOf(file(WEIGHTS), "w.safetensors", []);
  expect(origin.kind).toBe("unknown file");
  expect(describeOrigin(origin)).toMatch(/^a file of unknown origin \(SHA-256 [0-9a-f]{12}\)$/);
});

test("weights of a pretraining run are fractal-pretrained, and never called ImageNet's", async () => {
  const made: MadeWeights = { kind: "fractal", categories: 24, instances: 100, seed: 7 };
  const origin = await originOf(file(WEIGHTS, { [MADE]: JSON.stringify(made) }), "w.safetensors", []);
  expect(origin).toMatchObject(made);
  expect(describeOrigin(origin)).toBe("fractal-pretrained (24 categories, 100 images each, seed 7; not ImageNet)");
});

test("weights of a run say what that run began with", async () => {
  const made: MadeWeights = { kind: "run", from: { kind: "fractal", categories: 3, instances: 4, seed: 0, sha256: "ab" } };
  const origin = await originOf(file(WEIGHTS, { [MADE]: JSON.stringify(made) }), "w.safetensors", []);
  expect(origin.kind).toBe("run");
  expect(describeOrigin(origin)).toContain("initially fractal-pretrained (3 categories, 4 images each");
});

test.each([
  "no JSON",
  "null",
  '{"kind":"imagenet-bvlc","title":"BVLC GoogLeNet","likeness":"file"}',
  '{"kind":"fractal"}',
  '{"kind":"run","from":{"kind":"?"}}',
  '{"kind":"run","from":{"kind":"unknown file"}}',
  '{"kind":"run","from":{"kind":"imagenet-bvlc","title":"BVLC GoogLeNet","likeness":"toString","sha256":"ab"}}',
  '{"kind":"run","from":{"kind":"run","sha256":"ab"}}',
  `${'{"kind":"run","sha256":"ab","from":'.repeat(9000)}{"kind":"none"}${"}".repeat(9000)}`,
])("a file cannot claim what we would not have written: %.90s", async (claim) => {
  expect((await originOf(file(WEIGHTS, { [MADE]: claim }), "w.safetensors", [])).kind).toBe("unknown file");
});

test("the hash of values is the same in any order and with auxiliary heads, and another for any other value", () => {
  const known = hashValues(new Map(WEIGHTS), []);
  expect(hashValues(new Map([...WEIGHTS].reverse()), [])).toBe(known);
  expect(hashValues(new Map([...WEIGHTS, ["loss1/conv/bias", values(9)]]), ["loss1/conv"])).toBe(known);
  expect(hashValues(new Map([...WEIGHTS, ["conv2/bias", values(9)]]), [])).not.toBe(known);
  expect(hashValues(new Map([["conv1/weight", values(1, 2.0000002)], WEIGHTS[1]]), [])).not.toBe(known);
});
