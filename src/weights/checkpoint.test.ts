// Training checkpoints: they come back whole, and only for their own graph.
import { expect, test } from "vitest";
import { tensor } from "../tensor/tensor.ts";
import { OtherGraph, readCheckpoint, writeCheckpoint, type Checkpoint } from "./checkpoint.ts";
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

const encode = async (changes: Partial<Checkpoint> = {}): Promise<Uint8Array> =>
  joinChunks(await writeCheckpoint({ ...checkpoint, ...changes }));

test("a checkpoint comes back whole", async () => {
  expect(await readCheckpoint(await encode(), "step-1234.safetensors", "0123abcd")).toEqual(checkpoint);
});

test("so does the mean of averaged weights, and none where there is none", async () => {
  const average = new Map([["conv1/weight", velocity]]);
  expect(await readCheckpoint(await encode({ average }), "step-1234.safetensors", "0123abcd")).toEqual({ ...checkpoint, average });
  expect(await readCheckpoint(await encode(), "step-1234.safetensors", "0123abcd")).not.toHaveProperty("average");
  await expect(encode({ average: new Map([["conv1/weight", bias]]) })).rejects.toThrow(
    'checkpoint: average of "conv1/weight" fits no parameter',
  );
  expect([...readWeights(await encode({ average }), "step-1234.safetensors").keys()]).toEqual(["conv1/bias", "conv1/weight"]);
});

test("the same checkpoint gives the same bytes", async () => {
  const reversed = new Map([...checkpoint.parameters].reverse());
  expect(await encode({ parameters: reversed })).toEqual(await encode());
});

test("it is a plain safetensors file with named tensors", async () => {
  const { metadata, tensors } = readSafetensors(await encode(), "step-1234.safetensors");
  expect([...tensors.keys()]).toEqual(["conv1/bias", "conv1/weight", "momentum/conv1/weight"]);
  expect(metadata).toMatchObject({ format: "striatum-checkpoint-2", graph: "0123abcd", step: "1234", epoch: "7" });
});

test("a checkpoint of another graph is refused by name", async () => {
  await expect(readCheckpoint(await encode(), "step-1234.safetensors", "ffff0000")).rejects.toThrow(
    new OtherGraph(
      "step-1234.safetensors: checkpoint of another graph: 0123abcd, this run's is ffff0000. Resume with the network and settings it was made with",
    ),
  );
});

test("one flipped bit, in the values or in the metadata, is seen", async () => {
  const whole = await encode();
  const header = new TextDecoder().decode(whole.subarray(0, 2000));
  for (const at of [whole.length - 1, whole.length - 17, header.indexOf(":5,") + 1]) {
    const damaged = whole.slice();
    damaged[at] ^= 1;
    await expect(readCheckpoint(damaged, "step-1234.safetensors", "0123abcd"), String(at)).rejects.toThrow(
      "step-1234.safetensors: the values are not those that were written: another SHA-256",
    );
  }
});

test("values that are not finite are not written", async () => {
  for (const value of [Number.NaN, Infinity, -Infinity]) {
    const strange = tensor([2], Float32Array.of(1, value));
    await expect(encode({ parameters: new Map([["a", strange]]), momentum: new Map() })).rejects.toThrow(
      'checkpoint: "a" has values that are not finite',
    );
    const momentum = new Map([["conv1/bias", strange]]);
    await expect(encode({ momentum })).rejects.toThrow('checkpoint: "momentum/conv1/bias" has values that are not finite');
  }
});

const metadata = { format: "striatum-checkpoint-2", graph: "g", step: "1", epoch: "0", seed: "0", state: '{"best":1}' };

test.each([
  ["weights without a format", {}, 'not a checkpoint: expected format "striatum-checkpoint-2", found no format in its metadata'],
  ["another format", { format: "pt" }, 'found format "pt"'],
  ["a step that is not a number", { ...metadata, step: "1e3" }, 'checkpoint: step is "1e3", expected a whole number'],
  ["an epoch beyond counting", { ...metadata, epoch: "99999999999999999999" }, "checkpoint: epoch is"],
  ["state that is not JSON", { ...metadata, state: "{" }, "checkpoint: state is not JSON"],
  ["no state", { ...metadata, state: "{}" }, "checkpoint: it has no state of training"],
  ["a state that is a list", { ...metadata, state: "[1]" }, "checkpoint: it has no state of training"],
  ["no hash", metadata, "the values are not those that were written: another SHA-256"],
])("refuses %s", async (_, fields, message) => {
  const bytes = joinChunks(writeSafetensors([["a", bias]], fields));
  await expect(readCheckpoint(bytes, "x.safetensors", "g")).rejects.toThrow(message);
  await expect(readCheckpoint(bytes, "x.safetensors", "g")).rejects.toThrow(/^x\.safetensors: /);
});

test("momentum without its parameter is refused", async () => {
  const lone = joinChunks(writeSafetensors([["momentum/a", bias]], metadata));
  await expect(readCheckpoint(lone, "x.safetensors", "g")).rejects.toThrow(
    'x.safetensors: momentum of "a", which is not a parameter in it',
  );
  const other = joinChunks(
    writeSafetensors(
      [
        ["a", weight],
        ["momentum/a", bias],
      ],
      metadata,
    ),
  );
  await expect(readCheckpoint(other, "x.safetensors", "g")).rejects.toThrow('x.safetensors: momentum of "a" is [2], its parameter [2, 2]');
});

test("what could not be resumed is not written", async () => {
  await expect(encode({ state: { best: Infinity } })).rejects.toThrow('checkpoint: state "best" is Infinity, which JSON cannot represent');
  await expect(encode({ step: 0.5 })).rejects.toThrow("checkpoint: step is 0.5, expected a whole number");
  await expect(encode({ momentum: new Map([["conv1/weight", bias]]) })).rejects.toThrow(
    'checkpoint: momentum of "conv1/weight" fits no parameter',
  );
});
