// Caffe's files of every generation, written by caffemodel-samples.ts; genuine ones are read in real-files.test.ts.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { encodeBlob, encodeCaffemodel, type BlobStyle, type Generation, type SampleLayer } from "./caffemodel-samples.ts";
import { readBinaryproto, readCaffemodel } from "./caffemodel.ts";
import { bytesField, floatsField, joinChunks, textField, uintsField, varintField } from "./protobuf.ts";

const conv = { shape: [2, 1, 1, 3], values: [1, -2, 3.5, 4, 5, 6] };
const bias = { shape: [2], values: [0.25, -0.5] };
const fc1 = { shape: [2, 2], values: [1, 2, 3, 4] };

const types: Record<Generation, readonly [conv: string | number, innerProduct: string | number, strange: string | number]> = {
  V0: ["conv", "innerproduct", "toString"],
  V1: [4, 14, 999],
  V2: ["Convolution", "InnerProduct", "PReLU"],
};

const sample = (generation: Generation): SampleLayer[] => [
  { name: "conv1", type: types[generation][0], blobs: [conv, bias] },
  { name: "loss3/classifier", type: types[generation][1], blobs: [fc1] },
  { name: "strange", type: types[generation][2], blobs: [] },
];

const generations: readonly Generation[] = ["V0", "V1", "V2"];
const extents: readonly BlobStyle["extents"][] = ["legacy", "shape", "shape unpacked"];
const encodings: readonly BlobStyle["values"][] = [
  "packed",
  "unpacked",
  "split",
  "double",
  "double unpacked",
  "raw half",
  "raw float",
  "raw double",
];
const styles = generations.flatMap((generation) =>
  extents.flatMap((extent) => encodings.map((values) => [generation, extent, values] as const)),
);

test.each(styles)("reads %s layers with %s extents and %s values", (generation, extents, values) => {
  const net = readCaffemodel(encodeCaffemodel("toy", sample(generation), generation, { extents, values }), "toy.caffemodel");
  expect(net.name).toBe("toy");
  expect(net.layers.map(({ name, type }) => [name, type])).toEqual([
    ["conv1", "Convolution"],
    ["loss3/classifier", "InnerProduct"],
    ["strange", String(types[generation][2])],
  ]);
  const legacy = extents === "legacy";
  expect(net.layers.map(({ blobs }) => blobs.map(({ shape }) => shape))).toEqual([
    [[2, 1, 1, 3], legacy ? [1, 1, 1, 2] : [2]],
    [legacy ? [1, 1, 2, 2] : [2, 2]],
    [],
  ]);
  expect(net.layers.flatMap(({ blobs }) => blobs.map(({ data }) => [...data]))).toEqual([conv.values, bias.values, fc1.values]);
});

test("a mean image comes back with its four extents", () => {
  const blob = { shape: [1, 3, 1, 2], values: [1, 2, 3, 4, 5, 6] };
  const mean = readBinaryproto(joinChunks(encodeBlob(blob, { extents: "legacy", values: "packed" })), "mean.binaryproto");
  expect(mean.shape).toEqual([1, 3, 1, 2]);
  expect([...mean.data]).toEqual(blob.values);
  const flat = joinChunks(encodeBlob({ shape: [2, 3], values: blob.values }, { extents: "shape", values: "packed" }));
  expect(() => readBinaryproto(flat, "mean.binaryproto")).toThrow(
    "mean.binaryproto: mean image is [2, 3], expected [1, channels, height, width]",
  );
  expect(() => readBinaryproto(new Uint8Array(0), "mean.binaryproto")).toThrow(
    "mean.binaryproto: byte 0: mean image: shape [] needs 1 values",
  );
});

const layer = (...blob: (readonly Uint8Array[])[]): Uint8Array =>
  joinChunks(bytesField(100, [...textField(1, "fc6"), ...bytesField(7, blob.flat())]));

