// The wire reader against hand-laid bytes (the encoding guide's examples), the writer against the reader.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  bytesField,
  fields,
  floatField,
  floatsField,
  floatsOf,
  joinChunks,
  messageOf,
  openMessage,
  textField,
  textOf,
  uintOf,
  uintsField,
  uintsOf,
  varintField,
  type Message,
} from "./protobuf.ts";

const open = (...bytes: number[]): Message => openMessage(Uint8Array.from(bytes), "x.bin");
const read = (message: Message) => [...fields(message)].map(({ number, wire, value }) => ({ number, wire, value }));

test("reads the examples of the encoding guide", () => {
  expect(read(open(0x08, 0x96, 0x01))).toEqual([{ number: 1, wire: 0, value: 150 }]);
  const text = open(0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67);
  expect([...fields(text)].map((field) => textOf(text, field, "b"))).toEqual(["testing"]);
  expect(uintsOf(open(0x32, 0x06, 0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05), 6, 1e6, 3, "f")).toEqual([3, 270, 86942]);
});

test.each([
  ["a varint without an end", [0x08, 0x96], "byte 1: a number is cut off by the end of its message"],
  ["a key without an end", [0x88], "byte 0: a number is cut off"],
  ["a varint of eleven bytes", [0x08, ...Array.from({ length: 10 }, () => 0xff), 0x01], "byte 1: a number is longer than 64 bits"],
  ["a varint of 65 bits", [0x08, ...Array.from({ length: 9 }, () => 0xff), 0x02], "byte 1: a number is longer than 64 bits"],
  ["a group", [0x0b, 0x0c], "byte 0: wire type 3 does not exist"],
  ["wire type 7", [0x0f], "byte 0: wire type 7 does not exist"],
  ["field number 0", [0x00, 0x01], "byte 0: field number 0 does not exist"],
  ["field number 2^29", [0x80, 0x80, 0x80, 0x80, 0x10, 0x01], "byte 0: field number 536870912 does not exist"],
  [
    "a length beyond the file",
    [0x08, 0x01, 0x12, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x00],
    "byte 2: field 2 claims 4294967295 bytes, but 1 are left",
  ],
  ["a fixed64 beyond the file", [0x09, 1, 2, 3], "byte 0: field 1 claims 8 bytes, but 3 are left"],
])("refuses %s and says where", (_, bytes, message) => {
  expect(() => read(open(...bytes))).toThrow(`x.bin: ${message}`);
});

test("a nested message may not reach beyond its own end", () => {
  const outer = open(0x0a, 0x02, 0x08, 0x96, 0x01);
  const [first] = fields(openMessage(outer.bytes.subarray(0, 4), "x.bin"));
  expect(() => read(messageOf(outer, first, "inner"))).toThrow("x.bin: byte 3: a number is cut off");
});

test("nesting is bounded", () => {
  const message = open(0x0a, 0x00);
  const [field] = fields(message);
  const descend = (): void => {
    for (let inner = message; ;) inner = messageOf(inner, field, "graph");
  };
  expect(descend).toThrow("x.bin: byte 0: graph is nested more than 64 deep");
});

test("typed access names what it wanted", () => {
  const message = open(0x08, 0x05);
  const [field] = fields(message);
  expect(() => textOf(message, field, "name")).toThrow("x.bin: byte 0: name has wire type 0, expected 2");
  expect(() => uintOf(message, field, 4, "axis")).toThrow("x.bin: byte 0: axis is 5, expected 0 to 4");
  expect(() => floatsOf(message, 1, 4, "data")).toThrow("x.bin: byte 0: data has wire type 0, expected 2");
  expect(() => floatsOf(open(0x0a, 0x03, 1, 2, 3), 1, 4, "data")).toThrow("x.bin: byte 0: data: 3 bytes are not a multiple of 4");
  expect(() => uintsOf(open(0x08, 1, 0x08, 2), 1, 9, 1, "dim")).toThrow("x.bin: byte 2: dim: more than 1 values");
  const long = openMessage(joinChunks(textField(1, "a".repeat(5000))), "x.bin");
  expect(() => [...fields(long)].map((each) => textOf(long, each, "name"))).toThrow("name is 5000 bytes long, expected at most 4096");
});

test("aligned packed floats are a view on the file, others a copy", () => {
  const values = Float32Array.of(1.5, -2, 3);
  const aligned = joinChunks([...bytesField(2, [new Uint8Array(0)]), ...floatsField(5, values)]);
  const view = floatsOf(openMessage(aligned, "x.bin"), 5, 4, "data");
  expect(view).toEqual(values);
  expect(view.buffer).toBe(aligned.buffer);
  const copy = floatsOf(openMessage(joinChunks(floatsField(5, values)), "x.bin"), 5, 4, "data");
  expect(copy).toEqual(values);
  expect(copy.byteLength).toBe(copy.buffer.byteLength);
});

test("what the writer writes the reader reads", () => {
  const uint = fc.oneof(fc.nat(), fc.maxSafeNat());
  fc.assert(
    fc.property(
      uint,
      fc.array(uint, { maxLength: 9 }),
      fc.string({ unit: "grapheme" }),
      fc.array(fc.float(), { maxLength: 9 }),
      (value, dims, text, floats) => {
        const packed = Float32Array.from(floats);
        const bytes = joinChunks([
          ...varintField(1, value),
          ...bytesField(2, uintsField(1, dims)),
          ...dims.flatMap((dim) => varintField(1000, dim)),
          ...textField(3, text),
          ...floatsField(4, packed),
          ...packed.reduce<Uint8Array[]>((chunks, each) => [...chunks, ...floatField(4, Float32Array.of(each))], []),
          ...floatsField(5, Float64Array.from(packed)),
        ]);
        const message = openMessage(bytes, "x.bin");
        const [first, second] = fields(message);
        const max = Number.MAX_SAFE_INTEGER;
        expect(uintOf(message, first, max, "value")).toBe(value);
        expect(uintsOf(messageOf(message, second, "shape"), 1, max, 9, "dims")).toEqual(dims);
        expect(uintsOf(message, 1000, max, 9, "dims")).toEqual(dims);
        expect([...fields(message)].filter(({ number }) => number === 3).map((field) => textOf(message, field, "text"))).toEqual([text]);
        expect(floatsOf(message, 4, 4, "floats")).toEqual(Float32Array.of(...packed, ...packed));
        expect(floatsOf(message, 5, 8, "doubles")).toEqual(packed);
      },
    ),
    { seed: 1 },
  );
});

test("the writer refuses numbers it cannot encode", () => {
  expect(() => varintField(1, -1)).toThrow("protobuf: -1 is not an unsigned integer below 2^53");
  expect(() => varintField(1, 0.5)).toThrow("protobuf: 0.5 is not");
});
