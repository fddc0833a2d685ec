// Tensors of an ONNX file as numbers on the host: float32 values, or whole numbers that shapes are computed of.
import { sizeOf } from "../tensor/shape.ts";
import { bfloatToFloat, halfToFloat } from "../weights/half.ts";
import { fileError } from "../weights/file-error.ts";
import { fields, floatsOf, intsOf, messageOf, textOf, uintOf, WIRE, type Field, type Message } from "../weights/protobuf.ts";
import { DATA_TYPE, dataTypeName, TENSOR } from "./wire.ts";

/** Float values are float32; whole numbers are doubles and exact. */
export type HostTensor = { readonly dims: readonly number[] } & (
  | { readonly kind: "float"; readonly data: Float32Array }
  | { readonly kind: "int"; readonly data: Float64Array }
);

export const floatTensor = (dims: readonly number[], data: Float32Array): HostTensor => ({ dims, kind: "float", data });
export const intTensor = (dims: readonly number[], data: ArrayLike<number>): HostTensor => ({
  dims,
  kind: "int",
  data: Float64Array.from(data),
});

/** The values as float32. */
export const asFloats = ({ data }: HostTensor): Float32Array => (data instanceof Float32Array ? data : Float32Array.from(data));

const MAX_RANK = 16;
/** Elements that a tensor may have: what one array holds. */
const MAX_ELEMENTS = 2 ** 31 - 1;

/** A TensorProto: its name and its values. Throws, naming it, where its data is elsewhere, of a type that is not read, or not as long as its shape says. */
export function readTensor(message: Message): { readonly name: string; readonly tensor: HostTensor } {
  const all = [...fields(message)];
  const one = (number: number): Field | undefined => all.findLast((field) => field.number === number);
  const nameField = one(TENSOR.name);
  const name = nameField ? textOf(message, nameField, "a tensor's name") : "";
  const what = `tensor "${name}"`;
  const typeField = one(TENSOR.type);
  const type = typeField ? uintOf(message, typeField, 2 ** 31, `${what}: data type`) : 0;
  const dims = intsOf(message, TENSOR.dims, MAX_RANK, `${what}: dims`);
  if (dims.some((extent) => extent < 0) || sizeOf(dims) > MAX_ELEMENTS)
    throw fileError(message.file, `${what} claims the shape [${dims.join(", ")}]`, message.start);
  const location = one(TENSOR.location);
  if (one(TENSOR.external) || (location && location.value !== 0))
    throw fileError(message.file, `${what} lies in another file (external data), which is not read: save the model with its data inside`);
  if (one(TENSOR.segment)) throw fileError(message.file, `${what} is a segment of a tensor, which is not read`);
  const data = valuesOf(message, { what, type, size: sizeOf(dims) });
  const tensor: HostTensor = data instanceof Float32Array ? { dims, kind: "float", data } : { dims, kind: "int", data };
  return { name, tensor };
}

interface Described {
  readonly what: string;
  readonly type: number;
  readonly size: number;
}

/** Float32 values of a tensor of floats, doubles of one of whole numbers. */
function valuesOf(message: Message, { what, type, size }: Described): Float32Array | Float64Array<ArrayBuffer> {
  const fitting = <T extends { readonly length: number }>(values: T): T => {
    if (values.length !== size) throw fileError(message.file, `${what} has ${values.length} values, its shape says ${size}`, message.start);
    return values;
  };
  const raw = rawOf(message, what);
  switch (type) {
    case DATA_TYPE.float:
      return fitting(floatsOf(message, raw ? TENSOR.raw : TENSOR.floats, 4, what));
    case DATA_TYPE.double:
      return fitting(floatsOf(message, raw ? TENSOR.raw : TENSOR.doubles, 8, what));
    case DATA_TYPE.float16:
    case DATA_TYPE.bfloat16: {
      const toFloat = type === DATA_TYPE.float16 ? halfToFloat : bfloatToFloat;
      const bits = raw ? words(raw, 2, what, (view, at) => view.getUint16(at, true)) : intsOf(message, TENSOR.int32s, size, what);
      return fitting(Float32Array.from(bits, toFloat));
    }
    case DATA_TYPE.int64:
      return fitting(
        raw ? words(raw, 8, what, (view, at) => exact(view.getBigInt64(at, true), raw, what)) : doubles(message, TENSOR.int64s, size, what),
      );
    case DATA_TYPE.int32:
      return fitting(raw ? words(raw, 4, what, (view, at) => view.getInt32(at, true)) : doubles(message, TENSOR.int32s, size, what));
    case DATA_TYPE.int8:
      return fitting(raw ? words(raw, 1, what, (view, at) => view.getInt8(at)) : doubles(message, TENSOR.int32s, size, what));
    case DATA_TYPE.uint8:
    case DATA_TYPE.bool:
      return fitting(raw ? words(raw, 1, what, (view, at) => view.getUint8(at)) : doubles(message, TENSOR.int32s, size, what));
    default:
      throw fileError(message.file, `${what} holds ${dataTypeName(type)}, expected float, float16, double or whole numbers`, message.start);
  }
}

const doubles = (message: Message, number: number, limit: number, what: string): Float64Array<ArrayBuffer> =>
  Float64Array.from(intsOf(message, number, limit, what));

function rawOf(message: Message, what: string): Message | undefined {
  const field = [...fields(message)].findLast(({ number }) => number === TENSOR.raw);
  if (!field) return undefined;
  if (field.wire !== WIRE.bytes) throw fileError(message.file, `${what}: raw data has wire type ${field.wire}`, field.at);
  return messageOf(message, field, what);
}

function words(raw: Message, bytesEach: number, what: string, read: (view: DataView, at: number) => number): Float64Array<ArrayBuffer> {
  const length = raw.end - raw.start;
  if (length % bytesEach !== 0)
    throw fileError(raw.file, `${what}: ${length} bytes of raw data are not a multiple of ${bytesEach}`, raw.start);
  const values = new Float64Array(length / bytesEach);
  for (let i = 0; i < values.length; i++) values[i] = read(raw.view, raw.start + i * bytesEach);
  return values;
}

function exact(value: bigint, raw: Message, what: string): number {
  const number = Number(value);
  // The largest 64-bit numbers stand for "to the end" in slices; as doubles they still do.
  if (!Number.isSafeInteger(number) && Math.abs(number) < 2 ** 62)
    throw fileError(raw.file, `${what} holds a number beyond 2^53`, raw.start);
  return number;
}
