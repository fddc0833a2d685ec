// Protocol buffers on the wire (https://protobuf.dev/programming-guides/encoding): a bounded reader over a file's bytes, and a
// writer that gives chunks, so that large payloads are never copied. A length is checked against the file before anything is
// allocated for it. Numbers are doubles: exact to 2^53, so files over 2 GiB are read. Hosts are little-endian, as WebGPU's are.
import { fileError } from "./file-error.ts";

/** How a field's payload is laid down. Groups (3 and 4) are obsolete and refused. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const MAX_DEPTH = 64;
const MAX_VARINT_BYTES = 10;
const MAX_FIELD_NUMBER = 2 ** 29 - 1;
const MAX_TEXT_BYTES = 4096;

/** A message: the bytes [start, end) of a file. */
export interface Message {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly start: number;
  readonly end: number;
  readonly depth: number;
}

export interface Field {
  readonly number: number;
  /** One of WIRE. */
  readonly wire: number;
  /** File offset of the field's key, for error messages. */
  readonly at: number;
  /** A varint's value as an unsigned number, inexact above 2^53; 0 on other wires. */
  readonly value: number;
  /** The payload: bytes [start, end) of the file. */
  readonly start: number;
  readonly end: number;
}

interface Cursor {
  at: number;
}

/** A whole file as one message. */
export function openMessage(bytes: Uint8Array, file: string): Message {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { file, bytes, view, start: 0, end: bytes.length, depth: 0 };
}

function readVarint({ file, bytes, end }: Message, cursor: Cursor): number {
  const start = cursor.at;
  let value = 0;
  let scale = 1;
  for (let count = 1; count <= MAX_VARINT_BYTES; count++, scale *= 128) {
    if (cursor.at >= end) throw fileError(file, "a number is cut off by the end of its message", start);
    const byte = bytes[cursor.at++];
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      if (count === MAX_VARINT_BYTES && byte > 1) break;
      return value;
    }
  }
  throw fileError(file, "a number is longer than 64 bits", start);
}

function payloadLength(message: Message, wire: number, cursor: Cursor, at: number): number {
  switch (wire) {
    case WIRE.fixed64:
      return 8;
    case WIRE.fixed32:
      return 4;
    case WIRE.bytes:
      return readVarint(message, cursor);
    default:
      throw fileError(message.file, `wire type ${wire} does not exist in these files: not protobuf, or damaged`, at);
  }
}

/** The fields of a message in file order; throws where the bytes are not protobuf. */
export function* fields(message: Message): Generator<Field, void, void> {
  const cursor: Cursor = { at: message.start };
  while (cursor.at < message.end) {
    const at = cursor.at;
    const key = readVarint(message, cursor);
    const wire = key % 8;
    const number = (key - wire) / 8;
    if (number < 1 || number > MAX_FIELD_NUMBER) throw fileError(message.file, `field number ${number} does not exist`, at);
    if (wire === WIRE.varint) {
      const start = cursor.at;
      const value = readVarint(message, cursor);
      yield { number, wire, at, value, start, end: cursor.at };
      continue;
    }
    const length = payloadLength(message, wire, cursor, at);
    const left = message.end - cursor.at;
    if (length > left) throw fileError(message.file, `field ${number} claims ${length} bytes, but ${left} are left`, at);
    const start = cursor.at;
    cursor.at += length;
    yield { number, wire, at, value: 0, start, end: cursor.at };
  }
}

function expectWire({ file }: Message, field: Field, wire: number, what: string): void {
  if (field.wire !== wire) throw fileError(file, `${what} has wire type ${field.wire}, expected ${wire}`, field.at);
}

/** A field as a message within this one. */
export function messageOf(parent: Message, field: Field, what: string): Message {
  expectWire(parent, field, WIRE.bytes, what);
  if (parent.depth === MAX_DEPTH) throw fileError(parent.file, `${what} is nested more than ${MAX_DEPTH} deep`, field.at);
  return { ...parent, start: field.start, end: field.end, depth: parent.depth + 1 };
}

