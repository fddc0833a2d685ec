// Reads Caffe's binary files: .caffemodel in its three generations (V0, V1 "layers", V2 "layer") and .binaryproto mean images.
// Field numbers: BVLC/caffe src/caffe/proto/caffe.proto; raw values as NVIDIA's Caffe 0.15 and later (DIGITS 6) writes them. Blobs keep Caffe's order (filters out, in, kh, kw; inner products out, in).
import { formatShape, sizeOf, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { fileError } from "./file-error.ts";
import { halfToFloat } from "./half.ts";
import { fields, floatsOf, messageOf, openMessage, textOf, uintOf, uintsOf, WIRE, type Field, type Message } from "./protobuf.ts";

interface CaffeLayer {
  readonly name: string;
  /** In V2's words ("Convolution", "InnerProduct") whatever the file's generation; unknown old types as the file has them. */
  readonly type: string;
  /** Weight, then bias. Legacy files give four extents: [1, 1, 1, out] for a bias, [1, 1, out, in] for an inner product. */
  readonly blobs: readonly Tensor[];
}

export interface CaffeNet {
  readonly name: string;
  readonly layers: readonly CaffeLayer[];
}

// Far above any network, and low enough that a hostile file of empty messages costs little memory.
const MAX_LAYERS = 10_000;
const MAX_BLOBS = 16;
const MAX_AXES = 32;
const MAX_EXTENT = 2 ** 31 - 1;

const NET = { name: 1, layersV1: 2, layerV2: 100 } as const;
const BLOB = { legacyExtents: 4, data: 5, shape: 7, doubleData: 8, rawType: 10, raw: 12 } as const;

/** NVIDIA's types of raw values. */
const RAW_TYPES: Readonly<Record<number, { readonly bytes: number; readonly read: (view: DataView, at: number) => number }>> = {
  0: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  1: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  2: { bytes: 2, read: (view, at) => halfToFloat(view.getUint16(at, true)) },
};
const SHAPE_DIM = 1;

/** Field numbers of a layer in one generation. */
interface Generation {
  readonly name: number;
  readonly type: number;
  readonly blobs: number;
  readonly typeNames: Readonly<Record<string, string>>;
  /** A layer of an older generation inside this one. */
  readonly inner?: { readonly number: number; readonly generation: Generation };
}

const V0: Generation = {
  name: 1,
  type: 2,
  blobs: 50,
  typeNames: { conv: "Convolution", innerproduct: "InnerProduct", pool: "Pooling", lrn: "LRN", relu: "ReLU", dropout: "Dropout" },
};

const V1: Generation = {
  name: 4,
  type: 5,
  blobs: 6,
  typeNames: {
    1: "Accuracy",
    3: "Concat",
    4: "Convolution",
    5: "Data",
    6: "Dropout",
    14: "InnerProduct",
    15: "LRN",
    17: "Pooling",
    18: "ReLU",
    20: "Softmax",
    21: "SoftmaxWithLoss",
    22: "Split",
  },
  inner: { number: 1, generation: V0 },
};

const V2: Generation = { name: 1, type: 2, blobs: 7, typeNames: {} };

interface LayerDraft {
  name: string;
  type: string;
  blobs: Message[];
}

/**
 * Reads a .caffemodel. Values that lie aligned in `bytes` are views on it, so `bytes` must not be changed afterwards.
 * Throws an Error that names the file where it is damaged, claims more than it holds, or is not a .caffemodel.
 */
export function readCaffemodel(bytes: Uint8Array, file: string): CaffeNet {
  const root = openMessage(bytes, file);
  let name = "";
  let names = 0;
  const layers: CaffeLayer[] = [];
  let generation: Generation | undefined;
  for (const field of fields(root)) {
    if (field.number === NET.name && ++names === 1) name = textOf(root, field, "the network's name");
    if (field.number !== NET.layersV1 && field.number !== NET.layerV2) continue;
    const own = field.number === NET.layerV2 ? V2 : V1;
    if (generation !== undefined && own !== generation) {
      throw fileError(file, `has both old ("layers") and new ("layer") layers: expected one kind`, field.at);
    }
    generation = own;
    if (layers.length === MAX_LAYERS) throw fileError(file, `more than ${MAX_LAYERS} layers`, field.at);
    layers.push(readLayer(messageOf(root, field, `layer ${layers.length}`), own));
  }
  if (layers.length === 0)
    throw fileError(
      file,
      names > 1 ? "no layers: a TensorFlow graph? Expected .caffemodel or .safetensors" : "no layers: not a .caffemodel, or cut off",
    );
  return { name, layers };
}

/** Reads a mean image, [1, channels, height, width] with BGR planes; the same rules as readCaffemodel. */
export function readBinaryproto(bytes: Uint8Array, file: string): Tensor {
  const mean = readBlob(openMessage(bytes, file), "mean image");
  if (mean.shape.length !== 4 || mean.data.length === 0) {
    throw fileError(file, `mean image is ${formatShape(mean.shape)}, expected [1, channels, height, width]`);
  }
  return mean;
}

function readLayer(message: Message, generation: Generation): CaffeLayer {
  const draft: LayerDraft = { name: "", type: "", blobs: [] };
  collectLayer(message, generation, draft);
  const { name, type } = draft;
  return { name, type, blobs: draft.blobs.map((blob, index) => readBlob(blob, `layer "${name}" blob ${index}`)) };
}

/** Blobs are read after their layer's name, which V1 files may put behind them: errors must name the place. */
function collectLayer(message: Message, generation: Generation, draft: LayerDraft): void {
  for (const field of fields(message)) {
    if (field.number === generation.name) draft.name = textOf(message, field, "a layer's name");
    else if (field.number === generation.type) draft.type = layerType(message, field, generation);
    else if (field.number === generation.blobs) {
      if (draft.blobs.length === MAX_BLOBS) throw fileError(message.file, `layer "${draft.name}": more than ${MAX_BLOBS} blobs`, field.at);
      draft.blobs.push(messageOf(message, field, `layer "${draft.name}" blob ${draft.blobs.length}`));
    } else if (field.number === generation.inner?.number) {
      collectLayer(messageOf(message, field, "a layer's V0 part"), generation.inner.generation, draft);
    }
  }
}

function layerType(message: Message, field: Field, { typeNames }: Generation): string {
  const type = field.wire === WIRE.varint ? String(field.value) : textOf(message, field, "a layer's type");
  return Object.hasOwn(typeNames, type) ? typeNames[type] : type;
}

/** If any legacy extent is present the four of them are the shape, else the shape message is (Caffe's Blob::FromProto). */
function readBlob(message: Message, where: string): Tensor {
  const legacy = [0, 0, 0, 0];
  let isLegacy = false;
  const dims: number[] = [];
  let rawType = 0;
  let raw: Message | null = null;
  for (const field of fields(message)) {
    if (field.number <= BLOB.legacyExtents) {
      legacy[field.number - 1] = uintOf(message, field, MAX_EXTENT, `${where}: extent`);
      isLegacy = true;
    } else if (field.number === BLOB.shape) {
      const shape = messageOf(message, field, `${where}: shape`);
      dims.push(...uintsOf(shape, SHAPE_DIM, MAX_EXTENT, MAX_AXES - dims.length, `${where}: extent`));
    } else if (field.number === BLOB.rawType) rawType = uintOf(message, field, MAX_EXTENT, `${where}: raw_data_type`);
    else if (field.number === BLOB.raw) raw = messageOf(message, field, `${where}: raw_data`);
  }
  const shape: Shape = isLegacy ? legacy : dims;
  const doubles = floatsOf(message, BLOB.doubleData, 8, `${where}: double_data`);
  const floats = doubles.length > 0 ? doubles : floatsOf(message, BLOB.data, 4, `${where}: data`);
  const data = raw && floats.length === 0 ? rawValues(raw, rawType, where) : floats;
  if (sizeOf(shape) !== data.length) {
    throw fileError(
      message.file,
      `${where}: shape ${formatShape(shape)} needs ${sizeOf(shape)} values, the file has ${data.length}`,
      message.start,
    );
  }
  return { shape, data };
}

function rawValues({ file, view, start, end }: Message, type: number, where: string): Float32Array {
  const reader = RAW_TYPES[type];
  if (!reader) {
    throw fileError(
      file,
      `${where}: raw_data of type ${type}, expected half, float or double; write the file with store_blobs_in_old_format`,
      start,
    );
  }
  const length = end - start;
  if (length % reader.bytes !== 0)
    throw fileError(file, `${where}: raw_data: ${length} bytes are not a multiple of ${reader.bytes}`, start);
  return Float32Array.from({ length: length / reader.bytes }, (_, i) => reader.read(view, start + i * reader.bytes));
}
