// Training checkpoints: they come back whole, and only for their own graph.
import { expect, test } from "vitest";
import { tensor } from "../tensor/tensor.ts";
import { readCheckpoint, writeCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { readWeights } from "./load.ts";
import { joinChunks } from "./protobuf.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";

const weight = tensor([2, 2], Float32Array.of(1, 2, 3, 4));
const bias = tensor([2], Float32Array.of(5, 6));
const velocity = tensor([2, 2], Float32Array.of(0.1, 0.2, 0.3, 0.4));

const checkpoint: Checkpoint = {
  graph: "0123abcd",
  step: 1234,
  epoch: 7,
  seed: 2 ** 40,
  state: { best: { epoch: 5, auc: 0.93 }, order: [3, 1, 2], note: null },
  parameters: new Map([
    ["conv1/bias", bias],
    ["conv1/weight", weight],
  ]),
  momentum: new Map([["conv1/weight", velocity]]),
};

const encode = (changes: Partial<Checkpoint> = {}): Uint8Array => joinChunks(writeCheckpoint({ ...checkpoint, ...changes }));

test("a checkpoint comes back whole", () => {
  expect(readCheckpoint(encode(), "step-1234.safetensors", "0123abcd")).toEqual(checkpoint);
});

test("so does the mean of averaged weights, and none where there is none", () => {
  const average = new Map([["conv1/weight", velocity]]);
  expect(readCheckpoint(encode({ average }), "step-1234.safetensors", "0123abcd")).toEqual({ ...checkpoint, average });
  expect(readCheckpoint(encode(), "step-1234.safetensors", "0123abcd")).not.toHaveProperty("average");
  expect(() => encode({ average: new Map([["conv1/weight", bias]]) })).toThrow('checkpoint: average of "conv1/weight" fits no parameter');
  expect([...readWeights(encode({ average }), "step-1234.safetensors").keys()]).toEqual(["conv1/bias", "conv1/weight"]);
});

test("the same checkpoint gives the same bytes", () => {
  const reversed = new Map([...checkpoint.parameters].reverse());
  expect(encode({ parameters: reversed })).toEqual(encode());
});

test("it is a plain safetensors file with named tensors", () => {
  const { metadata, tensors } = readSafetensors(encode(), "step-1234.safetensors");
  expect([...tensors.keys()]).toEqual(["conv1/bias", "conv1/weight", "momentum/conv1/weight"]);
  expect(metadata).toMatchObject({ format: "striatum-checkpoint-1", graph: "0123abcd", step: "1234", epoch: "7" });
});

test("a checkpoint of another graph is refused by name", () => {
  expect(() => readCheckpoint(encode(), "step-1234.safetensors", "ffff0000")).toThrow(
    "step-1234.safetensors: checkpoint of another graph: 0123abcd, this run's is ffff0000",
  );
});

const metadata = { format: "striatum-checkpoint-1", graph: "g", step: "1", epoch: "0", seed: "0", state: "null" };

test.each([
  ["weights without a format", {}, 'not a checkpoint: expected format "striatum-checkpoint-1", found no format in its metadata'],
  ["another format", { format: "pt" }, 'found format "pt"'],
  ["a step that is not a number", { ...metadata, step: "1e3" }, 'checkpoint: step is "1e3", expected a whole number'],
  ["an epoch beyond counting", { ...metadata, epoch: "99999999999999999999" }, "checkpoint: epoch is"],
  ["state that is not JSON", { ...metadata, state: "{" }, "checkpoint: state is not JSON"],
])("refuses %s", (_, fields, message) => {
  const bytes = joinChunks(writeSafetensors([["a", bias]], fields));
  expect(() => readCheckpoint(bytes, "x.safetensors", "g")).toThrow(message);
  expect(() => readCheckpoint(bytes, "x.safetensors", "g")).toThrow(/^x\.safetensors: /);
});

test("momentum without its parameter is refused", () => {
  const lone = joinChunks(writeSafetensors([["momentum/a", bias]], metadata));
  expect(() => readCheckpoint(lone, "x.safetensors", "g")).toThrow('x.safetensors: momentum of "a", which is not a parameter in it');
  const other = joinChunks(
    writeSafetensors(
      [
        ["a", weight],
        ["momentum/a", bias],
      ],
      metadata,
    ),
  );
  expect(() => readCheckpoint(other, "x.safetensors", "g")).toThrow('x.safetensors: momentum of "a" is [2], its parameter [2, 2]');
});

test("what could not be resumed is not written", () => {
  expect(() => encode({ state: { best: Infinity } })).toThrow('checkpoint: state "best" is Infinity, which JSON cannot represent');
  expect(() => encode({ step: 0.5 })).toThrow("checkpoint: step is 0.5, expected a whole number");
  expect(() => encode({ momentum: new Map([["conv1/weight", bias]]) })).toThrow('checkpoint: momentum of "conv1/weight" fits no parameter');
});
