// safetensors: what is written is read, by the bytes of the format's own description, and damage is refused.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { sizeOf } from "../tensor/shape.ts";
import { tensor, type Tensor } from "../tensor/tensor.ts";
import { joinChunks } from "./protobuf.ts";
import { looksLikeSafetensors, readSafetensors, writeSafetensors } from "./safetensors.ts";

/** A file laid by hand: header text, then value bytes. */
function lay(header: string, values: Uint8Array, claimed?: number): Uint8Array {
  const json = new TextEncoder().encode(header);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(claimed ?? json.length), true);
  return joinChunks([length, json, values]);
}

const entry = (dtype: string, shape: unknown, offsets: unknown): string => JSON.stringify({ dtype, shape, data_offsets: offsets });
const bytesOf = (values: Float32Array | Float64Array | Uint16Array): Uint8Array => new Uint8Array(values.buffer);

test("reads each element type that holds weights as float32", () => {
  const values = joinChunks([
    bytesOf(Float64Array.of(0.1, -2)),
    bytesOf(Float32Array.of(0.1, 3)),
    bytesOf(Uint16Array.of(0x3c00, 0xc000)),
    bytesOf(Uint16Array.of(0x3f80, 0xc040)),
  ]);
  const header = `{"__metadata__":{"source":"hand"},"d":${entry("BF16", [2, 1], [28, 32])},"a":${entry("F64", [2], [0, 16])},"b":${entry("F32", [1, 2], [16, 24])},"c":${entry("F16", [2], [24, 28])}}`;
  const { metadata, tensors } = readSafetensors(lay(header, values), "x.safetensors");
  expect(metadata).toEqual({ source: "hand" });
  expect([...tensors.keys()]).toEqual(["a", "b", "c", "d"]);
  expect(tensors.get("a")).toEqual(tensor([2], Float32Array.of(0.1, -2)));
  expect(tensors.get("b")).toEqual(tensor([1, 2], Float32Array.of(0.1, 3)));
  expect(tensors.get("c")).toEqual(tensor([2], Float32Array.of(1, -2)));
  expect(tensors.get("d")).toEqual(tensor([2, 1], Float32Array.of(1, -3)));
});

const eight = new Uint8Array(8);

test.each([
  ["an empty file", new Uint8Array(0), "0 bytes are too few for a safetensors file"],
  ["a header of 4 GB", lay("{}", eight, 2 ** 32), "byte 0: the header claims 4294967296 bytes, but at most 10 are possible"],
  ["a header of 2^63 bytes", lay("{}", eight, 2 ** 63), "byte 0: the header claims 9223372036854776000 bytes"],
  ["a header that is not JSON", lay("{'a'}", eight), "byte 8: the header is not JSON"],
  ["a header that is not UTF-8", joinChunks([Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0xff)]), "byte 8: the header is not JSON"],
  ["a header with a byte order mark", lay("\ufeff{}", new Uint8Array(0)), "byte 8: the header is not JSON"],
  ["a header that is a list", lay("[1,2]", eight), "the header is not a JSON object"],
  ["metadata that is not an object", lay(`{"__metadata__":[]}`, new Uint8Array(0)), "__metadata__ is not an object of strings"],
  ["metadata that is not a string", lay(`{"__metadata__":{"step":3}}`, new Uint8Array(0)), '__metadata__: "step" is not a string'],
  ["an entry that is not an object", lay(`{"a":3}`, eight), 'tensor "a": its header entry is not an object'],
  ["an entry without dtype", lay(`{"a":{}}`, eight), 'tensor "a": no dtype'],
  [
    "integers",
    lay(`{"a.weight":${entry("I64", [1], [0, 8])}}`, eight),
    'tensor "a.weight": dtype I64 is not a dtype of weights, expected F64, F32, F16, BF16',
  ],
  ["a dtype that is a JavaScript word", lay(`{"a":${entry("toString", [1], [0, 8])}}`, eight), "dtype toString is not a dtype of weights"],
  ["a fractional extent", lay(`{"a":${entry("F32", [0.5], [0, 2])}}`, eight), 'tensor "a": its shape is not a list of extents'],
  ["a negative extent", lay(`{"a":${entry("F32", [-1, -2], [0, 8])}}`, eight), 'tensor "a": its shape is not a list of extents'],
  ["one offset", lay(`{"a":${entry("F32", [2], [8])}}`, eight), 'tensor "a": data_offsets is not [begin, end]'],
  ["a range that is too short", lay(`{"a":${entry("F32", [3], [0, 8])}}`, eight), "[3] of F32 takes 12 bytes, data_offsets give 8"],
  ["a shape of 2^80", lay(`{"a":${entry("F32", [2 ** 40, 2 ** 40], [0, 8])}}`, eight), "data_offsets give 8"],
  ["a range beyond the file", lay(`{"a":${entry("F32", [3], [0, 12])}}`, eight), "tensors take 12 value bytes, the file has 8: cut off?"],
  ["a hole", lay(`{"a":${entry("F32", [1], [4, 8])}}`, eight), 'nothing describes value bytes 0 to 4, before tensor "a"'],
  ["an overlap", lay(`{"a":${entry("F32", [2], [0, 8])},"b":${entry("F32", [1], [4, 8])}}`, eight), 'tensor "b" overlaps another'],
  ["bytes left over", lay(`{"a":${entry("F32", [1], [0, 4])}}`, eight), "4 bytes are left over after the last tensor"],
])("refuses %s and says why", (_, bytes, message) => {
  expect(() => readSafetensors(bytes, "bad.safetensors")).toThrow(message);
  expect(() => readSafetensors(bytes, "bad.safetensors")).toThrow(/^bad\.safetensors: /);
});

