// Reads and writes safetensors: u64 header length, a JSON header, then the values, little-endian, without gaps.
// https://github.com/huggingface/safetensors#format. Shapes are the file's own; in files of ours, Caffe's order.
import { formatShape, sizeOf, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { fileError } from "./file-error.ts";
import { bfloatToFloat, floatToHalf, halfToFloat } from "./half.ts";

export interface Safetensors {
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order in which their values lie in the file. */
  readonly tensors: Map<string, Tensor>;
}

const LENGTH_BYTES = 8;
/** The header of a network takes tens of kilobytes; JSON can take thirty times its length in memory. */
const MAX_HEADER_BYTES = 4 * 2 ** 20;
const METADATA = "__metadata__";

/** Element types that hold weights, and how one element is read. */
const READERS: Readonly<Record<string, { readonly bytes: number; readonly read: (view: DataView, at: number) => number }>> = {
  F64: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  F32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  F16: { bytes: 2, read: (view, at) => halfToFloat(view.getUint16(at, true)) },
  BF16: { bytes: 2, read: (view, at) => bfloatToFloat(view.getUint16(at, true)) },
};

/** Element types of counters and masks, and their bytes: such tensors are passed over. */
const INTEGERS: Readonly<Record<string, number>> = { I64: 8, U64: 8, I32: 4, U32: 4, I16: 2, U16: 2, I8: 1, U8: 1, BOOL: 1 };

/** The last part of the names of parameters. */
const PARAMETER = /(^|[./])(weight|bias)$/;

interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: Shape;
  /** Bytes [begin, end) behind the header. */
  readonly begin: number;
  readonly end: number;
}

/** Whether the bytes begin as a safetensors file does: a header length with its high bytes zero, then an opening brace. */
export const looksLikeSafetensors = (bytes: Uint8Array): boolean =>
  bytes.length > LENGTH_BYTES && bytes[4] === 0 && bytes[5] === 0 && bytes[6] === 0 && bytes[7] === 0 && bytes[LENGTH_BYTES] === 0x7b;

/**
 * Reads F32, F16, BF16 and F64 tensors as float32 (F64 is rounded). Whole numbers that are not called weight or bias are passed over. F32 values that lie aligned in `bytes` are views on it, so
 * `bytes` must not be changed afterwards. Throws an Error that names the file where its header is damaged, a range lies outside
 * the file, overlaps another or leaves a gap, or a tensor has another element type.
 */
export function readSafetensors(bytes: Uint8Array, file: string): Safetensors {
  const { header, dataStart } = readHeader(bytes, file);
  const metadata = readMetadata(header[METADATA], file);
  const entries = Object.entries(header)
    .filter(([name]) => name !== METADATA)
    .map(([name, value]) => readEntry(name, value, file))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCoverage(entries, bytes.length - dataStart, file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbers = entries.filter(({ dtype }) => Object.hasOwn(READERS, dtype));
  const tensors = new Map(numbers.map((entry) => [entry.name, { shape: entry.shape, data: readValues(view, dataStart, entry) }]));
  return { metadata, tensors };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readHeader(bytes: Uint8Array, file: string): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length <= LENGTH_BYTES) throw fileError(file, `${bytes.length} bytes are too few for a safetensors file: cut off?`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  const left = Math.min(bytes.length - LENGTH_BYTES, MAX_HEADER_BYTES);
  if (length > left)
    throw fileError(file, `the header claims ${length} bytes, but at most ${left} are possible: not safetensors, or cut off`, 0);
  const dataStart = LENGTH_BYTES + length;
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(LENGTH_BYTES, dataStart)));
  } catch (cause) {
    throw fileError(file, `the header is not JSON (${(cause as Error).message})`, LENGTH_BYTES);
  }
  if (!isRecord(header)) throw fileError(file, "the header is not a JSON object", LENGTH_BYTES);
  return { header, dataStart };
}

function readMetadata(value: unknown, file: string): Record<string, string> {
  if (value === undefined) return {};
  if (!isRecord(value)) throw fileError(file, `${METADATA} is not an object of strings`);
  const entries = Object.entries(value).map(([key, text]): [string, string] => {
    if (typeof text !== "string") throw fileError(file, `${METADATA}: "${key}" is not a string`);
    return [key, text];
  });
  return Object.fromEntries(entries);
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function readEntry(name: string, value: unknown, file: string): Entry {
  const refuse = (problem: string): Error => fileError(file, `tensor "${name}": ${problem}`);
  if (!isRecord(value)) throw refuse("its header entry is not an object");
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== "string") throw refuse("no dtype");
  const size = Object.hasOwn(READERS, dtype) ? READERS[dtype].bytes : PARAMETER.test(name) ? undefined : INTEGERS[dtype];
  if (typeof size !== "number") throw refuse(`dtype ${dtype} is not a dtype of weights, expected ${Object.keys(READERS).join(", ")}`);
  if (!Array.isArray(shape) || !shape.every(isCount)) throw refuse("its shape is not a list of extents");
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) throw refuse("data_offsets is not [begin, end]");
  const [begin, end] = offsets;
  const wanted = sizeOf(shape) * size;
  if (end - begin !== wanted) throw refuse(`${formatShape(shape)} of ${dtype} takes ${wanted} bytes, data_offsets give ${end - begin}`);
  return { name, dtype, shape, begin, end };
}