/** A field as UTF-8 text of at most `maxBytes`; invalid UTF-8 becomes replacement characters. */
export function textOf(message: Message, field: Field, what: string, maxBytes = MAX_TEXT_BYTES): string {
  expectWire(message, field, WIRE.bytes, what);
  const length = field.end - field.start;
  if (length > maxBytes) throw fileError(message.file, `${what} is ${length} bytes long, expected at most ${maxBytes}`, field.at);
  return new TextDecoder().decode(message.bytes.subarray(field.start, field.end));
}

/** A varint field as a number in [0, max]. */
export function uintOf(message: Message, field: Field, max: number, what: string): number {
  expectWire(message, field, WIRE.varint, what);
  if (field.value > max) throw fileError(message.file, `${what} is ${field.value}, expected 0 to ${max}`, field.at);
  return field.value;
}

/** A repeated varint field, packed or not, as numbers in [0, max]; at most `limit` of them. */
export function uintsOf(message: Message, number: number, max: number, limit: number, what: string): number[] {
  const values: number[] = [];
  const push = (value: number, at: number): void => {
    if (value > max) throw fileError(message.file, `${what} is ${value}, expected 0 to ${max}`, at);
    if (values.length === limit) throw fileError(message.file, `${what}: more than ${limit} values`, at);
    values.push(value);
  };
  for (const field of fields(message)) {
    if (field.number !== number) continue;
    if (field.wire === WIRE.varint) {
      push(field.value, field.at);
      continue;
    }
    const packed = messageOf(message, field, what);
    const cursor: Cursor = { at: packed.start };
    while (cursor.at < packed.end) push(readVarint(packed, cursor), field.at);
  }
  return values;
}

/** A varint field as a signed 64-bit number. Throws unless it is exact as a double: within 2^53 of 0. */
export function intOf(message: Message, field: Field, what: string): number {
  expectWire(message, field, WIRE.varint, what);
  return signedVarint(message, { at: field.start }, what);
}

/** A repeated signed varint field, packed or not; at most `limit` of them. */
export function intsOf(message: Message, number: number, limit: number, what: string): number[] {
  const values: number[] = [];
  const push = (value: number, at: number): void => {
    if (values.length === limit) throw fileError(message.file, `${what}: more than ${limit} values`, at);
    values.push(value);
  };
  for (const field of fields(message)) {
    if (field.number !== number) continue;
    if (field.wire === WIRE.varint) {
      push(intOf(message, field, what), field.at);
      continue;
    }
    const packed = messageOf(message, field, what);
    const cursor: Cursor = { at: packed.start };
    while (cursor.at < packed.end) push(signedVarint(packed, cursor, what), field.at);
  }
  return values;
}

/** A varint in two's complement of 64 bits: a negative one has ten bytes. */
function signedVarint(message: Message, cursor: Cursor, what: string): number {
  const start = cursor.at;
  const value = readVarint(message, cursor);
  if (value <= Number.MAX_SAFE_INTEGER) return value;
  // -1 minus the complement of its bits, which is small where the number is.
  let complement = 0;
  for (let at = start, scale = 1; at < Math.min(cursor.at, start + 9); at++, scale *= 128)
    complement += (~message.bytes[at] & 0x7f) * scale;
  if (cursor.at - start < MAX_VARINT_BYTES || complement >= Number.MAX_SAFE_INTEGER)
    throw fileError(message.file, `${what} is beyond 2^53`, start);
  return -1 - complement;
}

/**
 * A repeated float (4 bytes) or double (8 bytes, rounded to float32) field, packed or not. One packed run of floats that lies
 * aligned in memory comes back as a view on the file's bytes, anything else as a copy no larger than its bytes in the file.
 */
