// Writes .caffemodel files of every generation for tests: no V0 or V1 files are available. Field numbers: caffe.proto.
import { floatToHalf } from "./half.ts";
import { bytesField, floatField, floatsField, joinChunks, textField, uintsField, varintField, type Chunks } from "./protobuf.ts";
import type { Shape } from "../tensor/shape.ts";

/** How a file lays its blobs down. */
export interface BlobStyle {
  /** num, channels, height and width, as before 2015, or a shape message. */
  readonly extents: "legacy" | "shape" | "shape unpacked";
  readonly values: "packed" | "unpacked" | "split" | "double" | "double unpacked" | "raw half" | "raw float" | "raw double";
}

export interface SampleBlob {
  readonly shape: Shape;
  readonly values: readonly number[];
}

export interface SampleLayer {
  readonly name: string;
  /** V2's word, V1's number or V0's word. */
  readonly type: string | number;
  readonly blobs: readonly SampleBlob[];
}

const extentFields: Readonly<Record<BlobStyle["extents"], (shape: Shape) => Chunks>> = {
  legacy: (shape) => [1, 1, 1, 1, ...shape].slice(-4).flatMap((extent, axis) => varintField(axis + 1, extent)),
  shape: (shape) => bytesField(7, uintsField(1, shape)),
  "shape unpacked": (shape) =>
    bytesField(
      7,
      shape.flatMap((extent) => varintField(1, extent)),
    ),
};

const packed = (values: readonly number[]): Chunks => floatsField(5, Float32Array.from(values));

const valueFields: Readonly<Record<BlobStyle["values"], (values: readonly number[]) => Chunks>> = {
  packed,
  unpacked: (values) => values.flatMap((value) => floatField(5, Float32Array.of(value))),
  split: (values) => [...packed(values.slice(0, 1)), ...packed(values.slice(1))],
  double: (values) => floatsField(8, Float64Array.from(values)),
  // NVIDIA's: the type in field 10, the bytes in field 12.
  "raw double": (values) => [...varintField(10, 0), ...floatsField(12, Float64Array.from(values))],
  "raw float": (values) => [...varintField(10, 1), ...floatsField(12, Float32Array.from(values))],
  "raw half": (values) => [...varintField(10, 2), ...bytesField(12, [new Uint8Array(Uint16Array.from(values, floatToHalf).buffer)])],
  "double unpacked": (values) => values.flatMap((value) => floatField(8, Float64Array.of(value))),
};

/** A BlobProto; with `diff`, which training files contain and readers skip. */
export const encodeBlob = ({ shape, values }: SampleBlob, style: BlobStyle): Chunks => [
  ...valueFields[style.values](values),
  ...floatsField(6, Float32Array.of(9, 9, 9)),
  ...extentFields[style.extents](shape),
];

export type Generation = "V0" | "V1" | "V2";

/** One layer as a field of the network. V1's name stands behind its blobs here: protobuf promises no order. */
function encodeLayer({ name, type, blobs }: SampleLayer, generation: Generation, style: BlobStyle): Chunks {
  const typeField = (number: number): Chunks => (typeof type === "string" ? textField(number, type) : varintField(number, type));
  const blobFields = (number: number): Chunks => blobs.flatMap((blob) => bytesField(number, encodeBlob(blob, style)));
  if (generation === "V0") return bytesField(2, bytesField(1, [...textField(1, name), ...typeField(2), ...blobFields(50)]));
  if (generation === "V1") return bytesField(2, [...textField(2, "bottom"), ...typeField(5), ...blobFields(6), ...textField(4, name)]);
  return bytesField(100, [...textField(1, name), ...typeField(2), ...textField(3, "bottom"), ...blobFields(7)]);
}

export const encodeCaffemodel = (name: string, layers: readonly SampleLayer[], generation: Generation, style: BlobStyle): Uint8Array =>
  joinChunks([...textField(1, name), ...layers.flatMap((layer) => encodeLayer(layer, generation, style))]);