/** Sorted ranges must tile the file's values: no hole, no overlap, nothing left over, nothing outside. */
function checkCoverage(entries: readonly Entry[], length: number, file: string): void {
  let at = 0;
  for (const { name, begin, end } of entries) {
    if (begin > at) throw fileError(file, `nothing describes value bytes ${at} to ${begin}, before tensor "${name}"`);
    if (begin < at) throw fileError(file, `tensor "${name}" overlaps another: it begins at value byte ${begin}, expected ${at}`);
    at = end;
  }
  if (at > length) throw fileError(file, `tensors take ${at} value bytes, the file has ${length}: cut off?`);
  if (at < length) throw fileError(file, `${length - at} bytes are left over after the last tensor`);
}

function readValues(view: DataView, dataStart: number, { dtype, shape, begin }: Entry): Float32Array {
  const at = dataStart + begin;
  if (dtype === "F32" && (view.byteOffset + at) % 4 === 0) return new Float32Array(view.buffer, view.byteOffset + at, sizeOf(shape));
  const { bytes, read } = READERS[dtype];
  const values = new Float32Array(sizeOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = read(view, at + i * bytes);
  return values;
}

export interface WriteOptions {
  /** Whether a tensor is stored as F16, rounded to nearest, ties to even. Default: none is. */
  readonly half?: (name: string) => boolean;
}

/**
 * Encodes float32 tensors: a header, then views on the tensors' own memory, copied only to become F16; write the chunks in order. Names and
 * metadata are sorted, F16 tensors last, and the header is padded to 8 bytes, so that the same content gives the same bytes and values lie aligned.
 * Throws, naming the tensor, where a finite value is too large for F16.
 */
export function writeSafetensors(
  tensors: Iterable<readonly [string, Tensor]>,
  metadata: Readonly<Record<string, string>> = {},
  { half = () => false }: WriteOptions = {},
): Uint8Array[] {
  const byName = <T>([a]: readonly [string, T], [b]: readonly [string, T]): number => (a < b ? -1 : a > b ? 1 : 0);
  const stored = [...tensors].map(([name, value]) => [name, half(name) ? halved(name, value) : value] as const);
  const sorted = stored.sort((a, b) => Number(a[1].data instanceof Uint16Array) - Number(b[1].data instanceof Uint16Array) || byName(a, b));
  const names = new Set([METADATA]);
  let at = 0;
  // Joined by hand: a JavaScript object would move names such as "1" to the front.
  const entries = sorted.map(([name, { shape, data }]) => {
    if (names.has(name)) throw new Error(`safetensors: "${name}" cannot be the name of a tensor: it is reserved`);
    names.add(name);
    const begin = at;
    at += data.byteLength;
    const dtype = data instanceof Uint16Array ? "F16" : "F32";
    return `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, at] })}`;
  });
  const texts = Object.entries(metadata)
    .sort(byName)
    .map(([key, text]) => `${JSON.stringify(key)}:${JSON.stringify(text)}`);
  if (texts.length > 0) entries.unshift(`${JSON.stringify(METADATA)}:{${texts.join(",")}}`);
  const json = new TextEncoder().encode(`{${entries.join(",")}}`);
  const padded = Math.ceil(json.length / 8) * 8;
  if (padded > MAX_HEADER_BYTES) throw new Error(`safetensors: a header of ${padded} bytes is over the limit of ${MAX_HEADER_BYTES}`);
  const header = new Uint8Array(LENGTH_BYTES + padded).fill(0x20, LENGTH_BYTES);
  new DataView(header.buffer).setUint32(0, padded, true);
  header.set(json, LENGTH_BYTES);
  return [header, ...sorted.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength))];
}

/** A tensor's values as bit patterns of F16. */
function halved(name: string, { shape, data }: Tensor): { readonly shape: Shape; readonly data: Uint16Array } {
  const large = data.find((value) => Math.abs(value) >= 65520 && Number.isFinite(value));
  if (large !== undefined) throw new Error(`safetensors: "${name}" has the value ${large}, and 65504 is the largest of F16`);
  return { shape, data: Uint16Array.from(data, floatToHalf) };
}