export function floatsOf(message: Message, number: number, bytesEach: 4 | 8, what: string): Float32Array {
  const { file, bytes, view } = message;
  const single = bytesEach === 4 ? WIRE.fixed32 : WIRE.fixed64;
  let count = 0;
  let runs = 0;
  let last = 0;
  for (const field of fields(message)) {
    if (field.number !== number) continue;
    if (field.wire !== single) expectWire(message, field, WIRE.bytes, what);
    const length = field.end - field.start;
    if (length % bytesEach !== 0) throw fileError(file, `${what}: ${length} bytes are not a multiple of ${bytesEach}`, field.at);
    count += length / bytesEach;
    runs++;
    last = field.start;
  }
  if (runs === 1 && bytesEach === 4 && (bytes.byteOffset + last) % 4 === 0) {
    return new Float32Array(bytes.buffer, bytes.byteOffset + last, count);
  }

  const values = new Float32Array(count);
  const target = new Uint8Array(values.buffer);
  let to = 0;
  for (const field of fields(message)) {
    if (field.number !== number) continue;
    if (bytesEach === 4 && field.wire === WIRE.bytes) {
      target.set(bytes.subarray(field.start, field.end), to * 4);
      to += (field.end - field.start) / 4;
      continue;
    }
    for (let from = field.start; from < field.end; from += bytesEach) {
      values[to++] = bytesEach === 4 ? view.getFloat32(from, true) : view.getFloat64(from, true);
    }
  }
  return values;
}

/** Encoded bytes in order, not yet joined into one piece. */
export type Chunks = readonly Uint8Array[];

function encodeVarint(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`protobuf: ${value} is not an unsigned integer below 2^53`);
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  bytes.push(value);
  return Uint8Array.from(bytes);
}

/** Two's complement of 64 bits. */
function encodeSigned(value: number): Uint8Array {
  if (value >= 0) return encodeVarint(value);
  if (!Number.isSafeInteger(value)) throw new Error(`protobuf: ${value} is not an integer above -2^53`);
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, BigInt(value));
  for (; left >= 0x80n; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80);
  bytes.push(Number(left));
  return Uint8Array.from(bytes);
}

const encodeKey = (number: number, wire: number): Uint8Array => encodeVarint(number * 8 + wire);

/** An unsigned varint field. */
export const varintField = (number: number, value: number): Chunks => [encodeKey(number, WIRE.varint), encodeVarint(value)];

/** A length-delimited field: a message, packed values or raw bytes. */
export function bytesField(number: number, payload: Chunks): Chunks {
  const length = payload.reduce((sum, chunk) => sum + chunk.length, 0);
  return [encodeKey(number, WIRE.bytes), encodeVarint(length), ...payload];
}

/** A UTF-8 string field. */
export const textField = (number: number, text: string): Chunks => bytesField(number, [new TextEncoder().encode(text)]);

/** A repeated varint field, packed. */
export const uintsField = (number: number, values: readonly number[]): Chunks => bytesField(number, values.map(encodeVarint));

/** A signed varint field. */
export const intField = (number: number, value: number): Chunks => [encodeKey(number, WIRE.varint), encodeSigned(value)];

/** A repeated signed varint field, packed. */
export const intsField = (number: number, values: readonly number[]): Chunks => bytesField(number, values.map(encodeSigned));

/** A repeated float or double field, packed: the chunk is a view on the values. */
export const floatsField = (number: number, values: Float32Array | Float64Array): Chunks =>
  bytesField(number, [new Uint8Array(values.buffer, values.byteOffset, values.byteLength)]);

/** A single float (Float32Array of one) or double (Float64Array of one), unpacked. */
export const floatField = (number: number, value: Float32Array | Float64Array): Chunks => [
  encodeKey(number, value.BYTES_PER_ELEMENT === 4 ? WIRE.fixed32 : WIRE.fixed64),
  new Uint8Array(value.buffer, value.byteOffset, value.BYTES_PER_ELEMENT),
];

/** All chunks in one piece. */
export function joinChunks(chunks: Chunks): Uint8Array {
  const joined = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}