test("counters between the weights are passed over", () => {
  const header = `{"n.num_batches_tracked":${entry("I64", [], [0, 8])},"a.bias":${entry("F32", [2], [8, 16])}}`;
  const { tensors } = readSafetensors(lay(header, new Uint8Array(16)), "x.safetensors");
  expect([...tensors.keys()]).toEqual(["a.bias"]);
  const short = `{"n.num_batches_tracked":${entry("I64", [], [0, 4])},"a.bias":${entry("F32", [2], [4, 12])}}`;
  expect(() => readSafetensors(lay(short, new Uint8Array(12)), "x.safetensors")).toThrow("of I64 takes 8 bytes, data_offsets give 4");
});

test("names that are JavaScript's own words are names like others", () => {
  const words: [string, Tensor][] = ["__proto__", "constructor", "1"].map((name, i) => [name, tensor([1], Float32Array.of(i))]);
  const { tensors } = readSafetensors(joinChunks(writeSafetensors(words)), "x.safetensors");
  expect(new Map(tensors)).toEqual(new Map(words));
});

const arbitraryTensor: fc.Arbitrary<Tensor> = fc.array(fc.nat({ max: 4 }), { maxLength: 4 }).chain((shape) => {
  const size = sizeOf(shape);
  return fc.array(fc.float(), { minLength: size, maxLength: size }).map((values) => tensor(shape, Float32Array.from(values)));
});

test("what is written is read, aligned and as views", () => {
  const named = fc.uniqueArray(fc.tuple(fc.string({ unit: "grapheme" }), arbitraryTensor), { selector: ([name]) => name, maxLength: 6 });
  fc.assert(
    fc.property(named, fc.dictionary(fc.string(), fc.string()), (tensors, metadata) => {
      const chunks = writeSafetensors(tensors, metadata);
      expect(chunks[0].length % 8).toBe(0);
      const file = joinChunks(chunks);
      expect(looksLikeSafetensors(file)).toBe(true);
      const read = readSafetensors(file, "x.safetensors");
      expect({ ...read.metadata }).toEqual({ ...metadata });
      expect(new Map(read.tensors)).toEqual(new Map(tensors));
      for (const { data } of read.tensors.values()) expect(data.buffer).toBe(file.buffer);
    }),
    { seed: 3 },
  );
});