test.each([
  [
    "a shape of 4 GB in a file of 1 KB",
    layer(bytesField(7, uintsField(1, [32768, 32768])), floatsField(5, new Float32Array(250))),
    'layer "fc6" blob 0: shape [32768, 32768] needs 1073741824 values, the file has 250',
  ],
  [
    "legacy extents of 4 GB",
    layer(varintField(1, 1024), varintField(2, 1024), varintField(3, 1024), varintField(4, 1), floatsField(5, new Float32Array(250))),
    "shape [1024, 1024, 1024, 1] needs 1073741824 values, the file has 250",
  ],
  [
    "a negative extent",
    layer([Uint8Array.of(8), Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 255, 1)]),
    "extent is 18446744073709552000",
  ],
  [
    "40 axes",
    layer(
      bytesField(
        7,
        uintsField(
          1,
          Array.from({ length: 40 }, () => 1),
        ),
      ),
    ),
    'layer "fc6" blob 0: extent: more than 32 values',
  ],
  ["values without a shape", layer(floatsField(5, new Float32Array(2))), "shape [] needs 1 values, the file has 2"],
  [
    "raw values of a type that nobody knows",
    layer(bytesField(7, uintsField(1, [2])), varintField(10, 3), bytesField(12, [new Uint8Array(2)])),
    'layer "fc6" blob 0: raw_data of type 3, expected half, float or double; write the file with store_blobs_in_old_format',
  ],
  [
    "raw values cut off",
    layer(bytesField(7, uintsField(1, [2])), varintField(10, 1), bytesField(12, [new Uint8Array(7)])),
    "raw_data: 7 bytes are not a multiple of 4",
  ],
  ["a TensorFlow graph", joinChunks([...textField(1, "Placeholder"), ...textField(1, "conv1")]), "no layers: a TensorFlow graph"],
  ["17 blobs", joinChunks(bytesField(100, Array.from({ length: 17 }, () => bytesField(7, [])).flat())), "more than 16 blobs"],
  ["10,001 layers", joinChunks(Array.from({ length: 10_001 }, () => bytesField(100, [])).flat()), "more than 10000 layers"],
  [
    "old and new layers together",
    joinChunks([...bytesField(2, []), ...bytesField(100, [])]),
    'has both old ("layers") and new ("layer") layers',
  ],
  ["no layers", joinChunks(textField(1, "toy")), "no layers: not a .caffemodel, or cut off"],
  ["nothing at all", new Uint8Array(0), "no layers: not a .caffemodel"],
])("refuses %s and says why", (_, bytes, message) => {
  expect(() => readCaffemodel(bytes, "bad.caffemodel")).toThrow(message);
  expect(() => readCaffemodel(bytes, "bad.caffemodel")).toThrow(/^bad\.caffemodel: /);
});

/** Reads damaged bytes: all is well if that succeeds or ends in a plain Error that names the file. */
function expectResultOrRefusal(bytes: Uint8Array): void {
  try {
    const values = readCaffemodel(bytes, "bad.caffemodel").layers.flatMap(({ blobs }) => blobs.map(({ data }) => data.length));
    expect(values.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(bytes.length / 4);
  } catch (error) {
    expect((error as Error).constructor).toBe(Error);
    expect((error as Error).message).toMatch(/^bad\.caffemodel: /);
  }
}

test.each(generations)("a %s file cut off anywhere is read or refused", (generation) => {
  const whole = encodeCaffemodel("toy", sample(generation), generation, { extents: "legacy", values: "packed" });
  for (let length = 0; length < whole.length; length++) expectResultOrRefusal(whole.slice(0, length));
});

test("damaged bytes are read or refused", () => {
  const files = styles.map(([generation, extents, values]) => encodeCaffemodel("toy", sample(generation), generation, { extents, values }));
  const flip = fc.record({ at: fc.nat({ max: 9999 }), to: fc.integer({ min: 0, max: 255 }) });
  fc.assert(
    fc.property(fc.constantFrom(...files), fc.array(flip, { minLength: 1, maxLength: 4 }), (file, flips) => {
      const bytes = file.slice();
      for (const { at, to } of flips) bytes[at % bytes.length] = to;
      expectResultOrRefusal(bytes);
    }),
    { seed: 2, numRuns: 3000 },
  );
});
