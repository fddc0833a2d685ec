// A DICOM file as its elements, flat, and back: group 0002, and what follows in the syntax that it names.
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { LONG_VRS } from "../../src/dicom/dictionary.ts";
import { transferSyntax, type TransferSyntax } from "../../src/dicom/transfer-syntax.ts";
import { join } from "./mutate-bytes.ts";

export interface Element {
  readonly tag: number;
  /** "" where the syntax has none. */
  readonly vr: string;
  readonly value: Uint8Array;
  /** What the header says instead of the value's length. */
  readonly length?: number;
}

export type Form = Pick<TransferSyntax, "explicit" | "bigEndian">;
export const META: Form = { explicit: true, bigEndian: false };
const PREFIX = 132;
/** Of a value that ends with a delimiter. */
export const UNDEFINED_LENGTH = 0xffffffff;

/** The elements from `from` on, flat: a value of undefined length takes the rest of the file. */
function elementsOf(bytes: Uint8Array, { explicit, bigEndian }: Form, from: number, end: number): Element[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: Element[] = [];
  for (let at = from; at + 8 <= end;) {
    const tag = view.getUint16(at, !bigEndian) * 65536 + view.getUint16(at + 2, !bigEndian);
    const vr = explicit ? String.fromCharCode(bytes[at + 4], bytes[at + 5]) : "";
    const header = explicit && LONG_VRS.has(vr) ? 12 : 8;
    const length = header === 8 && explicit ? view.getUint16(at + 6, !bigEndian) : view.getUint32(at + header - 4, !bigEndian);
    const open = length === UNDEFINED_LENGTH;
    const value = bytes.subarray(at + header, open ? end : at + header + length);
    found.push({ tag, vr, value, ...(open && { length }) });
    at += header + value.length;
  }
  return found;
}

function encoded({ tag, vr, value, length = value.length }: Element, { explicit, bigEndian }: Form): Uint8Array {
  const long = !explicit || LONG_VRS.has(vr);
  const header = new Uint8Array(explicit && long ? 12 : 8);
  const view = new DataView(header.buffer);
  view.setUint16(0, Math.floor(tag / 65536), !bigEndian);
  view.setUint16(2, tag % 65536, !bigEndian);
  if (explicit) header.set(Buffer.from(vr.padEnd(2), "latin1").subarray(0, 2), 4);
  if (long) view.setUint32(header.length - 4, length, !bigEndian);
  else view.setUint16(6, length % 65536, !bigEndian);
  return join(header, value);
}

export interface DicomFile {
  readonly prefix: Uint8Array;
  readonly meta: readonly Element[];
  readonly syntax: TransferSyntax;
  readonly elements: readonly Element[];
}

/** A file as `writeCtSlice` writes it; of a deflated one what is deflated. */
export function parseFile(bytes: Uint8Array): DicomFile {
  const metaEnd = PREFIX + 12 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(PREFIX + 8, true);
  const meta = elementsOf(bytes, META, PREFIX, metaEnd);
  const uid = meta.find(({ tag }) => tag === 0x00020010)?.value ?? new Uint8Array(0);
  const syntax = transferSyntax(Buffer.from(uid).toString("latin1").replace(/\0$/, ""));
  const body = syntax.deflated ? new Uint8Array(inflateRawSync(bytes.subarray(metaEnd))) : bytes.subarray(metaEnd);
  return { prefix: bytes.subarray(0, PREFIX), meta, syntax, elements: elementsOf(body, syntax, 0, body.length) };
}

export function encodeFile({ prefix, meta, syntax, elements }: DicomFile): Uint8Array {
  const body = join(...elements.map((element) => encoded(element, syntax)));
  return join(prefix, ...meta.map((element) => encoded(element, META)), syntax.deflated ? deflateRawSync(body) : body);
}