test("the same content gives the same bytes, whatever its order, and values are not copied", () => {
  const a = tensor([2], Float32Array.of(1, 2));
  const b = tensor([1], Float32Array.of(3));
  const one = writeSafetensors(
    new Map([
      ["a", a],
      ["10", b],
      ["9", b],
    ]),
    { x: "1", "2": "2" },
  );
  const other = writeSafetensors(
    new Map([
      ["9", b],
      ["10", b],
      ["a", a],
    ]),
    { "2": "2", x: "1" },
  );
  expect(joinChunks(one)).toEqual(joinChunks(other));
  expect(one.slice(1).map((chunk) => chunk.buffer)).toEqual([b.data.buffer, b.data.buffer, a.data.buffer]);
});

test("the writer refuses a name twice and the metadata's own", () => {
  const a = tensor([1], Float32Array.of(1));
  expect(() =>
    writeSafetensors([
      ["a", a],
      ["a", a],
    ]),
  ).toThrow('safetensors: "a" cannot be the name of a tensor');
  expect(() => writeSafetensors([["__metadata__", a]])).toThrow('safetensors: "__metadata__" cannot be');
});

function expectResultOrRefusal(bytes: Uint8Array): void {
  try {
    readSafetensors(bytes, "bad.safetensors");
  } catch (error) {
    expect((error as Error).constructor).toBe(Error);
    expect((error as Error).message).toMatch(/^bad\.safetensors: /);
  }
}

const small = joinChunks(
  writeSafetensors(
    [
      ["conv1/weight", tensor([2, 3], Float32Array.of(1, 2, 3, 4, 5, 6))],
      ["conv1/bias", tensor([2], Float32Array.of(7, 8))],
    ],
    {
      step: "12",
    },
  ),
);

test("a file cut off anywhere is refused", () => {
  for (let length = 0; length < small.length; length++) {
    expect(() => readSafetensors(small.slice(0, length), "bad.safetensors")).toThrow(/^bad\.safetensors: /);
  }
});

test("damaged bytes are read or refused", () => {
  const flip = fc.record({
    at: fc.nat({ max: small.length - 1 }),
    to: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(...new TextEncoder().encode('0123456789{}[],":eE-'))),
  });
  fc.assert(
    fc.property(fc.array(flip, { minLength: 1, maxLength: 4 }), (flips) => {
      const bytes = small.slice();
      for (const { at, to } of flips) bytes[at] = to;
      expectResultOrRefusal(bytes);
    }),
    { seed: 4, numRuns: 3000 },
  );
});

test("tensors that are halved take half the bytes, lie behind the others, and are read as the nearest F16", () => {
  const tensors: [string, Tensor][] = [
    ["a", tensor([3], Float32Array.of(0.1, -65504, 2 ** -24))],
    ["mean", tensor([2], Float32Array.of(0.1, 1e6))],
    ["b", tensor([1], Float32Array.of(1 + 2 ** -11))],
  ];
  const bytes = joinChunks(writeSafetensors(tensors, { network: "alexnet" }, { half: (name) => name !== "mean" }));
  const read = readSafetensors(bytes, "x.safetensors");
  expect(read.metadata).toEqual({ network: "alexnet" });
  expect([...read.tensors.keys()]).toEqual(["mean", "a", "b"]);
  expect(read.tensors.get("a")?.data).toEqual(Float32Array.of(0.0999755859375, -65504, 2 ** -24));
  expect(read.tensors.get("b")?.data).toEqual(Float32Array.of(1));
  expect(read.tensors.get("mean")?.data).toEqual(Float32Array.of(0.1, 1e6));
  expect(joinChunks(writeSafetensors(tensors, { network: "alexnet" })).length - bytes.length).toBeGreaterThanOrEqual(8);
  expect(() => writeSafetensors(tensors, {}, { half: () => true })).toThrow(
    '"mean" has the value 1000000, and 65504 is the largest of F16',
  );
});
